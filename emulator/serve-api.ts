import type { IncomingMessage, ServerResponse } from "node:http";

import type { Context } from "./operations/context.ts";
import { OPERATIONS } from "./operations/table.ts";
import { countRequest } from "./quota/count-request.ts";
import type { Stats } from "./stats.ts";
import type { Steering } from "./steer.ts";
import { APIS, type Api } from "./wire/api.ts";
import { authorize } from "./wire/authorize.ts";
import { ApiError } from "./wire/error.ts";
import { headerOf } from "./wire/header.ts";
import { keepKnown } from "./wire/keep-known.ts";
import { readBody } from "./wire/read-body.ts";
import { answerError, answerResult, writeAnswer, type Answer } from "./wire/respond.ts";
import type { Credentials } from "./wire/signature.ts";
import { spoil } from "./wire/spoil.ts";
import { validateRequest } from "./wire/validate.ts";

/** What the JSON APIs are served with. */
export interface ApiService {
  readonly context: Context;
  readonly steering: Steering;
  readonly stats: Stats;
  readonly credentials: Credentials | undefined;
  readonly requestId: string;
}

/** Answers one request of the JSON APIs: target, signature, shapes, then the operation itself. */
export async function serveApi(
  request: IncomingMessage,
  response: ServerResponse,
  service: ApiService,
): Promise<void> {
  const { steering, stats, requestId } = service;
  tellTime(response, service);
  const body = await readBody(request, service.context.account.rules.bytesInRequest);
  const target = headerOf(request, "x-amz-target");
  // What names no operation is counted as none.
  const call = steering.begin(target.slice(target.indexOf(".") + 1) || "(none)");
  const before = await steering.before(call);
  // What is spoilt before its effect has no answer of its own to be cut.
  const answer = before === undefined ? await answerRequest(request, body, service) : answerResult({});
  if (answer.errorType !== undefined) stats.refuse(call.operation, answer.errorType);
  const spoiler = before ?? (await steering.after(call));
  // It may have been held.
  tellTime(response, service);
  if (spoiler === undefined) return writeAnswer(response, answer, requestId);
  stats.spoil(call.operation);
  spoil(response, spoiler, {
    writeError: ({ type, message, status }) => {
      writeAnswer(response, answerError(new ApiError(type, message, { status })), requestId);
    },
    throttled: {
      type: target.startsWith("Logs_") ? "ThrottlingException" : "TooManyRequestsException",
      message: "Rate exceeded",
      status: 400,
    },
    whole: answer,
  });
}

/** The time in answers and their Date header are of one clock. */
function tellTime(response: ServerResponse, { context }: ApiService): void {
  response.setHeader("date", new Date(context.account.clock()).toUTCString());
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
  const carry = OPERATIONS[operation];
  // Said before anything else, as nothing is known of what such a request must hold.
  if (shape === undefined || carry === undefined) {
    const message = `${operation} is an operation of AWS that poolferry's local Cognito does not have.`;
    throw new ApiError("NotImplementedByEmulator", message, { status: 501 });
  }
  if (shape.unsigned !== true) {
    authorize({
      headers: request.headers,
      body,
      regions: [service.context.account.region],
      service: api.signingName,
      credentials: service.credentials,
    });
  }
  const parameters = parseBody(body);
  validateRequest(api, shape.input, parameters);
  const { account, quotas } = service.context;
  if (quotas.isOn) quotas.take(countRequest(account, operation, parameters));
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
