import type { Attributes } from "../core/planned-user.ts";
import { isSafeInImportCsv } from "./import-csv.ts";

/**
 * The name of an attribute as the engine keeps the names of properties: one text for all that are equal, which are then
 * told apart by their addresses. Names that were read from a pool are texts of their own, compared letter by letter.
 */
export function internedName(name: string): string {
  const [interned = name] = Object.keys({ [name]: undefined });
  return interned;
}

/**
 * The attributes of one user while it is decided, in the order in which they came; values in API encoding. A list, which
 * becomes the user's own as it is, and too short for a map to find anything sooner: names are {@link internedName}s.
 */
export class AttributeValues {
  readonly #entries: (readonly [name: string, value: string])[] = [];
  #mayBeUnsafe = false;

  /** All of them; to be taken once nothing changes any more. */
  get entries(): Attributes {
    return this.#entries;
  }

  /** Whether an import CSV may not carry some value as it is; where this is false, it carries each. */
  get mayBeUnsafe(): boolean {
    return this.#mayBeUnsafe;
  }

  /** The value of an attribute; undefined where it has none. */
  get(name: string): string | undefined {
    for (const entry of this.#entries) if (entry[0] === name) return entry[1];
    return undefined;
  }

  /** Whether an attribute has a value. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Gives a value to an attribute that has none yet. */
  add(name: string, value: string): void {
    this.addSafe(name, value);
    if (!isSafeInImportCsv(value)) this.#mayBeUnsafe = true;
  }

  /** The same with a value that an import CSV surely carries as it is. */
  addSafe(name: string, value: string): void {
    this.#entries.push([name, value]);
  }

  /** Gives a value to an attribute, which keeps its place where it has one already. */
  set(name: string, value: string): void {
    const place = this.#entries.findIndex(([known]) => known === name);
    if (place === -1) return this.add(name, value);
    this.#entries[place] = [name, value];
    if (!isSafeInImportCsv(value)) this.#mayBeUnsafe = true;
  }

  /** Takes the value of an attribute away. */
  delete(name: string): void {
    const place = this.#entries.findIndex(([known]) => known === name);
    if (place !== -1) this.#entries.splice(place, 1);
  }
}
