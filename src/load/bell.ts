import { throwIfInterrupted } from "../core/ferry-error.ts";

/** Lets those who have nothing to do wait until somebody may have brought them work. */
export class Bell {
  #rings = 0;
  #waiting: (() => void)[] = [];

  /** How often it has rung. */
  get rings(): number {
    return this.#rings;
  }

  /** Wakes everyone who waits. */
  ring(): void {
    this.#rings += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until it has rung more often than that; throws INTERRUPTED where the ring came with an abort of the signal. */
  async ringsAfter(rings: number, signal: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    if (this.#rings <= rings) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    throwIfInterrupted(signal);
  }
}
