/**
 * Groups of users that clash, directly or through others: the connected components over their row numbers. Takes four
 * bytes a row of the source.
 */
export class ClashGroups {
  /** Of each row: 0 when it clashes with nobody, itself for the first row of a group, else an earlier row of its group. */
  readonly #earlier: Int32Array;

  /** For rows 1 to `lastSeq`. */
  constructor(lastSeq: number) {
    this.#earlier = new Int32Array(lastSeq + 1);
  }

  /** Puts the groups of two rows together. */
  join(one: number, other: number): void {
    const first = this.#firstOf(one);
    const second = this.#firstOf(other);
    this.#earlier[Math.max(first, second)] = Math.min(first, second);
  }

  /** Every clashing row with the number of its group, by row; groups count from 1 by their first row. Asked once. */
  *members(): Iterable<{ readonly seq: number; readonly group: number }> {
    let count = 0;
    for (const [seq, earlier] of this.#earlier.entries()) {
      if (earlier === 0) continue;
      const group = earlier === seq ? (count += 1) : -(this.#earlier[earlier] ?? 0);
      // Later rows of the group come upon this one; the sign tells a group's number from a row's.
      this.#earlier[seq] = -group;
      yield { seq, group };
    }
  }

  #firstOf(seq: number): number {
    let at = seq;
    for (;;) {
      const earlier = this.#earlier[at] ?? 0;
      if (earlier === 0) {
        this.#earlier[at] = at;
        return at;
      }
      if (earlier === at) return at;
      // Halving the path keeps the next search short.
      const next = this.#earlier[earlier] ?? at;
      this.#earlier[at] = next;
      at = next;
    }
  }
}
