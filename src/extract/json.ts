import { getManyValues, isMany, none } from "stream-chain/defs.js";
import { jsonParser, type Token } from "stream-json/core/parser.js";
import { FerryError } from "../core/ferry-error.ts";
import type { JsonValue, Row, RowBatch } from "../core/row.ts";
import { JsonList } from "./json-list.ts";
import { isJsonObject } from "./json-row.ts";
import {
  BATCH_BYTES,
  BATCH_ROWS,
  MAX_USER_BYTES,
  type Source,
  type SourceOptions,
  type SourceType,
} from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";
import { truncated } from "./truncated.ts";

/**
 * A JSON array of users, or one JSON document that holds such an array under a key. The array is streamed: memory
 * does not grow with it.
 */
export const json: SourceType = {
  type: "json",
  options: ["list", "preset"],
  open(path, options) {
    return openFromTextFile(path, (file) => openJson(file, options));
  },
};

/** Says for the operator what the keys beside the list tell of the file; undefined where they tell nothing. */
export type Remark = (keysBeside: ReadonlySet<string>) => string | undefined;

/** Finds users in a stream of JSON tokens, and puts them together one at a time. */
export interface UserFinder {
  /** Whether every bracket that was opened was closed. */
  readonly isComplete: boolean;
  /** Whether the last token stands within a user. */
  readonly isInElement: boolean;
  /** Takes the next token; returns a user when the token completes one. */
  take(token: Token): JsonValue | undefined;
  /** Throws SOURCE_FORMAT when the document, which was read to its end, has no place for users. */
  requireFound(): void;
}

/** How a document is read in another way than as any JSON. */
interface JsonReading {
  /** Takes the place of the option `list`. */
  readonly finder?: UserFinder | undefined;
  /** What the description ends with once all was read. */
  readonly remark?: Remark | undefined;
}

/** The source over a file that was opened already; see {@link json}. */
export function openJson(
  file: TextFile,
  options: SourceOptions,
  { finder, remark }: JsonReading = {},
): Source {
  const format = recogniseTextFormat(file.head, file.isWhole);
  if (format === "table" || format === "ndjson" || format === "empty") {
    throw wrongFormat(file.path, format, "one JSON document");
  }
  const name = format === "json-array" ? "JSON array" : "JSON document";
  const list = new JsonList(file.path, options.list);
  return {
    shape: { kind: "documents" },
    get description() {
      return [name, file.encoding, remark?.(list.keysBeside) ?? ""].filter((part) => part !== "").join(", ");
    },
    batches: () => readList(file, finder ?? list),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function* readList(file: TextFile, list: UserFinder): AsyncGenerator<RowBatch> {
  // Token by token, but synchronously: one async hop a token would cost more than the parsing.
  // Its types leave out the end-of-input symbol that it takes.
  const parse = jsonParser({ packValues: true, streamValues: false }) as Parse;
  let rows: Row[] = [];
  let seq = 0;
  let batchBytes = 0;
  let unfinishedBytes = 0;
  for await (const block of file.blocks()) {
    const tokens = parseBlock(file.path, parse, block.toString("utf8"), seq);
    batchBytes += block.length;
    unfinishedBytes += block.length;
    if (tokens.length > 0 && !list.isInElement) unfinishedBytes = 0;
    for (const token of tokens) {
      const element = list.take(token);
      if (element === undefined) continue;
      seq += 1;
      unfinishedBytes = 0;
      rows.push(toRow(element, seq));
      if (rows.length === BATCH_ROWS) {
        yield rows;
        rows = [];
        batchBytes = 0;
      }
    }
    if (unfinishedBytes > MAX_USER_BYTES) throw tooLong(file.path, seq);
    if (batchBytes >= BATCH_BYTES && rows.length > 0) {
      yield rows;
      rows = [];
      batchBytes = 0;
    }
  }
  finishParse(file.path, parse, seq);
  if (!list.isComplete) throw truncated(file.path, `its JSON stops in the middle, after ${seq} whole users`);
  list.requireFound();
  if (rows.length > 0) yield rows;
}

type Parse = (input: string | typeof none) => unknown;

function parseBlock(path: string, parse: Parse, text: string, seq: number): readonly Token[] {
  try {
    return tokensOf(parse(text));
  } catch (error) {
    throw new FerryError(
      "SOURCE_FORMAT",
      `${path} is not valid JSON after ${seq} users: ${reasonOf(error)}`,
      {
        hint: "Export it again; nothing of it was used",
        cause: error,
      },
    );
  }
}

function tooLong(path: string, seq: number): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} has a user or a value of more than 16 MB after ${seq} users`,
    {
      hint: "A quote or bracket of it is most likely never closed",
    },
  );
}

function finishParse(path: string, parse: Parse, seq: number): void {
  try {
    parse(none);
  } catch (error) {
    throw truncated(path, `its JSON stops in the middle, after ${seq} whole users`, error);
  }
}

function tokensOf(result: unknown): readonly Token[] {
  return isMany(result) ? (getManyValues(result) as Token[]) : [];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^Parser cannot parse input: /, "") : String(error);
}

function toRow(element: JsonValue, seq: number): Row {
  if (isJsonObject(element)) return { seq, line: undefined, record: element };
  return {
    seq,
    line: undefined,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message: `element ${seq} is not a JSON object` },
  };
}
