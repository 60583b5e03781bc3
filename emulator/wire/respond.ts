import type { ServerResponse } from "node:http";

import { ApiError } from "./error.ts";
import { toHeader } from "./header.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** An answer of the JSON protocol, ready to be written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The error's type, if it is one. */
  readonly errorType?: string;
}

/** The answer to a request that was carried out. */
export function answerResult(result: object): Answer {
  return { status: 200, headers: {}, body: JSON.stringify(result) };
}

/**
 * The answer to a request that was refused: type and message in the body, and again in the headers, the type
 * with a colon behind it, as Cognito's front end sends them (reported). Anything but an ApiError is a bug of the emulator.
 */
export function answerError(error: unknown): Answer {
  const apiError = asApiError(error);
  return {
    status: apiError.status,
    headers: {
      "x-amzn-errortype": toHeader(`${apiError.type}:`),
      "x-amzn-errormessage": toHeader(apiError.message),
    },
    body: JSON.stringify({ __type: apiError.type, message: apiError.message }),
    errorType: apiError.type,
  };
}

/** What was thrown as an error of the API. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("InternalErrorException", `The emulator broke: ${String(error)}`, { status: 500 });
}

/** Writes an answer. */
export function writeAnswer(response: ServerResponse, answer: Answer, requestId: string): void {
  response.writeHead(answer.status, {
    "x-amzn-requestid": requestId,
    ...answer.headers,
    "content-type": CONTENT_TYPE,
    "content-length": Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}
