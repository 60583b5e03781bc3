/**
 * A set whose members keep the place at which they came in, so that a list of them can be read page by page
 * while members come and go: a token is a place, and a place is never given twice.
 */
export class PlacedSet<Member extends object> {
  readonly #placeOf = new Map<Member, number>();
  // Holes stay where members left.
  readonly #places: (Member | undefined)[] = [];

  /** How many members there are. */
  get size(): number {
    return this.#placeOf.size;
  }

  /** One more than the greatest place ever given. */
  get end(): number {
    return this.#places.length;
  }

  /** Adds a member, at the end unless it comes back to a place of its own; one that is there already stays where it is. */
  add(member: Member, place = this.end): void {
    if (this.#placeOf.has(member)) return;
    while (this.#places.length < place) this.#places.push(undefined);
    this.#placeOf.set(member, place);
    this.#places[place] = member;
  }

  /** Removes a member; nothing else moves. */
  delete(member: Member): void {
    const place = this.#placeOf.get(member);
    if (place === undefined) return;
    this.#placeOf.delete(member);
    this.#places[place] = undefined;
  }

  /** Whether this is a member. */
  has(member: Member): boolean {
    return this.#placeOf.has(member);
  }

  /** The place of a member; nothing if it is none. */
  placeOf(member: Member): number | undefined {
    return this.#placeOf.get(member);
  }

  /** The member at a place; nothing where one left. */
  at(place: number): Member | undefined {
    return this.#places[place];
  }

  /** Every member, in the order of coming. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.#placeOf.keys();
  }
}
