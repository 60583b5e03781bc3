import type { Model } from "./api-model.ts";

/** An element of XML, with its attributes left out. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The root of a document, or nothing if it is not well-formed. */
export function parseXml(document: string): XmlElement | undefined {
  const open: { name: string; children: XmlElement[]; text: string }[] = [
    { name: "", children: [], text: "" },
  ];
  for (const [token] of document.replace(/^<\?xml[^>]*\?>/, "").matchAll(/<[^>]*>|[^<]+/g)) {
    const [, slash, name = "", own] = /^<(\/?)([\w.]+)[^>]*?(\/?)>$/.exec(token) ?? [];
    const inner = open.at(-1);
    if (inner === undefined) return undefined;
    if (!token.startsWith("<"))
      inner.text += token.replaceAll(/&(\w+);/g, (_, entity: string) => ENTITIES[entity] ?? "");
    else if (slash === "/") {
      if (inner.name !== name) return undefined;
      open.pop();
      open.at(-1)?.children.push(inner);
    } else if (own === "/") inner.children.push({ name, children: [], text: "" });
    else open.push({ name, children: [], text: "" });
  }
  const [top] = open;
  return open.length === 1 && top?.children.length === 1 ? top.children[0] : undefined;
}

/** What an element says, in the JSON types of its shape. */
export function readElement(model: Model, shapeName: string, element: XmlElement): unknown {
  const shape = model.shapes[shapeName];
  if (shape === undefined) return element.text;
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        element.children.map((child) => [
          child.name,
          readElement(model, shape.members?.[child.name] ?? "", child),
        ]),
      );
    case "list":
      return element.children.map((child) => readElement(model, shape.member ?? "", child));
    case "integer":
    case "long":
      return Number(element.text);
    case "boolean":
      return element.text === "true" || element.text === "false" ? element.text === "true" : element.text;
    case "timestamp":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(element.text)
        ? Date.parse(element.text) / 1000
        : element.text;
    default:
      return element.text;
  }
}
