import type { Row, SourceShape } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";

/** Keys of documents that are remembered; rows with keys made of data would otherwise fill the memory. */
const MAX_FIELDS = 1_000;
/** Characters of a key that can be a field's name; a longer one is data. */
const MAX_NAME_LENGTH = 1_000;

/** Learns which fields a source has: at once for a table, row by row for documents. */
export class FieldCensus {
  readonly #isTable: boolean;
  readonly #seen: Set<string>;

  constructor(shape: SourceShape) {
    this.#isTable = shape.kind === "table";
    this.#seen = new Set(shape.kind === "table" ? shape.columns : []);
  }

  /** Takes note of a batch. */
  count(rows: readonly Row[]): void {
    if (this.#isTable) return;
    for (const { record } of rows) {
      if (record === undefined || this.#seen.size >= MAX_FIELDS) continue;
      for (const key of Object.keys(record)) this.#note(key);
    }
  }

  #note(key: string): void {
    if (this.#seen.size < MAX_FIELDS && key.length <= MAX_NAME_LENGTH) this.#seen.add(key);
  }

  /** The fields for reports, in the order in which they were met; secret ones only hold their place in a table. */
  reported(secretFields: ReadonlySet<string>): readonly string[] {
    return [...this.#seen].filter(
      (field) => this.#isTable || !(isSecretField(field) || secretFields.has(field)),
    );
  }

  /** The fields that no rule reads. */
  unused(used: ReadonlySet<string>): readonly string[] {
    return [...this.#seen].filter((field) => !used.has(field));
  }
}
