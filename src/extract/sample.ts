import { jsonParser, type Token } from "stream-json/core/parser.js";
import { getManyValues, isMany } from "stream-chain/defs.js";
import { parse as parseCsv } from "csv-parse/sync";
import type { JsonObject } from "../core/row.ts";
import { JsonList } from "./json-list.ts";
import { isJsonObject, parseJsonObject } from "./json-row.ts";
import { sniffSeparator, statedSeparator } from "./separator.ts";
import type { TextFile } from "./text-file.ts";
import { recogniseTextFormat, type TextFormat } from "./text-format.ts";

/** The beginning of a file, as far as it tells what the file is. */
export class Sample {
  readonly format: TextFormat;
  /** The first 256 KB of text, or all of a smaller file. */
  readonly head: string;
  readonly #isWhole: boolean;
  readonly #list: string | undefined;
  #columns: readonly string[] | undefined;
  #keys: ReadonlySet<string> | undefined;
  #tokens: readonly Token[] | undefined;
  /** What was found under each key, as many types ask for the same. */
  readonly #firsts = new Map<string | undefined, JsonObject | undefined>();

  /** `list` is the key that the operator names; it takes the place of those that {@link first} is asked for. */
  constructor({ head, isWhole }: Pick<TextFile, "head" | "isWhole">, list?: string) {
    this.format = recogniseTextFormat(head, isWhole);
    this.head = head;
    this.#isWhole = isWhole;
    this.#list = list;
  }

  /** The cells of a table's first line; none of any other text. */
  get columns(): readonly string[] {
    this.#columns ??= this.format === "table" ? firstCells(this.head) : [];
    return this.#columns;
  }

  /** The keys of the top-level object of a JSON document, as far as the head reaches; none of any other text. */
  get keys(): ReadonlySet<string> {
    this.#keys ??=
      this.format === "json-object" || this.format === "json-line"
        ? keysAt(this.#readTokens(), 1)
        : new Set();
    return this.#keys;
  }

  /** The keys of the first object of a JSON array, as far as the head reaches; none of any other text. */
  get firstKeys(): ReadonlySet<string> {
    return this.format === "json-array" ? keysAt(this.#readTokens(), 2) : new Set();
  }

  /**
   * The first user, as far as the head reaches: of an array, of NDJSON, or of a document's list under this key. Without
   * a key, of a document, the user that the document itself is, if it is whole.
   */
  first(list?: string): JsonObject | undefined {
    switch (this.format) {
      case "ndjson":
        return parseJsonObject(firstLine(this.head));
      case "json-array":
        return this.#firstElement(undefined);
      case "json-object":
      case "json-line":
        if (list !== undefined) return this.#firstElement(this.#list ?? list);
        return this.#isWhole ? parseJsonObject(this.head) : undefined;
      case "table":
      case "empty":
        return undefined;
    }
  }

  /** Whether the document holds a list of objects: a single one, or that which the operator names. */
  get holdsList(): boolean {
    return this.#firstElement(this.#list) !== undefined;
  }

  #firstElement(list: string | undefined): JsonObject | undefined {
    if (!this.#firsts.has(list)) this.#firsts.set(list, firstElement(this.#readTokens(), list));
    return this.#firsts.get(list);
  }

  #readTokens(): readonly Token[] {
    this.#tokens ??= tokensOf(this.head);
    return this.#tokens;
  }
}

/** Whether the object has all these keys of its own. */
export function hasKeys(object: JsonObject | undefined, ...keys: readonly string[]): object is JsonObject {
  return object !== undefined && keys.every((key) => Object.hasOwn(object, key));
}

/** The columns of a table, or the keys of the first user of a list, of NDJSON or of the document that is one. */
export function fieldsOf(sample: Sample): ReadonlySet<string> {
  return new Set([...sample.columns, ...Object.keys(sample.first() ?? {})]);
}

function firstLine(head: string): string {
  const text = head.trimStart();
  const end = text.search(/[\r\n]/);
  return end === -1 ? text : text.slice(0, end);
}

function firstCells(head: string): readonly string[] {
  const delimiter = statedSeparator(head) ?? sniffSeparator(head);
  const text = statedSeparator(head) === undefined ? head : head.slice(head.search(/[\r\n]/)).trimStart();
  try {
    const records: string[][] = parseCsv(text, {
      delimiter,
      to: 1,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    return records[0] ?? [];
  } catch {
    // Whatever is wrong with it, the source that reads it will say so with its place.
    return [];
  }
}

/** The keys of the first object that is so deep. */
function keysAt(tokens: readonly Token[], wanted: number): ReadonlySet<string> {
  const keys = new Set<string>();
  let depth = 0;
  for (const token of tokens) {
    if (token.name === "startObject" || token.name === "startArray") depth += 1;
    else if (token.name === "endObject" || token.name === "endArray") depth -= 1;
    else if (token.name === "keyValue" && depth === wanted) keys.add(token.value);
    if (token.name === "endObject" && depth === wanted - 1) break;
  }
  return keys;
}

function firstElement(tokens: readonly Token[], listKey: string | undefined): JsonObject | undefined {
  const list = new JsonList("the file", listKey);
  try {
    for (const token of tokens) {
      const element = list.take(token);
      if (element !== undefined) return isJsonObject(element) ? element : undefined;
    }
  } catch {
    // Whatever is wrong with it, the source that reads it will say so with its place.
  }
  return undefined;
}

function tokensOf(head: string): readonly Token[] {
  const parse = jsonParser({ packValues: true, streamValues: false }) as (input: string) => unknown;
  try {
    const parsed = parse(head);
    return isMany(parsed) ? (getManyValues(parsed) as Token[]) : [];
  } catch {
    return [];
  }
}
