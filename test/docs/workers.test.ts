import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { EXIT_CODES, ERROR_CODES } from "../../src/core/ferry-error.ts";
import { finish, runCli, startCli, type CommandOptions, type CommandResult } from "../support/cli.ts";
import { commandOf, environmentOf, readCompose, type ComposeFile, type Shell } from "../support/compose.ts";
import { aFolder } from "../support/files.ts";
import { members } from "../support/member-file.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

const PAGE = readFileSync("docs/workers.md", "utf8");
const [BY_HAND = "", BY_COMPOSE = "", SYNCS = ""] = PAGE.split(/^## (?:With Docker Compose|Syncs)\n/m);
const COMPOSE = readCompose(readFileSync("docs/compose.yaml", "utf8"));

/** The run's id on the page. */
const ID = "20260101-120000-abc123";

/** How many connections a worker has at the most, as the page says. */
const CONNECTIONS = 7;

const QUOTAS = { quotas: { categories: { UserCreation: 100, UserUpdate: 100 }, burstSeconds: 1 } } as const;

function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(
    ([, code = ""]) => code,
  );
}

const linesOf = (text: string): readonly string[] =>
  blocks(text, "sh").flatMap((block) => block.trim().split("\n"));

async function aDatabase(): Promise<TestPostgres> {
  const server = await startPostgres();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** A folder with a config and its source: a third of the users goes by an import job. */
function aHome({ userPoolId }: Target, count: number): string {
  const folder = aFolder();
  const list = members(count, (number) => ({
    email_verified: number % 3 === 0,
    disabled: number % 20 === 0,
  }));
  writeFileSync(join(folder, "users.ndjson"), list.map((user) => `${JSON.stringify(user)}\n`).join(""));
  writeFileSync(
    join(folder, "ferry.yaml"),
    `source: { type: ndjson, path: users.ndjson }
userPool: { id: ${userPoolId} }
importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }
mapping: { disabled: disabled }
`,
  );
  return folder;
}

interface Running {
  readonly end: Promise<CommandResult>;
  kill(signal: NodeJS.Signals): void;
}

function start(args: readonly string[], options: CommandOptions): Running {
  const child = startCli(args, options);
  onTestFinished(() => void child.kill("SIGKILL"));
  return { end: finish(child, 100_000), kill: (signal) => void child.kill(signal) };
}

async function usersReach(target: Target, count: number): Promise<void> {
  await expect.poll(() => target.users().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
}

/** The arguments of a command of the page, for a run. */
function argumentsOf(line: string | undefined, runId = ID): readonly string[] {
  const [, words = ""] = /^npx poolferry (.*)$/.exec(line ?? "") ?? [];
  return words.replaceAll(ID, runId).split(" ");
}

const runIdIn = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "ledger.json"), "utf8")) as { readonly runId: string }).runId;

/** Runs SQL in a database, and gives the rows of the last statement. */
async function runIn(url: URL, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const results = [await client.query<Record<string, unknown>>(sql)].flat();
  await client.end();
  return results.at(-1)?.rows ?? [];
}

test(
  "its commands carry a run out as they stand, from the rights to the removal",
  { timeout: 180_000 },
  async () => {
    const [rights = "", atWork = "", removal = "", ...moreSql] = blocks(BY_HAND, "sql");
    const [address = "", plan, here, elsewhere, status, resume, reports, verify, purge, ...more] =
      linesOf(BY_HAND);
    expect([...moreSql, ...more]).toEqual([]);

    const server = await aDatabase();
    for (const statement of rights.trim().split(/;\n?/).filter(Boolean)) await server.run(statement);
    const [, variable = "", stated = ""] = /^export (\w+)='(.*)'$/.exec(address) ?? [];
    const url = new URL(stated);
    expect(url.searchParams.get("sslmode")).toBe("verify-full");
    url.search = "";
    url.host = `127.0.0.1:${server.port}`;

    const target = await aTarget({}, QUOTAS);
    const home = aHome(target, 1_200);
    const away = aFolder();
    const env = { [variable]: url.href, AWS_ENDPOINT_URL: target.emulator.url };
    const run = (line: string | undefined) => runCli(argumentsOf(line), { cwd: home, env });
    const planned = await run(plan);
    expect(planned.exitCode, planned.stderr).toBe(0);
    const runId = runIdIn(join(home, "night"));
    const joining = argumentsOf(elsewhere, runId);
    expect(planned.stderr).toContain(`poolferry ${joining.join(" ")}\n`);
    const ofRun = (sql: string): string =>
      sql.replaceAll(ID, runId).replaceAll(ID.replaceAll("-", "_"), runId.replaceAll("-", "_"));

    const one = start(argumentsOf(here), { cwd: home, env });
    const other = start(joining, { cwd: away, env });
    const taking = `SELECT count(DISTINCT taken_by)::int AS count FROM poolferry_run_${runId.replaceAll("-", "_")}.users`;
    await expect
      .poll(async () => (await runIn(url, taking))[0]?.["count"], { interval: 500, timeout: 60_000 })
      .toBe(2);
    expect(await server.connections()).toBeLessThanOrEqual(2 * CONNECTIONS);
    expect(await runIn(url, ofRun(atWork))).toHaveLength(2);
    expect(await run(status)).toMatchObject({
      exitCode: EXIT_CODES.stopped,
      stdout: expect.stringContaining("unfinished run") as string,
    });
    expect(await runCli(joining, { cwd: away, env })).toMatchObject({
      exitCode: EXIT_CODES.usage,
      stderr: expect.stringContaining("[RUN_BUSY]") as string,
    });
    other.kill("SIGKILL");
    await other.end;
    const back = start(argumentsOf(resume, runId), { cwd: away, env });
    for (const { end } of [one, back]) {
      const { exitCode, stdout, stderr } = await end;
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toContain("1200 imported");
    }
    expect(target.users()).toHaveLength(1_200);

    expect(await run(reports)).toMatchObject({ exitCode: 0 });
    expect(await run(verify)).toMatchObject({ exitCode: 0 });
    expect(await run(purge)).toMatchObject({ exitCode: 0 });
    const maps = [join(home, "night"), join(away, "poolferry-runs", runId)].map((folder) =>
      existsSync(join(folder, "identity-map.csv")),
    );
    expect(maps).toEqual([false, true]);
    expect(await run(status)).toMatchObject({ exitCode: 0 });
    await runIn(url, ofRun(removal));
    expect(await run(status)).toMatchObject({
      exitCode: EXIT_CODES.usage,
      stderr: expect.stringContaining("[RUN_NOT_FOUND]") as string,
    });
    expect(await runIn(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'poolferry_run%'")).toEqual(
      [],
    );
  },
);

test("another user of the database is refused, and so is one who may not make schemas", async () => {
  const [rights = ""] = blocks(BY_HAND, "sql");
  const server = await aDatabase();
  for (const statement of rights.trim().split(/;\n?/).filter(Boolean)) await server.run(statement);
  await server.run("CREATE ROLE guest LOGIN PASSWORD 'PASSWORD'; GRANT CONNECT ON DATABASE ledgers TO guest");
  const target = await aTarget({}, QUOTAS);
  const home = aHome(target, 1);
  const planAs = (user: string, runDir: string) =>
    runCli(["plan", "--config", "ferry.yaml", "--ledger", "postgres:LEDGER_URL", "--run-dir", runDir], {
      cwd: home,
      env: {
        LEDGER_URL: `postgres://${user}:PASSWORD@127.0.0.1:${server.port}/ledgers`,
        AWS_ENDPOINT_URL: target.emulator.url,
      },
    });
  const refused = { exitCode: 2, stderr: expect.stringContaining("[LEDGER_REFUSED]") as string };
  expect(await planAs("guest", "first")).toMatchObject(refused);
  expect(await planAs("poolferry", "second")).toMatchObject({ exitCode: 0 });
  await server.run("GRANT CREATE ON DATABASE ledgers TO guest");
  expect(await planAs("guest", "third")).toMatchObject(refused);
});

/** Docker Compose, as far as the page uses it: the real command with the arguments and the environment of each service. */
class Composed {
  readonly #shell: Record<string, string>;
  readonly #home: string;
  readonly #server: TestPostgres;
  readonly workers: Running[] = [];
  readonly results: CommandResult[] = [];

  constructor(home: string, server: TestPostgres, shell: Shell) {
    this.#home = home;
    this.#server = server;
    this.#shell = { ...shell };
  }

  /** Does what a line of the page does in a shell. */
  async run(line: string): Promise<void> {
    const [, name, value = ""] = /^export (\w+)=([\w-]+)$/.exec(line) ?? [];
    const [, words] = /^docker compose run --rm --user "\$\(id -u\)" plan ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) this.#shell[name] = value === ID ? runIdIn(join(this.#home, "night")) : value;
    else if (words !== undefined) await this.#plan(words);
    else if (line === "docker compose up --detach worker") this.#up();
    else if (line === "docker compose logs --follow worker") await this.#restartOne();
    else expect(line).toBe("docker compose down");
  }

  async #plan(words: string): Promise<void> {
    const { plan } = COMPOSE.services;
    if (plan === undefined) throw new Error("there is no service plan");
    await this.#startDatabase();
    const args = words === "" ? commandOf(plan, this.#shell) : words.split(" ");
    this.results.push(await runCli(args, { cwd: this.#home, env: this.#environment("plan") }));
  }

  #up(): void {
    const { replicas = 1 } = COMPOSE.services["worker"]?.deploy ?? {};
    for (let started = 0; started < replicas; started += 1) this.#startWorker();
  }

  /** Each has a folder of its own, which is empty at every start. */
  #startWorker(): void {
    const { worker } = COMPOSE.services;
    if (worker === undefined) throw new Error("there is no service worker");
    const args = commandOf(worker, this.#shell);
    this.workers.push(start(args, { cwd: aFolder(), env: this.#environment("worker") }));
  }

  /** Waits for all of them, after one was stopped and started anew. */
  async #restartOne(): Promise<void> {
    this.workers[1]?.kill("SIGTERM");
    await this.workers[1]?.end;
    this.#startWorker();
    for (const { end } of this.workers) this.results.push(await end);
  }

  #environment(name: string): Shell {
    const service = COMPOSE.services[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const environment = environmentOf(service, this.#shell);
    // Between the containers the database is found by the name of its service.
    const LEDGER_URL = (environment["LEDGER_URL"] ?? "").replace(
      "@ledger:5432/",
      `@127.0.0.1:${this.#server.port}/`,
    );
    expect(LEDGER_URL).toContain("127.0.0.1");
    return { ...environment, LEDGER_URL };
  }

  /** Makes the user and the database that the image of PostgreSQL makes at its first start. */
  async #startDatabase(): Promise<void> {
    const { ledger } = COMPOSE.services;
    if (ledger === undefined) throw new Error("there is no service ledger");
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environmentOf(ledger, this.#shell);
    const [known] = await this.#server.runWith("SELECT 1 FROM pg_roles WHERE rolname = $1", [POSTGRES_USER]);
    if (known !== undefined) return;
    await this.#server.run(`CREATE ROLE ${POSTGRES_USER} SUPERUSER LOGIN PASSWORD '${POSTGRES_PASSWORD}'`);
    await this.#server.run(`CREATE DATABASE ${POSTGRES_DB} OWNER ${POSTGRES_USER}`);
  }
}

test(
  "the Compose file plans, and three workers carry the plan out, by the commands of the page",
  { timeout: 180_000 },
  async () => {
    const target = await aTarget({}, QUOTAS);
    const home = aHome(target, 900);
    const shell = {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL: target.emulator.url,
    };
    const compose = new Composed(home, await aDatabase(), shell);
    const lines = linesOf(BY_COMPOSE);
    const following = lines.indexOf("docker compose logs --follow worker");
    for (const line of lines.slice(0, following)) await compose.run(line);
    await usersReach(target, 300);
    for (const line of lines.slice(following)) await compose.run(line);

    expect(compose.workers).toHaveLength(4);
    const [plan, first, stopped, third, anew, status, reports, verify, ...more] = compose.results;
    expect(more).toEqual([]);
    expect(stopped?.exitCode).toBe(EXIT_CODES.interrupted);
    for (const result of [plan, first, third, anew, status, reports, verify])
      expect(result?.exitCode, result?.stderr).toBe(0);
    for (const result of [first, third, anew, status]) expect(result?.stdout).toContain("900 imported");
    expect(target.users()).toHaveLength(900);
    const map = readFileSync(join(home, "night", "identity-map.csv"), "utf8");
    expect(map.trim().split("\n")).toHaveLength(901);
  },
);

test("a worker without the id of its run says so", async () => {
  const { worker } = COMPOSE.services;
  if (worker === undefined) throw new Error("there is no service worker");
  expect(await runCli(commandOf(worker, {}))).toMatchObject({
    exitCode: EXIT_CODES.usage,
    stderr: expect.stringContaining("--run-id") as string,
  });
  expect(() => environmentOf(worker, {})).toThrow("LEDGER_PASSWORD is not set");
});

test("its containers fit together: no folder is shared by workers, no address is in the file", () => {
  const { ledger, plan, worker } = COMPOSE.services as Required<ComposeFile["services"]>;
  expect(Object.keys(COMPOSE.services)).toEqual(["ledger", "plan", "worker"]);
  const dockerfile = worker?.build?.dockerfile_inline ?? "";
  expect(plan?.build).toEqual(worker?.build);
  expect(plan?.image).toBe(worker?.image);
  const [, folder] = /^WORKDIR (\S+)$/m.exec(dockerfile) ?? [];
  expect(dockerfile).toContain('ENTRYPOINT ["poolferry"]');
  expect(dockerfile).toContain("npm install --global poolferry pg ");
  expect(plan?.volumes).toEqual([`.:${folder}`]);
  expect(worker).toMatchObject({ volumes: [], tmpfs: [`${folder}:uid=1000,gid=1000,mode=0700`] });
  expect(worker).toMatchObject({ deploy: { replicas: 3 }, restart: "on-failure:10" });
  for (const service of [plan, worker])
    expect(service?.depends_on).toEqual({ ledger: { condition: "service_healthy" } });
  expect(ledger?.healthcheck?.test).toContain(`--username=${ledger?.environment["POSTGRES_USER"]}`);
  expect(Object.keys(COMPOSE.volumes).map((name) => `${name}:/var/lib/postgresql/data`)).toEqual(
    ledger?.volumes,
  );
  expect(PAGE).toContain("Restarted at most ten times");
  expect(PAGE).toContain(`docker kill ${COMPOSE.name}-worker-2`);
});

test("its exit codes, error codes, files and numbers are those of the code", () => {
  const rows = /\| a worker's exit code \|[^]*?\n\n/.exec(PAGE)?.[0] ?? "";
  const listed = [...rows.matchAll(/^\| ([\d, ]+)/gm)].flatMap(([, codes = ""]) =>
    codes
      .split(",")
      .map((code) => code.trim())
      .filter(Boolean)
      .map(Number),
  );
  expect(listed.toSorted((one, other) => one - other)).toEqual(Object.values(EXIT_CODES));
  const codes = [...PAGE.matchAll(/`([A-Z]+_[A-Z]+)`/g)].map(([, code]) => code);
  const known = new Set<string | undefined>([...ERROR_CODES, "LEDGER_URL"]);
  expect(codes.filter((code) => !known.has(code))).toEqual([]);
  for (const [, file = ""] of PAGE.matchAll(/\]\(((?:\.\.\/)?[\w/.-]+\.(?:md|yaml))/g))
    expect(existsSync(join("docs", file)), file).toBe(true);
  expect(PAGE).toContain(`up to ${CONNECTIONS} for each worker`);
});

test("a sync whose ledger is in PostgreSQL goes on from another computer", { timeout: 60_000 }, async () => {
  const [sync, history, ...more] = linesOf(SYNCS);
  expect(more).toEqual([]);
  const server = await aDatabase();
  const target = await aTarget({}, { quotas: "off" });
  const env = { LEDGER_URL: server.url, AWS_ENDPOINT_URL: target.emulator.url };
  const [one, other] = [aHome(target, 12), aHome(target, 12)];
  const runIn = (home: string, line: string | undefined, ...flags: readonly string[]) =>
    runCli([...argumentsOf(line), ...flags, "--json"], { cwd: home, env });
  for (const [home, counts] of [
    [one, { created: 12 }],
    [other, { created: 0, unchanged: 12 }],
  ] as const) {
    const { exitCode, stdout, stderr } = await runIn(home, sync);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ counts });
  }
  const { runs } = JSON.parse((await runIn(one, history)).stdout) as { readonly runs: readonly unknown[] };
  expect(runs).toHaveLength(2);
  const schemas = await server.run(
    "SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ '^poolferry_'",
  );
  expect(schemas.filter(({ name }) => String(name).startsWith("poolferry_run_"))).toEqual([]);
  expect(schemas.filter(({ name }) => String(name).startsWith("poolferry_sync_"))).toHaveLength(1);
});
