// Measures how much of one quota several workers use that carry out one run together, as an operator runs them: every
// command is a process of its own, with the ledger in PostgreSQL, against a local Cognito in another process that takes so
// many creations a second. Beside one worker with a ledger in a file, in the same run; and with one of them killed on the
// way. Fails unless every user has exactly one outcome, and the pool each user once.
// docs/decisions/0009-one-rate-for-many-workers.md says what the figures mean.
//
//   npm run bench:workers -- [--users 20000] [--workers 3] [--rps 400]
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../test/support/postgres.ts";
import { BIN, creationsOf, ENVIRONMENT, setQuotas, startLocalPool } from "./local-pool.ts";
import { Watch } from "./watch.ts";

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "20000" },
    workers: { type: "string", default: "3" },
    rps: { type: "string", default: "400" },
  },
});
const [users, workers, rps] = [flags.users, flags.workers, flags.rps].map(Number) as [number, number, number];

const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const source = join(folder, "users.ndjson");
writeFileSync(
  source,
  Array.from(
    { length: users },
    (_, index) =>
      `${JSON.stringify({ username: `u${index}`, email: `u${index}@example.com`, email_verified: false })}\n`,
  ).join(""),
);

await using database = await startPostgres();
const environment = { ...ENVIRONMENT, LEDGER_URL: database.url };

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, ...args, "--json"], { env: environment });
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr += text));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, ...out }));
  return { child, ended };
}

async function run(...args: readonly string[]): Promise<{ readonly runId: string; readonly runDir: string }> {
  const { exitCode, stdout, stderr } = await start(...args).ended;
  if (exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as { readonly runId: string; readonly runDir: string };
}

let trials = 0;

interface Trial {
  readonly count: number;
  readonly isShared: boolean;
  /** How many seconds' worth of requests the service takes at once. */
  readonly burstSeconds?: number;
  /** After this share of the users the first worker is killed. */
  readonly killAt?: number;
}

/** Carries one plan out by so many workers, and prints what share of the quota they used. */
async function carryOut(
  title: string,
  { count, isShared, burstSeconds = 1, killAt }: Trial,
): Promise<number> {
  using pool = await startLocalPool();
  await setQuotas(pool, { UserCreation: rps }, burstSeconds);
  await database.run("DROP TABLE IF EXISTS poolferry.request_rate");
  trials += 1;
  const runDir = join(folder, `run-${trials}`);
  const ledger = isShared ? ["--ledger", "postgres:LEDGER_URL"] : [];
  const { runId } = await run(
    "plan",
    "--from",
    `ndjson:${source}`,
    "--user-pool-id",
    pool.userPoolId,
    "--endpoint-url",
    pool.url,
    "--logs-role-arn",
    "arn:aws:iam::123456789012:role/import-log",
    "--run-dir",
    runDir,
    ...ledger,
  );
  const watch = new Watch(() => creationsOf(pool));
  const started = Array.from({ length: count }, (_, index) => {
    const place = isShared
      ? [...ledger, "--run-id", runId, "--run-dir", `${runDir}-${index}`]
      : ["--run-dir", runDir];
    return start("apply", ...place, "--quota-share", "1");
  });
  if (killAt !== undefined) {
    await watch.reach(users * killAt);
    started[0]?.child.kill("SIGKILL");
  }
  const ends = await Promise.all(started.map(({ ended }) => ended));
  await watch.stop();
  for (const { exitCode, stdout, stderr } of killAt === undefined ? ends : ends.slice(1))
    if (exitCode !== 0) throw new Error(`a worker ended with ${exitCode}: ${stdout}${stderr}`);
  const { outcomes } = JSON.parse(ends.at(-1)?.stdout ?? "{}") as { outcomes: Record<string, number> };
  const { accepted, refused } = await creationsOf(pool);
  if (outcomes["imported"] !== users)
    throw new Error(`not everybody was imported: ${JSON.stringify(outcomes)}`);
  if (accepted !== users) throw new Error(`${accepted} users were created, of ${users}`);
  const used = (100 * accepted) / (rps * watch.seconds);
  const shares = isShared ? `; by each: ${(await sharesOf(runId)).join(" + ")}` : "";
  console.log(
    `${title}\n  ${used.toFixed(2)} % of ${rps} a second in ${watch.seconds.toFixed(1)} s, ${refused} refused, ` +
      `${watch.most.toFixed(0)} at most in a second${shares}`,
  );
  return used;
}

/** How many users each worker of a run has taken last. */
async function sharesOf(runId: string): Promise<readonly number[]> {
  const rows = await database.run(
    `SELECT count(*)::int AS count FROM poolferry_run_${runId.replaceAll("-", "_")}.users GROUP BY taken_by ORDER BY taken_by`,
  );
  return rows.map(({ count }) => Number(count));
}

const alone = await carryOut("one worker, its ledger in a file", { count: 1, isShared: false });
const one = await carryOut("one worker, its ledger in PostgreSQL", { count: 1, isShared: true });
const shared = await carryOut(`${workers} workers of one run`, { count: workers, isShared: true });
await carryOut(`${workers} workers of one run, a bucket of a fifth of a second's worth`, {
  count: workers,
  isShared: true,
  burstSeconds: 0.2,
});
await carryOut(`${workers} workers of one run, one of them killed after a third of it`, {
  count: workers,
  isShared: true,
  killAt: 1 / 3,
});
console.log(
  `beside one with a file: ${(one / alone).toFixed(3)} by one, ${(shared / alone).toFixed(3)} by ${workers}`,
);
