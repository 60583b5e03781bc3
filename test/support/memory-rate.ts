import type { Clock } from "../../src/cognito/clock.ts";
import { FerryError } from "../../src/core/ferry-error.ts";
import type { Lease, RateCut, SharedRate, Turns } from "../../src/core/shared-rate.ts";

interface Line {
  dueMs: number;
  cut?: { readonly id: string; readonly atShare: number; readonly atMs: number };
  accountRps?: number;
}

const NEVER = new AbortController().signal;

/** A shared rate in memory, on whatever clock; held to the contract that PostgreSQL's is held to. */
export class MemoryRate implements SharedRate {
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();
  #cuts = 0;
  /** How long an answer takes, in milliseconds. */
  answerMs = 0;
  /** Whether nobody answers. */
  isAway = false;
  reservations = 0;

  /** Of all rates that were asked for. */
  get keys(): readonly string[] {
    return [...this.#lines.keys()];
  }

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async reserve(key: string, { count, rps, notBeforeMs }: Turns): Promise<Lease> {
    await this.#travel();
    this.reservations += 1;
    const line = this.#line(key);
    const nowMs = this.#clock.now();
    const fromMs = Math.max(line.dueMs, nowMs + notBeforeMs);
    line.dueMs = fromMs + (1000 * count) / rps;
    const lease = { inMs: fromMs - nowMs, cut: this.#cutOf(line), accountRps: line.accountRps };
    await this.#travel();
    return lease;
  }

  async slowDown(
    key: string,
    { atShare, lastCut }: { atShare: number; lastCut: string | undefined },
  ): Promise<RateCut | undefined> {
    await this.#travel();
    const line = this.#line(key);
    const nowMs = this.#clock.now();
    if (line.cut?.id !== lastCut || nowMs - (line.cut?.atMs ?? Number.NEGATIVE_INFINITY) < 500)
      return undefined;
    this.#cuts += 1;
    line.cut = { id: String(this.#cuts), atShare, atMs: nowMs };
    return this.#cutOf(line);
  }

  async noteAccountRate(key: string, rps: number): Promise<void> {
    await this.#travel();
    this.#line(key).accountRps = rps;
  }

  async #travel(): Promise<void> {
    if (this.answerMs > 0) await this.#clock.pause(this.answerMs / 2, NEVER);
    if (this.isAway) throw new FerryError("LEDGER_UNREACHABLE", "away", { hint: "wait" });
  }

  #line(key: string): Line {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = { dueMs: this.#clock.now() };
    this.#lines.set(key, line);
    return line;
  }

  #cutOf({ cut }: Line): RateCut | undefined {
    return cut && { id: cut.id, atShare: cut.atShare, agoMs: this.#clock.now() - cut.atMs };
  }
}
