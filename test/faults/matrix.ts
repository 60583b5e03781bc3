import type { Tally } from "./figures.ts";
import { sideBySide } from "./side-by-side.ts";
import { Stage, type Play, type Rehearsal, type Strike } from "./stage.ts";

/** One point of a matrix: what is struck, session after session, and the environment of all of them. */
export interface MatrixPoint {
  readonly name: string;
  readonly strikes: readonly Strike[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Stages that a matrix uses at the same time: a run waits longer than it works. */
const STAGES = 4;

/** Goes through all points of a play, several at the same time, and adds what each shows. */
export async function runMatrix(tally: Tally, play: Play, points: readonly MatrixPoint[]): Promise<void> {
  const count = Math.min(STAGES, points.length);
  const stages = await Promise.all(Array.from({ length: count }, () => Stage.set(play)));
  await sideBySide(stages, points, async (stage, { name, strikes, environment }) => {
    tally.add(`${play.name}, ${name}`, await stage.perform(strikes, environment));
  });
}

/** What a session of a play does that nothing strikes. */
export async function rehearse(play: Play): Promise<Rehearsal> {
  return (await Stage.set(play)).rehearse();
}
