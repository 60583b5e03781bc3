import { Document, YAMLMap, stringify, type Pair, type Scalar } from "yaml";

/** One entry of a config text: a value, or entries below it. */
export interface ConfigEntry {
  readonly key: string;
  /** Undefined for comments alone. */
  readonly value: unknown;
  /** Others stand there as comments. */
  readonly isActive: boolean;
  /** Lines above the entry. */
  readonly comments: readonly string[];
  /** Entries in place of a value. */
  readonly entries?: readonly ConfigEntry[];
}

/** Writes a YAML config file with comments; rules stand on one line each. */
export function configText(header: readonly string[], entries: readonly ConfigEntry[]): string {
  const document = new Document();
  const { map, rest } = mapOf(document, entries);
  document.contents = map;
  document.commentBefore = asComment(header);
  if (rest.length > 0) document.comment = asComment(rest);
  return document.toString({ lineWidth: 0 });
}

/** The active entries as a map; comments after the last of them are handed back when there is nothing to hold them. */
function mapOf(
  document: Document,
  entries: readonly ConfigEntry[],
): { readonly map: YAMLMap; readonly rest: readonly string[] } {
  const map = new YAMLMap(document.schema);
  let waiting: string[] = [];
  for (const entry of entries) {
    waiting.push(...entry.comments);
    if (!entry.isActive) {
      waiting.push(...inactiveLines(entry));
      continue;
    }
    const pair = document.createPair(entry.key, undefined) as Pair<Scalar>;
    if (waiting.length > 0) pair.key.commentBefore = asComment(waiting);
    waiting = [];
    if (entry.entries === undefined) {
      pair.value = document.createNode(entry.value, { flow: true });
    } else {
      const inner = mapOf(document, entry.entries);
      pair.value = inner.map;
      waiting = [...inner.rest];
    }
    map.items.push(pair);
  }
  if (map.items.length === 0) return { map, rest: waiting };
  if (waiting.length > 0) map.comment = asComment(waiting);
  return { map, rest: [] };
}

function inactiveLines({ key, value, entries }: ConfigEntry): readonly string[] {
  if (entries !== undefined) {
    const inner = entries.flatMap((entry) => [...entry.comments, ...inactiveLines(entry)]);
    return [`${key}:`, ...inner.map((line) => `  ${line}`)];
  }
  if (value === undefined) return [];
  const document = new Document();
  document.contents = document.createNode({ [key]: null }) as never;
  document.set(key, document.createNode(value, { flow: true }));
  return stringify(document, { lineWidth: 0 }).trimEnd().split("\n");
}

/** What would end a comment, or may not stand in YAML at all. */
const NO_COMMENT = /[\p{Cc}\u2028\u2029]+/gu;

function asComment(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : ` ${line.replaceAll(NO_COMMENT, " ")}`)).join("\n");
}
