import type { ServerResponse } from "node:http";

import type { Spoiler } from "../steer.ts";

/** An answer as it would have gone out. */
interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a protocol words the errors that spoil an answer, and what the answer would have been. */
export interface SpoiltAnswer {
  readonly writeError: (error: SpoilingError) => void;
  /** The error for too many requests. */
  readonly throttled: SpoilingError;
  readonly whole: WholeAnswer;
}

/** An error that comes in place of an answer. */
interface SpoilingError {
  readonly type: string;
  readonly message: string;
  readonly status: number;
}

/** Sends what a spoiler puts in place of an answer. */
export function spoil(response: ServerResponse, spoiler: Spoiler, answer: SpoiltAnswer): void {
  switch (spoiler.kind) {
    case "drop":
      response.socket?.destroy();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "truncate":
      return truncate(response, answer.whole);
    case "error":
      return answer.writeError(spoiler);
    case "throttle":
      return answer.writeError(answer.throttled);
    case "html":
      return writeHtml(response, spoiler.status);
  }
}

function truncate(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

function writeHtml(response: ServerResponse, status: number): void {
  const page = `<html>\r\n<head><title>${status}</title></head>\r\n<body><h1>${status}</h1></body>\r\n</html>\r\n`;
  response.writeHead(status, { "content-type": "text/html", "content-length": Buffer.byteLength(page) });
  response.end(page);
}
