/** A table of Markdown; the columns of these places hold numbers, the last one when undefined. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [columns.length - 1],
): string {
  const rule = columns.map((_, place) => (numbers.includes(place) ? "---:" : "---"));
  return [columns, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A number with its thousands apart. */
export function number(count: number): string {
  return count.toLocaleString("en-US");
}

/** A text that Markdown shows as it stands; HTML in it too. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]()#+!|~]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/\bhttps?:\/\//g, (start) => start.replace("://", ":&#47;&#47;"))
    .replaceAll("@", "&#64;");
}
