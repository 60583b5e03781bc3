import type { Fault, Hooks } from "../../emulator/steer.ts";

/** The sides of a request's effect, or of a write. */
export const SIDES = ["before", "after"] as const;

/** On which side of its effect a request is caught. */
export type Side = (typeof SIDES)[number];

/** Where one request is caught. */
export interface Point {
  readonly operation: string;
  /** 1 for the first request of this operation. */
  readonly number: number;
  readonly side: Side;
}

/**
 * Holds one request until it is let go, so that a test can act while it is under way. Once let go the request is
 * dropped without an answer: caught before its effect, it has none.
 */
export class Hold {
  readonly hooks: Hooks;
  readonly #caught = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  constructor(point: Point) {
    const hook = async (call: { operation: string; number: number }): Promise<Fault | undefined> => {
      if (call.operation !== point.operation || call.number !== point.number) return undefined;
      this.#caught.resolve();
      await this.#released.promise;
      return { kind: "drop" };
    };
    this.hooks = point.side === "before" ? { beforeEffect: hook } : { afterEffect: hook };
  }

  /** Resolves once the request has come. */
  get caught(): Promise<void> {
    return this.#caught.promise;
  }

  release(): void {
    this.#released.resolve();
  }
}
