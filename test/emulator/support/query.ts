import type { Emulator } from "../../../emulator/index.ts";
import type { Api } from "../../../emulator/wire/api.ts";

/** An element of an XML answer. */
export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  readonly text: string;
}

/** An answer of the Query protocol as it came over the wire. */
export interface QueryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly xml: string;
  readonly root: Element;
}

const VERSIONS = { sts: "2011-06-15", iam: "2010-05-08" };

/** Sends one request of STS or IAM as a form, without an AWS client in between. */
export async function callQuery(
  emulator: Emulator,
  service: keyof typeof VERSIONS,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<QueryAnswer> {
  const scope = `AK/20260101/us-east-1/${service}/aws4_request`;
  const signed = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
  const sent = Object.entries({ authorization: signed, ...headers });
  const response = await fetch(emulator.url, {
    method: "POST",
    headers: sent.flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    ),
    body: new URLSearchParams({ Version: VERSIONS[service], ...form }),
  });
  const xml = await response.text();
  return { status: response.status, headers: response.headers, xml, root: parseXml(xml) };
}

/** The text of the element at a path of names. */
export function textAt(root: Element, ...path: readonly string[]): string | undefined {
  return elementAt(root, ...path)?.text;
}

/** The element at a path of names. */
export function elementAt(root: Element, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>(
    (element, name) => element?.children.find((child) => child.name === name),
    root,
  );
}

/** What an element says in the types of the API model. */
export function toValue(api: Api, shapeName: string, element: Element): unknown {
  const shape = api.shapes[shapeName];
  if (shape === undefined) return undefined;
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        element.children.map((child) => [child.name, toValue(api, shape.members?.[child.name] ?? "", child)]),
      );
    case "list":
      return element.children.map((child) => toValue(api, shape.member ?? "", child));
    case "integer":
      return Number(element.text);
    case "boolean":
      return element.text === "true" || (element.text === "false" ? false : element.text);
    case "timestamp":
      return Date.parse(element.text) / 1000;
    default:
      return element.text;
  }
}

/** Reads XML without comments, processing instructions and mixed content. */
function parseXml(xml: string): Element {
  const open: { name: string; children: Element[]; text: string }[] = [{ name: "", children: [], text: "" }];
  for (const [, isEnd, name = "", isEmpty, text] of xml.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>|([^<]+)/g)) {
    const innermost = open.at(-1);
    if (text !== undefined) {
      if (innermost !== undefined) innermost.text += unescapeXml(text);
      continue;
    }
    if (isEnd !== "/") {
      const element = { name, children: [], text: "" };
      innermost?.children.push(element);
      if (isEmpty !== "/") open.push(element);
    } else if (open.pop()?.name !== name) throw new Error(`badly nested: ${xml}`);
  }
  const [root] = open[0]?.children ?? [];
  if (root === undefined || open.length !== 1) throw new Error(`not one whole element: ${xml}`);
  return root;
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
