import type { ExitCode } from "../core/ferry-error.ts";
import { visibleJson, visibleWithin } from "../core/visible.ts";
import type { RunSummary } from "../report/summary.ts";
import type { RunObserver } from "../run/run-event.ts";
import { watchInterruption } from "./interruption.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { openProgress, type LogFlags } from "./progress.ts";
import { summaryMarkdown } from "./summary-markdown.ts";
import { summaryText } from "./summary-text.ts";
import { printResult, reportError } from "./terminal.ts";

/** What every command with a result can be told. */
export interface OutputFlags extends LogFlags {
  readonly json?: boolean;
}

/** What the summary of a run or of a sync can be told. */
export interface SummaryFlags extends OutputFlags {
  readonly format?: Format;
}

/** How a result can be printed: for people, for programs, or for a pull request or a ticket. */
export const FORMATS = ["text", "json", "markdown"] as const;

type Format = (typeof FORMATS)[number];

/** What a summary is, in each format that is a text. */
export interface Texts<Result> {
  readonly text: (result: Result) => string;
  readonly markdown: (result: Result) => string;
}

/** What the work of a command gets. */
export interface Work {
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

/** Runs the work of a command on a run, prints its summary as asked, and sets the exit code. */
export async function runCommand(
  flags: SummaryFlags,
  work: (given: Work) => Promise<RunSummary>,
): Promise<void> {
  await printSummary(flags, work, { text: summaryText, markdown: summaryMarkdown });
}

/** Runs the work of a command, prints its summary in the format that is asked for, and sets the exit code. */
export async function printSummary<Result extends { readonly exitCode: ExitCode }>(
  flags: SummaryFlags,
  work: (given: Work) => Promise<Result>,
  { text, markdown }: Texts<Result>,
): Promise<void> {
  const { format = flags.json === true ? "json" : "text" } = flags;
  await printOutcome({ ...flags, json: format === "json" }, work, format === "markdown" ? markdown : text);
}

/** Runs the work of a command, prints its result as one JSON object or as the text of it, and sets the exit code. */
export async function printOutcome<Result extends { readonly exitCode: ExitCode }>(
  flags: OutputFlags,
  work: (given: Work) => Promise<Result>,
  textOf: (result: Result) => string,
): Promise<void> {
  keepHeapSmall();
  using interruption = watchInterruption();
  const json = flags.json ?? false;
  using progress = openProgress(flags);
  try {
    const result = await work({ signal: interruption.signal, observe: progress.observe });
    progress[Symbol.dispose]();
    printResult(json ? visibleJson(result) : textOf(visibleWithin(result)));
    process.exitCode = result.exitCode;
  } catch (error) {
    process.exitCode = reportError(error, { json });
  }
}
