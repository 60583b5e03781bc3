import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** An access key, as IAM or STS would issue it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The parts of a credential scope: `<access key>/<date>/<region>/<service>/aws4_request`. */
export interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** What Signature Version 4 signs of a request; header names are lower case. */
export interface SignedParts {
  readonly method: string;
  /** The path as it stands on the request line, already encoded. */
  readonly path: string;
  readonly query: readonly QueryParameter[];
  readonly signedHeaders: readonly string[];
  readonly header: (name: string) => string | undefined;
  readonly payloadHash: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
}

/** A decoded query parameter. */
export type QueryParameter = readonly [name: string, value: string];

/** The signing algorithm's name, as it stands in headers and queries. */
export const ALGORITHM = "AWS4-HMAC-SHA256";

/** Computes a Signature Version 4 signature (documented), in hexadecimal. */
export function sign(parts: SignedParts, scope: Scope, secretAccessKey: string): string {
  const canonicalHeaders = parts.signedHeaders.map((name) => {
    return `${name}:${(parts.header(name) ?? "").trim().replaceAll(/ +/g, " ")}\n`;
  });
  const canonicalRequest = [
    parts.method,
    parts.path,
    canonicalQuery(parts.query),
    canonicalHeaders.join(""),
    parts.signedHeaders.join(";"),
    parts.payloadHash,
  ].join("\n");
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const stringToSign = [ALGORITHM, parts.timestamp, scopeText, sha256(canonicalRequest)].join("\n");
  const steps = [scope.date, scope.region, scope.service, "aws4_request"];
  const key = steps.reduce((secret: string | Buffer, step) => hmac(secret, step), `AWS4${secretAccessKey}`);
  return hmac(key, stringToSign).toString("hex");
}

/** Whether two signatures are the same. */
export function isSameSignature(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/** Reads a credential scope, or nothing if it has another form. */
export function parseScope(credential: string): Scope | undefined {
  const [accessKeyId, date, region, service, end, ...rest] = credential.split("/");
  if (!accessKeyId || !date || !region || !service || end !== "aws4_request" || rest.length > 0)
    return undefined;
  return { accessKeyId, date, region, service };
}

/** Encodes text the way AWS's canonical requests do: everything but RFC 3986's unreserved characters. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** SHA-256 in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Writes an instant as `YYYYMMDDTHHMMSSZ`. */
export function toAmzDate(epochMs: number): string {
  return new Date(epochMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

function canonicalQuery(query: readonly QueryParameter[]): string {
  return query
    .map(([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const)
    .sort(([leftName, leftValue], [rightName, rightValue]) => {
      return compare(leftName, rightName) || compare(leftValue, rightValue);
    })
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
