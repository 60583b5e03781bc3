import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, Row, RowBatch } from "../core/row.ts";
import { splitFirebaseLine, type SplitLine } from "./firebase-line.ts";
import { BATCH_BYTES, BATCH_ROWS, MAX_USER_BYTES, type Source } from "./source.ts";
import type { TextFile } from "./text-file.ts";
import { truncated } from "./truncated.ts";

/**
 * Fields of a line, with the empty one behind its last comma, as the versions of firebase-tools wrote them (documented by
 * its history): from the beginning, since January 2020, since October 2020, since May 2026. Only the last one writes every
 * name so that it can be read again.
 */
const WIDTHS = [27, 28, 29, 53] as const;
type Width = (typeof WIDTHS)[number];
/** The one whose values can hold line breaks. */
const NEWEST: Width = 53;

/** Where the providers' fields begin, each of them four: id, e-mail address, name, picture. */
const PROVIDERS: readonly (readonly [providerId: string, first: number])[] = [
  ["google.com", 7],
  ["facebook.com", 11],
  ["twitter.com", 15],
  ["github.com", 19],
  ["apple.com", 28],
  ["microsoft.com", 32],
  ["gc.apple.com", 36],
  ["playgames.google.com", 40],
  ["linkedin.com", 44],
  ["yahoo.com", 48],
];

/** Texts by their place in a line. */
const TEXTS: readonly (readonly [key: string, index: number])[] = [
  ["localId", 0],
  ["email", 1],
  ["passwordHash", 3],
  ["salt", 4],
  ["displayName", 5],
  ["photoUrl", 6],
  ["createdAt", 23],
  ["lastSignedInAt", 24],
  ["phoneNumber", 25],
  ["customAttributes", 27],
];

/** Characters behind an open quote in which its end is looked for: no value is so long (our guess, by documented limits). */
const MAX_VALUE = 4_000;
/** Lines that a value can have; each is looked at together with all before it. */
const MAX_VALUE_LINES = 50;

/** Whether a text begins with a line of such an export. */
export function isFirebaseLine(head: string): boolean {
  const [line = ""] = head.split(/\r?\n/, 1);
  const split = splitFirebaseLine(line);
  if (split.kind !== "fields" || !isWidth(split.fields.length)) return false;
  return explainFields(split.fields) === undefined && /^\d{13}$/.test(split.fields[23] ?? "");
}

/**
 * The users of a CSV of `firebase auth:export`, which has no header. All lines of a file have the same number of fields,
 * told from its beginning; a line of any other number, or with another value than a flag or a time where there must be one,
 * is a rejected row. A line that ends within quotes is one, too, with those behind it up to the next quote, as these may be
 * somebody's name; only of the newest layout is that a value over several lines, if it fits and none of these lines is a
 * user by itself.
 *
 * Throws SOURCE_FORMAT for another table, and while reading SOURCE_TRUNCATED.
 */
export function openFirebaseTable(file: TextFile, toRecord: (user: JsonObject) => JsonObject): Source {
  const width = widthOf(file);
  // Who was disabled comes in with all rights otherwise, and nobody would know.
  const loss = width === WIDTHS[0] ? "which do not say who is disabled" : "";
  return {
    shape: { kind: "documents" },
    description: [`CSV of ${width} fields`, loss, file.encoding].filter((part) => part !== "").join(", "),
    batches: () => readRows(file, new LineReader(width, toRecord)),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function isWidth(fields: number): fields is Width {
  return (WIDTHS as readonly number[]).includes(fields);
}

/** The number of fields that most of the first lines have. */
function widthOf({ path, head, isWhole }: TextFile): Width {
  const lines = head.split(/\r?\n/);
  const isOneLine = isWhole && lines.length === 1;
  // What stands behind the last line break may be cut.
  if (!isOneLine) lines.pop();
  const counts = new Map<Width, number>();
  for (const line of lines) {
    const split = splitFirebaseLine(line);
    if (split.kind !== "fields" || !isWidth(split.fields.length)) continue;
    counts.set(split.fields.length, (counts.get(split.fields.length) ?? 0) + 1);
  }
  const [most, second] = [...counts].sort(([, one], [, other]) => other - one);
  if (most === undefined) throw notExported(path, isOneLine);
  if (most[1] === second?.[1]) throw ofTwoWidths(path, [most[0], second[0]]);
  return most[0];
}

function notExported(path: string, isOneLine: boolean): FerryError {
  // A file of one line can be an export that was cut within it.
  if (isOneLine) return truncated(path, "its only line is none of firebase auth:export");
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} is no CSV of firebase auth:export: none of its first lines has ${WIDTHS.join(", ")} fields`,
    { hint: "Export it again, best as JSON; a CSV with a header is read with --from csv:PATH and a mapping" },
  );
}

function ofTwoWidths(path: string, widths: readonly [number, number]): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} has as many lines of ${widths[0]} fields as of ${widths[1]}, so that it does not tell what they mean`,
    { hint: "Export it again as JSON: firebase auth:export users.json" },
  );
}

async function* readRows(file: TextFile, reader: LineReader): AsyncGenerator<RowBatch> {
  let pieces: string[] = [];
  let pieceLength = 0;
  let batchBytes = 0;
  for await (const block of file.blocks()) {
    const text = block.toString("utf8");
    batchBytes += block.length;
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      reader.take(lineOf(pieces, text.slice(start, end)));
      pieces = [];
      pieceLength = 0;
      start = end + 1;
      if (reader.size < BATCH_ROWS) continue;
      yield* reader.takeRows(BATCH_ROWS);
      batchBytes = 0;
    }
    if (batchBytes >= BATCH_BYTES && reader.size > 0) {
      yield* reader.takeRows(0);
      batchBytes = 0;
    }
    pieces.push(text.slice(start));
    pieceLength += text.length - start;
    if (pieceLength > MAX_USER_BYTES) {
      throw new FerryError(
        "SOURCE_FORMAT",
        `${file.path} has a line of more than 16 MB after line ${reader.line}`,
        { hint: "Export it again, best as JSON" },
      );
    }
  }
  const last = lineOf(pieces, "");
  // Every line ends with a line break, but not every editor leaves the last one there.
  if (last !== "" && !reader.isWhole(last))
    throw truncated(file.path, `its last line, ${reader.line + 1}, stops in the middle`);
  reader.take(last);
  reader.finish();
  yield* reader.takeRows(0);
}

function lineOf(pieces: readonly string[], last: string): string {
  const line = pieces.length === 0 ? last : `${pieces.join("")}${last}`;
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Makes rows of lines, one by one. */
class LineReader {
  /** Lines that were taken so far. */
  line = 0;
  readonly #width: Width;
  readonly #toRecord: (user: JsonObject) => JsonObject;
  #rows: Row[] = [];
  #seq = 0;
  /** Lines of which the first one ends within quotes. */
  #open: Line[] = [];
  #openLength = 0;

  constructor(width: Width, toRecord: (user: JsonObject) => JsonObject) {
    this.#width = width;
    this.#toRecord = toRecord;
  }

  /** Rows that wait to be taken. */
  get size(): number {
    return this.#rows.length;
  }

  /** The rows in batches; those beyond the last full batch stay, if there is a `least` for it. */
  *takeRows(least: number): Generator<RowBatch> {
    while (this.#rows.length > 0 && this.#rows.length >= least) yield this.#rows.splice(0, BATCH_ROWS);
  }

  /** Whether a line is a user, whatever stands around it. */
  isWhole(text: string): boolean {
    return this.#read(text).kind === "user";
  }

  take(text: string): void {
    this.line += 1;
    const line = { text, number: this.line };
    if (this.#open.length > 0) this.#continue(line);
    else if (text !== "") this.#begin(line);
  }

  /** Takes the text for ended. */
  finish(): void {
    while (this.#open.length > 0) this.#giveUp();
  }

  #begin(line: Line): void {
    const read = this.#read(line.text);
    if (read.kind === "open") {
      this.#open = [line];
      this.#openLength = 0;
    } else {
      this.#add(line, read);
    }
  }

  /** Takes a line behind one that ends within quotes. */
  #continue(line: Line): void {
    this.#open.push(line);
    this.#openLength += line.text.length + 1;
    if (!line.text.includes('"')) {
      if (this.#openLength > MAX_VALUE) this.#giveUp();
      return;
    }
    const [first = line, ...others] = this.#open;
    const mayBeValue =
      this.#width === NEWEST && this.#open.length <= MAX_VALUE_LINES && this.#openLength <= MAX_VALUE;
    const read: ReadLine = mayBeValue
      ? this.#read(this.#open.map(({ text }) => text).join("\n"))
      : { kind: "wrong", code: "row-unreadable", message: NOT_CLOSED };
    if (read.kind === "open") return;
    const isValue = read.kind === "user" && !others.some(({ text }) => this.isWhole(text));
    this.#open = [];
    if (isValue) {
      this.#add(first, read);
      return;
    }
    this.#reject(first, NOT_CLOSED);
    for (const { text, number } of others)
      if (text !== "")
        this.#reject({ text, number }, `it may belong to a value that begins in line ${first.number}`);
  }

  /** Nothing closes the first line's quotes: it alone is rejected, and those behind it are lines of their own. */
  #giveUp(): void {
    const [first, ...others] = this.#open;
    this.#open = [];
    if (first !== undefined) this.#reject(first, NOT_CLOSED);
    for (const other of others) {
      if (this.#open.length > 0) this.#continue(other);
      else if (other.text !== "") this.#begin(other);
    }
  }

  #read(text: string): ReadLine {
    return readLine(splitFirebaseLine(text), this.#width);
  }

  #add(line: Line, read: Exclude<ReadLine, { kind: "open" }>): void {
    if (read.kind === "wrong") {
      this.#reject(line, read.message, read.code);
      return;
    }
    this.#seq += 1;
    const record = this.#toRecord(userOf(read.fields));
    this.#rows.push({ seq: this.#seq, line: line.number, record });
  }

  #reject({ number }: Line, message: string, code: "row-ragged" | "row-unreadable" = "row-unreadable"): void {
    this.#seq += 1;
    const issue = { code, attribute: undefined, message: `line ${number}: ${message}` };
    this.#rows.push({ seq: this.#seq, line: number, record: undefined, issue });
  }
}

const NOT_CLOSED = "a quote is not closed in it";

/** What a line says. */
type ReadLine =
  | { readonly kind: "user"; readonly fields: readonly string[] }
  | { readonly kind: "open" }
  | {
      readonly kind: "wrong";
      readonly code: "row-ragged" | "row-unreadable";
      readonly message: string;
    };

function readLine(split: SplitLine, width: Width): ReadLine {
  switch (split.kind) {
    case "open":
      return { kind: "open" };
    case "broken":
      return {
        kind: "wrong",
        code: "row-unreadable",
        message: "a quoted value goes on behind its last quote",
      };
    case "fields": {
      const { fields } = split;
      if (fields.length !== width)
        return {
          kind: "wrong",
          code: "row-ragged",
          message: `it has ${fields.length} fields, the others ${width}`,
        };
      const message = explainFields(fields);
      return message === undefined
        ? { kind: "user", fields }
        : { kind: "wrong", code: "row-unreadable", message };
    }
  }
}

const FLAG = /^(?:true|false)$/i;
const TIME = /^\d*$/;

/** What does not stand where it should, as values do that moved into the next field; undefined when all does. */
function explainFields(fields: readonly string[]): string | undefined {
  if (fields[0] === "") return "field 1, the user's id, is empty";
  if (!FLAG.test(fields[2] ?? "")) return "field 3 is neither true nor false";
  if (!TIME.test(fields[23] ?? "")) return "field 24 is no time in milliseconds";
  if (!TIME.test(fields[24] ?? "")) return "field 25 is no time in milliseconds";
  const disabled = fields.length > 27 ? (fields[26] ?? "") : "";
  if (disabled !== "" && !FLAG.test(disabled)) return "field 27 is neither true nor false";
  return fields.at(-1) === "" ? undefined : "there is a value behind its last comma";
}

/** The user as the JSON of the same export has it: what is empty is not there. */
function userOf(fields: readonly string[]): JsonObject {
  // The last field is the empty one behind the last comma.
  const valueAt = (index: number): string => (index < fields.length - 1 ? (fields[index] ?? "") : "");
  const texts = TEXTS.map(([key, index]) => [key, valueAt(index)] as const).filter(([, text]) => text !== "");
  const disabled = valueAt(26);
  return {
    ...Object.fromEntries(texts),
    emailVerified: isTrue(valueAt(2)),
    ...(disabled === "" ? {} : { disabled: isTrue(disabled) }),
    providerUserInfo: PROVIDERS.flatMap(([providerId, first]) => {
      const [rawId = "", email = "", displayName = "", photoUrl = ""] = [0, 1, 2, 3].map((offset) =>
        valueAt(first + offset),
      );
      if (rawId + email + displayName + photoUrl === "") return [];
      const known = Object.entries({ rawId, email, displayName, photoUrl }).filter(([, text]) => text !== "");
      return [{ providerId, ...Object.fromEntries(known) }];
    }),
  };
}

function isTrue(flag: string): boolean {
  return flag.toLowerCase() === "true";
}
