import type { Tally } from "./figures.ts";
import { sideBySide } from "./side-by-side.ts";
import { Stage, type Play, type Rehearsal, type Strike } from "./stage.ts";

/** One point of a matrix: what is struck, session after session, and the environment of all of them. */
export interface MatrixPoint {
  readonly name: string;
  readonly strikes: readonly Strike[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Stages that are used at the same time: a run waits longer than it works, and to make one ready takes two runs. */
const STAGES = 2;

/** The stages of one play, set once for all that a test does with it. */
export class Stages {
  readonly #play: Play;
  readonly #first: Stage;
  readonly #others: readonly Stage[];

  private constructor(play: Play, first: Stage, others: readonly Stage[]) {
    this.#play = play;
    this.#first = first;
    this.#others = others;
  }

  /** Makes the runs ready; all of them end with the test. */
  static async set(play: Play): Promise<Stages> {
    const others = Array.from({ length: STAGES - 1 }, () => Stage.set(play));
    const [first, ...rest] = await Promise.all([Stage.set(play), ...others]);
    return new Stages(play, first, rest);
  }

  /** What a session does that nothing strikes. Throws when it ends otherwise than it should. */
  rehearse(): Promise<Rehearsal> {
    return this.#first.rehearse();
  }

  /** Goes through all points, several at the same time, and adds what each shows. */
  async runMatrix(tally: Tally, points: readonly MatrixPoint[]): Promise<void> {
    const stages = [this.#first, ...this.#others];
    await sideBySide(stages, points, async (stage, { name, strikes, environment }) => {
      tally.add(`${this.#play.name}, ${name}`, await stage.perform(strikes, environment));
    });
  }
}
