import { expect } from "vitest";

/**
 * The documented format of an import CSV, read by itself: one user a line, columns cut at commas, backslash-comma for
 * a comma in a value, no quoting, values trimmed, UTF-8 without a byte-order mark. What the documentation leaves open
 * must not occur at all.
 */
export function readImportCsv(bytes: Uint8Array): readonly (readonly string[])[] {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.slice(0, -1).split("\n");
  return lines.map((line) => {
    expect(line).not.toMatch(/["\t\r\v\f\u0085\u2028\u2029]|\\(?!,)/);
    return line.split(/(?<!\\),/).map((cell) => cell.replaceAll("\\,", ",").trim());
  });
}

/** What must stand in a column: the attribute's value, in the encoding that the documentation gives for it. */
export function expectedCell(column: string, value: string | undefined): string {
  switch (column) {
    case "email_verified":
    case "phone_number_verified":
      return value === "true" ? "TRUE" : "FALSE";
    case "birthdate":
      return value === undefined ? "" : value.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$2/$3/$1");
    default:
      return value ?? "";
  }
}
