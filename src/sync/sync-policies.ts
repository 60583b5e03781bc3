import { z } from "zod";

/**
 * What becomes of a value that was changed in the pool too. `source-wins`: the source's is set. `pool-wins`: the pool's
 * stays. `report`: the pool's stays, and the sync ends as incomplete until somebody settles it.
 */
const CONFLICT_POLICIES = ["source-wins", "pool-wins", "report"] as const;

/** What becomes of a managed user whom the source no longer has. */
const ABSENT_POLICIES = ["disable", "delete", "keep"] as const;

const share = z.number().min(0).max(1);

/** How a pool follows its source, as a config file says it. */
export const syncSchema = z.strictObject({
  dir: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The folder of the sync, relative to this config file; poolferry-sync/ and the pool's id when left out",
    ),
  absent: z
    .enum(ABSENT_POLICIES)
    .optional()
    .describe(
      "Managed users whom the source no longer has: disable them; disable them, and delete them after deleteAfterDays; or keep them as they are; disable when left out",
    ),
  deleteAfterDays: z
    .number()
    .min(0)
    .optional()
    .describe("How long such a user stays disabled before it is deleted; 30 when left out"),
  conflicts: z
    .enum(CONFLICT_POLICIES)
    .optional()
    .describe(
      "Values that were changed in the pool: the source's are set again, the pool's stay, or they stay and are reported as trouble; source-wins when left out",
    ),
  adopt: z
    .enum(["none", "matching"])
    .optional()
    .describe(
      "Users of the source who are in the pool without poolferry having put them there: they are never touched, or managed from now on; none when left out",
    ),
  messages: z
    .literal("allowed")
    .optional()
    .describe(
      "Must be allowed before an unverified address or number is set in a pool that verifies it by itself, as Cognito then sends the user a code",
    ),
  fullEveryHours: z
    .number()
    .min(0)
    .optional()
    .describe(
      "How long syncs may read only what is behind the last one's cursor before all is compared again; 24 when left out, 0 to compare all every time",
    ),
  whenGuarded: z
    .enum(["stop", "apply-harmless"])
    .optional()
    .describe(
      "What a sync still does that a guard has stopped: nothing, or whatever takes nothing from anybody: creations (but none while too many are gone from the pool), attributes that are set (but not of users who would get another address or number), groups that are joined; stop when left out",
    ),
  maxDisables: z
    .int()
    .min(0)
    .optional()
    .describe("How many users one sync may disable, and how many it may let in again; 500 when left out"),
  maxDeletions: z.int().min(0).optional().describe("How many users one sync may delete; 500 when left out"),
  maxRemovedShare: share
    .optional()
    .describe(
      "The share of the managed users, of 100 at the least, that one sync may disable, delete, create again, let in again or take something from; 0.2 when left out",
    ),
  maxShrunkShare: share
    .optional()
    .describe(
      "By what share, of 100 users at the least, the source may be smaller than at the last full comparison; 0.2 when left out",
    ),
  keepRuns: z
    .int()
    .min(1)
    .optional()
    .describe("How many syncs keep the folder with their reports; 30 when left out"),
  schedule: z
    .string()
    .min(1)
    .optional()
    .describe(
      "When to sync, as cron says it (minute hour day month weekday); once and at once when left out",
    ),
  timezone: z
    .string()
    .min(1)
    .optional()
    .describe("The time zone of the schedule, such as Europe/Berlin; UTC when left out"),
  jitterSeconds: z
    .number()
    .min(0)
    .optional()
    .describe("Up to how long a scheduled sync begins after its time, at random; 0 when left out"),
  catchUp: z
    .boolean()
    .optional()
    .describe(
      "Whether a schedule begins with the last time before its start, unless that was run; false when left out",
    ),
  listen: z
    .union([z.string().min(1), z.literal(false)])
    .optional()
    .describe(
      "Where /healthz, /livez and /metrics are served while a schedule runs, false for nowhere; 127.0.0.1:9464 when left out",
    ),
});

/** How a pool follows its source, as an operator states it. */
export type StatedSyncPolicies = z.infer<typeof syncSchema>;

/** What a sync does, and what it may do at the most. */
export interface SyncPolicies {
  readonly absent: (typeof ABSENT_POLICIES)[number];
  readonly deleteAfterDays: number;
  readonly conflicts: (typeof CONFLICT_POLICIES)[number];
  readonly adopt: "none" | "matching";
  readonly messages: "allowed" | "none";
  readonly fullEveryHours: number;
  readonly whenGuarded: "stop" | "apply-harmless";
  readonly maxDisables: number;
  readonly maxDeletions: number;
  readonly maxRemovedShare: number;
  readonly maxShrunkShare: number;
  readonly keepRuns: number;
}

/** The stated policies, with the default for each that is not stated. */
export function withDefaultSyncPolicies(stated: StatedSyncPolicies = {}): SyncPolicies {
  return {
    absent: stated.absent ?? "disable",
    deleteAfterDays: stated.deleteAfterDays ?? 30,
    conflicts: stated.conflicts ?? "source-wins",
    adopt: stated.adopt ?? "none",
    messages: stated.messages ?? "none",
    fullEveryHours: stated.fullEveryHours ?? 24,
    whenGuarded: stated.whenGuarded ?? "stop",
    maxDisables: stated.maxDisables ?? 500,
    maxDeletions: stated.maxDeletions ?? 500,
    maxRemovedShare: stated.maxRemovedShare ?? 0.2,
    maxShrunkShare: stated.maxShrunkShare ?? 0.2,
    keepRuns: stated.keepRuns ?? 30,
  };
}
