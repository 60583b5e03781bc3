import type { IncomingMessage, ServerResponse } from "node:http";

import { OPERATIONS } from "./operations/table.ts";
import type { ApiService } from "./serve-api.ts";
import { APIS, type Api } from "./wire/api.ts";
import { authorize } from "./wire/authorize.ts";
import { ApiError } from "./wire/error.ts";
import { headerOf } from "./wire/header.ts";
import { parseQuery, readMembers, writeError, writeResult, type QueryRequest } from "./wire/query.ts";
import { readBody } from "./wire/read-body.ts";
import { asApiError } from "./wire/respond.ts";
import { spoil } from "./wire/spoil.ts";
import { validateRequest } from "./wire/validate.ts";

/** Whether a request speaks AWS's Query protocol: a form, and no target. */
export function isQuery(request: IncomingMessage): boolean {
  return (
    headerOf(request, "x-amz-target") === "" &&
    headerOf(request, "content-type").startsWith("application/x-www-form-urlencoded")
  );
}

/** Answers one request of the APIs that speak forms and XML: STS and IAM. */
export async function serveQuery(
  request: IncomingMessage,
  response: ServerResponse,
  service: ApiService,
): Promise<void> {
  const { steering, stats } = service;
  const body = await readBody(request, service.context.account.rules.bytesInRequest);
  const query = parseQuery(body?.toString("utf8") ?? "");
  const call = steering.begin(query.action);
  const api = APIS.find((candidate) => candidate.query?.version === query.version);
  const writer = { response, api, requestId: service.requestId };
  const before = await steering.before(call);
  const answer: Answer =
    before === undefined ? await answerQuery({ request, body, query, api }, service) : { xml: "  " };
  if ("error" in answer) stats.refuse(call.operation, answer.error.type);
  const spoiler = before ?? (await steering.after(call));
  if (spoiler === undefined) return write(writer, answer);
  stats.spoil(call.operation);
  spoil(response, spoiler, {
    writeError: ({ type, message, status }) => {
      write(writer, { error: new ApiError(type, message, { status }) });
    },
    throttled: { type: "Throttling", message: "Rate exceeded", status: 400 },
    whole: {
      status: 200,
      headers: { "content-type": "text/xml" },
      body: "xml" in answer ? answer.xml : "  ",
    },
  });
}

interface Received {
  readonly request: IncomingMessage;
  readonly body: Buffer | undefined;
  readonly query: QueryRequest;
  readonly api: Api | undefined;
}

type Answer = { readonly xml: string } | { readonly error: ApiError };

async function answerQuery(received: Received, service: ApiService): Promise<Answer> {
  try {
    return { xml: await carryOut(received, service) };
  } catch (error) {
    return { error: inQueryWords(asApiError(error)) };
  }
}

async function carryOut({ request, body, query, api }: Received, service: ApiService): Promise<string> {
  const { action: operation, version, form } = query;
  const isKnown =
    api !== undefined &&
    (Object.hasOwn(api.operations, operation) || api.otherOperations.includes(operation));
  if (request.method !== "POST" || !isKnown) {
    throw new ApiError("InvalidAction", `Could not find operation ${operation} for version ${version}`);
  }
  if (body === undefined) {
    throw new ApiError("RequestEntityTooLarge", "The request is too large.", { status: 413 });
  }
  authorize({
    headers: request.headers,
    body,
    // IAM is global and signed for us-east-1, as STS is at its global endpoint (documented); but a client that is sent
    // to another endpoint, such as this one, signs for its own region.
    regions: [service.context.account.region, "us-east-1"],
    service: api.signingName,
    credentials: service.credentials,
  });
  const shape = api.operations[operation];
  const carry = OPERATIONS[operation];
  if (shape === undefined || carry === undefined) {
    const message = `${operation} is an operation of AWS that poolferry's local Cognito does not have yet.`;
    throw new ApiError("NotImplementedByEmulator", message, { status: 501 });
  }
  const parameters = readMembers(api, shape.input, form);
  validateRequest(api, shape.input, parameters);
  // The shapes have just been checked, and each operation's request type is written after its shape.
  const result = await carry(service.context, parameters as never);
  return writeResult(api, { operation, result, requestId: service.requestId });
}

/** The names and statuses that the Query protocol has for errors of signature and shape (documented). */
const QUERY_ERRORS: Readonly<Partial<Record<string, { readonly type: string; readonly status: number }>>> = {
  MissingAuthenticationTokenException: { type: "MissingAuthenticationToken", status: 403 },
  IncompleteSignatureException: { type: "IncompleteSignature", status: 400 },
  UnrecognizedClientException: { type: "InvalidClientTokenId", status: 403 },
  InvalidSignatureException: { type: "SignatureDoesNotMatch", status: 403 },
  InvalidParameterException: { type: "ValidationError", status: 400 },
  SerializationException: { type: "MalformedInput", status: 400 },
  InternalErrorException: { type: "InternalFailure", status: 500 },
};

function inQueryWords(error: ApiError): ApiError {
  const known = QUERY_ERRORS[error.type];
  return known === undefined ? error : new ApiError(known.type, error.message, known);
}

interface Writer {
  readonly response: ServerResponse;
  readonly api: Api | undefined;
  readonly requestId: string;
}

function write({ response, api, requestId }: Writer, answer: Answer): void {
  const isError = "error" in answer;
  const body = isError ? writeError(api, answer.error, requestId) : answer.xml;
  response.writeHead(isError ? answer.error.status : 200, {
    "x-amzn-requestid": requestId,
    "content-type": "text/xml",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
