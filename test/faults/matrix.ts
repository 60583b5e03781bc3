import type { Tally } from "./figures.ts";
import { Stage, type Play, type Rehearsal, type Strike } from "./stage.ts";

/** One point of a matrix: what is struck, session after session, and the environment of all of them. */
export interface MatrixPoint {
  readonly name: string;
  readonly strikes: readonly Strike[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Stages that a matrix uses at the same time: a run waits longer than it works. */
const STAGES = 6;

/** Goes through all points of a play, several at the same time, and adds what each shows. */
export async function runMatrix(tally: Tally, play: Play, points: readonly MatrixPoint[]): Promise<void> {
  const left = points.values();
  const work = async (): Promise<void> => {
    const stage = await Stage.set(play);
    for (const { name, strikes, environment } of left)
      tally.add(`${play.name}, ${name}`, await stage.perform(strikes, environment));
  };
  await Promise.all(Array.from({ length: Math.min(STAGES, points.length) }, work));
}

/** What a session of a play does that nothing strikes. */
export async function rehearse(play: Play): Promise<Rehearsal> {
  return (await Stage.set(play)).rehearse();
}
