import { createHash } from "node:crypto";
import { FerryError } from "../core/ferry-error.ts";

/** What one row holds, as the driver gave it. */
export type Cells = readonly unknown[];

/** Rows of one value that are remembered one by one; of more, all of that value are given again. */
const ROWS_OF_ONE_VALUE = 2_000;

/** 96 bits: rows are told apart by it. */
const DIGEST = /^[\w-]{16}$/;

/** Stands in the place of the rows where there are too many. */
const ALL = "*";

/** Where an earlier reading ended: at which value, and which rows of that value it gave. */
export interface ChangePlace {
  readonly value: string;
  /** Digests of the rows with that value that were given; undefined when there were too many. */
  readonly given: readonly string[] | undefined;
}

/**
 * Reads the text of a {@link ChangeCursor}. Throws USAGE for a text that is none, such as the number of rows that sources
 * without one count.
 */
export function changePlaceOf(after: string): ChangePlace {
  const at = after.lastIndexOf("#");
  const rows = after.slice(at + 1);
  const given = rows === ALL ? undefined : rows.split(",");
  if (at > 0 && (given === undefined || given.every((digest) => DIGEST.test(digest))))
    return { value: after.slice(0, at), given };
  throw new FerryError(
    "USAGE",
    "source.after is no place in a source that is read in the order of a column",
    {
      hint: "Write it as the plan before said it (source.cursor in its report.json), in quotes; leave it out to read everything",
    },
  );
}

/**
 * How far a source was read that comes in the order of one column. Several rows can have the same value, of which a
 * reading may have seen only some: so the next one begins at that value, not behind it, and passes over the very rows that
 * were given. A row that changed since is another one, whatever its value.
 */
export class ChangeCursor {
  readonly #column: number;
  readonly #name: string;
  #value: string | undefined;
  /** Of the rows with that value but for the last; undefined when there are too many. */
  #digests: string[] | undefined = [];
  /** Digested only when it is asked for, as most values stand in one row. */
  #last: Cells | undefined;
  /** The rows to pass over, each as often as it was given. */
  readonly #given: ReadonlyMap<string, number>;
  readonly #begin: string | undefined;
  readonly #passed = new Map<string, number>();

  constructor(column: number, name: string, after: ChangePlace | undefined) {
    this.#column = column;
    this.#name = name;
    this.#begin = after?.value;
    this.#value = after?.value;
    this.#digests = after === undefined ? [] : after.given?.slice();
    this.#given = countEach(after?.given ?? []);
  }

  /** Whether the row was not given before; it counts as given from now on. Throws USAGE for one without a value. */
  take(cells: Cells): boolean {
    const value = cells[this.#column];
    if (typeof value !== "string" && typeof value !== "number") throw withoutValue(this.#name);
    const text = String(value);
    if (text === this.#begin && this.#wasGiven(cells)) return false;
    if (text === this.#value) this.#noteLast();
    else this.#digests = [];
    this.#value = text;
    this.#last = cells;
    return true;
  }

  /** Where a later reading goes on; undefined before the first row. */
  get text(): string | undefined {
    if (this.#value === undefined) return undefined;
    this.#noteLast();
    return `${this.#value}#${this.#digests?.join(",") ?? ALL}`;
  }

  #wasGiven(cells: Cells): boolean {
    if (this.#given.size === 0) return false;
    const digest = digestOf(cells);
    const passed = this.#passed.get(digest) ?? 0;
    if (passed >= (this.#given.get(digest) ?? 0)) return false;
    this.#passed.set(digest, passed + 1);
    return true;
  }

  #noteLast(): void {
    if (this.#last === undefined) return;
    this.#digests?.push(digestOf(this.#last));
    if ((this.#digests?.length ?? 0) > ROWS_OF_ONE_VALUE) this.#digests = undefined;
    this.#last = undefined;
  }
}

function digestOf(cells: Cells): string {
  return createHash("sha256").update(JSON.stringify(cells)).digest("base64url").slice(0, 16);
}

function countEach(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function withoutValue(name: string): FerryError {
  return new FerryError("USAGE", `A row has no value in ${name}, by which rows are to be put in order`, {
    hint: `Have the query give one, for instance COALESCE(${name}, created_at) under another name, and name that in source.cursorColumn`,
  });
}
