import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";
import { PASSWORD } from "./postgres.ts";
import { aFreePort, aServerFolder } from "./server-folder.ts";

/** A real MariaDB, with a database of its own. */
export interface TestMariadb extends AsyncDisposable {
  /** The address of its owner, with a password. */
  readonly url: string;
  readonly port: number;
  /** Runs SQL, several statements too, and gives the rows of the last. */
  run(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** How many connections of the source are open. */
  connections(): Promise<number>;
  /** Ends them, as an administrator does. */
  terminate(): Promise<void>;
}

/** The server's programs, which distributions put where only root looks. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin` };

/** Whether there is a MariaDB here to start. */
export const HAS_MARIADB =
  spawnSync("mariadbd", ["--version"], { env: ENVIRONMENT }).status === 0 &&
  spawnSync("mariadb-install-db", ["--help"], { env: ENVIRONMENT }).error === undefined;
if (!HAS_MARIADB) console.warn("skipped: the tests of the mysql source need mariadbd and mariadb-install-db");

/** How long a server may take to answer before something is wrong. */
const START_MS = 20_000;

/** Starts the MariaDB of this computer in a folder of its own, on a free port, within two seconds. */
export async function startMariadb(...settings: readonly string[]): Promise<TestMariadb> {
  const folder = aServerFolder("mariadb");
  const data = join(folder.path, "data");
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  execFileSync(
    "mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--skip-test-db",
      "--auth-root-authentication-method=normal",
      ...user,
    ],
    { env: ENVIRONMENT, stdio: "ignore" },
  );
  const port = await aFreePort();
  const server = spawn(
    "mariadbd",
    [
      "--no-defaults",
      ...user,
      `--datadir=${data}`,
      `--socket=${join(folder.path, "sock")}`,
      `--pid-file=${join(folder.path, "pid")}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-flush-method=nosync",
      "--innodb-buffer-pool-size=64M",
      "--max-allowed-packet=64M",
      ...settings,
    ],
    { env: ENVIRONMENT, stdio: "ignore" },
  );
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  const root = await connectRoot(port);
  // mysqldump's dates of zeros, as older applications wrote them.
  await root.query("SET GLOBAL sql_mode = ''; CREATE DATABASE app CHARACTER SET utf8mb4");
  await root.query(`CREATE USER 'ferry'@'%' IDENTIFIED BY ${root.escape(PASSWORD)}`);
  await root.query("GRANT ALL ON *.* TO 'ferry'@'%'; USE app; SET sql_mode = ''");
  const run = async (sql: string, values: readonly unknown[] = []) => {
    const [rows] = await root.query(sql, [...values]);
    return (Array.isArray(rows) ? rows : []) as readonly Record<string, unknown>[];
  };
  const ours = () => run("SELECT id FROM information_schema.processlist WHERE user = 'ferry'");
  return {
    url: `mysql://ferry:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/app`,
    port,
    run,
    connections: async () => (await ours()).length,
    terminate: async () => {
      for (const { id } of await ours()) await run(`KILL ${Number(id)}`).catch(() => undefined);
    },
    [Symbol.asyncDispose]: async () => {
      root.destroy();
      process.off("exit", kill);
      const ended = once(server, "exit");
      kill();
      await ended;
      folder[Symbol.dispose]();
    },
  };
}

async function connectRoot(port: number): Promise<mysql.Connection> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await mysql.createConnection({
        host: "127.0.0.1",
        port,
        user: "root",
        multipleStatements: true,
      });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
