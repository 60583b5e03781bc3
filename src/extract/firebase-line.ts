/** What stands in one text of an export in CSV, which is a line, or several where a value holds line breaks. */
export type SplitLine =
  | { readonly kind: "fields"; readonly fields: readonly string[] }
  /** The text ends within quotes. */
  | { readonly kind: "open" }
  /** Something stands between a closing quote and the next comma. */
  | { readonly kind: "broken" };

const QUOTE = '"';

/**
 * Splits a line at its commas. A field that begins with a quote ends at the next one that is not doubled; any other field
 * is as it stands, quotes within it too, as the exporter long wrote them so.
 */
export function splitFirebaseLine(text: string): SplitLine {
  const fields: string[] = [];
  for (let start = 0; ;) {
    const isQuoted = text.startsWith(QUOTE, start);
    const end = isQuoted ? endOfQuoted(text, start) : endOfPlain(text, start);
    if (end === undefined) return { kind: "open" };
    if (end < text.length && text[end] !== ",") return { kind: "broken" };
    const field = text.slice(start, end);
    fields.push(isQuoted ? field.slice(1, -1).replaceAll('""', QUOTE) : field);
    if (end === text.length) return { kind: "fields", fields };
    start = end + 1;
  }
}

function endOfPlain(text: string, start: number): number {
  const comma = text.indexOf(",", start);
  return comma === -1 ? text.length : comma;
}

/** Where the quoted field that starts there has ended; undefined when it does not end. */
function endOfQuoted(text: string, start: number): number | undefined {
  let at = text.indexOf(QUOTE, start + 1);
  while (at !== -1 && text[at + 1] === QUOTE) at = text.indexOf(QUOTE, at + 2);
  return at === -1 ? undefined : at + 1;
}
