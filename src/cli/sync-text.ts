import { join } from "node:path";
import pc from "picocolors";
import type { SyncHistory } from "../run/sync-history.ts";
import type { SyncCounts, SyncSummary } from "../run/sync-summary.ts";
import { timeText } from "./time-text.ts";

/** What a number is said with, in the order in which it is said. */
export const WORDS: readonly (readonly [count: keyof SyncCounts, word: string])[] = [
  ["created", "created"],
  ["adopted", "adopted"],
  ["updated", "updated"],
  ["groupsAdded", "groups joined"],
  ["groupsRemoved", "groups left"],
  ["enabled", "enabled"],
  ["disabled", "disabled"],
  ["deleted", "deleted"],
  ["unchanged", "unchanged"],
];

/** The same of what was not done. */
export const TROUBLES: readonly (readonly [count: keyof SyncCounts, word: string])[] = [
  ["withheld", "changes withheld"],
  ["failed", "failed"],
  ["rejected", "rejected"],
  ["skipped", "skipped"],
  ["unsure", "who may be gone left alone, as rows cannot be read that may be theirs (rejected.csv)"],
  ["notManaged", "in the pool and not managed under this id (skipped.csv; sync.adopt)"],
];

/** A sync's numbers for people: what it did or would do, what it could not do, and why it stopped. */
export function syncText(summary: SyncSummary): string {
  return [
    heading(summary),
    ...(summary.kind === "none" ? [] : [counts(summary)]),
    ...troubles(summary),
    ...conflicts(summary),
    ...quarantine(summary),
    ...files(summary),
  ].join("\n");
}

function heading({ runId, userPoolId, isDryRun, kind, managedUsers, sourceRows }: SyncSummary): string {
  const what = isDryRun ? "dry run, nothing is changed" : KINDS[kind];
  const read =
    kind === "none" ? "" : `\n  ${label("source")}${sourceRows} users read; ${managedUsers} are managed`;
  return `${pc.bold(`Sync ${runId} (${what}) into ${userPoolId}`)}${read}`;
}

/** What a sync of a kind has done. */
export const KINDS: Readonly<Record<SyncSummary["kind"], string>> = {
  full: "everybody compared",
  incremental: "what changed at the source",
  finish: "finished what was left",
  none: "in quarantine, nothing done",
};

function counts({ counts: numbers, isOnlyPlanned }: SyncSummary): string {
  const parts = WORDS.filter(([count]) => numbers[count] > 0).map(
    ([count, word]) => `${numbers[count]} ${word}`,
  );
  const text = parts.length === 0 ? "nothing to do" : parts.join(", ");
  return `  ${label(isOnlyPlanned ? "would be" : "done")}${text}`;
}

function troubles({ counts: numbers }: SyncSummary): readonly string[] {
  const parts = TROUBLES.filter(([count]) => numbers[count] > 0).map(
    ([count, word]) => `${numbers[count]} ${word}`,
  );
  return parts.length === 0 ? [] : [pc.yellow(`  ${label("not done")}${parts.join(", ")}`)];
}

function conflicts({ conflicts: kinds }: SyncSummary): readonly string[] {
  const parts = Object.entries(kinds).map(([kind, users]) => `${users} ${kind}`);
  return parts.length === 0 ? [] : [pc.yellow(`  ${label("conflicts")}${parts.join(", ")}`)];
}

function quarantine({ quarantine: held, guard, isDryRun, wouldRemove }: SyncSummary): readonly string[] {
  const stopped = guard ?? held;
  if (stopped === undefined) return [];
  const lines = [pc.red(`  ${label("guard")}${stopped.code}: ${stopped.message}`)];
  if (isDryRun && held === undefined)
    return [...lines, `${INDENT}a sync would take nothing from anybody, and be in quarantine`];
  const since = held === undefined ? "" : ` since ${timeText(held.since)} UTC`;
  return [
    ...lines,
    `${INDENT}in quarantine${since}: look at the source and at what would be done, then approve`,
    `${INDENT}with: poolferry sync approve --max-deletions N   (and the options of this sync)`,
    ...(wouldRemove === undefined
      ? []
      : [
          `${INDENT}as of now N has to be ${wouldRemove}: users who would be disabled, deleted, created again, let in again or lose something`,
        ]),
  ];
}

function files({ runDir }: SyncSummary): readonly string[] {
  if (runDir === undefined) return [];
  return ["changes.csv", "conflicts.csv", "rejected.csv", "sync.json"].map(
    (name, place) => `  ${label(place === 0 ? "files" : "")}${pc.dim(join(runDir, name))}`,
  );
}

/** The history of a sync as a table. */
export function historyText({ syncDir, runs, quarantine: held }: SyncHistory): string {
  const lines = runs.map(({ runId, cause, kind, startedAt, seconds, exitCode, what }) =>
    [
      timeText(startedAt),
      runId.padEnd(22),
      cause.padEnd(8),
      kind.padEnd(11),
      (seconds === undefined ? "" : `${seconds} s`).padStart(8),
      String(exitCode ?? "").padStart(4),
      what,
    ].join("  "),
  );
  const state =
    held === undefined
      ? []
      : [pc.red(`in quarantine since ${timeText(held.since)} UTC (${held.code}): ${held.message}`)];
  return [pc.bold(`Syncs in ${syncDir}, the newest first (UTC)`), ...state, ...lines].join("\n");
}

const INDENT = " ".repeat(12);

function label(text: string): string {
  return text.padEnd(10);
}
