import pc from "picocolors";
import type { RunSnapshot } from "../run/watch-run.ts";
import { cut, progressLines } from "./progress-board.ts";
import { groupedText, progressLine } from "./progress-text.ts";
import { timeText } from "./time-text.ts";
import { undoCountsText } from "./undo-text.ts";
import { wrapText } from "./wrap-text.ts";

/** How far a run is, in one line, with the state of it before. */
export function snapshotLine(snapshot: RunSnapshot): string {
  return `${stateText(snapshot)}: ${numbersOf(snapshot)}`;
}

/** The same at the bottom of a terminal of a width. */
export function snapshotLines(snapshot: RunSnapshot, columns: number): readonly string[] {
  const { runId, userPoolId, state } = snapshot;
  const title = pc.bold(cut(`run ${runId} into ${userPoolId}`, columns));
  const hasBlock = state === "applying" || state === "done";
  const numbers = hasBlock ? progressLines(snapshot, columns) : wrapped(numbersOf(snapshot), columns);
  return [title, ...wrapped(stateText(snapshot), columns), ...numbers];
}

/** What becomes of a run, in words. */
function stateText(snapshot: RunSnapshot): string {
  const { state, workers, lastSeenAt } = snapshot;
  switch (state) {
    case "planning":
      return "the plan is being made";
    case "planned":
      return "planned, and nothing was sent yet";
    case "applying":
      if (workers !== 0) return workers === 1 ? "one process is at work" : `${workers} processes are at work`;
      return lastSeenAt === undefined
        ? "nobody is at work on it: poolferry resume goes on with it"
        : `nobody is at work on it since ${timeText(lastSeenAt)} UTC: poolferry resume goes on with it`;
    case "done":
      return "the run is finished";
    case "undoing":
      return "the run is being undone";
    case "undone":
      return "the run was undone";
    case "purging":
      return "the run is being purged";
    case "purged":
      return "the run was purged";
  }
}

function numbersOf(snapshot: RunSnapshot): string {
  const { state, total, undo } = snapshot;
  if (state === "planning") return `${groupedText(total)} rows read`;
  if (undo !== undefined) return undoCountsText(undo);
  return progressLine(snapshot);
}

const wrapped = (text: string, columns: number): readonly string[] =>
  wrapText(text, 0, columns)
    .split("\n")
    .map((line) => cut(line, columns));
