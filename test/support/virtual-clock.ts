import { setImmediate as breathe } from "node:timers/promises";
import { interrupted } from "../../src/core/ferry-error.ts";
import type { Clock } from "../../src/cognito/clock.ts";

interface Sleeper {
  readonly wakeMs: number;
  readonly wake: () => void;
}

/** A clock that only moves when it is told to, and then wakes whoever waits at exactly the moment that was asked for. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#nowMs;
  }

  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw interrupted();
    await new Promise<void>((resolve, reject) => {
      const sleeper = { wakeMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const giveUp = (): void => {
        this.#sleepers.delete(sleeper);
        reject(interrupted());
      };
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Moves on by so much, with every sleeper woken in its turn and everyone given time to act. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await breathe();
      const next = [...this.#sleepers].reduce<Sleeper | undefined>(
        (first, sleeper) => (first === undefined || sleeper.wakeMs < first.wakeMs ? sleeper : first),
        undefined,
      );
      if (next === undefined || next.wakeMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.wakeMs);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#nowMs = endMs;
    await breathe();
  }

  /** Moves on while nobody can act, as when the event loop is busy: whoever should have woken wakes late. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}
