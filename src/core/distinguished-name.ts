import { toNfc } from "./nfc.ts";

/** One attribute and its value in a distinguished name. */
export interface NamePart {
  /** The attribute as it is written: `CN`, `uid`. */
  readonly type: string;
  /** The value without its escapes. */
  readonly value: string;
}

const SPACE = " ";

/**
 * The parts of a distinguished name (RFC 4514, and the quotes and semicolons of RFC 2253's elders), the entry's own first;
 * several where its own name has several, joined by `+`. Undefined for a text that is no such name.
 */
export function parseName(name: string): readonly (readonly NamePart[])[] | undefined {
  const names: NamePart[][] = [];
  let own: NamePart[] = [];
  let at = 0;
  while (at < name.length) {
    const equals = name.indexOf("=", at);
    if (equals === -1) return undefined;
    const type = name.slice(at, equals).trim();
    if (!/^[A-Za-z0-9][\w.-]*$/.test(type)) return undefined;
    const { value, end } = readValue(name, equals + 1);
    own.push({ type, value });
    at = end + 1;
    if (name[end] === "+") continue;
    names.push(own);
    own = [];
  }
  return own.length > 0 || names.length === 0 ? undefined : names;
}

/** The value that begins there, and where what ends it stands. */
function readValue(name: string, start: number): { readonly value: string; readonly end: number } {
  let at = start;
  while (name[at] === SPACE) at += 1;
  const isQuoted = name[at] === '"';
  if (isQuoted) at += 1;
  let value = "";
  // Spaces at the end are no part of the value, unless they are escaped.
  let kept = 0;
  let isOpen = isQuoted;
  for (; at < name.length; at += 1) {
    const character = name[at] ?? "";
    if (character === "\\") {
      const { text, end } = readEscape(name, at);
      value += text;
      at = end - 1;
      kept = value.length;
    } else if (isQuoted && character === '"') {
      isOpen = false;
      kept = value.length;
    } else if (!isOpen && (character === "," || character === "+" || character === ";")) {
      break;
    } else {
      value += character;
      if (character !== SPACE) kept = value.length;
    }
  }
  return { value: value.slice(0, kept), end: at };
}

const HEXADECIMAL_PAIRS = /(?:\\[0-9a-fA-F]{2})+/y;

/** What a backslash begins: bytes of UTF-8 as pairs of digits, or the character behind it. */
function readEscape(name: string, at: number): { readonly text: string; readonly end: number } {
  HEXADECIMAL_PAIRS.lastIndex = at;
  const pairs = HEXADECIMAL_PAIRS.exec(name)?.[0];
  if (pairs === undefined) return { text: name[at + 1] ?? "", end: at + 2 };
  return { text: Buffer.from(pairs.replaceAll("\\", ""), "hex").toString("utf8"), end: at + pairs.length };
}

/** One spelling for all ways in which directories write the same name: case, spaces and escapes mean nothing in them. */
export function comparableName(name: string): string {
  const parts = comparableParts(name);
  return parts === undefined ? foldCase(name) : JSON.stringify(parts);
}

function comparableParts(name: string): readonly string[] | undefined {
  return parseName(name)?.map((parts) =>
    JSON.stringify(parts.map(({ type, value }) => `${type.toLowerCase()}=${foldCase(value)}`).sort()),
  );
}

/** Whether a name is that of an entry, or of one below it. */
export function isWithin(name: string, above: string): boolean {
  const inner = comparableParts(name);
  const outer = comparableParts(above);
  if (inner === undefined || outer === undefined || outer.length > inner.length) return false;
  const start = inner.length - outer.length;
  return outer.every((part, index) => part === inner[start + index]);
}

/** What a directory compares a text by, whose case and runs of spaces mean nothing. */
export function foldCase(text: string): string {
  return toNfc(text).toLowerCase().replaceAll(/ +/g, SPACE).trim();
}

/** What an entry is called by its own name alone: Crew of `CN=Crew,OU=Groups,DC=example`; undefined for no such name. */
export function ownNameOf(name: string): string | undefined {
  return parseName(name)?.[0]?.[0]?.value;
}
