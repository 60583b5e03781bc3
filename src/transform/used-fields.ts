import type { SourceShape } from "../core/row.ts";
import { headOf } from "./path.ts";

/**
 * What rules read of a column or top-level key: all of it, or only these keys of the object that stands there. None of
 * them where it is read for a single value, which an object is not.
 */
type UsedKeys = "whole" | ReadonlySet<string>;

/** The columns or top-level keys that some rule reads, with what it reads of each. */
export type UsedFields = ReadonlyMap<string, UsedKeys>;

/** Collects {@link UsedFields}, path by path. */
export class FieldUse {
  readonly #fields = new Map<string, "whole" | Set<string>>();
  readonly #shape: SourceShape;

  constructor(shape: SourceShape) {
    this.#shape = shape;
  }

  get fields(): UsedFields {
    return this.#fields;
  }

  /** Takes note of a path that is read; `isSingle` when an object under it would be of no use. */
  note(path: string, isSingle = false): void {
    const head = headOf(path, this.#shape);
    if (head === undefined) return;
    const { field, key } = head;
    const known = this.#fields.get(field) ?? new Set();
    if (known === "whole") return;
    const isWhole = key === undefined && !isSingle;
    this.#fields.set(field, isWhole ? "whole" : known);
    if (key !== undefined) known.add(key);
  }
}

/** The keys that are read of an object under this field, where some of them are; undefined where all or nothing is. */
export function keysReadOf(field: string, used: UsedFields): ReadonlySet<string> | undefined {
  const keys = used.get(field);
  return keys === undefined || keys === "whole" || keys.size === 0 ? undefined : keys;
}
