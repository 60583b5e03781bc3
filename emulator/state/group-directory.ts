import type { Group } from "./group.ts";
import { PlacedSet } from "./placed-set.ts";

/** The groups of one pool, found by name and listed in the order of creation. */
export class GroupDirectory {
  readonly #fold: (name: string) => string;
  readonly #byName = new Map<string, Group>();
  readonly #places = new PlacedSet<Group>();

  constructor(settings: { readonly caseSensitive: boolean }) {
    this.#fold = settings.caseSensitive ? (name) => name : (name) => name.toLowerCase();
  }

  /** How many groups there are. */
  get size(): number {
    return this.#places.size;
  }

  /** One more than the greatest place ever given. */
  get end(): number {
    return this.#places.end;
  }

  /** The group with this name. */
  get(name: string): Group | undefined {
    return this.#byName.get(this.#fold(name));
  }

  /** Adds a group, at the end unless it comes back to its place. The caller has made sure that its name is free. */
  add(group: Group, place?: number): void {
    this.#byName.set(this.#fold(group.name), group);
    this.#places.add(group, place);
  }

  /** Removes a group and takes its members out of it. */
  remove(group: Group): void {
    for (const user of group.members) user.extras?.groups.delete(group);
    this.#byName.delete(this.#fold(group.name));
    this.#places.delete(group);
  }

  /** The group at a place; nothing where one was removed. */
  at(place: number): Group | undefined {
    return this.#places.at(place);
  }

  /** Every group, in the order of creation. */
  [Symbol.iterator](): IterableIterator<Group> {
    return this.#places[Symbol.iterator]();
  }

  /** The place of a group, by which groups of one user are ordered. */
  placeOf(group: Group): number {
    return this.#places.placeOf(group) ?? this.end;
  }
}
