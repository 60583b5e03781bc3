import type { Api, Shape } from "./api.ts";
import type { ApiError } from "./error.ts";

/** What the Query protocol sends of a request: `Action`, `Version` and the members, nested by dots (documented). */
export interface QueryRequest {
  readonly action: string;
  readonly version: string;
  readonly form: URLSearchParams;
}

/** Reads the form of a request. */
export function parseQuery(body: string): QueryRequest {
  const form = new URLSearchParams(body);
  return { action: form.get("Action") ?? "", version: form.get("Version") ?? "", form };
}

/** The members of a request as its shape nests and types them; a number that is none stays a text. */
export function readMembers(api: Api, shapeName: string, form: URLSearchParams): unknown {
  return readStructure(api, shapeOf(api, shapeName), form, "");
}

/** Writes the answer of an operation: its result in a wrapper, and the request's id. */
export function writeResult(
  api: Api,
  answer: { readonly operation: string; readonly result: object; readonly requestId: string },
): string {
  const { operation, result, requestId } = answer;
  const output = api.operations[operation]?.output;
  const inner = output === undefined ? "" : element(`${operation}Result`, writeValue(api, output, result));
  const metadata = element("ResponseMetadata", element("RequestId", requestId));
  return `<${operation}Response xmlns="${api.query?.namespace ?? ""}">${inner}${metadata}</${operation}Response>`;
}

/** Writes an error; `Sender` is to blame below 500. */
export function writeError(api: Api | undefined, error: ApiError, requestId: string): string {
  const type = element("Type", error.status < 500 ? "Sender" : "Receiver");
  const details =
    type + element("Code", escapeXml(error.type)) + element("Message", escapeXml(error.message));
  const namespace = api?.query?.namespace;
  const attribute = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  const id = element("RequestId", requestId);
  return `<ErrorResponse${attribute}>${element("Error", details)}${id}</ErrorResponse>`;
}

function readStructure(api: Api, shape: Shape, form: URLSearchParams, prefix: string): object {
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const value = readValue(api, member, form, `${prefix}${name}`);
    if (value !== undefined) members[name] = value;
  }
  return members;
}

function readValue(api: Api, shapeName: string, form: URLSearchParams, path: string): unknown {
  const shape = shapeOf(api, shapeName);
  const text = form.get(path) ?? undefined;
  switch (shape.type) {
    case "structure":
      return hasMembers(form, path) ? readStructure(api, shape, form, `${path}.`) : undefined;
    case "list":
      return readList(api, shape.member ?? "", form, path);
    case "integer":
      return text === undefined || !/^-?\d+$/.test(text) ? text : Number(text);
    case "boolean":
      return text === "true" || text === "false" ? text === "true" : text;
    default:
      return text;
  }
}

// `Tags.member.1.Key`, counted from one (documented).
function readList(api: Api, member: string, form: URLSearchParams, path: string): unknown {
  const items: unknown[] = [];
  for (;;) {
    const item = readValue(api, member, form, `${path}.member.${items.length + 1}`);
    if (item === undefined) return items.length === 0 ? undefined : items;
    items.push(item);
  }
}

function hasMembers(form: URLSearchParams, path: string): boolean {
  return [...form.keys()].some((key) => key.startsWith(`${path}.`));
}

function writeValue(api: Api, shapeName: string, value: unknown): string {
  const shape = shapeOf(api, shapeName);
  switch (shape.type) {
    case "structure":
      return Object.entries(value as object)
        .map(([name, item]) => element(name, writeValue(api, shape.members?.[name] ?? "", item)))
        .join("");
    case "list":
      return (value as readonly unknown[])
        .map((item) => element("member", writeValue(api, shape.member ?? "", item)))
        .join("");
    case "timestamp":
      // ISO 8601, and seconds alone (AWS samples).
      return new Date(Number(value) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
    default:
      return escapeXml(String(value));
  }
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function shapeOf(api: Api, name: string): Shape {
  const shape = api.shapes[name];
  if (shape === undefined) throw new TypeError(`the API model has no shape ${name}`);
  return shape;
}
