import pc from "picocolors";
import type { ServiceEvent, SkipReason } from "../serve/service-event.ts";
import type { SyncSummary } from "../serve/sync-once.ts";

/** Why a tick ran nothing, for people. */
const SKIPPED: Readonly<Record<SkipReason, string>> = {
  overlap: "the sync before it still runs",
  claimed: "another process has taken it",
  busy: "another process still syncs",
  missed: "its time passed while this machine slept or its clock was set",
};

/** One line about the service around the syncs. */
export function describeService(event: ServiceEvent): string {
  switch (event.kind) {
    case "service-started":
      return [
        `syncing by the schedule "${event.schedule}" in the time zone ${event.timezone}, next at ${event.nextTick}`,
        ...(event.url === undefined ? [] : [`health and metrics at ${event.url}`]),
      ].join("; ");
    case "tick-skipped":
      return pc.yellow(
        event.ticks === 1
          ? `the tick of ${event.tick} is skipped: ${SKIPPED[event.reason]}`
          : `${event.ticks} ticks up to that of ${event.tick} are skipped: ${SKIPPED[event.reason]}`,
      );
    case "sync-started":
      return `sync of ${event.tick} begins`;
    case "sync-ended":
      return `sync of ${event.tick} ended (${event.result}): ${countsText(event.summary)}; next at ${event.nextTick}`;
    case "sync-failed":
      return pc.yellow(`sync of ${event.tick} failed (${event.code}); next at ${event.nextTick}`);
    case "quarantined":
      return pc.yellow(
        `in quarantine since ${event.since} (${event.code}): it waits for poolferry sync approve`,
      );
    case "quarantine-lifted":
      return `no longer in quarantine (${event.code})`;
    case "service-draining":
      return event.isSyncing
        ? "no sync begins any more; waiting for the one that runs"
        : "no sync begins any more";
    case "service-ended":
      return "the service has ended";
  }
}

function countsText({ counts, sourceRows, isOnlyPlanned = false }: SyncSummary): string {
  const texts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${WORDS[name] ?? name}`);
  const [first = "nothing to do", ...others] = texts;
  return `${sourceRows} rows read, ${isOnlyPlanned ? "would be: " : ""}${[first, ...others].join(", ")}`;
}

const WORDS: Readonly<Record<string, string>> = {
  groupsAdded: "added to groups",
  groupsRemoved: "removed from groups",
  conflicts: "in conflict",
};
