import type { Parameters } from "fast-check";

/** How many times as long as in CI everything is tried: FUZZ_RUNS=20 vitest run test/fuzz. */
const FACTOR = Number(process.env["FUZZ_RUNS"] ?? 1);

/** The seed that a failure printed, to see it again. */
const SEED = process.env["FUZZ_SEED"];

/** How a property is tried: so many times in CI, and with a seed of its own each time. */
export function runs<T>(numRuns: number): Parameters<T> {
  return { numRuns: Math.ceil(numRuns * FACTOR), ...(SEED === undefined ? {} : { seed: Number(SEED) }) };
}

/** The time that a property may take, in milliseconds. */
export function within(milliseconds: number): number {
  return Math.ceil(milliseconds * Math.max(1, FACTOR));
}
