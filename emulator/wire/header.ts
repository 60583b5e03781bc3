import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A header that is given once, or an empty text. */
export function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

/** A header as Signature Version 4 signs it: what is given several times stands in one line. */
export function signedHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** A text as a header can hold it: one line of visible ASCII. */
export function toHeader(text: string): string {
  return text.replaceAll(/[^\u{20}-\u{7E}]/gu, " ");
}
