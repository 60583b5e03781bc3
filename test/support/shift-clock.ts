// A clock that is ahead of the computer's: loaded into the command by --import, by SHIFT_CLOCK_MS milliseconds; in a
// process of tests, by as much as the work says that is under way, so that several can go on at a time.
import { AsyncLocalStorage } from "node:async_hooks";

/** How far the clock is ahead for what runs in it, in milliseconds. */
export const clockShift = new AsyncLocalStorage<{ readonly shiftMs: number }>();

/** The computer's own clock. */
export const realNow = Date.now;

const always = Number(process.env["SHIFT_CLOCK_MS"] ?? 0);
const now = (): number => realNow() + always + (clockShift.getStore()?.shiftMs ?? 0);

globalThis.Date = new Proxy(Date, {
  construct: (RealDate, given: unknown[], newTarget) =>
    Reflect.construct(RealDate, given.length === 0 ? [now()] : given, newTarget) as Date,
  get: (RealDate, name) => (name === "now" ? now : (Reflect.get(RealDate, name) as unknown)),
});
