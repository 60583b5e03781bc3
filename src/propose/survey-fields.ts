import { looksLikeData } from "../core/field-name.ts";
import type { JsonValue, Row, SourceShape } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";
import { parseFlag } from "../transform/parse-flag.ts";
import { pathOf } from "../transform/path.ts";
import { flagWordOf, type WordKind } from "./flag-words.ts";

/** Fields that are surveyed; documents whose keys are made of data would otherwise have no end. */
const MAX_FIELDS = 300;

/** Bytes of text that Cognito takes for an attribute (documented). */
const MAX_VALUE_BYTES = 2048;

/** Texts that stand for nothing in exports, exactly as they are written. */
const NULL_WORDS = new Set([
  "NULL",
  "null",
  "(null)",
  "\\N",
  "N/A",
  "n/a",
  "#N/A",
  "None",
  "none",
  "nil",
  "undefined",
  "0000-00-00",
  "0000-00-00 00:00:00",
]);

/** The shapes that a value is recognised by; never the value itself. */
const VALUE_SHAPES = [
  "flag",
  "email",
  "e164",
  "epochSeconds",
  "epochMilliseconds",
  "zonedTime",
  "unzonedTime",
  "date",
  "otherDate",
  "otherTime",
  "jsonList",
  "bars",
  "semicolons",
  "commas",
] as const;

/** One of {@link VALUE_SHAPES}. */
type ValueShape = (typeof VALUE_SHAPES)[number];

/** What was seen of one field, in counts: no value is kept but well-known words. */
export interface FieldSurvey {
  /** The field as a rule names it. */
  readonly path: string;
  /** Its own name, without the objects that hold it. */
  readonly name: string;
  /** The key of the object that holds it; undefined for a field of the row itself. */
  readonly container: string | undefined;
  /** Its values are not looked at. */
  readonly isSecret: boolean;
  /** Rows in which it has a value, null-like words aside. */
  readonly filled: number;
  readonly text: number;
  readonly numbers: number;
  readonly flags: number;
  readonly lists: number;
  readonly objects: number;
  readonly tooLong: number;
  readonly shapes: Readonly<Record<ValueShape, number>>;
  readonly nullWords: ReadonlySet<string>;
  /** Values that are well-known words for yes or no, by what they answer. */
  readonly answers: Readonly<Record<WordKind, number>>;
  /** Those words as they are written, each once. */
  readonly flagWords: ReadonlySet<string>;
}

/** What was seen of a source. */
export interface Survey {
  readonly shape: SourceShape;
  readonly rows: number;
  /** Rows among them that cannot be read. */
  readonly unreadable: number;
  readonly fields: readonly FieldSurvey[];
  /** Whether there were more fields than are surveyed, or keys that look like data. */
  readonly isPartial: boolean;
}

/** Surveys rows of a source: every column of a table, or the keys of documents and of the objects in them. */
export function surveyRows(rows: readonly Row[], shape: SourceShape): Survey {
  const surveyor = new Surveyor(shape);
  for (const row of rows) surveyor.take(row);
  return surveyor.finish();
}

type Counts = {
  -readonly [Key in keyof FieldSurvey]: FieldSurvey[Key] extends number ? number : FieldSurvey[Key];
} & {
  readonly shapes: Record<ValueShape, number>;
  readonly nullWords: Set<string>;
  readonly answers: Record<WordKind, number>;
  readonly flagWords: Set<string>;
};

class Surveyor {
  readonly #shape: SourceShape;
  readonly #fields = new Map<string, Counts>();
  #rows = 0;
  #unreadable = 0;
  #isPartial = false;

  constructor(shape: SourceShape) {
    this.#shape = shape;
    if (shape.kind === "table")
      for (const column of shape.columns) this.#fieldAt(column, { name: column, container: undefined });
  }

  take({ record }: Row): void {
    this.#rows += 1;
    if (record === undefined) {
      this.#unreadable += 1;
    } else if (this.#shape.kind === "table") {
      for (const [index, column] of this.#shape.columns.entries()) {
        const field = this.#fieldAt(column, { name: column, container: undefined });
        if (field !== undefined) countValue(field, (record as readonly string[])[index]);
      }
    } else {
      this.#takeObject(record as Readonly<Record<string, JsonValue>>, undefined);
    }
  }

  finish(): Survey {
    return {
      shape: this.#shape,
      rows: this.#rows,
      unreadable: this.#unreadable,
      fields: [...this.#fields.values()],
      isPartial: this.#isPartial,
    };
  }

  #takeObject(object: Readonly<Record<string, JsonValue>>, container: string | undefined): void {
    for (const [key, value] of Object.entries(object)) {
      if (looksLikeData(key)) {
        this.#isPartial = true;
        continue;
      }
      const path = container === undefined ? pathOf(key) : pathOf(container, key);
      const field = this.#fieldAt(path, { name: key, container });
      if (field === undefined) continue;
      countValue(field, value);
      if (container === undefined && isObject(value) && !field.isSecret) this.#takeObject(value, key);
    }
  }

  #fieldAt(
    path: string,
    { name, container }: { readonly name: string; readonly container: string | undefined },
  ): Counts | undefined {
    const known = this.#fields.get(path);
    if (known !== undefined) return known;
    if (this.#fields.size >= MAX_FIELDS) {
      this.#isPartial = true;
      return undefined;
    }
    const shapes = Object.fromEntries(VALUE_SHAPES.map((shape) => [shape, 0])) as Record<ValueShape, number>;
    const field: Counts = {
      path,
      name,
      container,
      isSecret: isSecretField(name),
      filled: 0,
      text: 0,
      numbers: 0,
      flags: 0,
      lists: 0,
      objects: 0,
      tooLong: 0,
      shapes,
      nullWords: new Set(),
      answers: { answer: 0, state: 0, verification: 0 },
      flagWords: new Set(),
    };
    this.#fields.set(path, field);
    return field;
  }
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function countValue(field: Counts, value: JsonValue | undefined): void {
  if (field.isSecret || value === undefined || value === null) return;
  if (typeof value === "object") {
    const isList = Array.isArray(value);
    if (isList && value.length === 0) return;
    field.filled += 1;
    if (isList) field.lists += 1;
    else field.objects += 1;
    return;
  }
  const text = String(value).trim();
  if (text === "") return;
  if (NULL_WORDS.has(text)) {
    field.nullWords.add(text);
    return;
  }
  field.filled += 1;
  if (typeof value === "boolean") field.flags += 1;
  else if (typeof value === "number" || /^-?\d+(\.\d+)?$/.test(text)) field.numbers += 1;
  else field.text += 1;
  countWord(field, text);
  if (Buffer.byteLength(text) > MAX_VALUE_BYTES) field.tooLong += 1;
  for (const shape of VALUE_SHAPES) if (HAS_SHAPE[shape](text)) field.shapes[shape] += 1;
}

function countWord({ answers, flagWords }: Counts, text: string): void {
  const word = flagWordOf(text);
  // Spellings of such words have an end; what has more of them is something else.
  if (word === undefined || (flagWords.size >= MAX_FLAG_WORDS && !flagWords.has(text))) return;
  answers[word.kind] += 1;
  flagWords.add(text);
}

const MAX_FLAG_WORDS = 20;

const HAS_SHAPE: Readonly<Record<ValueShape, (text: string) => boolean>> = {
  flag: (text) => text.length <= 5 && parseFlag(text) !== undefined,
  // An address is not longer (RFC 5321), and the pattern takes the square of a text's length.
  email: (text) => text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text),
  e164: (text) => /^\+[1-9]\d{6,14}$/.test(text),
  // Times between 1973 and 2100: shorter numbers are ids or anything else.
  epochSeconds: (text) => isBetween(text, 1e8, 4.1e9),
  epochMilliseconds: (text) => isBetween(text, 1e11, 4.1e12),
  zonedTime: (text) => /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*\s?(Z|[+-]\d{2}(:?\d{2})?)$/i.test(text),
  unzonedTime: (text) => /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text),
  otherDate: (text) =>
    /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(\s.*)?$/.test(text) && !/^\d{4}-\d{2}-\d{2}/.test(text),
  otherTime: (text) => /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+\d{1,2}:\d{2}/.test(text),
  jsonList: (text) => text.startsWith("[") && text.endsWith("]"),
  bars: (text) => text.includes("|"),
  semicolons: (text) => text.includes(";"),
  commas: (text) => text.includes(","),
};

function isBetween(text: string, least: number, most: number): boolean {
  return /^\d+(\.\d+)?$/.test(text) && Number(text) >= least && Number(text) < most;
}
