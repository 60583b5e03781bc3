import type { IncomingHttpHeaders } from "node:http";

import { signedHeader } from "../wire/header.ts";
import {
  ALGORITHM,
  isSameSignature,
  parseScope,
  sign,
  type Credentials,
  type QueryParameter,
} from "../wire/signature.ts";
import { StorageError } from "./error.ts";

/** A request to the upload's storage, as it came in. */
export interface UploadRequest {
  readonly method: string;
  readonly path: string;
  /** The query as it stands on the request line, without the question mark. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
}

/** What the storage holds a request against. */
export interface UploadPolicy {
  readonly credentials: Credentials;
  readonly nowMs: number;
  readonly longestBytes: number;
}

/**
 * Refuses what S3 refuses of a pre-signed PUT, before any of the body is read. The signature is computed anew
 * from the request as it was received. Codes and messages are S3's documented or reported ones; the order in
 * which they are looked for is a guess.
 */
export function checkUpload(request: UploadRequest, policy: UploadPolicy): void {
  checkSignature(request, policy);
  checkBody(request.headers, policy.longestBytes);
}

function checkSignature({ method, path, rawQuery, headers }: UploadRequest, policy: UploadPolicy): void {
  const query = parseQuery(rawQuery);
  const parameter = (name: string) => query.find(([key]) => key === name)?.[1];
  const signature = parameter("X-Amz-Signature");
  if (signature === undefined) throw new StorageError("AccessDenied", "Access Denied", { status: 403 });
  const scope = parseScope(parameter("X-Amz-Credential") ?? "");
  const timestamp = parameter("X-Amz-Date") ?? "";
  const signedMs = parseAmzDate(timestamp);
  const expiresSeconds = Number(parameter("X-Amz-Expires"));
  if (
    scope === undefined ||
    parameter("X-Amz-Algorithm") !== ALGORITHM ||
    Number.isNaN(signedMs) ||
    !Number.isInteger(expiresSeconds)
  ) {
    const message =
      "Query-string authentication version 4 requires its parameters to be complete and well-formed";
    throw new StorageError("AuthorizationQueryParametersError", message, { status: 400 });
  }
  if (scope.accessKeyId !== policy.credentials.accessKeyId) {
    const message = "The AWS Access Key Id you provided does not exist in our records.";
    const details = { AWSAccessKeyId: scope.accessKeyId };
    throw new StorageError("InvalidAccessKeyId", message, { status: 403, details });
  }
  const expiresMs = signedMs + expiresSeconds * 1000;
  if (policy.nowMs > expiresMs) {
    const details = {
      "X-Amz-Expires": String(expiresSeconds),
      Expires: new Date(expiresMs).toISOString(),
      ServerTime: new Date(policy.nowMs).toISOString(),
    };
    throw new StorageError("AccessDenied", "Request has expired", { status: 403, details });
  }
  const signedHeaders = (parameter("X-Amz-SignedHeaders") ?? "").split(";");
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith("x-amz-") && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    const message = "There were headers present in the request which were not signed";
    throw new StorageError("AccessDenied", message, {
      status: 403,
      details: { HeadersNotSigned: unsigned.join(", ") },
    });
  }
  const parts = {
    method,
    path,
    query: query.filter(([name]) => name !== "X-Amz-Signature"),
    signedHeaders,
    header: (name: string) => signedHeader(headers, name),
    payloadHash: "UNSIGNED-PAYLOAD",
    timestamp,
  };
  if (!isSameSignature(sign(parts, scope, policy.credentials.secretAccessKey), signature)) {
    const message =
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    throw new StorageError("SignatureDoesNotMatch", message, { status: 403 });
  }
}

function checkBody(headers: IncomingHttpHeaders, longestBytes: number): void {
  if (headers["transfer-encoding"] !== undefined) {
    const message = "A header you provided implies functionality that is not implemented";
    throw new StorageError("NotImplemented", message, {
      status: 501,
      details: { Header: "Transfer-Encoding" },
    });
  }
  if (headers["content-length"] === undefined) {
    const message = "You must provide the Content-Length HTTP header.";
    throw new StorageError("MissingContentLength", message, { status: 411 });
  }
  const length = Number(headers["content-length"]);
  if (length > longestBytes) {
    const message = "Your proposed upload exceeds the maximum allowed size";
    const details = { ProposedSize: String(length), MaxSizeAllowed: String(longestBytes) };
    throw new StorageError("EntityTooLarge", message, { status: 400, details });
  }
}

// Not URLSearchParams: to S3 a plus sign is a plus sign.
function parseQuery(rawQuery: string): readonly QueryParameter[] {
  if (rawQuery === "") return [];
  return rawQuery.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals === -1
      ? [decode(pair), ""]
      : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new StorageError("InvalidURI", "Couldn't parse the specified URI.", { status: 400 });
  }
}

function parseAmzDate(timestamp: string): number {
  return Date.parse(
    timestamp.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}
