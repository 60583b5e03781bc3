import type { Statements } from "./database.ts";
import { requireFact } from "./facts.ts";
import type { JobState, RunProgress } from "./ledger.ts";
import { countOf } from "./reading.ts";
import { UNSETTLED, unsettledOf } from "./unsettled.ts";

/** Of so many users who were not created it is counted exactly how many follow-ups they will not get. */
const LOOKED_AT = 5_000;

/**
 * How far a run is, by its indexes alone: over a million users this takes some hundredths of a second, and less the fewer
 * are left.
 */
export async function readProgress(statements: Statements): Promise<RunProgress> {
  const state = await requireFact(statements, "state");
  if (state === "planning") return { ...NOTHING, state, users: await countRead(statements) };
  const users = await countOf(statements, "SELECT count(*) AS count FROM users");
  const left = await countLeft(statements);
  const without = await countNotCreated(statements);
  return {
    state,
    users,
    settled: users - left.importJobs - left.adminCreate - left.signUp,
    ...without,
    left,
    followUps: await countFollowUps(statements, without),
    jobs: await openJobs(statements),
  };
}

const NOTHING: Omit<RunProgress, "state" | "users"> = {
  settled: 0,
  failed: 0,
  skipped: 0,
  rejected: 0,
  left: { importJobs: 0, adminCreate: 0, signUp: 0 },
  followUps: { wanted: 0, done: 0, failed: 0 },
  jobs: [],
};

/** While the plan is being made there are no indexes, and rows come in the order of the source. */
async function countRead(statements: Statements): Promise<number> {
  return countOf(statements, "SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM users");
}

/**
 * In one statement, and so of one moment: users whom another session settles between two would count as left to a lane that
 * has nobody, and of which nobody can tell when it ends.
 */
async function countLeft(statements: Statements): Promise<RunProgress["left"]> {
  const counts = await statements.get<Readonly<Record<"all" | "adminCreate" | "signUp", number>>>(
    `SELECT ${UNSETTLED} AS "all", ${unsettledOf("admin-create")} AS "adminCreate", ${unsettledOf("sign-up")} AS "signUp"`,
  );
  const { all = 0, adminCreate = 0, signUp = 0 } = counts ?? {};
  return { importJobs: all - adminCreate - signUp, adminCreate, signUp };
}

/** Users who have an outcome and were not created. */
type NotCreated = Pick<RunProgress, "failed" | "skipped" | "rejected">;

async function countNotCreated(statements: Statements): Promise<NotCreated> {
  const count = (outcome: string): Promise<number> =>
    countOf(statements, `SELECT count(*) AS count FROM users WHERE outcome = '${outcome}'`);
  return {
    failed: await count("failed"),
    skipped: await count("skipped"),
    rejected: await count("rejected"),
  };
}

async function countFollowUps(
  statements: Statements,
  { failed, skipped, rejected }: NotCreated,
): Promise<RunProgress["followUps"]> {
  const count = (where: string): Promise<number> =>
    countOf(statements, `SELECT count(*) AS count FROM follow_up${where}`);
  const all = await count("");
  if (all === 0) return NOTHING.followUps;
  // Each in the words of its index.
  const pending =
    (await count(" WHERE state = 'pending' AND kind = 'disable'")) +
    (await count(" WHERE state = 'pending' AND kind <> 'disable'"));
  const failures = await count(" WHERE state = 'failed'");
  const vain = Math.min(pending, await countVain(statements, failed + skipped + rejected));
  return { wanted: all - vain, done: all - pending - failures, failed: failures };
}

/** Follow-ups of users who were not created, which nobody does; of many users it is reckoned from some of them. */
async function countVain(statements: Statements, users: number): Promise<number> {
  if (users === 0) return 0;
  const found = await countOf(
    statements,
    `SELECT count(*) AS count
       FROM (SELECT seq FROM users WHERE outcome IN ('failed', 'skipped', 'rejected') LIMIT ${LOOKED_AT}) AS looked
      CROSS JOIN follow_up WHERE follow_up.seq = looked.seq AND state = 'pending'`,
  );
  return Math.round((found * users) / Math.min(users, LOOKED_AT));
}

interface JobRecord {
  readonly part: number;
  readonly rows: number;
  readonly state: JobState;
  readonly status: string | null;
}

/** The last job of every part that is neither settled nor split. */
async function openJobs(statements: Statements): Promise<RunProgress["jobs"]> {
  const records = await statements.all<JobRecord>(
    `SELECT part.id AS part, part.rows, job.state, job.status FROM part JOIN job ON job.part = part.id
      WHERE part.state = 'spooled' AND job.id = (SELECT max(id) FROM job AS last WHERE last.part = part.id)
      ORDER BY part.id LIMIT 10`,
  );
  return records.map(({ part, rows, state, status }) => ({ part, rows, state, status: status ?? undefined }));
}
