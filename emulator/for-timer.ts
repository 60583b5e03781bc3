/** The longest time that Node waits, in milliseconds: it takes any longer one for a single millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time that a timer can wait; infinity becomes some 25 days. */
export function forTimer(ms: number): number {
  return Math.min(ms, LONGEST_TIMER_MS);
}
