/** What becomes of one of the users that clash. */
export type Verdict = "kept" | "beaten" | "undecided";

/** One user that could be sent, with the clashes it has a part in. */
export interface Contender {
  readonly seq: number;
  /** Users of equal rank cannot be ordered, nor can one of unknown rank and any other. */
  readonly rank: number | undefined;
  readonly clashes: readonly number[];
}

const VERDICTS: readonly (Verdict | undefined)[] = [undefined, "kept", "beaten", "undecided"];
const KEPT = 1;
const BEATEN = 2;
const UNDECIDED = 3;

/**
 * Decides who is kept of users that clash; a clash is what two or more of them claim, and each is one number from 1.
 *
 * A user is beaten by one that comes before it and is kept. It is kept when everyone it clashes with, and who does not
 * clearly come after it, is beaten. Else it is undecided: it clashes with one that it cannot be ordered against, or
 * comes after one that is undecided itself. Nobody is kept on a guess, and never two that clash.
 *
 * Takes five bytes a clash, one a row, and a few words for each user of the best standing among those of equal rank.
 */
export class ClashVerdicts {
  readonly #verdicts: Uint8Array;
  /** Of each clash, the user that is kept; 0 for none. */
  readonly #keepers: Int32Array;
  /** Of each clash, whether someone in it is undecided. */
  readonly #isOpen: Uint8Array;
  /** Of each clash, the last tier with someone in it who is not beaten; negative when there is more than one. */
  readonly #tiers: Int32Array;
  /** Of each clash, how many in it are of unknown rank: none, one, or more (2). */
  readonly #unknown: Uint8Array;

  /** For rows up to `lastSeq` and clashes up to `lastClash`; nobody is kept until {@link begin} says so. */
  constructor(lastSeq: number, lastClash: number) {
    this.#verdicts = new Uint8Array(lastSeq + 1);
    this.#keepers = new Int32Array(lastClash + 1);
    this.#isOpen = new Uint8Array(lastClash + 1);
    this.#tiers = new Int32Array(lastClash + 1);
    this.#unknown = new Uint8Array(lastClash + 1);
  }

  /** The verdict on a user; undefined for one that was no contender. */
  verdictOn(seq: number): Verdict | undefined {
    return VERDICTS[this.#verdicts[seq] ?? 0];
  }

  /** The user that is kept of a clash. */
  keeperOf(clash: number): number | undefined {
    const keeper = this.#keepers[clash] ?? 0;
    return keeper === 0 ? undefined : keeper;
  }

  /** Says of a clash that one more user in it is of unknown rank; for all of them, before {@link begin}. */
  noteUnknown(clash: number): void {
    this.#unknown[clash] = Math.min(2, (this.#unknown[clash] ?? 0) + 1);
  }

  /** Decides for contenders as they come: best rank first, those of unknown rank last; after all of them, `end`. */
  begin(): { readonly add: (contender: Contender) => void; readonly end: () => void } {
    let tier = 0;
    let rank: number | undefined;
    // Flat, as they can be as many as half of all users: of each its row, the number of its clashes, and these.
    let free: number[] = [];
    return {
      add: (contender) => {
        if (tier === 0 || contender.rank !== rank) {
          this.#closeTier(free, tier);
          free = [];
          tier += 1;
          ({ rank } = contender);
        }
        if (rank === undefined) this.#decideUnknown(contender);
        else if (this.#isFree(contender, tier))
          free.push(contender.seq, contender.clashes.length, ...contender.clashes);
      },
      end: () => this.#closeTier(free, tier),
    };
  }

  /** Whether only users of the same tier can still keep it from being kept; else its verdict is known. */
  #isFree({ seq, clashes }: Contender, tier: number): boolean {
    if (clashes.some((clash) => this.#keepers[clash] !== 0)) {
      this.#verdicts[seq] = BEATEN;
      return false;
    }
    let isFree = true;
    for (const clash of clashes) {
      const isFirst = Math.abs(this.#tiers[clash] ?? 0) !== tier;
      this.#tiers[clash] = isFirst ? tier : -tier;
      if (!isFirst || this.#isOpen[clash] !== 0 || this.#unknown[clash] !== 0) isFree = false;
    }
    if (!isFree) this.#leaveOpen(seq, clashes);
    return isFree;
  }

  #closeTier(free: readonly number[], tier: number): void {
    for (let at = 0; at < free.length;) {
      const seq = free[at] ?? 0;
      const end = at + 2 + (free[at + 1] ?? 0);
      const clashes = free.slice(at + 2, end);
      at = end;
      if (clashes.some((clash) => this.#tiers[clash] === -tier)) this.#leaveOpen(seq, clashes);
      else this.#keep(seq, clashes);
    }
  }

  /** One of unknown rank never beats anyone, so it stands only where everyone else is beaten by others. */
  #decideUnknown({ seq, clashes }: Contender): void {
    const isAlone = clashes.every((clash) => this.#unknown[clash] === 1 && this.#isOpen[clash] === 0);
    if (isAlone) this.#keep(seq, clashes);
    else this.#verdicts[seq] = UNDECIDED;
  }

  #keep(seq: number, clashes: readonly number[]): void {
    this.#verdicts[seq] = KEPT;
    for (const clash of clashes) this.#keepers[clash] = seq;
  }

  #leaveOpen(seq: number, clashes: readonly number[]): void {
    this.#verdicts[seq] = UNDECIDED;
    for (const clash of clashes) this.#isOpen[clash] = 1;
  }
}
