import { InvalidArgumentError, type Command } from "commander";
import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";
import { visibleJson, visibleWithin } from "../core/visible.ts";
import type { RunSnapshot } from "../run/watch-run.ts";
import { examplesText } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { LiveBlock } from "./live-block.ts";
import { PacedLines } from "./paced-lines.ts";
import { runDirOption } from "./pool-options.ts";
import { canDraw } from "./progress.ts";
import { printNote, printResult, reportError } from "./terminal.ts";
import { snapshotLine, snapshotLines } from "./watch-text.ts";

interface WatchFlags {
  readonly runDir: string;
  readonly json?: boolean;
  readonly web?: boolean;
  readonly port?: number;
}

/** `poolferry watch`: how a run of another process goes. */
export function addWatchCommand(program: Command): void {
  program
    .command("watch")
    .addOption(runDirOption("the folder of the run").makeOptionMandatory())
    .option("--json", "print one JSON object a second, each in a line")
    .option("--web", "show it as a page in a browser on this computer, until the run is over")
    .option("--port <number>", "with --web: the port of the page (default: any free one)", parsePort)
    .summary("see how a run goes that another process carries out")
    .description(
      "Shows how a run goes that another process carries out: how far it is, how fast, how long it will take, requests a second beside what is allowed, and import jobs. Only reads the run's ledger and does not hold it up. Ends when the run is over, or with Ctrl-C, which leaves the run alone. The page of --web is served to this computer alone, at an address that nobody can guess.",
    )
    .addHelpText(
      "after",
      examplesText("poolferry watch --run-dir first-try", "poolferry watch --run-dir first-try --web"),
    )
    .action(watch);
}

async function watch(flags: WatchFlags): Promise<void> {
  keepHeapSmall();
  using interruption = watchInterruption("");
  try {
    requireWeb(flags);
    const { watchRun } = await import("../run/watch-run.ts");
    const { signal } = interruption;
    const snapshots = watchRun({ runDir: flags.runDir, environment: process.env, signal });
    if (flags.web === true) await serve(snapshots, { port: flags.port ?? 0, signal });
    else if (flags.json === true) await printJson(snapshots);
    else if (canDraw(process.stdout)) await draw(snapshots);
    else await printLines(snapshots);
    process.exitCode = EXIT_CODES.ok;
  } catch (error) {
    process.exitCode = reportError(error, { json: flags.json ?? false });
  }
}

/** Throws USAGE for options that do not go together. */
function requireWeb({ web, port, json }: WatchFlags): void {
  if (port !== undefined && web !== true) {
    throw new FerryError("USAGE", "--port is the port of the page, and there is none", {
      hint: "Add --web, or leave --port out",
    });
  }
  if (web === true && json === true) {
    throw new FerryError("USAGE", "--json and --web cannot be told at the same time", {
      hint: "Leave one of them out",
    });
  }
}

async function printJson(snapshots: AsyncIterable<RunSnapshot>): Promise<void> {
  for await (const snapshot of snapshots) printResult(visibleJson(snapshot));
}

async function printLines(snapshots: AsyncIterable<RunSnapshot>): Promise<void> {
  // The first one at once.
  const paced = new PacedLines(performance.now() - 10_000);
  let last = "";
  for await (const snapshot of snapshots) {
    const isDue = paced.isDue({ kind: "progress", ...snapshot }, performance.now());
    const line = snapshotLine(visibleWithin(snapshot));
    if ((!isDue && !snapshot.isOver) || line === last) continue;
    last = line;
    printResult(line);
  }
}

async function draw(snapshots: AsyncIterable<RunSnapshot>): Promise<void> {
  let last: RunSnapshot | undefined;
  {
    using block = new LiveBlock(process.stdout, (columns) =>
      last === undefined ? [] : snapshotLines(last, columns),
    );
    for await (const snapshot of snapshots) {
      last = visibleWithin(snapshot);
      block.refresh();
    }
  }
  if (last !== undefined) printResult(snapshotLine(last));
}

async function serve(
  snapshots: AsyncIterable<RunSnapshot>,
  { port, signal }: { readonly port: number; readonly signal: AbortSignal },
): Promise<void> {
  const [{ watchPage }, { serveEvents }] = await Promise.all([
    import("../report/html/watch-page.ts"),
    import("../serve/serve-events.ts"),
  ]);
  await using server = await serveEvents({ port, page: watchPage() });
  printResult(server.url);
  printNote("Open it in a browser on this computer. It ends with the run, or with Ctrl-C");
  let last: RunSnapshot | undefined;
  for await (const snapshot of snapshots) {
    last = snapshot;
    server.send(visibleJson(snapshot));
  }
  if (last === undefined || signal.aborted) return;
  printNote(snapshotLine(visibleWithin(last)));
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("It must be a port, from 0 to 65535.");
}
