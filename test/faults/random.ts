import { randomNumbers } from "../../bench/random-numbers.ts";

/** Whole numbers from 0 to below a bound, the same ones for the same seed. */
export function aRandom(seed: number): (below: number) => number {
  const random = randomNumbers(seed);
  return (below) => Math.floor(random() * below);
}
