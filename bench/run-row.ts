import { loadavg } from "node:os";
import type { Aim, Figures, Row, Setting, Trial } from "./row.ts";

/** The middle one of some values, and the least and the greatest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** What was found for one aim. */
export interface AimResult extends Pick<Aim, "what" | "unit" | "bound">, Spread {
  /** Whether the median keeps the bound; undefined where there is none, or nothing that could be measured. */
  readonly isMet: boolean | undefined;
}

/** One round: the work and, right before it, the reference. */
export interface Round {
  readonly work: Figures;
  readonly reference: Figures | undefined;
  /** How many processes wanted a core in the minute before. */
  readonly load: number;
}

/** What came of a row. A broken one gave a wrong result, or none. */
export type RowResult = Pick<Row, "name" | "work" | "reference"> &
  (
    | {
        readonly state: "measured";
        readonly input: string;
        readonly aims: readonly AimResult[];
        readonly rounds: readonly Round[];
      }
    | { readonly state: "skipped" | "broken"; readonly reason: string }
  );

interface Rounds {
  readonly rounds: number;
  /** Called after every run. */
  readonly tell: (what: "reference" | "work", run: Figures) => void;
}

/** Measures a row. What the row throws makes it a broken one. */
export async function runRow(row: Row, setting: Setting, rounds: Rounds): Promise<RowResult> {
  const { name, work, reference } = row;
  try {
    const trial = await row.prepare(setting);
    if ("skipped" in trial) return { name, work, reference, state: "skipped", reason: trial.skipped };
    await using ready = trial;
    const done = await runRounds(ready, rounds);
    const aims = row.aims.map((aim) => judge(aim, done));
    return { name, work, reference, state: "measured", input: ready.input, aims, rounds: done };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, work, reference, state: "broken", reason };
  }
}

async function runRounds(trial: Trial, { rounds, tell }: Rounds): Promise<readonly Round[]> {
  const done: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [load = 0] = loadavg();
    const reference = await trial.reference?.();
    if (reference !== undefined) tell("reference", reference);
    const work = await trial.work();
    tell("work", work);
    done.push({ work: pick(work), reference: reference && pick(reference), load });
  }
  return done;
}

/** The figures alone, of a run that also has what a program printed. */
function pick({ seconds, cpuSeconds, peakMegabytes, more }: Figures): Figures {
  return { seconds, cpuSeconds, peakMegabytes, more };
}

function judge({ what, unit, bound, value }: Aim, rounds: readonly Round[]): AimResult {
  const spread = spreadOf(rounds.map(({ work, reference }) => value(work, reference ?? work)));
  const isMet = bound === undefined || Number.isNaN(spread.median) ? undefined : keeps(spread.median, bound);
  return { what, unit, ...(bound === undefined ? {} : { bound }), ...spread, isMet };
}

function keeps(value: number, bound: NonNullable<Aim["bound"]>): boolean {
  return "atMost" in bound ? value <= bound.atMost : value >= bound.atLeast;
}

/** The median of an even number of values is the mean of the two in the middle. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  const median = (at((sorted.length - 1) >>> 1) + at(sorted.length >>> 1)) / 2;
  return { median, least: at(0), greatest: at(sorted.length - 1) };
}
