import { MODELS, type Model } from "./api-model.ts";
import { actionOf, checkQuery } from "./check-query.ts";
import { checkShape, type Violation } from "./check-shape.ts";
import type { Message } from "./message-reader.ts";
import { QUIRKS, type Quirks } from "./quirks.ts";

/** A request as it went in; its body is missing where the answer came before it was through. */
export type Asked = Omit<Message, "body"> & { readonly body?: Buffer };

/** A request and its answer. */
export interface Exchange {
  readonly asked: Asked;
  readonly answer: Message;
}

/** The name of the operation that a request asks for; an upload is `PutObject`. */
export function operationOf(asked: Asked): string {
  const { startLine, headers } = asked;
  if (isUpload(startLine)) return "PutObject";
  if (languageOf(asked) === "query") return actionOf(asked.body);
  return headers.get("x-amz-target")?.replace(/^[^.]*\./, "") ?? "";
}

/** Which language an exchange speaks, and with it which checks apply. */
export function languageOf({ startLine, headers }: Asked): "json" | "storage" | "query" | "other" {
  if (isUpload(startLine)) return "storage";
  if (headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true) return "query";
  return startLine.startsWith("POST ") && !/^POST \/[^ ?]/.test(startLine.replace(/ https?:\/\/[^/ ]+/, " "))
    ? "json"
    : "other";
}

/** Everything about an exchange that is not as AWS's API model says. */
export function checkExchange(exchange: Exchange, quirks: Quirks = QUIRKS): readonly Violation[] {
  switch (languageOf(exchange.asked)) {
    case "json":
      return checkJson(exchange, quirks);
    case "storage":
      return checkStorage(exchange);
    case "query":
      return checkQuery(exchange.asked.body, exchange.answer, quirks);
    case "other":
      // Documents that are no API of AWS's: key sets, the emulator's own controls.
      return [];
  }
}

function checkJson({ asked, answer }: Exchange, quirks: Quirks): readonly Violation[] {
  const status = statusOf(answer);
  const parsed = parse(answer.body);
  return [
    ...checkFrame(answer),
    ...(status === 200 ? checkAccepted(asked, answer, parsed, quirks) : []),
    ...(status >= 400 ? checkRefused(asked, answer, parsed, quirks) : []),
    ...(status !== 200 && status < 400 ? [{ kind: "status", detail: String(status) }] : []),
  ];
}

function checkFrame({ headers, framing }: Message): readonly Violation[] {
  const contentType = headers.get("content-type");
  const requestId = headers.get("x-amzn-requestid") ?? "";
  return [
    ...(contentType === "application/x-amz-json-1.1"
      ? []
      : [{ kind: "content-type", detail: String(contentType) }]),
    ...(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(requestId)
      ? []
      : [{ kind: "request-id", detail: requestId }]),
    ...(framing === "length"
      ? []
      : [{ kind: "content-length", detail: `the body's end is told by ${framing}` }]),
  ];
}

function checkAccepted(asked: Asked, answer: Message, parsed: Parsed, quirks: Quirks): readonly Violation[] {
  const model = modelOf(asked);
  const shapes = model?.operations[operationOf(asked)];
  if (model === undefined || shapes === undefined)
    return [{ kind: "operation", detail: "accepted, but unknown" }];
  const request = asked.body === undefined || asked.body.length === 0 ? { value: {} } : parse(asked.body);
  return [
    ...(answer.headers.has("x-amzn-errortype") ? [{ kind: "error-header", detail: "on a success" }] : []),
    ...checkBody("request", request, (value) =>
      // Who writes requests by hand may want to try what AWS ignores; SDKs and products never send it.
      checkShape({ model, quirks, findsUnknown: !isHandWritten(asked) }, shapes.input ?? "", value),
    ),
    // An operation without an output shape may answer nothing at all.
    ...(shapes.output === undefined && answer.body.length === 0
      ? []
      : checkBody("answer", parsed, (value) => checkOutput({ model, quirks }, shapes.output, value))),
  ];
}

function checkOutput(
  check: { readonly model: Model; readonly quirks: Quirks },
  output: string | undefined,
  value: unknown,
): readonly Violation[] {
  if (output !== undefined) return checkShape({ ...check, findsUnknown: true }, output, value);
  return JSON.stringify(value) === "{}" ? [] : [{ kind: "unknown", detail: `: ${JSON.stringify(value)}` }];
}

/** The message stands in a header, too, as far as a header can hold it. */
function checkErrorMessage({ headers }: Message, message: unknown): readonly Violation[] {
  // What is no message at all is another violation.
  if (typeof message !== "string") return [];
  const header = headers.get("x-amzn-errormessage");
  const expected = message.replaceAll(/[^\u{20}-\u{7E}]/gu, " ").trim();
  return header === expected ? [] : [{ kind: "error-header", detail: `: message ${header}` }];
}

/** What the caller did wrong is a 400, but for these; only faults of the service are 5xx. */
const STATUSES: Readonly<Record<string, number>> = {
  ForbiddenException: 403,
  RequestEntityTooLarge: 413,
  InternalErrorException: 500,
  InternalServerException: 500,
  NotImplementedByEmulator: 501,
};

function checkRefused(asked: Asked, answer: Message, parsed: Parsed, quirks: Quirks): readonly Violation[] {
  return checkBody("error", parsed, (value) => {
    const { __type: type, message, ...others } = value as Readonly<Record<string, unknown>>;
    const header = answer.headers.get("x-amzn-errortype");
    // Only InvalidParameterException has a member more.
    const unknown = Object.keys(others).filter((name) => name !== "reasonCode");
    return [
      ...(typeof type === "string" && typeof message === "string"
        ? checkErrorType(asked, answer, type, quirks)
        : [{ kind: "error-body", detail: `: ${JSON.stringify(value)}` }]),
      ...unknown.map((name) => ({ kind: "unknown", detail: `.${name}` })),
      ...(header === `${String(type)}:`
        ? []
        : [{ kind: "error-header", detail: `: ${header} for ${String(type)}` }]),
      ...checkErrorMessage(answer, message),
    ];
  });
}

function checkErrorType(asked: Asked, answer: Message, type: string, quirks: Quirks): readonly Violation[] {
  const operation = operationOf(asked);
  const declared = modelOf(asked)?.operations[operation]?.errors ?? [];
  const isQuirk = quirks.errors.some(
    (quirk) => [operation, "*"].includes(quirk.operation) && quirk.types.includes(type),
  );
  return [
    ...(declared.includes(type) || isQuirk ? [] : [{ kind: "error-type", detail: `: ${type}` }]),
    ...(statusOf(answer) === (STATUSES[type] ?? 400)
      ? []
      : [{ kind: "status", detail: `: ${statusOf(answer)} for ${type}` }]),
  ];
}

function checkStorage({ asked, answer }: Exchange): readonly Violation[] {
  const status = statusOf(answer);
  const contentType = answer.headers.get("content-type");
  const isXml = /^<\?xml [^>]*\?>\n<Error><Code>\w+<\/Code><Message>[^<]*<\/Message>.*<\/Error>$/s;
  const needed = status === 200 ? ["etag", "x-amz-request-id", "x-amz-id-2"] : ["x-amz-request-id"];
  return [
    ...needed
      .filter((name) => !answer.headers.has(name))
      .map((name) => ({ kind: "storage-header", detail: name })),
    ...(status === 200 && answer.body.length > 0 ? [{ kind: "storage-body", detail: "on a success" }] : []),
    ...(status !== 200 && contentType !== "application/xml"
      ? [{ kind: "content-type", detail: String(contentType) }]
      : []),
    ...(status !== 200 && !isXml.test(answer.body.toString()) && !asked.startLine.startsWith("HEAD")
      ? [{ kind: "storage-body", detail: answer.body.toString() }]
      : []),
  ];
}

type Parsed = { readonly value: unknown } | { readonly error: string };

function parse(body: Buffer): Parsed {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return { value };
  } catch (error) {
    return { error: String(error) };
  }
}

function checkBody(
  side: string,
  parsed: Parsed,
  check: (value: unknown) => readonly Violation[],
): readonly Violation[] {
  if ("error" in parsed) return [{ kind: "json", detail: `${side}: ${parsed.error}` }];
  return check(parsed.value).map(({ kind, detail }) => ({ kind, detail: `${side}${detail}` }));
}

function modelOf({ headers }: Asked): Model | undefined {
  const [prefix] = headers.get("x-amz-target")?.split(".") ?? [];
  return MODELS.find(({ targetPrefix }) => targetPrefix !== undefined && targetPrefix === prefix);
}

function isHandWritten({ headers }: Asked): boolean {
  return ["node", undefined].includes(headers.get("user-agent")) && !headers.has("x-amz-user-agent");
}

function isUpload(startLine: string): boolean {
  return /^[A-Z]+ (?:https?:\/\/[^/ ]+)?\/aws-cognito-idp-user-import-/.test(startLine);
}

function statusOf({ startLine }: Message): number {
  return Number(startLine.split(" ")[1]);
}
