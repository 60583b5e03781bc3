import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { runCli, type CommandOptions, type CommandResult } from "../support/cli.ts";
import type { Fault, RuleSettings } from "../support/emulator.ts";
import { aFolder } from "../support/files.ts";
import { aTarget, type Target } from "../support/target.ts";
import { startByteProxy, type ByteFault, type ByteProxy } from "./byte-proxy.ts";
import type { PointResult } from "./figures.ts";
import { isOver, printedBy, ReadyRun } from "./ready-run.ts";
import type { Play } from "./stage.ts";

/** A kind of fault: one that the emulator makes itself, or the network before it. */
export type FaultKind =
  | { readonly by: "emulator"; readonly fault: Fault; readonly moment: "before-effect" | "after-effect" }
  | { readonly by: "network"; readonly fault: ByteFault };

/** A fault on its way to some requests. */
export type FaultOnRequests = FaultKind & {
  /** The API's name of the operation; uploads are `PutObject`; `*` is any, of the emulator's faults. */
  readonly operation: string;
  /** The first request that meets it, 1 for the first of the operation in the run. */
  readonly number: number;
  /** How many meet it, one when undefined, and all when 0; of the network's faults each meets one. */
  readonly count?: number;
};

/** One point of a matrix of faults. */
export interface FaultPoint {
  /** For whoever reads what went wrong. */
  readonly name: string;
  readonly faults: readonly FaultOnRequests[];
  /** How the service is while the plan is applied. */
  readonly rules?: RuleSettings;
  /** Where the run is put in place of a folder of its own. */
  readonly runDir?: string;
  /** Whether the faults are over when the first session has ended, so that none is met by a later one. */
  readonly endsWithSession?: boolean;
}

/** How a session is started. */
export type Session = Pick<CommandOptions, "env" | "deadlineMs">;

/** How the service is all the time. */
export interface Service {
  /** How far its clock is from the computer's, in milliseconds; not at all unless given. */
  readonly clockSkewMs?: number;
}

/** Sessions after which a run that has not ended has failed. */
const MAX_SESSIONS = 12;

/** A run that waits for a network that is gone, again and again, takes longer than others. */
const DEADLINE_MS = 60_000;

/** A run that stands ready behind a network of its own, and whose requests are troubled again and again. */
export class FaultyRun {
  readonly #play: Play;
  readonly #ready: ReadyRun;
  readonly #proxy: ByteProxy;

  private constructor(play: Play, ready: ReadyRun, proxy: ByteProxy) {
    this.#play = play;
    this.#ready = ready;
    this.#proxy = proxy;
  }

  /** Makes the run ready once; all of it ends with the test. */
  static async of(play: Play, { clockSkewMs = 0 }: Service = {}): Promise<FaultyRun> {
    const rules = play.rules ?? {};
    const target = await aTarget(play.pool, { quotas: "off", rules, clock: () => Date.now() + clockSkewMs });
    const proxy = await startByteProxy(target.emulator.url);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    return new FaultyRun(play, await ReadyRun.of(play, target, proxy.url), proxy);
  }

  get target(): Target {
    return this.#ready.target;
  }

  /** Applies the plan with faults on their way, resumes until the run is over, and looks from outside. */
  async undergo(
    point: FaultPoint,
    session: Session = {},
  ): Promise<PointResult & { readonly first: CommandResult }> {
    const runDir = await this.begin(point);
    const first = await this.apply(runDir, session);
    const struck = this.struck;
    if (point.endsWithSession === true) await this.end();
    const result = await this.finish(runDir, first);
    return { ...result, struck: Math.max(struck, result.struck), first };
  }

  /** Resumes a run until it is over, and looks from outside; what is still on its way is met. */
  async finish(runDir: string, first: CommandResult): Promise<PointResult> {
    const results = [first];
    while (!results.some(isOver) && results.length < MAX_SESSIONS)
      results.push(await this.session(this.#play.goOn(runDir)));
    const findings = this.#ready.judge(runDir, results, oddEnds(results));
    return { struck: this.struck, sessions: results.length, findings };
  }

  /** Puts the pool back, plans the faults, and returns the folder of a run that is as it was when it was ready. */
  async begin({ faults, rules = {}, runDir = join(aFolder(), "run") }: FaultPoint): Promise<string> {
    await this.end();
    const { control, requestCounts } = this.target.emulator;
    await this.#ready.putBack(runDir);
    control.changeRules(rules);
    const total = [...requestCounts.values()].reduce((sum, count) => sum + count, 0);
    for (const { operation, number, count = 1, ...kind } of faults) {
      if (kind.by === "network") this.#proxy.plan({ operation, number, kind: kind.fault });
      else {
        const before = operation === "*" ? total : (requestCounts.get(operation) ?? 0);
        control.planFault({
          operation,
          from: before + number,
          count,
          moment: kind.moment,
          fault: kind.fault,
        });
      }
    }
    return runDir;
  }

  /** Ends all faults. */
  async end(): Promise<void> {
    const { control } = this.target.emulator;
    await this.#proxy.clear();
    control.clearFaults();
    control.changeRules({ ...DEFAULT_RULES, ...this.#play.rules });
  }

  /** How many requests of each operation an undisturbed run sends. */
  async countCalls(): Promise<ReadonlyMap<string, number>> {
    const { requestCounts } = this.target.emulator;
    const before = new Map(requestCounts);
    const { findings } = await this.undergo({ name: "undisturbed", faults: [] });
    expect(Object.values(findings).flat()).toEqual([]);
    const counts = [...requestCounts].map(
      ([operation, count]) => [operation, count - (before.get(operation) ?? 0)] as const,
    );
    return new Map(counts.filter(([, count]) => count > 0));
  }

  /** How many requests have met a fault. */
  get struck(): number {
    return this.#proxy.met + this.target.emulator.control.faults.reduce((total, { met }) => total + met, 0);
  }

  /** Begins the run in a folder. */
  apply(runDir: string, session: Session = {}): Promise<CommandResult> {
    return this.session(this.#play.begin(runDir), session);
  }

  /** Runs one command on the run to its end. */
  session(args: readonly string[], session: Session = {}): Promise<CommandResult> {
    return runCli(args, { deadlineMs: DEADLINE_MS, ...session });
  }
}

/** Sessions that ended with a code that no fault explains, or with a stack. */
function oddEnds(results: readonly CommandResult[]): readonly string[] {
  const printed = printedBy(results);
  const odd = results.map(({ exitCode }) => exitCode).filter((exitCode) => !EXPECTED.has(exitCode ?? -1));
  return [
    ...(odd.length === 0 ? [] : [`exit codes ${odd.join(", ")}: ${printed.slice(-1_500)}`]),
    ...(/\n\s+at .*:\d+/.test(printed) ? [`a stack: ${printed.slice(-1_500)}`] : []),
  ];
}

/** What sessions may end with: done, done with users rejected, stopped before it began and after, held by a guard. */
const EXPECTED: ReadonlySet<number> = new Set([0, 3, 2, 4, 5]);
