import type { IncomingHttpHeaders } from "node:http";

import { ApiError } from "./error.ts";
import { signedHeader } from "./header.ts";
import { ALGORITHM, isSameSignature, parseScope, sha256, sign, type Credentials } from "./signature.ts";

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;

/** What an API request was signed with, and for. */
export interface Authorization {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** The regions that it may be signed for. */
  readonly regions: readonly string[];
  readonly service: string;
  /** The only key the emulator knows; without one every well-formed Authorization header is taken. */
  readonly credentials: Credentials | undefined;
}

/**
 * Refuses an API request whose Signature Version 4 is missing or wrong, with AWS's documented common errors.
 * The request's age is not checked: the emulator's clock may be the test's.
 */
export function authorize({ headers, body, regions, service, credentials }: Authorization): void {
  if (headers.authorization === undefined) {
    throw new ApiError("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  const [, credential = "", signedHeaders = "", signature = ""] =
    AUTHORIZATION.exec(headers.authorization) ?? [];
  const scope = parseScope(credential);
  if (scope === undefined) {
    const expected = `${ALGORITHM} Credential=…/aws4_request, SignedHeaders=…, Signature=…`;
    throw new ApiError(
      "IncompleteSignatureException",
      `Authorization header requires the form '${expected}'`,
    );
  }
  if (credentials === undefined) return;
  if (scope.accessKeyId !== credentials.accessKeyId) {
    throw new ApiError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  }
  if (!regions.includes(scope.region)) {
    const message = `Credential should be scoped to a valid region, not '${scope.region}'.`;
    throw new ApiError("InvalidSignatureException", message);
  }
  if (scope.service !== service) {
    const message = `Credential should be scoped to correct service: '${service}'.`;
    throw new ApiError("InvalidSignatureException", message);
  }
  const parts = {
    method: "POST",
    path: "/",
    query: [],
    signedHeaders: signedHeaders.split(";"),
    header: (name: string) => signedHeader(headers, name),
    payloadHash: sha256(body),
    timestamp: signedHeader(headers, "x-amz-date") ?? "",
  };
  if (!isSameSignature(sign(parts, scope, credentials.secretAccessKey), signature)) {
    throw new ApiError(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. " +
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}
