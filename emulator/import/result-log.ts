import type { Account } from "../state/account.ts";
import type { Line, LogStream } from "../state/log-store.ts";

/** What a line of a job's log says of one row. */
export type ResultLine = Pick<Line & { readonly line: number }, "before" | "after" | "line">;

/**
 * Writes a job's result lines, with the faults that the settings ask for: lost, doubled and in another order.
 * The seed and a line's number decide alone, so that a test sees the same log each time.
 */
export class ResultLog {
  readonly #account: Account;
  readonly #stream: LogStream;
  /** Lines whose turn has not come, where the order is to be lost. */
  readonly #held: ResultLine[] = [];

  constructor(account: Account, stream: LogStream) {
    this.#account = account;
    this.#stream = stream;
  }

  /** Writes a line, or does to it what the settings say. */
  append(line: ResultLine): void {
    const { rules } = this.#account;
    const chance = (purpose: number) => chanceOf(rules.logFaultSeed, line.line, purpose);
    if (rules.logLostShare > 0 && chance(LOSS) < rules.logLostShare) return;
    const isDoubled = rules.logDoubledShare > 0 && chance(DOUBLING) < rules.logDoubledShare;
    this.#held.push(line);
    if (isDoubled) this.#held.push(line);
    this.#release(Math.max(0, rules.logShuffledLines - 1));
  }

  /** Writes what is still held. */
  flush(): void {
    this.#release(0);
  }

  #release(keep: number): void {
    const { rules, clock } = this.#account;
    while (this.#held.length > keep) {
      const place = keep === 0 && rules.logShuffledLines <= 1 ? 0 : this.#pick();
      const [line] = this.#held.splice(place, 1);
      if (line !== undefined) this.#stream.append({ ...line, nowMs: clock() });
    }
  }

  #pick(): number {
    const chance = chanceOf(this.#account.rules.logFaultSeed, this.#stream.length, ORDER);
    return Math.floor(chance * this.#held.length);
  }
}

const LOSS = 1;
const DOUBLING = 2;
const ORDER = 3;

/** A number from 0 to below 1 that looks like chance: the mixing steps of MurmurHash3. */
function chanceOf(seed: number, number: number, purpose: number): number {
  let mixed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b) ^ Math.imul(purpose, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
