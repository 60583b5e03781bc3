import { createRequire } from "node:module";
import pc from "picocolors";
import type * as Pino from "pino";
import { visibleWithin } from "../core/visible.ts";
import type { RunEvent, RunObserver } from "../run/run-event.ts";
import { describeEvent } from "./describe-event.ts";
import { LiveBlock } from "./live-block.ts";
import { PacedLines } from "./paced-lines.ts";
import { ProgressBoard } from "./progress-board.ts";
import { redactFacts } from "./redact.ts";
import { printNote, printNotesBy } from "./terminal.ts";

/** Levels of the log that `--log-level` takes, from the most to the least that is told. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

/** Forms of the log that `--log-format` takes. */
export const LOG_FORMATS = ["text", "json"] as const;

type LogLevel = (typeof LOG_LEVELS)[number];

/** How the progress is told. */
export interface LogFlags {
  readonly logLevel?: LogLevel;
  readonly logFormat?: (typeof LOG_FORMATS)[number];
  readonly quiet?: boolean;
}

/** The progress of a command while it works; dispose it before its result is printed. */
export interface OpenProgress extends Disposable {
  readonly observe: RunObserver;
}

/**
 * Begins to tell how a run goes, on stderr: to people at a terminal in a block that is drawn anew in place, with a line for
 * whatever happens once; to a file or a pipe in lines alone, now and then; to programs in JSON lines, from `info` on; with
 * `quiet` not at all. From then on everything else that goes to stderr goes there in the same way. `output`: what of the
 * terminal the command's result needs.
 */
export function openProgress(
  { logLevel, logFormat = "text", quiet = false }: LogFlags,
  { output = "at the end" }: { readonly output?: "at the end" | "all the time" } = {},
): OpenProgress {
  if (quiet) return keepQuiet();
  if (logFormat === "json") return openLog(logLevel ?? "info");
  const isAlone = output === "at the end" || !process.stdout.isTTY;
  // Whoever asks for a level reads a log.
  return logLevel === undefined && isAlone && canDraw(process.stderr) ? openBlock() : openLines(logLevel);
}

/** Whether a stream is a terminal whose lines can be drawn anew. */
export function canDraw(stream: NodeJS.WriteStream): boolean {
  const { TERM, CI } = process.env;
  return stream.isTTY && TERM !== "dumb" && (CI === undefined || CI === "");
}

function keepQuiet(): OpenProgress {
  const giveBack = printNotesBy((text, level, write) => {
    if (level === "error") write(text);
  });
  return { observe: () => undefined, [Symbol.dispose]: giveBack };
}

function openLog(level: LogLevel): OpenProgress {
  const logger = createLogger(level);
  const giveBack = printNotesBy((text, noteLevel) => logger[noteLevel](text));
  const paced = new PacedProgress();
  const observe: RunObserver = (event) => {
    if (!paced.isDue(event)) return;
    const { kind, ...facts } = event;
    logger[levelOf(event)](facts, kind);
  };
  return { observe, [Symbol.dispose]: giveBack };
}

function openBlock(): OpenProgress {
  const board = new ProgressBoard();
  const block = new LiveBlock(process.stderr, (columns) => board.lines(columns));
  const giveBack = printNotesBy((text) => block.writeAbove(text));
  const told = new NewLines();
  const lines = new PacedLines(performance.now());
  const observe: RunObserver = (event) => {
    const isShown = board.hear(event);
    if (isShown) block.refresh();
    else if (lines.isDue(event, performance.now())) told.tell(event);
  };
  return {
    observe,
    [Symbol.dispose]() {
      block[Symbol.dispose]();
      giveBack();
    },
  };
}

/** Lines alone: of all that happens where a level is asked for, and else now and then of what comes again and again. */
function openLines(logLevel: LogLevel | undefined): OpenProgress {
  const told = new NewLines();
  const lines = new PacedLines(performance.now());
  const observe: RunObserver = (event) => {
    if (LOG_LEVELS.indexOf(levelOf(event)) < LOG_LEVELS.indexOf(logLevel ?? "trace")) return;
    if (lines.isDue(event, performance.now())) told.tell(event);
  };
  return { observe, [Symbol.dispose]: () => undefined };
}

/** A line for each event; what says nothing new is not said again. */
class NewLines {
  #last = "";

  tell(event: RunEvent): void {
    const line = describeEvent(visibleWithin(event));
    if (line === this.#last) return;
    this.#last = line;
    printNote(pc.dim(line));
  }
}

/** How often a log for programs says how far a run is; what changes its phase, and the first word, it says at once. */
const PROGRESS_EVERY_MS = 10_000;

class PacedProgress {
  #toldMs = Number.NEGATIVE_INFINITY;
  #phase = "";

  isDue(event: RunEvent): boolean {
    if (event.kind !== "progress") return true;
    const nowMs = performance.now();
    if (event.phase === this.#phase && nowMs - this.#toldMs < PROGRESS_EVERY_MS) return false;
    this.#toldMs = nowMs;
    this.#phase = event.phase;
    return true;
  }
}

function levelOf({ kind }: RunEvent): "debug" | "info" | "warn" {
  return LEVEL_BY_EVENT[kind] ?? "info";
}

const LEVEL_BY_EVENT: Readonly<Partial<Record<RunEvent["kind"], "debug" | "warn">>> = {
  "call-repeated": "warn",
  "groups-unread": "warn",
  "hashes-dropped": "warn",
  "guard-tripped": "warn",
  "job-abandoned": "warn",
  "known-by-name": "warn",
  "identities-recorded": "debug",
  "job-progress": "debug",
  "log-awaited": "debug",
  "look-up-denied": "warn",
  "part-awaited": "warn",
  "part-split": "warn",
  quarantined: "warn",
  "quota-read": "debug",
  "rows-read": "debug",
  "slowed-down": "warn",
  "sync-failed": "warn",
  "sync-quarantined": "warn",
  "tick-skipped": "warn",
  "users-listed": "debug",
};

/** A logger to stderr. Events hold no secret; should one ever get in, it is redacted. */
function createLogger(level: string): Pino.Logger {
  // Few commands write such a log, and every one would wait for it to be loaded (some 13 ms).
  const { pino } = createRequire(import.meta.url)("pino") as typeof Pino;
  const formatters = { log: redactFacts };
  return pino({ level, base: null, formatters }, pino.destination({ dest: 2, sync: true }));
}
