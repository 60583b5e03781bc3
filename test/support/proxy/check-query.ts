import { MODELS, type Model } from "./api-model.ts";
import { checkShape, type Violation } from "./check-shape.ts";
import type { Message } from "./message-reader.ts";
import { parseXml, readElement, type XmlElement } from "./read-xml.ts";
import type { Quirks } from "./quirks.ts";

/** Errors that come before an operation is known (documented as common to the services of the Query protocol). */
const COMMON_ERRORS = new Set([
  "IncompleteSignature",
  "InternalFailure",
  "InvalidAction",
  "InvalidClientTokenId",
  "MalformedInput",
  "MissingAction",
  "MissingAuthenticationToken",
  "NotImplementedByEmulator",
  "RequestEntityTooLarge",
  "SignatureDoesNotMatch",
  "ValidationError",
]);

/** The operation that a form asks for. */
export function actionOf(body: Buffer | undefined): string {
  return new URLSearchParams(body?.toString() ?? "").get("Action") ?? "";
}

/** Everything about an answer of the Query protocol, which is XML, that is not as AWS's API model says. */
export function checkQuery(
  requestBody: Buffer | undefined,
  answer: Message,
  quirks: Quirks,
): readonly Violation[] {
  const { headers, startLine } = answer;
  const contentType = headers.get("content-type");
  const root = parseXml(answer.body.toString());
  return [
    ...(contentType === "text/xml" ? [] : [{ kind: "content-type", detail: String(contentType) }]),
    ...(headers.has("x-amzn-requestid") ? [] : [{ kind: "request-id", detail: "none" }]),
    ...(root === undefined ? [{ kind: "xml", detail: answer.body.toString() }] : []),
    ...(root === undefined ? [] : checkRoot(root, actionOf(requestBody), startLine, quirks)),
  ];
}

function checkRoot(
  root: XmlElement,
  action: string,
  startLine: string,
  quirks: Quirks,
): readonly Violation[] {
  const model = MODELS.find(({ query, operations }) => query !== undefined && action in operations);
  if (startLine.includes(" 200 ")) return checkResult(root, action, model, quirks);
  const code = root.children
    .find(({ name }) => name === "Error")
    ?.children.find(({ name }) => name === "Code");
  const declared = model?.operations[action]?.errors ?? [];
  const type = code?.text ?? "";
  const isKnown = COMMON_ERRORS.has(type) || declared.includes(type) || declared.includes(`${type}Exception`);
  return [
    ...(root.name === "ErrorResponse" ? [] : [{ kind: "xml", detail: `an error in a ${root.name}` }]),
    ...(isKnown ? [] : [{ kind: "error-type", detail: `: ${type}` }]),
  ];
}

function checkResult(
  root: XmlElement,
  action: string,
  model: Model | undefined,
  quirks: Quirks,
): readonly Violation[] {
  if (model === undefined) return [{ kind: "operation", detail: "accepted, but unknown" }];
  const output = model.operations[action]?.output;
  const names = root.children.map(({ name }) => name);
  const expected = [...(output === undefined ? [] : [`${action}Result`]), "ResponseMetadata"];
  const isFramed = root.name === `${action}Response` && names.join() === expected.join();
  if (!isFramed) return [{ kind: "xml", detail: `${root.name}: ${names.join(", ")}` }];
  const [result] = root.children;
  if (output === undefined || result === undefined) return [];
  const value = readElement(model, output, result);
  return checkShape({ model, quirks, findsUnknown: true }, output, value, "answer");
}
