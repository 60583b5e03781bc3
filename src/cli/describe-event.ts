import pc from "picocolors";
import type { RunEvent } from "../run/run-event.ts";
import { progressLine } from "./progress-text.ts";
import { describeService } from "./service-text.ts";

/** One line about what a run tells of itself, for people. */
export function describeEvent(event: RunEvent): string {
  switch (event.kind) {
    case "source-opened":
      return `reading ${event.source} (${event.description})`;
    case "pool-read":
      return `user pool ${event.userPoolId} "${event.name}"`;
    case "groups-unread":
      return pc.yellow(
        `the pool's groups cannot be listed (${event.why}): whether one is missing shows when users are put into them`,
      );
    case "users-listed":
      return `${event.users} users of the pool read`;
    case "members-listed":
      return `group ${event.group}: ${event.members} members`;
    case "progress":
      return progressLine(event);
    case "rows-read":
      return `${event.rows} rows read`;
    case "planned":
      return `planned: ${event.toSend} of ${event.rows} users to send`;
    case "part-spooled":
      return `part ${event.part}: ${event.rows} users, ${event.bytes} bytes`;
    case "job-created":
      return `part ${event.part}: import job ${event.jobId} created`;
    case "job-abandoned":
      return pc.yellow(`part ${event.part}: this import job cannot be used: ${event.why}`);
    case "part-uploaded":
      return `part ${event.part}: uploaded`;
    case "job-started":
      return `part ${event.part}: started`;
    case "hashes-dropped":
      return pc.yellow(`${event.why}: ${event.users} users go without, and reset their passwords`);
    case "other-job-awaited":
      return pc.yellow(`part ${event.part}: waiting, as another import job is active: ${event.why}`);
    case "job-progress":
      return `part ${event.part}: ${event.status}, ${event.imported} imported, ${event.skipped} skipped, ${event.failed} failed`;
    case "log-awaited":
      return `part ${event.part}: waiting for the log, ${event.lines} of ${event.expected} lines`;
    case "users-looked-up":
      return `part ${event.part}: ${event.wanted} users without a log line looked up, ${event.found} are in the pool`;
    case "part-split":
      return pc.yellow(
        `part ${event.part}: ${event.why}; ${event.settled} users have an outcome, ${event.left} go into another part`,
      );
    case "part-awaited":
      return pc.yellow(
        `${event.why}: the run stops once part ${event.part} is settled (Ctrl-C leaves its job to a resume)`,
      );
    case "part-settled":
      return `part ${event.part}: every one of its ${event.rows} users has an outcome`;
    case "users-made":
      return `${event.by}: ${event.settled} users settled, ${event.left} to go`;
    case "sent-users-looked-up":
      return `${event.by}: ${event.wanted} users without a clear answer looked up, ${event.found} are in the pool`;
    case "look-up-denied":
      return pc.yellow(
        `users cannot be looked up (${event.error}), so their statuses are not known; of a lost reply it stays open what came of it`,
      );
    case "groups-created":
      return event.count === 1 ? "1 group created" : `${event.count} groups created`;
    case "follow-ups-begun":
      return event.turn === "disable" ? `${event.toDo} users to disable` : `${event.toDo} follow-ups to do`;
    case "follow-ups-progress":
    case "follow-ups-ended":
      return event.turn === "disable"
        ? `${event.done} users disabled, ${event.failed} failed`
        : `${event.done} follow-ups done, ${event.failed} failed`;
    case "identities-awaited":
      return `looking up the new ids of ${event.wanted} users`;
    case "identities-recorded":
      return `${event.recorded} of ${event.wanted} new ids recorded`;
    case "workers-awaited":
      return event.workers === 0
        ? "nothing to begin at the moment: what a worker that is gone was doing is looked at"
        : `nothing to begin at the moment: waiting for what ${event.workers === 1 ? "another worker has" : `${event.workers} other workers have`}`;
    case "undo-begun":
      return event.action === "delete"
        ? `${event.users} users of the run to delete`
        : `${event.users} users of the run to disable`;
    case "undo-progress":
      return event.action === "delete"
        ? `${event.undone} users deleted, ${event.left} left as they are`
        : `${event.undone} users disabled, ${event.left} left as they are`;
    case "changes-progress":
    case "changes-ended":
      return `${event.done} changes made, ${event.failed} failed`;
    case "sync-begun":
      return event.why === undefined
        ? `sync ${event.runId}: what changed at the source`
        : `sync ${event.runId}: everybody is compared, as ${event.why}`;
    case "sync-resumed":
      return `sync ${event.runId} was stopped in its middle, and is finished first`;
    case "known-by-name":
      return pc.yellow(
        `${event.users} users have no id at the source (mapping.sourceId): whose username changes there counts as one who left and another who came`,
      );
    case "sync-compared":
      return `${event.rows} users of the source compared: ${event.toCreate} to create, ${event.unchanged} as they should be, ${event.toRemove} to disable or delete`;
    case "guard-tripped":
      return pc.yellow(`stopped by a guard (${event.code}): ${event.message}`);
    case "sync-quarantined":
      return pc.yellow(
        `in quarantine since ${event.since} (${event.code}): nothing is done until it is approved`,
      );
    case "quota-read":
      return `${event.category}: the account's quota is ${event.rps} requests a second`;
    case "quota-assumed":
      return `${event.category}: the account's quota cannot be read (${event.error}), so it is taken to be ${event.rps} requests a second`;
    case "slowed-down":
      return pc.yellow(`${event.quota}: too many requests, slowed down to ${event.rps.toFixed(1)} a second`);
    case "call-repeated":
      return pc.yellow(
        `${event.operation}: ${event.error}, attempt ${event.attempt}, again in ${Math.round(event.waitMs)} ms`,
      );
    case "service-started":
    case "tick-skipped":
    case "sync-started":
    case "sync-ended":
    case "sync-failed":
    case "quarantined":
    case "quarantine-lifted":
    case "service-draining":
    case "service-ended":
      return describeService(event);
  }
}
