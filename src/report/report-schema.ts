import { z } from "zod";
import { ACTIVITY_CAUSES } from "../core/activity-cause.ts";
import { FOLLOW_UP_KINDS } from "../core/follow-up.ts";
import { FINDING_CODES, FINDING_SEVERITIES, PACE_SOURCES, STEP_NAMES } from "../core/forecast.ts";
import {
  FAILED_ROWS_POLICIES,
  MISSING_GROUPS_POLICIES,
  PASSWORD_AFTER_CREATE_POLICIES,
  PASSWORD_HASHES_POLICIES,
} from "../core/load-policies.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { ROUTES } from "../core/route.ts";
import { UNDO_ACTIONS, UNDO_RESULTS } from "../core/undo.ts";
import { RUN_STATES } from "../ledger/ledger.ts";
import { count, each, exitCode, iso, toJsonSchema, version } from "./schema-parts.ts";
import { REPORT_VERSION } from "./summary.ts";

const followUpCount = z.strictObject({
  planned: count.describe("Without those of users who were in the pool before: they are never changed"),
  untouched: count.describe("Those of users who were in the pool before"),
  done: count,
  failed: count,
});

const seconds = z.number().min(0);

const finding = z.strictObject({
  code: z.enum(FINDING_CODES),
  severity: z
    .enum(FINDING_SEVERITIES)
    .describe(
      "error: users will be missing or locked out; warning: not as most would want; note: good to know",
    ),
  message: z.string(),
  fix: z.string().optional().describe("What to do about it"),
  command: z.string().optional().describe("The command that does it"),
  users: count.optional().describe("How many users it is about; absent where it is about the pool"),
});

const step = z.strictObject({
  name: z.enum(STEP_NAMES),
  users: count,
  requests: count,
  category: z
    .string()
    .optional()
    .describe("The request quota that holds the step back; import jobs have none"),
  rps: z.number().describe("Requests a second, the run's share of the quota; of import jobs, users a second"),
  paceFrom: z
    .enum(PACE_SOURCES)
    .describe(
      "account: the account's own quota, as read; documented: AWS's default; reported: what others measured",
    ),
  seconds,
  activeUsers: count.describe("Users whom the step makes active in the month's bill, also if another does"),
});

const cause = z.strictObject({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  users: count,
  attributes: z.array(z.strictObject({ name: z.string(), users: count })),
  fix: z.string(),
  examples: z
    .array(
      z.strictObject({
        row: count.describe("Of the source, from 1"),
        line: count.optional(),
        user: z.string().optional().describe("The username, masked"),
        attribute: z.string().optional(),
      }),
    )
    .describe("The first few"),
});

const forecast = z.strictObject({
  findings: z.array(finding).describe("The pool's readiness for the data, the gravest first"),
  steps: z.array(step).describe("What the run takes time for"),
  jobs: count.describe("Import jobs"),
  seconds: seconds.describe("Of the whole run, where everything goes well"),
  bottleneck: z
    .strictObject({ steps: z.array(z.enum(STEP_NAMES)), category: z.string().optional(), seconds })
    .optional()
    .describe("What takes the longest; absent where nobody is sent"),
  duplicates: z.strictObject({ users: count, groups: count }),
  causes: z.array(cause).describe("The troubles that users have, the most frequent first"),
  permissions: z.strictObject({
    needed: z.array(z.string()).describe("Actions of IAM that carrying the plan out takes"),
    perhaps: z.array(z.string()).describe("Those that only trouble takes, or that it can do without"),
    refused: z.array(z.string()).describe("Those of both that the plan itself was refused"),
  }),
  money: z.strictObject({ activeUsers: count, definitionUrl: z.string(), pricingUrl: z.string() }),
});

const runReport = z
  .strictObject({
    reportVersion: version(REPORT_VERSION),
    runId: z.string(),
    runDir: z.string().describe("Absolute path of the run folder"),
    state: z.enum(RUN_STATES).describe("planned: nothing was sent yet; applying: unfinished; done: finished"),
    userPoolId: z.string(),
    source: z.strictObject({
      name: z.string().describe("TYPE:PLACE as the operator named it"),
      description: z.string().describe("What was recognised"),
      rows: count.describe("Every user record read, rejected ones included"),
      unusedFields: z.array(z.string()).describe("Columns or top-level keys that no rule reads"),
      files: z
        .array(z.strictObject({ path: z.string(), firstRow: count }))
        .describe("Where rows come from several files: which row begins which file"),
      cursor: z.string().describe("Where a later plan can go on (source.after in the config)"),
      followsChanges: z
        .boolean()
        .describe(
          "Whether behind the cursor comes all that changes, and not only rows that are added at the end",
        ),
    }),
    routes: each(ROUTES, count).describe("How many users go each way; none: those who are not sent"),
    outcomes: each(OUTCOMES, count).describe("How many users came to each outcome so far"),
    passwords: z
      .strictObject({
        kept: count.describe("By their hashes"),
        set: count.describe("In plain text, by AdminSetUserPassword or SignUp"),
        reset: count.describe("None: they set one anew"),
        locked: count.describe("A temporary one that nobody knows: only an administrator lets them in"),
      })
      .describe(
        "Of the users whom the run has created or is still to create: with which password they get in",
      ),
    activeUsers: z
      .strictObject({
        count,
        of: count.describe("All whom the run creates"),
        causes: each(ACTIVITY_CAUSES, count).describe("Each user once, by the first of its causes"),
      })
      .describe("The users who count as active in the bill of the month in which the run loads them"),
    policies: z.strictObject({
      failedRows: z.enum(FAILED_ROWS_POLICIES),
      passwordHashes: z.enum(PASSWORD_HASHES_POLICIES),
      passwordAfterCreate: z.enum(PASSWORD_AFTER_CREATE_POLICIES),
      forceAliasCreation: z.boolean(),
      missingGroups: z.enum(MISSING_GROUPS_POLICIES),
    }),
    unsettled: count.describe("Users without an outcome yet"),
    workers: count
      .optional()
      .describe("Of an unfinished run whose ledger is in a database: how many processes are at work on it"),
    isHeld: z
      .boolean()
      .optional()
      .describe("Of status: whether a process is at work on the run in this folder"),
    followUps: each(FOLLOW_UP_KINDS, followUpCount),
    issues: z
      .array(z.strictObject({ code: z.string(), severity: z.enum(["error", "warning"]), count }))
      .describe("Troubles found before anything was sent; a user with two of them counts twice"),
    reasons: z
      .array(
        z.strictObject({
          kind: z.enum(OUTCOMES),
          reason: z.string(),
          example: z.string().optional().describe("One of the messages that came with it"),
          count,
        }),
      )
      .describe("Why users were skipped, failed or rejected, and how many of the imported lack a follow-up"),
    forecast: forecast
      .optional()
      .describe(
        "What the plan told of its being carried out; absent of older ledgers, syncs and purged runs",
      ),
    undo: each(UNDO_RESULTS, count)
      .optional()
      .describe("What an undo of the run made of its users, where one was begun"),
    undoAction: z
      .enum(UNDO_ACTIONS)
      .optional()
      .describe("What an undo that is not at its end was to do to users"),
    purged: z
      .strictObject({ was: z.enum(RUN_STATES), at: iso })
      .optional()
      .describe("Where the run was purged: then these numbers are all that is left of it"),
    exitCode,
  })
  .describe("What plan, apply, resume, migrate, status and purge print with --json, and report.json holds");

/** A run's report by its schema. */
export type RunReport = z.infer<typeof runReport>;

/** The JSON Schema of a run's report, for editors, generators and programs of others. */
export function reportJsonSchema(): object {
  return toJsonSchema(runReport);
}
