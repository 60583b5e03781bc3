import { z } from "zod";
import { UNDO_ACTIONS, UNDO_RESULTS } from "../core/undo.ts";
import { count, each, exitCode, iso, toJsonSchema, version } from "../report/schema-parts.ts";
import { USER_FILE_FORMATS } from "../report/user-file.ts";
import { CONFLICT_KINDS } from "../sync/compare-user.ts";
import { GUARD_CODES } from "../sync/guards.ts";
import { EXPORT_REPORT_VERSION } from "./export-users.ts";
import { HISTORY_REPORT_VERSION } from "./sync-history.ts";
import { SYNC_CAUSES, SYNC_KINDS, SYNC_REPORT_VERSION } from "./sync-summary.ts";
import { UNDO_REPORT_VERSION } from "./undo.ts";
import { VERIFY_REPORT_VERSION } from "./verify.ts";

const runId = z.string();
const userPoolId = z.string();
const runDir = z.string().describe("Absolute path of the run folder");
const syncDir = z.string().describe("Absolute path of the sync's folder");

const tripped = {
  code: z.enum(GUARD_CODES),
  message: z.string().describe("In words, with the numbers"),
  wouldRemove: count.describe("The least number with which an approval would let it pass"),
};

const quarantine = z
  .strictObject({ ...tripped, since: iso, runId: z.string().describe("The sync that was stopped first") })
  .describe("There while nothing is taken from anybody, until somebody approves");

const syncReport = z
  .strictObject({
    reportVersion: version(SYNC_REPORT_VERSION),
    runId,
    syncDir,
    runDir: z
      .string()
      .optional()
      .describe("Absolute path of the folder with the reports; missing where nothing was looked at"),
    userPoolId,
    cause: z.enum(SYNC_CAUSES).describe("Somebody called it, its schedule did, or somebody approved"),
    kind: z
      .enum(SYNC_KINDS)
      .describe(
        "full: all was compared; incremental: what changed at the source; finish: what an earlier sync had left; none: nothing, as the sync is in quarantine",
      ),
    isDryRun: z.boolean(),
    isOnlyPlanned: z
      .boolean()
      .describe(
        "Whether the counts are of what would be done: of a dry run, and of a sync that a guard stopped",
      ),
    startedAt: iso,
    endedAt: iso,
    sourceRows: count,
    managedUsers: count.describe("Users whom the sync manages now"),
    counts: z
      .strictObject({
        created: count,
        updated: count.describe("Whose attributes were changed"),
        enabled: count,
        disabled: count,
        deleted: count,
        groupsAdded: count.describe("Memberships"),
        groupsRemoved: count.describe("Memberships"),
        adopted: count,
        unchanged: count,
        notManaged: count.describe("In the pool, and not managed by this sync"),
        absent: count.describe("Managed users whom the source does not have"),
        unsure: count.describe("Left alone, as rows cannot be read that may be theirs"),
        conflicts: count.describe("Users about whom source and pool disagree"),
        withheld: count.describe("Changes that were not carried out since a guard tripped"),
        failed: count,
        rejected: count,
        skipped: count.describe("Passed over for other reasons than that they are unchanged or not managed"),
      })
      .describe("In users unless they say otherwise"),
    conflicts: z
      .partialRecord(z.enum(CONFLICT_KINDS), count)
      .describe("Users with a conflict of each kind; those that there are"),
    guard: z.strictObject(tripped).optional().describe("What stopped this sync"),
    wouldRemove: count
      .optional()
      .describe("How many users an approval would have to allow; missing where nothing was looked at"),
    quarantine: quarantine.optional(),
    exitCode,
  })
  .describe("What sync and sync approve print with --json, and sync.json holds");

const historyReport = z
  .strictObject({
    reportVersion: version(HISTORY_REPORT_VERSION),
    syncDir,
    quarantine: quarantine.optional(),
    runs: z
      .array(
        z.strictObject({
          runId,
          cause: z.enum(SYNC_CAUSES),
          kind: z.enum(SYNC_KINDS),
          startedAt: iso,
          seconds: z
            .number()
            .min(0)
            .optional()
            .describe("How long it took; missing while it runs, and where it was killed"),
          exitCode: exitCode.optional(),
          what: z.string().describe("What it did, in words"),
          summary: syncReport.optional().describe("Missing where it ended with trouble, or not at all"),
        }),
      )
      .describe("The newest first"),
    exitCode,
  })
  .describe("What history prints with --json");

const verifyReport = z
  .strictObject({
    reportVersion: version(VERIFY_REPORT_VERSION),
    runId,
    runDir,
    userPoolId,
    agreeing: count,
    notCreated: count.describe(
      "Of the agreeing, those whom the run was not to create or could not, and who are not new in the pool",
    ),
    differing: count,
    missing: count.describe("Created by the run, or there before it, and not there now"),
    unexpected: count.describe("Rejected, failed or passed over, and yet in the pool since the run began"),
    differences: z
      .array(z.strictObject({ what: z.string(), count }))
      .describe("What differs, by the names of attributes and the like, and in how many users"),
    exitCode,
  })
  .describe(
    "What verify prints with --json; agreeing, differing, missing and unexpected add up to all users of the source",
  );

const undoReport = z
  .strictObject({
    reportVersion: version(UNDO_REPORT_VERSION),
    runId,
    runDir,
    userPoolId,
    action: z.enum(UNDO_ACTIONS),
    results: each(UNDO_RESULTS, count).describe(
      "How many of the users whom the run had created came to each result",
    ),
    exitCode,
  })
  .describe("What undo prints with --json");

const exportReport = z
  .strictObject({
    reportVersion: version(EXPORT_REPORT_VERSION),
    userPoolId,
    format: z.enum(USER_FILE_FORMATS),
    out: z.string().describe("Absolute path of the file"),
    configOut: z.string().optional().describe("Absolute path of the config that reads it back"),
    users: count,
    groups: count,
    memberships: count,
    exitCode,
  })
  .describe("What export prints with --json");

/** The reports of a sync and its history, of a verification, an undo and an export by their schemas. */
export interface OtherReports {
  readonly sync: z.infer<typeof syncReport>;
  readonly history: z.infer<typeof historyReport>;
  readonly verify: z.infer<typeof verifyReport>;
  readonly undo: z.infer<typeof undoReport>;
  readonly export: z.infer<typeof exportReport>;
}

/** The JSON Schemas of {@link OtherReports}, by the commands that print them. */
export function otherReportJsonSchemas(): Readonly<Record<keyof OtherReports, object>> {
  return {
    sync: toJsonSchema(syncReport),
    history: toJsonSchema(historyReport),
    verify: toJsonSchema(verifyReport),
    undo: toJsonSchema(undoReport),
    export: toJsonSchema(exportReport),
  };
}
