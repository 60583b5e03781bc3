import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuRatio, peakOf, peakRatio, wallRatio } from "../aims.ts";
import { BIN, ENVIRONMENT, startLocalPool, type LocalPool } from "../local-pool.ts";
import { measure, type Measurement } from "../measure.ts";
import type { Row, Setting, Trial } from "../row.ts";
import { runNode } from "../run-node.ts";
import { writeUsers, type WrittenUsers } from "../users.ts";

const SEED = 20_261_121;

/** The size beside which the peak at more users is held, or a tenth where there are no more. */
const FEW_USERS = 100_000;

type Format = "csv" | "ndjson";

/** A plan over CSV beside a bare pipe over the same file. */
export const planCsv: Row = {
  name: "plan-csv",
  work: "poolferry plan, CSV",
  reference: "csv-parse to csv-stringify, record by record",
  aims: [wallRatio(0.4), cpuRatio()],
  seconds: (size, rounds) => ({ small: 3, medium: 5 + 7 * rounds, full: 20 + 65 * rounds })[size],
  prepare: (setting) => besidePipe(setting, "csv", "csv-pipe.ts"),
};

/** A plan over NDJSON beside the bare reading of it. */
export const planNdjson: Row = {
  name: "plan-ndjson",
  work: "poolferry plan, NDJSON",
  reference: "readline and JSON.parse",
  aims: [wallRatio(4), cpuRatio()],
  seconds: (size, rounds) => ({ small: 3, medium: 5 + 6 * rounds, full: 20 + 55 * rounds })[size],
  prepare: (setting) => besidePipe(setting, "ndjson", "ndjson-lines.ts"),
};

/** The peak memory of a plan, beside itself at fewer users. */
export const planMemory: Row = {
  name: "plan-memory",
  work: "poolferry plan, CSV, memory",
  reference: "itself at 100,000 users, or a tenth",
  aims: [peakRatio(1.3), peakOf(250)],
  seconds: (size, rounds) => ({ small: 3, medium: 5 + 7 * rounds, full: 20 + 55 * rounds })[size],
  async prepare(setting) {
    const few = { ...setting, users: Math.min(FEW_USERS, Math.ceil(setting.users / 10)) };
    const pool = await startLocalPool("--no-quotas");
    const [many, fewer] = [inputOf(setting, "csv"), inputOf(few, "csv")];
    return {
      input: many.text,
      work: () => planOnce(pool, many),
      reference: () => planOnce(pool, fewer),
      [Symbol.asyncDispose]: async () => pool[Symbol.dispose](),
    };
  },
};

/** A file of users, and what a plan of it must find. */
interface Input {
  readonly format: Format;
  readonly path: string;
  readonly users: number;
  readonly written: WrittenUsers;
  /** In words. */
  readonly text: string;
}

interface Summary {
  readonly source: { readonly rows: number };
  readonly routes: { readonly "admin-create": number; readonly "import-job": number };
  readonly outcomes: { readonly rejected: number };
}

function inputOf({ users, folder }: Setting, format: Format): Input {
  const path = join(folder, `${users}.${format}`);
  const written = writeUsers(path, format, { users, seed: SEED });
  const text = `${users.toLocaleString("en")} users, ${Math.round(statSync(path).size / users)} bytes each`;
  return { format, path, users, written, text };
}

async function besidePipe(setting: Setting, format: Format, program: string): Promise<Trial> {
  const pool = await startLocalPool("--no-quotas");
  const input = inputOf(setting, format);
  const script = fileURLToPath(new URL(`../${program}`, import.meta.url));
  return {
    input: input.text,
    work: () => planOnce(pool, input),
    reference: () => runNode(script, input.path),
    [Symbol.asyncDispose]: async () => pool[Symbol.dispose](),
  };
}

/** Throws unless every user has the decision that the file means for it. */
async function planOnce(pool: LocalPool, { format, path, users, written }: Input): Promise<Measurement> {
  const runDir = `${path}-run`;
  rmSync(runDir, { recursive: true, force: true });
  const from = ["--from", `${format}:${path}`];
  const target = ["--user-pool-id", pool.userPoolId, "--endpoint-url", pool.url];
  const parameters = [BIN, "plan", ...from, ...target, "--run-dir", runDir, "--json"];
  const run = await measure(process.execPath, parameters, ENVIRONMENT);
  // 3: users were rejected, as the file means them to be.
  if (run.exitCode !== 3) throw new Error(run.stdout + run.stderr);
  const { source, routes, outcomes } = JSON.parse(run.stdout) as Summary;
  const found = [source.rows, outcomes.rejected, routes["admin-create"], routes["import-job"]];
  const { rejected, unverified } = written;
  const meant = [users, rejected, unverified, users - rejected - unverified];
  if (found.join() !== meant.join())
    throw new Error(`rows, rejected, by calls, by import jobs: ${found.join()}, not ${meant.join()}`);
  return run;
}
