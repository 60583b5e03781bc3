import Database from "better-sqlite3";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { lockRun } from "../../src/ledger/run-lock.ts";
import { BIN, jsonOf, LOCAL_ENV, runCli, type CommandResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

vi.setConfig({ testTimeout: 120_000 });

const KILLER = pathToFileURL(fileURLToPath(new URL("../support/kill-at-write.ts", import.meta.url))).href;

/** What only the users of these tests have, in one field or another. */
const PERSONAL = /quenby|zuiderzee|zz-legacy|zz-group|zz-subject|\+48601555|zzdigest/i;

/** Users of every kind: with a hash, a password, groups, links; who clash, are rejected, refused, or there before. */
function aConfig({ userPoolId, emulator }: Target): string {
  const blank = { email_verified: true, digest: "", off: false, teams: [], word: "", ids: [] };
  const people = [
    {
      username: "quenby1",
      digest: "$2b$10$zzdigestrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ012345678901234",
      teams: ["zz-group"],
    },
    { username: "quenby2", word: "Quenby2-Passw0rd", off: true },
    { username: "quenby3", email_verified: false, name: 'Zuiderzee "3"' },
    { username: "quenby4", email: "quenby1@zuiderzee.example" },
    { username: "quenby 5" },
    { username: "quenby6", email: "quenby6@refused.zuiderzee" },
    { username: "quenby7", ids: [{ provider: "g", id: "zz-subject" }], phone_number: "+48601555010" },
  ];
  const lines = people.map((person, index) => {
    const own = { legacy: `zz-legacy-${index}`, email: `quenby${index + 1}@zuiderzee.example` };
    return `${JSON.stringify({ ...blank, ...own, ...person })}\n`;
  });
  return aFile(
    `source: { type: ndjson, path: ${aFile(lines.join(""), "people.ndjson")} }
userPool: { id: ${userPoolId}, endpointUrl: "${emulator.url}" }
importJob: { logsRoleArn: "arn:aws:iam::123456789012:role/import-log" }
mapping:
  username: username
  sourceId: legacy
  passwordHash: digest
  password: word
  disabled: "off"
  groups: teams
  linkedProviders: { list: ids, provider: provider, subject: id, names: { g: Google } }
policies: { duplicates: first }
`,
    "ferry.yaml",
  );
}

async function aPool(): Promise<Target> {
  const rules = { emailPattern: /@zuiderzee\.example$/, highestFailedShare: 1 };
  return aTarget({ AliasAttributes: ["email"] }, { rules });
}

async function aRun(target: Target, command = "migrate"): Promise<string> {
  const runDir = join(aFolder(), "run");
  const yes = command === "migrate" ? ["--yes"] : [];
  const { exitCode } = await runCli([command, "--config", aConfig(target), "--run-dir", runDir, ...yes]);
  expect(exitCode).toBe(3);
  return runDir;
}

const purge = (runDir: string): Promise<CommandResult> =>
  runCli(["purge", "--run-dir", runDir, "--yes", "--json"]);
const statusOf = async (runDir: string) => jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]));

/** The files of a run, with the bytes of each checked for what is anybody's. */
function filesOf(runDir: string): readonly string[] {
  const files = readdirSync(runDir, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files) {
    if (file === "parts") continue;
    expect(PERSONAL.exec(readFileSync(join(runDir, file), "latin1"))?.[0], file).toBeUndefined();
  }
  return files;
}

const PURGED_FILES = ["ledger.db", "report.json", "run.lock"];

test("parts that a killed worker has left of a purged run are named by resume, and purge deletes them", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli(["plan", "--from", `csv:${aUserCsv(1)}`, ...target.flags, "--run-dir", runDir]);
  await purge(runDir);
  const hintOfResume = async (): Promise<string | undefined> =>
    jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"])).error?.hint;
  expect(await hintOfResume()).not.toContain("parts");
  mkdirSync(join(runDir, "parts"), { recursive: true });
  writeFileSync(join(runDir, "parts", "part-1.csv"), "quenby");
  expect(await hintOfResume()).toContain(`poolferry purge --run-dir ${runDir} --yes`);
  expect((await purge(runDir)).exitCode).toBe(0);
  expect(filesOf(runDir)).toEqual(PURGED_FILES);
});

test("a finished run keeps its numbers, and no byte of its users in any file", async () => {
  const target = await aPool();
  const runDir = await aRun(target);
  const users = target.users("sub", "email");
  const before = await statusOf(runDir);
  expect(before).toMatchObject({ outcomes: { imported: 4, failed: 1, rejected: 2 }, exitCode: 3 });
  expect(PERSONAL.test(readFileSync(join(runDir, "ledger.db"), "latin1"))).toBe(true);
  // What processes that were killed have left.
  writeFileSync(join(runDir, "failed.csv.part"), "quenby");

  const purged = await purge(runDir);
  expect(purged.exitCode).toBe(0);
  expect(filesOf(runDir)).toEqual(PURGED_FILES);
  const after = await statusOf(runDir);
  expect(after).toEqual({
    ...before,
    // What was foreseen has examples, and is past.
    forecast: undefined,
    state: "purged",
    purged: { was: "done", at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    source: { ...before.source, unusedFields: [], cursor: "" },
    reasons: before.reasons.map(({ example: _words, ...reason }) => reason),
  });
  expect(jsonOf(purged)).toEqual({ ...after, isHeld: undefined, exitCode: 0 });
  expect(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8"))).toEqual({
    ...after,
    isHeld: undefined,
  });
  const { stdout } = await runCli(["status", "--run-dir", runDir]);
  expect(stdout).toMatch(/\(run that was purged\) into[^]*4 imported[^]*before that it was a finished run/);
  expect(filesOf(runDir)).toEqual(PURGED_FILES);
  expect(target.users("sub", "email")).toEqual(users);

  const { runId } = before;
  for (const command of [["apply"], ["verify"], ["undo", "--delete", "--confirm", runId]]) {
    expect(jsonOf(await runCli([...command, "--run-dir", runDir, "--json"])), command[0]).toMatchObject({
      error: { code: "RUN_PURGED", hint: expect.stringContaining("plan again in a new folder") },
      exitCode: 2,
    });
  }
  const again = ["plan", "--config", aConfig(target), "--run-dir", runDir, "--json"];
  expect(jsonOf(await runCli(again))).toMatchObject({ error: { code: "RUN_EXISTS" } });
  // A copy of a report is nobody's but the operator's, who is told of it.
  writeFileSync(join(runDir, "copy.csv"), "");
  const repeated = await purge(runDir);
  expect(jsonOf(repeated)).toEqual({ ...after, isHeld: undefined, exitCode: 0 });
  expect(repeated.stderr).toContain("copy.csv");
  rmSync(join(runDir, "copy.csv"));
  expect(filesOf(runDir)).toEqual(PURGED_FILES);
});

test("a run that was undone, a plan, and a plan that was killed can be purged", async () => {
  const target = await aPool();
  const planned = await aRun(target, "plan");
  expect(jsonOf(await purge(planned))).toMatchObject({
    state: "purged",
    purged: { was: "planned" },
    unsettled: 5,
  });
  expect(filesOf(planned)).toEqual(PURGED_FILES);
  expect(jsonOf(await runCli(["resume", "--run-dir", planned, "--json"]))).toMatchObject({
    error: { code: "RUN_PURGED" },
  });

  const killed = join(aFolder(), "run");
  const env = { NODE_OPTIONS: `--import=${KILLER}`, KILL_AT_WRITE: "1", KILL_AT_TEXT: "INSERT INTO issue" };
  const plan = await runCli(["plan", "--config", aConfig(target), "--run-dir", killed], { env });
  expect(plan.signal).toBe("SIGKILL");
  expect(jsonOf(await purge(killed))).toMatchObject({ purged: { was: "planning" } });
  expect(filesOf(killed)).toEqual(PURGED_FILES);

  const undone = await aRun(target);
  const { runId } = await statusOf(undone);
  await runCli(["undo", "--run-dir", undone, "--delete", "--confirm", runId]);
  expect(jsonOf(await purge(undone))).toMatchObject({
    purged: { was: "undone" },
    undo: { deleted: 4 },
    exitCode: 0,
  });
  expect(filesOf(undone)).toEqual(PURGED_FILES);
});

test("killed before and after any write to the ledger, a repeated purge leaves nothing", async () => {
  const runDir = await aRun(await aPool());
  const before = await statusOf(runDir);
  const inTheMiddle = { KILL_AT_WRITE: "1", KILL_AT_TEXT: "DELETE FROM user" };
  const between = [1, 2].flatMap((at) =>
    ["before", "after"].map((side) => ({ KILL_AT_WRITE: String(at), KILL_AT_SIDE: side })),
  );
  const states: string[] = [];
  for (const point of [inTheMiddle, ...between]) {
    const copy = join(aFolder(), "run");
    cpSync(runDir, copy, { recursive: true });
    const env = { NODE_OPTIONS: `--import=${KILLER}`, ...point };
    expect((await runCli(["purge", "--run-dir", copy, "--yes"], { env })).signal).toBe("SIGKILL");
    const { state, outcomes } = await statusOf(copy);
    expect(outcomes).toEqual(before.outcomes);
    states.push(state);
    expect(jsonOf(await purge(copy))).toMatchObject({ state: "purged", outcomes: before.outcomes });
    expect(filesOf(copy)).toEqual(PURGED_FILES);
  }
  // There is no further write.
  expect(states).toEqual(["done", "done", "purging", "purging", "purged"]);
});

describe("is refused", () => {
  test("of a run that is not finished, and says how to finish it", async () => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    await runCli(["plan", "--from", `csv:${aUserCsv(3)}`, ...target.flags, "--run-dir", runDir]);
    await runCli(["apply", "--run-dir", runDir, "--max-users", "1"]);
    const ledger = readFileSync(join(runDir, "ledger.db"));
    expect(jsonOf(await purge(runDir))).toMatchObject({
      error: {
        code: "RUN_UNFINISHED",
        hint: expect.stringContaining(`poolferry resume --run-dir ${runDir}`),
      },
      exitCode: 2,
    });
    expect(readFileSync(join(runDir, "ledger.db")).equals(ledger)).toBe(true);

    const { runId } = await statusOf(runDir);
    const undo = ["undo", "--run-dir", runDir, "--delete", "--confirm", runId];
    const env = { NODE_OPTIONS: `--import=${KILLER}`, KILL_AT_WRITE: "1", KILL_AT_TEXT: "INSERT INTO undo" };
    expect((await runCli(undo, { env })).signal).toBe("SIGKILL");
    expect(jsonOf(await purge(runDir))).toMatchObject({
      error: { code: "RUN_UNFINISHED", hint: expect.stringContaining(`poolferry undo --run-dir ${runDir}`) },
    });
  });

  test("while another process works on the run or reads it", async () => {
    const runDir = await aRun(await aPool(), "plan");
    const lock = lockRun(join(runDir, "run.lock"));
    expect(jsonOf(await purge(runDir))).toMatchObject({ error: { code: "RUN_BUSY" }, exitCode: 2 });
    lock[Symbol.dispose]();
    expect(await statusOf(runDir)).toMatchObject({ state: "planned" });

    const reader = new Database(join(runDir, "ledger.db"), { readonly: true });
    onTestFinished(() => void reader.close());
    reader.exec("BEGIN; SELECT count(*) FROM users");
    expect(jsonOf(await purge(runDir))).toMatchObject({ error: { code: "RUN_BUSY" }, exitCode: 2 });
    reader.close();
    expect(await statusOf(runDir)).toMatchObject({ state: "purging", exitCode: 4 });
    expect(jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]))).toMatchObject({
      error: { code: "RUN_PURGED", hint: expect.stringContaining(`poolferry purge --run-dir ${runDir}`) },
    });
    expect(jsonOf(await purge(runDir))).toMatchObject({ state: "purged" });
    expect(filesOf(runDir)).toEqual(PURGED_FILES);
  });

  test("where nobody can be asked, and where there is no run", async () => {
    const runDir = aFolder();
    for (const [flags, code] of [
      [[], "CONFIRMATION_MISSING"],
      [["--yes"], "RUN_NOT_FOUND"],
    ] as const)
      expect(jsonOf(await runCli(["purge", "--run-dir", runDir, "--json", ...flags]))).toMatchObject({
        error: { code },
        exitCode: 2,
      });
    expect(readdirSync(runDir)).toEqual([]);
  });
});

test.skipIf(!isInstalled("script", "answering the question of purge at a terminal"))(
  "at a terminal it says what will be lost and asks",
  async () => {
    const runDir = await aRun(await aPool(), "plan");
    for (const [answer, state] of [
      ["n", "planned"],
      ["y", "purged"],
    ] as const) {
      const command = [process.execPath, BIN, "purge", "--run-dir", runDir].join(" ");
      const child = spawn("script", ["-qec", command, "/dev/null"], { env: LOCAL_ENV });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (text.includes("[y/N]")) child.stdin.write(`${answer}\r`);
      });
      await once(child, "close");
      expect(printed).toMatch(/holds 7 users in[^]*ERASED[^]*Copy what you still need/);
      expect(await statusOf(runDir)).toMatchObject({ state });
    }
  },
);
