// A migration as an operator runs it, every command a process of its own, against a local Cognito.
import Database from "better-sqlite3";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BIN, countsOf, ENVIRONMENT, type LocalPool } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";
import { rejectedOf, type MixedUsers } from "./mixed-users.ts";

const LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/import-log";

/** Users in a file, and the pool that they are to go to. */
export interface Migration {
  readonly pool: LocalPool;
  /** A file that `writeMixedUsers` has written. */
  readonly source: string;
  readonly mixed: MixedUsers;
  readonly runDir: string;
}

/** Plans the users. Throws where it does not find them as the file has them. */
export async function planAll({ pool, source, mixed, runDir }: Migration): Promise<Measurement> {
  const config = `${source}.yaml`;
  writeFileSync(
    config,
    `source: { type: csv, path: ${source} }
userPool: { id: ${pool.userPoolId} }
importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }
policies: { duplicates: first }
mapping:
  disabled: disabled
  groups: teams
  passwordHash: hash
`,
  );
  const run = await runCommand("plan", "--config", config, "--endpoint-url", pool.url, "--run-dir", runDir);
  const { source: read, outcomes } = JSON.parse(run.stdout) as Summary;
  require(read.rows === mixed.users, `${read.rows} rows were read of ${mixed.users}`);
  require(outcomes["rejected"] === rejectedOf(mixed), `${outcomes["rejected"]} users were rejected`);
  return run;
}

/** Carries the plan out. Throws unless everybody has one outcome and all that was to be done to them is, with no request refused. */
export async function applyAll(
  { pool, mixed, runDir }: Migration,
  ...flags: readonly string[]
): Promise<Measurement> {
  const run = await runCommand("apply", "--run-dir", runDir, ...flags);
  const { outcomes, followUps } = JSON.parse(run.stdout) as Summary;
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  require(settled === mixed.users, `${settled} users have an outcome of ${mixed.users}`);
  require(outcomes["failed"] === 0, `${outcomes["failed"]} users failed`);
  for (const [kind, { planned, done, failed }] of Object.entries(followUps))
    require(planned === done && failed === 0, `${kind}: ${done} of ${planned} done`);
  for (const [name, { refused }] of Object.entries(await countsOf(pool)))
    // Of GetProvisionedLimit one a second is taken, and a plan and its apply both ask at their beginning.
    if (name !== "GetProvisionedLimit")
      require(refused["TooManyRequestsException"] === undefined, `${name} was throttled`);
  return run;
}

/** Verifies what was carried out. Throws where it finds users missing, or others than planned. */
export async function verifyAll({ runDir }: Migration): Promise<Measurement> {
  const run = await runCommand("verify", "--run-dir", runDir);
  const verdict = JSON.parse(run.stdout) as Readonly<Record<string, number>>;
  for (const kind of ["missing", "unexpected", "differing"])
    require(verdict[kind] === 0, `verify found ${verdict[kind]} users ${kind}`);
  return run;
}

/** How many follow-ups were done while the job of a later part ran, by the ledger's times. */
export function countOverlapping({ runDir }: Migration): number {
  const ledger = new Database(join(runDir, "ledger.db"), { readonly: true });
  try {
    const row = ledger
      .prepare(
        `SELECT count(DISTINCT follow_up.rowid) AS count FROM job, follow_up JOIN users USING (seq)
          WHERE job.state = 'ended' AND users.part < job.part AND settled_at BETWEEN job.started_at AND job.ended_at`,
      )
      .get() as { readonly count: number };
    return row.count;
  } finally {
    ledger.close();
  }
}

interface Summary {
  readonly source: { readonly rows: number };
  readonly outcomes: Readonly<Record<string, number>>;
  readonly followUps: Readonly<Record<string, { planned: number; done: number; failed: number }>>;
}

async function runCommand(...parameters: readonly string[]): Promise<Measurement> {
  const run = await measure(process.execPath, [BIN, ...parameters, "--json"], ENVIRONMENT);
  // 3: users were rejected, as the file means them to be.
  if (run.exitCode === 0 || run.exitCode === 3) return run;
  throw new Error(
    `${parameters.join(" ")} ended with ${run.exitCode}: ${run.stdout}${run.stderr.slice(-2_000)}`,
  );
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}
