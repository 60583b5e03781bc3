// Measures how fast sources are read, each as a process of its own: the databases beside their drivers' own streaming in
// the same run, NDJSON, and one JSON array of a gigabyte; then a plan of each by the real command. With the peak memory of
// each. It starts the databases, and a local Cognito, itself.
//
//   npm run bench:sources -- [--users 1000000] [--rounds 1] [--sources postgres,mysql,ndjson,json]
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startMariadb } from "../test/support/mariadb.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { BIN, ENVIRONMENT, startLocalPool } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";
import { writeUsers } from "./users.ts";

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "1" },
    sources: { type: "string", default: "postgres,mysql,ndjson,json" },
  },
});
const users = Number(flags.users);

const QUERY = "SELECT * FROM people ORDER BY id";

async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Measurement> {
  const script = fileURLToPath(new URL(program, import.meta.url));
  const environment = { PATH: process.env["PATH"], ...env };
  const runs: Measurement[] = [];
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    const result = await measure(process.execPath, [script, ...args], environment);
    if (result.exitCode !== 0 || Number(result.stdout) !== users)
      throw new Error(result.stdout + result.stderr);
    runs.push(result);
  }
  // The best: what else the machine does only makes it slower.
  const [best] = runs.toSorted((one, other) => one.seconds - other.seconds);
  if (best === undefined) throw new Error("--rounds must be at least 1");
  return best;
}

function tell(what: string, { seconds, cpuSeconds = 0, peakMegabytes = 0 }: Measurement): void {
  const columns = [
    what.padEnd(32),
    `${seconds.toFixed(1)} s`.padStart(9),
    `${cpuSeconds.toFixed(1)} s CPU`.padStart(12),
    `${Math.round(users / seconds).toLocaleString("en")}/s`.padStart(12),
    `${peakMegabytes.toFixed(0)} MB`.padStart(8),
  ];
  console.log(columns.join(" "));
}

/** A plan of it by the real command, as an operator makes it. */
async function tellPlan(type: string, place: object, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
  try {
    const config = join(folder, "ferry.yaml");
    const source = JSON.stringify({ type, ...place });
    const rules = "{ username: username, attributes: { email: email, email_verified: email_verified } }";
    writeFileSync(config, `source: ${source}\nmapping: ${rules}\n`);
    const target = ["--user-pool-id", pool.userPoolId, "--endpoint-url", pool.url];
    const args = [BIN, "plan", "--config", config, ...target, "--run-dir", join(folder, "run"), "--json"];
    const result = await measure(process.execPath, args, { ...ENVIRONMENT, ...env });
    if (result.exitCode !== 0 && result.exitCode !== 3) throw new Error(result.stdout + result.stderr);
    tell(`${type}: a plan`, result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareDatabase(type: "postgres" | "mysql", url: string): Promise<void> {
  const env = { DATABASE_URL: url, QUERY };
  const bare = await run("read-driver.ts", [type], env);
  tell(`${type}: the bare driver`, bare);
  const ours = await run("read-source.ts", [type, "DATABASE_URL"], env);
  tell(`${type}: the source`, ours);
  console.log(`  of the bare driver's speed: ${(bare.seconds / ours.seconds).toFixed(2)}`);
  await tellPlan(type, { urlEnv: "DATABASE_URL", query: QUERY }, env);
}

/** Columns of a user as applications keep them, from its number n. */
const COLUMNS = (text: (expression: string) => string, moment: string): string =>
  [
    "n AS id",
    `CONCAT('user-', ${text("n")}) AS username`,
    `CONCAT('user.', ${text("n")}, '@mail', ${text("n % 50")}, '.example.com') AS email`,
    "n % 100 <> 0 AS email_verified",
    `CONCAT('+12025', ${text("1000000 + n")}) AS phone`,
    "'Zoë' AS given_name",
    "'Ångström' AS family_name",
    "'de-DE' AS locale",
    "'Europe/Berlin' AS zone",
    `CONCAT('https://people.example.com/profiles/', ${text("n")}) AS website`,
    "'Hauptstraße 12, 10115' AS street",
    "'Kraków 2000' AS company",
    "'prefers e-mail and short words' AS note",
    "'enterprise' AS plan",
    "n % 2 = 0 AS is_active",
    "n * 1.5 AS balance",
    `${moment} AS created_at`,
    `${moment} AS updated_at`,
    "NULL AS deleted_at",
    `${text("n * 7")} AS external_id`,
  ].join(", ");

async function benchPostgres(): Promise<void> {
  await using server = await startPostgres("shared_buffers=256MB");
  const columns = COLUMNS(
    (expression) => `(${expression})::text`,
    "TIMESTAMPTZ '2024-01-15 10:30:00.123456Z' + n * interval '1 second'",
  );
  await server.run(
    `CREATE TABLE people AS SELECT ${columns.replace("NULL AS deleted_at", "NULL::timestamptz AS deleted_at")} FROM generate_series(1, ${users}) AS n; ALTER TABLE people ADD PRIMARY KEY (id); ANALYZE people`,
  );
  await compareDatabase("postgres", server.url);
}

async function benchMariadb(): Promise<void> {
  await using server = await startMariadb();
  const columns = COLUMNS(
    (expression) => `CAST(${expression} AS CHAR)`,
    "TIMESTAMP('2024-01-15 10:30:00.123456') + INTERVAL n SECOND",
  );
  await server.run(
    `CREATE TABLE people (PRIMARY KEY (id)) SELECT ${columns.replace("NULL AS deleted_at", "CAST(NULL AS DATETIME) AS deleted_at")} FROM (SELECT seq AS n FROM seq_1_to_${users}) AS numbers`,
  );
  await compareDatabase("mysql", server.url);
}

/** One array of users of a kilobyte each. */
function writeArray(path: string): void {
  const file = openSync(path, "w");
  let text = "[";
  for (let n = 1; n <= users; n += 1) {
    const user = { id: n, username: `user-${n}`, email: `user.${n}@example.com`, email_verified: true };
    const note = `${n} `.repeat(900).slice(0, 900);
    text += `${n === 1 ? "" : ","}\n${JSON.stringify({ ...user, profile: { note, tags: ["a", n] } })}`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, `${text}\n]\n`);
  closeSync(file);
}

async function benchFile(type: "ndjson" | "json"): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
  try {
    const path = join(folder, "users");
    if (type === "json") writeArray(path);
    else writeUsers(path, type, { users, seed: 20_261_121 });
    tell(`${type} of ${Math.round(statSync(path).size / 1e6)} MB`, await run("read-source.ts", [type, path]));
    await tellPlan(type, { path });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  postgres: benchPostgres,
  mysql: benchMariadb,
  ndjson: () => benchFile("ndjson"),
  json: () => benchFile("json"),
};
console.log(`${users.toLocaleString("en")} users`);
using pool = await startLocalPool();
for (const source of flags.sources.split(",")) await BENCHES[source]?.();
