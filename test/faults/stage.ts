import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Call, Fault, Hooks, RuleSettings } from "../support/emulator.ts";
import { finish, startCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import type { Point, Side } from "../support/hold.ts";
import { aTarget, type Target } from "../support/target.ts";
import type { PointResult } from "./figures.ts";
import type { Wanted } from "./outside.ts";
import { isOver, printedBy, ReadyRun } from "./ready-run.ts";

const KILLER = pathToFileURL(fileURLToPath(new URL("../support/kill-at-write.ts", import.meta.url))).href;

/** What a matrix does again and again: a command on a run that stands ready. */
export interface Play {
  readonly name: string;
  /** The pool's settings. */
  readonly pool?: Parameters<typeof aTarget>[0];
  /** The settings of the local Cognito. */
  readonly rules?: RuleSettings;
  /** Makes the run ready in a folder: everything that is not struck. */
  readonly prepare: (target: Target, runDir: string) => Promise<void>;
  /** The command that is struck, and the one that goes on with the run. */
  readonly begin: (runDir: string) => readonly string[];
  readonly goOn: (runDir: string) => readonly string[];
  readonly wanted: Wanted;
}

/** Where a session is ended: at a request, at the N-th request of all, or at a write of the ledger. */
export type Strike =
  | (Point & { readonly signal?: NodeJS.Signals })
  | { readonly request: number; readonly side: Side; readonly signal?: NodeJS.Signals }
  | { readonly write: number; readonly side: Side };

/** What a session does: the requests of each operation, and how often it writes the ledger. */
export interface Rehearsal {
  readonly calls: ReadonlyMap<string, number>;
  readonly writes: number;
}

/** How many sessions it may take to finish a run that nothing strikes any more. */
const MAX_SESSIONS = 4;

/** A run that stands ready, and whose sessions are struck for every point of a matrix. */
export class Stage {
  readonly #play: Play;
  readonly #ready: ReadyRun;
  readonly #cues: Cues;
  #printed = "";

  private constructor(play: Play, ready: ReadyRun, cues: Cues) {
    this.#play = play;
    this.#ready = ready;
    this.#cues = cues;
  }

  /** Starts a local Cognito, and makes the run ready once; all of it ends with the test. */
  static async set(play: Play): Promise<Stage> {
    const cues = new Cues();
    const target = await aTarget(play.pool, { hooks: cues.hooks, quotas: "off", rules: play.rules ?? {} });
    return new Stage(play, await ReadyRun.of(play, target), cues);
  }

  /** What a session does that nothing strikes. Throws when it ends otherwise than it should. */
  async rehearse(): Promise<Rehearsal> {
    const calls = new Map<string, number>();
    this.#cues.watch(({ operation }, side) => {
      if (side === "before") calls.set(operation, (calls.get(operation) ?? 0) + 1);
    });
    const { findings } = await this.perform([{ write: Number.MAX_SAFE_INTEGER, side: "before" }]);
    const wrong = Object.values(findings).flat();
    if (wrong.length > 0) throw new Error(`${this.#play.name} ends wrong by itself: ${wrong.join("; ")}`);
    return { calls, writes: Number(/^writes: (\d+)$/m.exec(this.#printed)?.[1]) };
  }

  /**
   * Puts everything back, strikes one session after the other, and then lets the run come to its end. `environment` is
   * that of every session; bugs are planted by it.
   */
  async perform(
    strikes: readonly Strike[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<PointResult> {
    const runDir = join(aFolder(), "run");
    await this.#ready.putBack(runDir);
    const results: CommandResult[] = [];
    const ends: string[] = [];
    let struck = 0;
    const args = (): readonly string[] =>
      results.length === 0 ? this.#play.begin(runDir) : this.#play.goOn(runDir);
    for (const strike of strikes) {
      const result = await this.#session(args(), environment, strike);
      results.push(result);
      if (isOver(result)) break;
      struck += 1;
      if (!isEndedBy(strike, result))
        ends.push(`a session ended with ${result.exitCode ?? result.signal}: ${result.stderr.slice(-1_000)}`);
    }
    while (!results.some(isOver) && results.length < strikes.length + MAX_SESSIONS)
      results.push(await this.#session(args(), environment));
    this.#printed = printedBy(results);
    return { struck, sessions: results.length, findings: this.#ready.judge(runDir, results, ends) };
  }

  async #session(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    strike?: Strike,
  ): Promise<CommandResult> {
    const watchesWrites = strike !== undefined && "write" in strike;
    const env = watchesWrites
      ? {
          ...environment,
          NODE_OPTIONS: `${environment["NODE_OPTIONS"] ?? ""} --import=${KILLER}`,
          KILL_AT_WRITE: String(strike.write),
          KILL_AT_SIDE: strike.side,
        }
      : environment;
    const child = startCli(args, { env });
    const ended = finish(child);
    if (strike !== undefined && !watchesWrites) {
      const { signal = "SIGKILL" } = strike;
      this.#cues.strike(strike, async () => {
        child.kill(signal);
        // Whom a signal asks to end is answered; whoever was killed cannot be.
        if (signal !== "SIGKILL") return undefined;
        await ended;
        return { kind: "drop" };
      });
    }
    const result = await ended;
    this.#cues.clear();
    return result;
  }
}

/** Whether a struck session ended as its strike must make it end. */
function isEndedBy(strike: Strike, { exitCode, signal }: CommandResult): boolean {
  const isKill = !("signal" in strike) || strike.signal === "SIGKILL";
  return isKill ? signal === "SIGKILL" : exitCode === 130;
}

type Watcher = (call: Call, side: Side) => Promise<Fault | undefined> | undefined | void;

/** Tells the requests of one session from another's, and waits for the one that is to be struck. */
class Cues {
  readonly hooks: Hooks = {
    beforeEffect: (call) => this.#meet(call, "before"),
    afterEffect: (call) => this.#watch?.(call, "after"),
  };
  #watch: Watcher | undefined;

  #meet(call: Call, side: Side): ReturnType<Watcher> {
    return this.#watch?.(call, side);
  }

  watch(watcher: Watcher): void {
    this.#watch = watcher;
  }

  clear(): void {
    this.#watch = undefined;
  }

  /** Acts at one request of those to come, once. */
  strike(
    strike: Point | { readonly request: number; readonly side: Side },
    act: () => Promise<Fault | undefined>,
  ): void {
    const seen = new Map<string, number>();
    const numbers = new Map<string, number>();
    let total = 0;
    this.#watch = ({ operation, number }, side) => {
      if (side === "before") {
        total += 1;
        seen.set(operation, (seen.get(operation) ?? 0) + 1);
        numbers.set(`${operation} ${number}`, "request" in strike ? total : (seen.get(operation) ?? 0));
      }
      if (side !== strike.side || !("request" in strike || strike.operation === operation)) return undefined;
      const wanted = "request" in strike ? strike.request : strike.number;
      if (numbers.get(`${operation} ${number}`) !== wanted) return undefined;
      this.clear();
      return act();
    };
  }
}
