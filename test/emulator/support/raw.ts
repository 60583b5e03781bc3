import type { Emulator } from "../../../emulator/index.ts";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

const ANY_SIGNATURE = `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;

/** Sends one request of the JSON APIs, without an AWS client in between; a string body is sent as it is. */
export async function callRaw(
  emulator: Emulator,
  target: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(emulator.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
      authorization: ANY_SIGNATURE,
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const parsed: unknown = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body: parsed as Record<string, unknown> };
}

/** Calls an operation of Cognito. */
export async function callCognito(
  emulator: Emulator,
  operation: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return callRaw(emulator, `AWSCognitoIdentityProviderService.${operation}`, body, headers);
}
