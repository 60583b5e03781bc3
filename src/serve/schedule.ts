import { Cron } from "croner";
import { setTimeout as wait } from "node:timers/promises";
import { FerryError } from "../core/ferry-error.ts";

/** A longer wait is cut, so that a clock that was set, or a machine that slept, is noticed within this time. */
const MAX_WAIT_MS = 30_000;

/** Ticks of one gap that are counted; a schedule of seconds and a long sleep would make endless work. */
const MAX_COUNTED = 1_000;

/** When syncs run: the times of a cron pattern, each a tick. Two processes with the same pattern have the same ticks. */
export interface Schedule {
  readonly pattern: string;
  /** The IANA time zone in which the pattern is read. */
  readonly timezone: string;
  /** The first `count` ticks after a time, in order. */
  next(after: Date, count: number): readonly Date[];
  /** The last tick that is not after a time. */
  latest(upTo: Date): Date;
}

/**
 * Reads a cron pattern: minute, hour, day of the month, month and day of the week, or six fields that begin with the
 * second, or a name such as `@daily`. The time zone is UTC unless another is named. Throws USAGE for what is no pattern or
 * no zone, or for a date that never comes.
 *
 * Where clocks change: a time that is named, such as `30 2 * * *`, comes once a day, if it does not exist at the first
 * moment after the gap, if it comes twice at the first; a step or `*`, such as every 15 minutes, goes on evenly.
 */
export function readSchedule(pattern: string, timezone = "UTC"): Schedule {
  requireTimeZone(timezone);
  const cron = parse(pattern, timezone);
  const next = (after: Date, count: number): readonly Date[] => cron.nextRuns(count, after);
  // The library answers with what is before a time.
  const latest = (upTo: Date): Date | undefined => cron.previousRuns(1, new Date(upTo.getTime() + 1))[0];
  if (next(new Date(), 1).length === 0) throw unusable(pattern, "there is no such date");
  return { pattern, timezone, next, latest: (upTo) => latest(upTo) ?? new Date(0) };
}

/** Some ticks that came while nobody could look. */
export interface MissedTicks {
  /** The last of them. */
  readonly latest: Date;
  /** How many; of very many, 1,000. */
  readonly count: number;
}

/** How {@link ticksOf} goes through a schedule. */
export interface TickOptions {
  readonly signal: AbortSignal;
  /** Begin with the last tick before now. */
  readonly catchUp: boolean;
  readonly onMissed: (missed: MissedTicks) => void;
}

/**
 * The ticks of a schedule, each once its time has come, until the signal is aborted. Of several that came at once, as the
 * machine slept, only the last; the others are told to `onMissed`.
 */
export async function* ticksOf(
  schedule: Schedule,
  { signal, catchUp, onMissed }: TickOptions,
): AsyncGenerator<Date, void, undefined> {
  const now = new Date();
  let tick = catchUp ? schedule.latest(now) : nextTick(schedule, now);
  while (await isReached(tick, signal)) {
    const due = schedule.latest(new Date());
    if (due > tick) onMissed(missedBetween(schedule, tick, due));
    // A clock that was set back must not bring a tick again.
    tick = due > tick ? due : tick;
    yield tick;
    tick = nextTick(schedule, tick);
  }
}

/** The first tick after a time. */
export function nextTick(schedule: Schedule, after: Date): Date {
  const [tick] = schedule.next(after, 1);
  if (tick === undefined) throw unusable(schedule.pattern, "it has come to its end");
  return tick;
}

function missedBetween(schedule: Schedule, first: Date, due: Date): MissedTicks {
  const later = schedule.next(first, MAX_COUNTED).filter((tick) => tick < due);
  return { latest: later.at(-1) ?? first, count: Math.min(later.length + 1, MAX_COUNTED) };
}

/** Waits for a time by the clock. False when the signal is aborted before. */
async function isReached(time: Date, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const leftMs = time.getTime() - Date.now();
    if (signal.aborted) return false;
    if (leftMs <= 0) return true;
    if (!(await pause(Math.min(leftMs, MAX_WAIT_MS), signal))) return false;
  }
}

/** Waits for so many milliseconds. False when the signal is aborted before. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms <= 0) return !signal.aborted;
  try {
    await wait(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function parse(pattern: string, timezone: string): Cron {
  // The library would also take one date, and runs that once.
  if (pattern.includes(":")) throw unusable(pattern, "it is a time, and no pattern of times");
  try {
    return new Cron(pattern, {
      paused: true,
      timezone,
      mode: "5-or-6-parts",
      // As cron does: no run is lost or doubled in the nights in which clocks change.
      fixedTimeRule: "no-wildcard",
    });
  } catch (error) {
    throw unusable(pattern, reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
  if (/five, six, or seven|has 7 parts/.test(text)) return "it must have 5 fields, or 6 with seconds";
  return text.replace(/\.$/, "");
}

function unusable(pattern: string, why: string, cause?: unknown): FerryError {
  return new FerryError("USAGE", `--schedule "${pattern}" cannot be used: ${why}`, {
    hint: 'Use five fields (minute, hour, day of the month, month, day of the week), such as "*/15 * * * *"',
    cause,
  });
}

function requireTimeZone(timezone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch (cause) {
    throw new FerryError("USAGE", `--timezone ${timezone} is no time zone`, {
      hint: "Use a name of the IANA database, such as Europe/Berlin; UTC is the default",
      cause,
    });
  }
}
