import { isOutcomeColumn } from "../core/outcome-columns.ts";
import { looksLikeData } from "../core/field-name.ts";
import { areSameTexts } from "../core/same-texts.ts";
import type { JsonValue, Row, SourceRecord, SourceShape } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";
import { pathOf } from "../transform/path.ts";
import { keysReadOf, type UsedFields } from "../transform/used-fields.ts";

/** Keys of documents that are remembered; rows with keys made of data would otherwise fill the memory. */
const MAX_FIELDS = 1_000;
/** Keys of objects in documents that are remembered beside them, of all objects together. */
const MAX_KEYS = 1_000;
/** Characters of a key that can be a field's name; a longer one is data. */
const MAX_NAME_LENGTH = 1_000;

/** An object in documents of which rules read only some keys. */
interface PartlyRead {
  readonly field: string;
  readonly read: ReadonlySet<string>;
  /** In the order in which they were met. */
  readonly unread: Set<string>;
}

/**
 * Learns which fields a source has: at once for a table, row by row for documents. Of an object in documents it learns
 * the keys too, if rules read some of these; not of one that holds secrets by its name.
 */
export class FieldCensus {
  readonly #isTable: boolean;
  readonly #seen: Set<string>;
  readonly #used: UsedFields;
  readonly #objects: ReadonlyMap<string, PartlyRead>;
  /** The keys of the document before, which most documents have too. */
  #last: readonly string[] = [];
  #keys = 0;

  constructor(shape: SourceShape, used: UsedFields) {
    this.#isTable = shape.kind === "table";
    this.#seen = new Set(shape.kind === "table" ? shape.columns : []);
    this.#used = used;
    this.#objects = new Map(
      [...used.keys()].flatMap((field) => {
        const read = isSecretField(field) ? undefined : keysReadOf(field, used);
        return read === undefined ? [] : [[field, { field, read, unread: new Set<string>() }]];
      }),
    );
  }

  /** Takes note of a batch. */
  count(rows: readonly Row[]): void {
    if (this.#isTable) return;
    for (const { record } of rows) {
      if (record === undefined) continue;
      if (this.#seen.size < MAX_FIELDS) this.#noteAll(Object.keys(record));
      if (this.#keys < MAX_KEYS) for (const object of this.#objects.values()) this.#lookInto(record, object);
    }
  }

  #noteAll(keys: readonly string[]): void {
    if (areSameTexts(keys, this.#last)) return;
    this.#last = keys;
    for (const key of keys)
      if (this.#seen.size < MAX_FIELDS && key.length <= MAX_NAME_LENGTH) this.#seen.add(key);
  }

  #lookInto(record: SourceRecord, { field, read, unread }: PartlyRead): void {
    if (!Object.hasOwn(record, field)) return;
    const value = (record as Readonly<Record<string, JsonValue>>)[field];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    for (const key of Object.keys(value)) {
      if (read.has(key) || unread.has(key) || this.#keys >= MAX_KEYS || looksLikeData(key)) continue;
      unread.add(key);
      this.#keys += 1;
    }
  }

  /** The fields for reports, in the order in which they were met; secret ones only hold their place in a table. */
  reported(secretFields: ReadonlySet<string>): readonly string[] {
    return [...this.#seen].filter(
      (field) => this.#isTable || !(isSecretField(field) || secretFields.has(field)),
    );
  }

  /**
   * What no rule reads: fields, and keys of objects that are read in part, as the path that a rule would name. The source
   * itself reads the column by which it puts its rows in order; a directory's attribute may be written in another case.
   * What an earlier run added to a file is for people.
   */
  unused(cursorColumn: string | undefined): readonly string[] {
    const cursor = cursorColumn?.toLowerCase();
    return [...this.#seen].flatMap((field) => {
      if (isOutcomeColumn(field)) return [];
      if (!this.#used.has(field)) return field.toLowerCase() === cursor ? [] : [field];
      return [...(this.#objects.get(field)?.unread ?? [])].map((key) => pathOf(field, key));
    });
  }
}
