import type { SyncSummary } from "../run/sync-summary.ts";
import { number, plain, table } from "./markdown.ts";
import { KINDS, TROUBLES, WORDS } from "./sync-text.ts";

/** A sync's numbers as Markdown, for a pull request that changes its config, or for a ticket. */
export function syncMarkdown(summary: SyncSummary): string {
  const { runId, userPoolId, isDryRun, kind, sourceRows, managedUsers, runDir } = summary;
  return [
    `## poolferry: sync into \`${userPoolId}\` (${isDryRun ? "dry run, nothing is changed" : KINDS[kind]})`,
    `**${number(sourceRows)} users** read, ${number(managedUsers)} managed, run \`${runId}\``,
    guard(summary),
    counts(summary),
    conflicts(summary),
    runDir === undefined ? "" : `Reports: \`${runDir.replaceAll("`", "'")}\``,
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}

function guard({ guard: tripped, quarantine, wouldRemove }: SyncSummary): string {
  const stopped = tripped ?? quarantine;
  if (stopped === undefined) return "";
  const approval =
    wouldRemove === undefined || quarantine === undefined
      ? ""
      : ` To let it pass, after a look at the source: \`poolferry sync approve --max-deletions ${wouldRemove}\``;
  return `> **${stopped.code}**: ${plain(stopped.message)}.${approval}`;
}

function counts({ counts: numbers, isOnlyPlanned }: SyncSummary): string {
  const rows = [...WORDS, ...TROUBLES]
    .filter(([count]) => numbers[count] > 0)
    .map(([count, word]) => [word, number(numbers[count])]);
  return rows.length === 0 ? "Nothing to do" : table([isOnlyPlanned ? "would be" : "done", "users"], rows);
}

function conflicts({ conflicts: kinds }: SyncSummary): string {
  const rows = Object.entries(kinds).map(([kind, users]) => [kind, number(users)]);
  return rows.length === 0 ? "" : table(["conflict", "users"], rows);
}
