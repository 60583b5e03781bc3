import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Requests } from "./local-pool.ts";

interface Look {
  readonly atMs: number;
  readonly accepted: number;
}

const LOOK_EVERY_MS = 100;

/** Looks at how many requests a service has taken, from its first one on, until it takes no more. */
export class Watch {
  readonly #count: () => Promise<Requests>;
  readonly #looks: Look[] = [];
  readonly #looking: Promise<void>;
  #isStopped = false;

  constructor(count: () => Promise<Requests>) {
    this.#count = count;
    this.#looking = this.#look();
  }

  /** From the last look that saw none to the first that saw all. */
  get seconds(): number {
    const last = this.#looks.at(-1);
    const end = this.#looks.find(({ accepted }) => accepted === last?.accepted);
    const first = this.#looks.findLast(({ accepted }) => accepted === 0);
    return ((end?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  }

  /** The most requests in a second, by the looks. */
  get most(): number {
    return Math.max(
      ...this.#looks.map(({ atMs, accepted }) => {
        const before = this.#looks.findLast((look) => look.atMs <= atMs - 1000);
        if (before === undefined) return 0;
        return ((accepted - before.accepted) * 1000) / (atMs - before.atMs);
      }),
    );
  }

  /** Resolves as soon as so many requests were taken. */
  async reach(accepted: number): Promise<void> {
    while ((this.#looks.at(-1)?.accepted ?? 0) < accepted) await delay(LOOK_EVERY_MS / 2);
  }

  async stop(): Promise<void> {
    await delay(2 * LOOK_EVERY_MS);
    this.#isStopped = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isStopped) {
      const { accepted } = await this.#count();
      this.#looks.push({ atMs: performance.now(), accepted });
      await delay(LOOK_EVERY_MS);
    }
  }
}
