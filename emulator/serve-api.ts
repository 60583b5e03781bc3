import type { IncomingMessage, ServerResponse } from "node:http";

import type { Context } from "./operations/context.ts";
import { OPERATIONS } from "./operations/table.ts";
import type { Fault, Steering } from "./steer.ts";
import { APIS, type Api } from "./wire/api.ts";
import { authorize } from "./wire/authorize.ts";
import { ApiError } from "./wire/error.ts";
import { keepKnown } from "./wire/keep-known.ts";
import { answerError, answerResult, writeAnswer, type Answer } from "./wire/respond.ts";
import type { Credentials } from "./wire/signature.ts";
import { validateRequest } from "./wire/validate.ts";

/** What the JSON APIs are served with. */
export interface ApiService {
  readonly context: Context;
  readonly steering: Steering;
  readonly credentials: Credentials | undefined;
  readonly requestId: string;
}

/** Answers one request of the JSON APIs: target, signature, shapes, then the operation itself. */
export async function serveApi(
  request: IncomingMessage,
  response: ServerResponse,
  service: ApiService,
): Promise<void> {
  const { steering, requestId } = service;
  const body = await readBody(request, service.context.account.rules.bytesInRequest);
  const target = headerOf(request, "x-amz-target");
  const call = steering.begin(target.slice(target.indexOf(".") + 1));
  const before = await steering.before(call);
  if (before !== undefined) return applyFault(response, before, requestId);
  const answer = await answerRequest(request, body, service);
  const after = await steering.after(call);
  if (after !== undefined) return applyFault(response, after, requestId);
  return writeAnswer(response, answer, requestId);
}

async function answerRequest(
  request: IncomingMessage,
  body: Buffer | undefined,
  service: ApiService,
): Promise<Answer> {
  try {
    return answerResult(await carryOut(request, body, service));
  } catch (error) {
    return answerError(error);
  }
}

function carryOut(
  request: IncomingMessage,
  body: Buffer | undefined,
  service: ApiService,
): object | Promise<object> {
  const { api, operation } = findOperation(request);
  if (body === undefined) {
    throw new ApiError("RequestEntityTooLarge", "The request is too large.", { status: 413 });
  }
  const shape = api.operations[operation];
  if (shape?.unsigned !== true) {
    authorize({
      headers: request.headers,
      body,
      region: service.context.account.region,
      service: api.signingName,
      credentials: service.credentials,
    });
  }
  const carry = OPERATIONS[operation];
  if (shape === undefined || carry === undefined) {
    const message = `${operation} is an operation of AWS that poolferry's local Cognito does not have yet.`;
    throw new ApiError("NotImplementedByEmulator", message, { status: 501 });
  }
  const parameters = parseBody(body);
  validateRequest(api, shape.input, parameters);
  // The shapes have just been checked, and each operation's request type is written after its shape.
  return carry(service.context, keepKnown(api, shape.input, parameters) as never);
}

function findOperation(request: IncomingMessage): { readonly api: Api; readonly operation: string } {
  const [prefix, operation = ""] = headerOf(request, "x-amz-target").split(".");
  const api = APIS.find(({ targetPrefix }) => targetPrefix === prefix);
  const isKnown =
    api !== undefined &&
    (Object.hasOwn(api.operations, operation) || api.otherOperations.includes(operation));
  const isJson = /^application\/x-amz-json-1\.[01]\b/.test(headerOf(request, "content-type"));
  if (request.method !== "POST" || !isKnown || !isJson) {
    throw new ApiError(
      "UnknownOperationException",
      "The requested operation is not recognized by the service.",
    );
  }
  return { api, operation };
}

function parseBody(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError("SerializationException", "The request body is not valid JSON.");
  }
}

/** The request's body; nothing if it is too large, and then none of it is kept. */
async function readBody(request: IncomingMessage, longestBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBytes) chunks.length = 0;
    else chunks.push(chunk);
  }
  return bytes > longestBytes ? undefined : Buffer.concat(chunks);
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

function applyFault(response: ServerResponse, fault: Fault, requestId: string): void {
  switch (fault.kind) {
    case "drop":
      response.socket?.destroy();
      return;
    case "error":
      writeAnswer(response, answerError(new ApiError(fault.type, fault.message, fault)), requestId);
  }
}
