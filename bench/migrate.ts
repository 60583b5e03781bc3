// Measures a whole migration as an operator runs it, every command a process of its own, against a local Cognito in
// another one, whose import jobs run undelayed and whose request quotas are a multiple of the documented ones: users of
// every class, some of whom are in the pool before. Fails unless everything adds up. docs/performance.md says what the
// figures mean.
//
//   npm run bench:migrate -- [--users 1200000] [--times 20] [--existing 5000]
import Database from "better-sqlite3";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CATEGORY_RPS } from "../src/cognito/quota.ts";
import { BIN, countsOf, ENVIRONMENT, setQuotas, startLocalPool } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";
import { ONE_IN, writeMixedUsers } from "./mixed-users.ts";

const SEED = 20_261_121;
const LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/import-log";

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "1200000" },
    times: { type: "string", default: "20" },
    existing: { type: "string", default: "5000" },
  },
});
const users = Number(flags.users);
const existing = Number(flags.existing);

interface Summary {
  readonly source: { readonly rows: number };
  readonly routes: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly followUps: Readonly<Record<string, { planned: number; done: number; failed: number }>>;
}

async function run(...parameters: readonly string[]): Promise<Measurement> {
  const result = await measure(process.execPath, [BIN, ...parameters, "--json"], ENVIRONMENT);
  if (result.exitCode === 0 || result.exitCode === 3) return result;
  throw new Error(
    `${parameters.join(" ")} ended with ${result.exitCode}: ${result.stdout}${result.stderr.slice(-2_000)}`,
  );
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

function say(what: string, { seconds, peakMegabytes = 0 }: Measurement, count: number): void {
  console.log(
    `${what.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${Math.round(count / seconds)} users a second  peak ${Math.round(peakMegabytes)} MB`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
try {
  using emulator = await startLocalPool();
  const { url, userPoolId } = emulator;
  const categories = Object.fromEntries(
    Object.entries(CATEGORY_RPS)
      .filter(([name]) => name !== "Logs")
      .map(([name, rps]) => [name, rps * Number(flags.times)]),
  );
  await setQuotas(emulator, categories);

  const source = join(folder, "users.csv");
  const before = join(folder, "before.csv");
  writeMixedUsers(source, users, SEED);
  writeMixedUsers(before, existing, SEED);
  console.log(`${users} users, ${(statSync(source).size / 1e6).toFixed(0)} MB`);
  const configOf = (path: string): string => {
    const config = `${path}.yaml`;
    writeFileSync(
      config,
      `source: { type: csv, path: ${path} }
userPool: { id: ${userPoolId} }
importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }
policies: { duplicates: first }
mapping:
  disabled: disabled
  groups: teams
  passwordHash: hash
`,
    );
    return config;
  };
  const beforeDir = join(folder, "before");
  await run("plan", "--config", configOf(before), "--endpoint-url", url, "--run-dir", beforeDir);
  await run("apply", "--run-dir", beforeDir);

  const runDir = join(folder, "run");
  const planned = await run("plan", "--config", configOf(source), "--endpoint-url", url, "--run-dir", runDir);
  say("plan", planned, users);
  const applied = await run("apply", "--run-dir", runDir);
  say("apply", applied, users);
  const operations = await countsOf(emulator);
  const verified = await run("verify", "--run-dir", runDir);
  say("verify", verified, users);

  const summary = JSON.parse(applied.stdout) as Summary;
  const { outcomes, followUps } = summary;
  console.log(JSON.stringify({ routes: summary.routes, outcomes, followUps }));
  require(summary.source.rows === users, "a row is missing");
  require(Object.values(outcomes).reduce((sum, count) => sum + count, 0) === users, "outcomes do not add up");
  require(outcomes["failed"] === 0, "users failed");
  require(outcomes["rejected"] ===
    Math.floor((users + ONE_IN.duplicate - 7) / ONE_IN.duplicate), "not every duplicate was rejected");
  for (const [kind, { planned: wanted, done, failed }] of Object.entries(followUps))
    require(wanted === done && failed === 0, `${kind}: ${done} of ${wanted} done`);
  const verdict = JSON.parse(verified.stdout) as Record<string, number>;
  console.log(JSON.stringify({ ...verdict, runDir: undefined }));
  require(verdict["missing"] === 0 &&
    verdict["unexpected"] === 0, "verify found users missing or unexpected");
  require((verdict["differing"] ?? 0) <=
    existing, "verify found users who differ, and were not there before");

  for (const [name, { requests, refused }] of Object.entries(operations)) {
    console.log(`${name.padEnd(28)} ${String(requests).padStart(8)} requests ${JSON.stringify(refused)}`);
    require(refused["TooManyRequestsException"] === undefined, `${name} was throttled`);
  }
  showOverlap(join(runDir, "ledger.db"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Shows, by the ledger's times, what was done for users of earlier parts while the job of a part ran. */
function showOverlap(path: string): void {
  const ledger = new Database(path, { readonly: true });
  const rows = ledger
    .prepare(
      `SELECT job.part, part.rows, (ended_at - started_at) / 1000.0 AS seconds,
              (SELECT count(*) FROM follow_up JOIN users USING (seq)
                WHERE users.part < job.part AND settled_at BETWEEN job.started_at AND job.ended_at) AS overlapping
         FROM job JOIN part ON part.id = job.part WHERE job.state = 'ended' ORDER BY job.part`,
    )
    .all() as { part: number; rows: number; seconds: number; overlapping: number }[];
  ledger.close();
  for (const { part, rows: size, seconds, overlapping } of rows)
    console.log(
      `part ${part}: ${size} users in ${seconds.toFixed(1)} s, meanwhile ${overlapping} follow-ups of earlier parts`,
    );
  require(rows.some(
    ({ overlapping }) => overlapping > 0,
  ), "no follow-up was done while a later part was imported");
}
