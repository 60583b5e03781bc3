// Measures `poolferry plan` as a process of its own against a local Cognito: wall time, beside a bare pipe over the
// same file, and peak memory at two sizes. docs/performance.md says what the figures mean.
//
//   npm run bench:plan -- [--users 100000,1000000] [--formats csv,ndjson] [--rejected 0.01] [--rounds 1]
//                         [--node /path/to/another/node]
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BIN, ENVIRONMENT, startLocalPool, type LocalPool } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";
import { writeUsers } from "./users.ts";

const SEED = 20_261_121;

const FORMATS = {
  csv: { reference: "csv-parse to csv-stringify", program: "csv-pipe.ts" },
  ndjson: { reference: "readline and JSON.parse", program: "ndjson-lines.ts" },
} as const;
type Format = keyof typeof FORMATS;

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "100000,1000000" },
    formats: { type: "string", default: "csv,ndjson" },
    rejected: { type: "string", default: "0.01" },
    rounds: { type: "string", default: "1" },
    node: { type: "string", default: process.execPath },
  },
});

/** Runs so many times; the medians. */
async function repeat(run: () => Promise<Measurement>): Promise<Measurement> {
  const runs: Measurement[] = [];
  for (let round = 0; round < Number(flags.rounds); round += 1) runs.push(await run());
  const last = runs.at(-1);
  if (last === undefined) throw new Error("--rounds must be at least 1");
  const median = (of: (run: Measurement) => number): number =>
    runs.map(of).sort((one, other) => one - other)[runs.length >>> 1] ?? 0;
  return {
    ...last,
    seconds: median((run) => run.seconds),
    cpuSeconds: median((run) => run.cpuSeconds ?? 0),
    peakMegabytes: median((run) => run.peakMegabytes ?? 0),
  };
}

async function planOnce(pool: LocalPool, format: Format, path: string, runDir: string): Promise<Measurement> {
  rmSync(runDir, { recursive: true, force: true });
  const source = ["--from", `${format}:${path}`];
  const target = ["--user-pool-id", pool.userPoolId, "--endpoint-url", pool.url];
  const parameters = [BIN, "plan", ...source, ...target, "--run-dir", runDir, "--json"];
  const result = await measure(flags.node, parameters, ENVIRONMENT);
  // 3: users were rejected, as the file means them to be.
  if (result.exitCode !== 3) throw new Error(result.stdout + result.stderr);
  return result;
}

function tell(what: string, users: number, run: Measurement): void {
  const { seconds, cpuSeconds = 0, peakMegabytes = 0 } = run;
  const perSecond = Math.round(users / seconds).toLocaleString("en");
  const columns = [
    what.padEnd(28),
    users.toLocaleString("en").padStart(10),
    `${seconds.toFixed(1)} s`.padStart(9),
    `${cpuSeconds.toFixed(1)} s CPU`.padStart(12),
    `${perSecond}/s`.padStart(11),
    `${peakMegabytes.toFixed(0)} MB`.padStart(8),
  ];
  console.log(columns.join(" "));
}

async function compare(pool: LocalPool, format: Format, folder: string): Promise<void> {
  const { reference, program } = FORMATS[format];
  const sizes = flags.users.split(",").map(Number);
  const plans: Measurement[] = [];
  for (const users of sizes) {
    const path = join(folder, `users.${format}`);
    writeUsers(path, format, { users, seed: SEED, rejectedShare: Number(flags.rejected) });
    const bytes = statSync(path).size;
    console.log(`\n${format}, ${users.toLocaleString("en")} users, ${Math.round(bytes / users)} bytes each`);
    const script = fileURLToPath(new URL(program, import.meta.url));
    const bare = await repeat(() => measure(flags.node, [script, path], ENVIRONMENT));
    if (bare.exitCode !== 0) throw new Error(bare.stderr);
    tell(reference, users, bare);
    const plan = await repeat(() => planOnce(pool, format, path, join(folder, "run")));
    plans.push(plan);
    tell("poolferry plan", users, plan);
    const ratios = [plan.seconds / bare.seconds, (plan.cpuSeconds ?? 0) / (bare.cpuSeconds ?? 0)];
    const [wall, cpu] = ratios.map((ratio) => ratio.toFixed(2));
    console.log(`  of the reference: ${wall} times its wall time, ${cpu} times its CPU time`);
  }
  const [smallest, largest] = [plans[0]?.peakMegabytes, plans.at(-1)?.peakMegabytes];
  if (smallest !== undefined && largest !== undefined && plans.length > 1)
    console.log(`  peak memory of the largest over the smallest: ${(largest / smallest).toFixed(2)} times`);
}

const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
try {
  using pool = await startLocalPool("--no-quotas");
  for (const format of flags.formats.split(",") as Format[]) await compare(pool, format, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
