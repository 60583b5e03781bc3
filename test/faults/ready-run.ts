import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CommandResult } from "../support/cli.ts";
import type { DumpLine } from "../support/emulator.ts";
import { aFolder } from "../support/files.ts";
import type { Target } from "../support/target.ts";
import { lookFromOutside, type Findings, type Wanted } from "./outside.ts";
import type { Play } from "./stage.ts";

/** A run that stands ready before a pool, to be troubled again and again. */
export class ReadyRun {
  readonly target: Target;
  readonly #wanted: Wanted;
  readonly #runDir: string;
  readonly #dump: readonly DumpLine[];
  #refusedBefore = 0;

  private constructor(target: Target, wanted: Wanted, runDir: string) {
    this.target = target;
    this.#wanted = wanted;
    this.#runDir = runDir;
    this.#dump = [...target.emulator.control.dump()];
  }

  /** Makes the run ready once, which ends with the test; `url` is the service's address where it is not the target's. */
  static async of({ prepare, wanted }: Play, target: Target, url = target.emulator.url): Promise<ReadyRun> {
    const runDir = join(aFolder(), "run");
    await prepare({ ...target, emulator: { ...target.emulator, url } }, runDir);
    return new ReadyRun(target, wanted, runDir);
  }

  /** Puts the pool back, and the run into a folder, as they were when they were ready. */
  async putBack(runDir: string): Promise<void> {
    await this.target.emulator.control.restore(this.#dump);
    this.#refusedBefore = this.#refusedCreations;
    cpSync(this.#runDir, runDir, { recursive: true });
  }

  /**
   * Looks from outside at what the sessions of a run have made, and takes its folder away. `ends` are sessions that ended
   * otherwise than they should.
   */
  judge(runDir: string, results: readonly CommandResult[], ends: readonly string[]): Findings {
    const { emulator, userPoolId } = this.target;
    const printed = printedBy(results);
    const findings = lookFromOutside({ emulator, userPoolId, runDir, printed }, this.#wanted);
    rmSync(runDir, { recursive: true, force: true });
    const noEnd = results.some(isOver) ? [] : [`the run has no end: ${printed.slice(-1_500)}`];
    const again = this.#createdAgain;
    return {
      ...findings,
      lost: [...findings.lost, ...ends, ...noEnd],
      doubled: again > 0 ? [...findings.doubled, `${again} users were created again`] : findings.doubled,
    };
  }

  /** Creations that were refused since the user is there by this run. */
  get #createdAgain(): number {
    // An import job skips those from before; who signs up is refused.
    const signsUp = this.target.emulator.requestCounts.has("SignUp");
    const fromBefore = signsUp ? (this.#wanted.reported?.skipped ?? 0) : 0;
    return this.#refusedCreations - this.#refusedBefore - fromBefore;
  }

  get #refusedCreations(): number {
    const { operations } = this.target.emulator.control.stats();
    const refusals = [operations["AdminCreateUser"], operations["SignUp"]];
    return refusals.reduce((sum, each) => sum + (each?.refused["UsernameExistsException"] ?? 0), 0);
  }
}

/** All that commands printed. */
export function printedBy(results: readonly CommandResult[]): string {
  return results.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join("\n");
}

/** Whether a run has come to its end: with 0, or with 3 as some users were rejected. */
export function isOver({ exitCode }: CommandResult): boolean {
  return exitCode === 0 || exitCode === 3;
}
