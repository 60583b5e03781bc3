import Database from "better-sqlite3";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { finish, runCli, startCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { barriersOn, closeBrowser, HAS_BROWSER, openUrl } from "../support/browser.ts";
import { startPostgres } from "../support/postgres.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";
import { aTerminal, ended, HAS_TERMINAL } from "../support/terminal.ts";

vi.setConfig({ testTimeout: 120_000 });

afterAll(closeBrowser);

const USERS = 160;

/**
 * Users of a run that goes on for longer. A look at a database takes a while on a busy machine, and is then taken every five
 * seconds, as are the samples that tell of rates.
 */
const MANY_USERS = 400;

/** What a program reads of a snapshot. */
interface Snapshot {
  readonly runId: string;
  readonly state: string;
  readonly isOver: boolean;
  readonly workers?: number;
  readonly lastSeenAt?: string;
  readonly settled: number;
  readonly total: number;
  readonly etaSeconds?: number;
  readonly rates: readonly { readonly category: string; readonly taken: number; readonly limit: number }[];
}

interface Running {
  readonly runDir: string;
  /** The end of the run, which nobody is to have disturbed. */
  readonly end: () => Promise<CommandResult>;
}

/** Plans users of whom all go by AdminCreateUser, sixteen a second. */
async function aPlan(
  env: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
  users = USERS,
): Promise<string> {
  const path = aUserCsv(users, (_, cells) => cells.splice(2, 1, "false"));
  return planOf(path, { UserCreation: 20 }, { env, more });
}

async function planOf(
  path: string,
  categories: Readonly<Record<string, number>>,
  {
    env = {},
    more = [],
  }: { readonly env?: Readonly<Record<string, string>>; readonly more?: readonly string[] } = {},
): Promise<string> {
  const target = await aTarget({}, { quotas: { categories } });
  const runDir = join(aFolder(), "run");
  const args = ["plan", "--from", `csv:${path}`, ...target.flags, "--run-dir", runDir, ...more];
  const planned = await runCli(args, { env });
  expect(planned.exitCode, planned.stderr).toBe(0);
  return runDir;
}

function startRun(runDir: string, env: Readonly<Record<string, string>> = {}): Running {
  const child = startCli(["apply", "--run-dir", runDir, "--json"], { env });
  onTestFinished(() => void child.kill("SIGKILL"));
  const end = finish(child, 100_000);
  return { runDir, end: () => end };
}

const snapshotsIn = (stdout: string): readonly Snapshot[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Snapshot);

async function watchInJson(
  runDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Snapshot[]> {
  const watched = await runCli(["watch", "--run-dir", runDir, "--json"], { env, deadlineMs: 100_000 });
  expect(watched).toMatchObject({ exitCode: 0, stderr: "" });
  return snapshotsIn(watched.stdout);
}

async function expectUndisturbed({ end }: Running): Promise<void> {
  const { exitCode, stderr } = await end();
  expect(exitCode, stderr).toBe(0);
}

function expectWholeRun(snapshots: readonly Snapshot[], users = USERS): void {
  const settled = snapshots.map((snapshot) => snapshot.settled);
  expect(settled).toEqual([...settled].sort((one, other) => one - other));
  expect(snapshots.at(-1)).toMatchObject({ state: "done", isOver: true, settled: users, total: users });
  const going = snapshots.filter(({ workers, etaSeconds }) => workers === 1 && etaSeconds !== undefined);
  const rates = going.flatMap((snapshot) =>
    snapshot.rates.filter(({ category }) => category === "UserCreation"),
  );
  expect(Math.max(...rates.map(({ taken }) => taken))).toBeGreaterThan(8);
  expect(Math.max(...rates.map(({ taken }) => taken))).toBeLessThan(24);
  expect(new Set(rates.map(({ limit }) => limit))).toContain(16);
}

test("watch --json tells how a run of another process goes, from the plan to its end", async () => {
  const runDir = await aPlan();
  const watched = watchInJson(runDir);
  const run = startRun(runDir);
  const snapshots = await watched;
  expect(snapshots[0]).toMatchObject({ state: "planned", settled: 0, total: USERS, isOver: false });
  expectWholeRun(snapshots);
  await expectUndisturbed(run);
});

test("a run whose ledger is in PostgreSQL is watched through its folder in the same way", async () => {
  await using database = await startPostgres();
  const env = { LEDGER_URL: database.url };
  const runDir = await aPlan(env, ["--ledger", "postgres:LEDGER_URL"], MANY_USERS);
  const watched = watchInJson(runDir, env);
  const run = startRun(runDir, env);
  expectWholeRun(await watched, MANY_USERS);
  await expectUndisturbed(run);
});

test("of a run that was stopped it says so, since when, and what goes on with it", async () => {
  const runDir = await aPlan();
  await runCli(["apply", "--run-dir", runDir, "--max-users", "3"]);
  const ledger = new Database(join(runDir, "ledger.db"));
  ledger.exec("UPDATE sample SET taken_at = 1767225600000");
  ledger.close();
  const child = startCli(["watch", "--run-dir", runDir]);
  const end = finish(child);
  await once(child.stdout ?? child, "data");
  child.kill("SIGINT");
  const { stdout, stderr, exitCode } = await end;
  expect(stdout).toBe(
    `nobody is at work on it since 2026-01-01 00:00:00 UTC: poolferry resume goes on with it: 3 of ${USERS} users settled (1.8 %)\n`,
  );
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
});

test("a sample of a moment, as the last of a session may be, tells of no rate by itself", async () => {
  const runDir = await aPlan();
  await runCli(["apply", "--run-dir", runDir, "--max-users", "3"]);
  const ledger = new Database(join(runDir, "ledger.db"));
  const add = ledger.prepare(
    "INSERT INTO sample (session, taken_at, interval_ms, settled, in_jobs, sent, rates) VALUES ('one', ?, ?, 3, 0, 0, ?)",
  );
  ledger.exec("DELETE FROM sample");
  for (const [intervalMs, requests] of [
    [5_000, 500],
    [4_990, 80],
    [10, 2],
  ] as const)
    add.run(Date.now(), intervalMs, JSON.stringify([{ category: "UserCreation", requests, limit: 16 }]));
  ledger.close();
  const child = startCli(["watch", "--run-dir", runDir, "--json"]);
  const end = finish(child);
  await once(child.stdout ?? child, "data");
  child.kill("SIGINT");
  const [first] = snapshotsIn((await end).stdout);
  expect(first?.rates).toEqual([{ category: "UserCreation", taken: 16.4, limit: 16 }]);
});

test("a plan that is made anew in the folder is watched from then on", async () => {
  const runDir = await aPlan();
  const child = startCli(["watch", "--run-dir", runDir, "--json"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  await vi.waitFor(() => expect(stdout).toContain(`"total":${USERS}`), { timeout: 60_000 });
  const target = await aTarget();
  const again = ["plan", "--from", `csv:${aUserCsv(7)}`, ...target.flags, "--run-dir", runDir];
  expect((await runCli(again)).exitCode).toBe(0);
  await vi.waitFor(
    () =>
      expect(stdout).toContain('"state":"planned","isOver":false,"phase":"loading","settled":0,"total":7'),
    {
      timeout: 60_000,
    },
  );
});

test.each([
  [["--run-dir", "nowhere"], "RUN_NOT_FOUND"],
  [["--run-dir", "nowhere", "--port", "1"], "USAGE"],
  [["--run-dir", "nowhere", "--web", "--json"], "USAGE"],
])("watch %j ends with %s", async (args, code) => {
  const { stderr, stdout, exitCode } = await runCli(["watch", ...args]);
  expect(exitCode).toBe(2);
  expect(`${stderr}${stdout}`).toContain(code);
});

test.skipIf(!HAS_TERMINAL)("at a terminal it is drawn anew in place, and its last word stays", async () => {
  const runDir = await aPlan();
  const wide = aTerminal(["watch", "--run-dir", runDir], { columns: 100 });
  const narrow = aTerminal(["watch", "--run-dir", runDir], { columns: 44 });
  await wide.until(/^planned, and nothing was sent yet$/m);
  const run = startRun(runDir);
  const screen = await wide.until(/about \d+ s left/);
  expect(screen).toMatch(
    /^run \S+ into us-east-1_\w+\none process is at work\nloading {3}█*░+ {2}[\d.]+ %$/m,
  );
  expect(screen.match(/^loading /gm)).toHaveLength(1);
  for (const line of (await narrow.until(/about \d+ s left/)).split("\n"))
    expect(line.length).toBeLessThan(44);
  const end = await ended(wide);
  expect(end.exitCode).toBe(0);
  expect(end.screen).toMatch(/^the run is finished: 160 of 160 users settled \(100 %\)/m);
  expect(end.screen).not.toMatch(/^loading /m);
  await expectUndisturbed(run);
});

/** Starts the page of a run; `url` is where it is. */
async function startPage(
  runDir: string,
): Promise<{ readonly url: string; readonly end: Promise<CommandResult> }> {
  const child = startCli(["watch", "--run-dir", runDir, "--web"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const end = finish(child, 100_000);
  const [first] = (await once(child.stdout ?? child, "data")) as [string];
  return { url: first.trim(), end };
}

/** The status of an answer, asked for as a page of another site or another program might. */
async function statusOf(
  url: string,
  method = "GET",
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const asking = request(url, { method, headers });
  asking.end();
  const [response] = (await once(asking, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

describe("the page of watch --web", () => {
  test("is there for this computer alone, for who knows its address, and only to read", async () => {
    const { url } = await startPage(await aPlan());
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/);
    const { origin, port } = new URL(url);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await page.text()).not.toMatch(/https?:\/\//);

    expect(await statusOf(`${origin}/`)).toBe(404);
    expect(await statusOf(`${origin}/${"x".repeat(24)}/events`)).toBe(404);
    expect(await statusOf(url, "GET", { host: `localhost:${port}` })).toBe(200);
    // A name that somebody points to this computer, to read it by a page of theirs.
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1.evil.example:${port}`,
    ])
      expect(await statusOf(url, "GET", { host }), host).toBe(421);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect(await statusOf(url, method)).toBe(405);
  });

  test("is told what its ledger tells, and that the run is over", async () => {
    const runDir = await aPlan();
    const { url, end } = await startPage(runDir);
    const run = startRun(runDir);
    const events = await fetch(`${url}events`);
    expect(events.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await events.text();
    expect(text).toMatch(/\n\nevent: end\ndata:\n\n$/);
    const told = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => json).join("\n");
    expectWholeRun(snapshotsIn(told));
    expect(await end).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("the run is finished: "),
    });
    await expectUndisturbed(run);
  });

  test("at a port that is in use says so", async () => {
    const runDir = await aPlan();
    const { url } = await startPage(runDir);
    const second = await runCli(["watch", "--run-dir", runDir, "--web", "--port", new URL(url).port]);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toContain("is in use");
  });

  test.skipIf(!HAS_BROWSER)(
    "shows in a browser how the run goes, and in the end that it is finished",
    async () => {
      const runDir = await aPlan();
      const { url } = await startPage(runDir);
      const { page, complaints, requests } = await openUrl(url);
      await expect.poll(() => page.textContent("#state")).toBe("Planned, and nothing was sent yet");
      const run = startRun(runDir);
      await expect.poll(() => page.textContent("#state"), { timeout: 60_000 }).toBe("One process is at work");
      const status = await runCli(["status", "--run-dir", runDir]);
      expect(status).toMatchObject({
        exitCode: 4,
        stdout: expect.stringContaining("a process is at work on it") as string,
      });
      expect(status.stdout).not.toContain("poolferry resume");
      await expect.poll(() => page.textContent("#eta"), { timeout: 60_000 }).toMatch(/^about \d+ s$/);
      await expect
        .poll(() => page.textContent("#rates"), { timeout: 60_000 })
        .toMatch(/^UserCreation[\d.]+16\.0/);
      expect(await barriersOn(page)).toEqual([]);
      await expect
        .poll(() => page.textContent("#state"), { timeout: 60_000 })
        .toBe("The run is finished. This page has its last numbers");
      expect(await page.textContent("#settled")).toBe("160");
      expect(await page.title()).toMatch(/^100 % – /);
      expect(await page.locator("#bar").getAttribute("value")).toBe("1");
      expect(complaints).toEqual([]);
      expect(requests.filter((each) => !each.startsWith(url))).toEqual([]);
      await expectUndisturbed(run);
    },
  );

  test.skipIf(!HAS_BROWSER)("shows in a browser how far the follow-ups are", async () => {
    // A double quote does not go through an import job: the names are set afterwards, four a second.
    const path = aUserCsv(24, (number, cells) => cells.splice(3, 1, `"User ""${number}"""`));
    const runDir = await planOf(path, { UserUpdate: 5 });
    const { url } = await startPage(runDir);
    const { page } = await openUrl(url);
    const run = startRun(runDir);
    await expect.poll(() => page.textContent("#stage"), { timeout: 60_000 }).toBe("follow-ups");
    expect(await page.textContent("#total")).toBe("24 follow-ups");
    expect(Number(await page.textContent("#settled"))).toBeLessThan(24);
    expect(Number(await page.locator("#bar").getAttribute("value"))).toBeLessThan(1);
    expect(await page.textContent("#percent")).toMatch(/^\(\d+(\.\d)? %\)$/);
    await expectUndisturbed(run);
    await expect.poll(() => page.textContent("#state"), { timeout: 60_000 }).toContain("The run is finished");
    expect(await page.textContent("#stage")).toBe("–");
    expect(await page.textContent("#total")).toBe("24 users have an outcome");
  });
});
