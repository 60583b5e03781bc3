const CANDIDATES = [",", ";", "\t", "|"] as const;

/** How a separator is shown to the operator. */
export const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "vertical bar",
};

/**
 * The separator of a CSV text: the candidate that stands most often in its header line outside quotes; a comma for
 * a single column.
 */
export function sniffSeparator(head: string): string {
  const counts = new Map<string, number>();
  let isQuoted = false;
  for (const character of head.replace(/^[\r\n]+/, "")) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) break;
    else if (!isQuoted) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return CANDIDATES.reduce(
    (best, next) => ((counts.get(next) ?? 0) > (counts.get(best) ?? 0) ? next : best),
    ",",
  );
}
