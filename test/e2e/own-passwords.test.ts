import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anApp, statusesOf } from "../support/app.ts";
import { finish, jsonOf, runCli, startCli, type CommandResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const HASH = "$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

/** A user of the source; the field of the password does not say that it holds a secret. */
interface Row {
  readonly username: string;
  readonly word?: string;
  readonly digest?: string;
  readonly email_verified?: boolean;
  readonly off?: boolean;
}

const ann: Row = { username: "ann", word: "Ann's-own-Passw0rd" };
/** Goes by AdminCreateUser. */
const cy: Row = { username: "cy", word: "Cy's-own-Passw0rd", email_verified: false };

function argsFor(
  target: Target,
  list: readonly Row[],
  {
    runDir = join(aFolder(), "run"),
    policies = "{}",
  }: { readonly runDir?: string; readonly policies?: string } = {},
): readonly string[] {
  const lines = list.map((row) => {
    const blank = {
      word: "",
      digest: "",
      email_verified: true,
      off: false,
      email: `${row.username}@example.com`,
    };
    return `${JSON.stringify({ ...blank, ...row })}\n`;
  });
  const config = `
mapping: { username: username, disabled: "off", passwordHash: digest, password: word }
policies: ${policies}`;
  const source = `ndjson:${aFile(lines.join(""), "users.ndjson")}`;
  const args = migrateArgs(target, source, { runDir, output: ["--json", "--log-level", "trace"] });
  return [...args, "--config", aFile(config, "ferry.yaml")];
}

/** Whether any file below a folder holds one of these texts. */
function holdsAny(folder: string, texts: readonly string[]): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return holdsAny(path, texts);
    const content = readFileSync(path);
    return texts.some((text) => content.includes(text));
  });
}

const secretsOf = (list: readonly Row[]): readonly string[] => list.flatMap(({ word }) => word ?? []);

function expectSilent({ stdout, stderr }: CommandResult, list: readonly Row[]): void {
  for (const secret of secretsOf(list)) expect(stdout + stderr).not.toContain(secret);
}

const rows = (runDir: string, name: string): readonly Readonly<Record<string, string>>[] =>
  parse(readFileSync(join(runDir, name)), { columns: true });

test("users sign in with the passwords they had, which no report, log or finished ledger holds", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const list = [ann, { username: "bob" }, cy];
  const args = argsFor(target, list, { runDir });
  const planned = await runCli(["plan", ...args.filter((arg) => arg !== "migrate" && arg !== "--yes")]);
  expect(jsonOf(planned)).toMatchObject({
    passwords: { kept: 0, set: 2, reset: 1 },
    followUps: { "set-own-password": { planned: 2, done: 0 } },
  });
  expectSilent(planned, list);
  // Until it was set, it stands in the ledger and nowhere else.
  expect(holdsAny(runDir, [ann.word ?? ""])).toBe(true);
  const reports = readdirSync(runDir).filter((name) => /\.(csv|json)$/.test(name));
  expect(reports.length).toBeGreaterThan(3);
  for (const name of reports) {
    for (const secret of secretsOf(list))
      expect(readFileSync(join(runDir, name), "utf8")).not.toContain(secret);
  }

  const done = await runCli(["apply", "--run-dir", runDir, "--json", "--log-level", "trace"]);
  expect(jsonOf(done)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expectSilent(done, list);
  expect(holdsAny(runDir, secretsOf(list))).toBe(false);
  expect(statusesOf(target)).toEqual({ ann: "CONFIRMED", bob: "RESET_REQUIRED", cy: "CONFIRMED" });
  expect(target.emulator.control.outbox).toEqual([]);
  const app = await anApp(target);
  for (const { username, word } of [ann, cy]) expect(await app.signIn(username, word)).toBe(true);
  expect(jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"])).exitCode).toBe(0);
});

test("a usable hash goes before the password, a hash that is lost does not", async () => {
  const target = await aTarget();
  const list = [
    { ...ann, digest: HASH },
    { ...ann, username: "bob", digest: HASH.replace("$10$", "$13$") },
    { ...cy, digest: HASH },
  ];
  const result = jsonOf(await runCli(argsFor(target, list)));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, passwords: { kept: 1, set: 2, reset: 0 } });
  expect(result.followUps["set-own-password"]).toMatchObject({ planned: 2, done: 2 });
  expect(result.issues.filter(({ code }) => code.startsWith("password-"))).toEqual([]);
  expect(statusesOf(target)).toEqual({ ann: "CONFIRMED", bob: "CONFIRMED", cy: "CONFIRMED" });
});

test("who may not sign in comes without the password, and what looks like a hash is not set as one", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const list = [
    { ...ann, off: true },
    { username: "bob", word: HASH },
    { username: "dee", word: "0cc175b9c0f1b6a831c399e269772661" },
  ];
  const run = await runCli(argsFor(target, list, { runDir }));
  expect(jsonOf(run)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expectSilent(run, list);
  expect(target.emulator.requestCounts.get("AdminSetUserPassword")).toBeUndefined();
  expect(rows(runDir, "warnings.csv").map(({ username, code }) => `${username} ${code}`)).toEqual([
    "ann password-withheld",
    "bob password-looks-hashed",
    "dee password-looks-hashed",
  ]);
  expect(holdsAny(runDir, secretsOf(list))).toBe(false);
});

test("a password that Cognito refuses is named without it, and its user is left as one without", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const list = [
    { ...ann, word: "tooweak" },
    { username: "bob", word: "x".repeat(257) },
    cy,
    { ...cy, username: "dee", word: "alsoweak" },
  ];
  const run = await runCli(
    argsFor(target, list, { runDir, policies: "{ passwordAfterCreate: random-permanent }" }),
  );
  expect(jsonOf(run)).toMatchObject({ outcomes: { imported: 4 }, exitCode: 3 });
  expectSilent(run, list);
  expect(jsonOf(run).followUps).toMatchObject({
    "set-own-password": { planned: 4, done: 1, failed: 3 },
    // Only of the one whom AdminCreateUser made and whose own was refused.
    "set-password": { planned: 1, done: 1 },
  });
  expect(statusesOf(target)).toEqual({
    ann: "RESET_REQUIRED",
    bob: "RESET_REQUIRED",
    cy: "CONFIRMED",
    dee: "CONFIRMED",
  });
  expect(rows(runDir, "follow-ups.csv")).toMatchObject([
    {
      username: "ann",
      follow_up: "set-own-password",
      message: expect.stringContaining("not long enough") as string,
    },
    { username: "bob", follow_up: "set-own-password", target: "", subject: "" },
    { username: "dee", follow_up: "set-own-password" },
  ]);
  expect(holdsAny(runDir, secretsOf(list))).toBe(false);
  expect(jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"])).exitCode).toBe(0);
});

test.each([
  ["is one user's", "InvalidParameterException", 3],
  ["is the run's", "SomethingNewException", 4],
])(
  "words of Cognito's that hold the password are not shown, where the trouble %s",
  async (_, type, exitCode) => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    const message = `Value '${ann.word}' at 'password' failed`;
    const fault = { kind: "error", status: 400, type, message } as const;
    target.emulator.control.planFault({ operation: "AdminSetUserPassword", count: 0, fault });
    const run = await runCli(argsFor(target, [ann], { runDir }));
    expect(jsonOf(run)).toMatchObject({ exitCode });
    expectSilent(run, [ann]);
    expect(run.stdout).toContain(`${type}; its words are not shown`);
    if (exitCode === 3) expect(holdsAny(runDir, secretsOf([ann]))).toBe(false);
  },
);

test.each(["before", "after"] as const)(
  "killed %s the effect of AdminSetUserPassword, a resumed run has set the password, and erased it",
  async (side: Side) => {
    const hold = new Hold({ operation: "AdminSetUserPassword", number: 1, side });
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    const child = startCli(argsFor(target, [ann], { runDir }));
    const ended = finish(child);
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    // A pool that remembers passwords refuses the same one again.
    const type = "PasswordHistoryPolicyViolationException";
    const fault = { kind: "error", status: 400, type, message: "said" } as const;
    if (side === "after") target.emulator.control.planFault({ operation: "AdminSetUserPassword", fault });
    const resumed = jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));
    expect(resumed).toMatchObject({ outcomes: { imported: 1 }, exitCode: 0 });
    expect(await (await anApp(target)).signIn("ann", ann.word)).toBe(true);
    expect(holdsAny(runDir, secretsOf([ann]))).toBe(false);
  },
);

test("a password that the pool remembers and the user does not have is one that was not set", async () => {
  const target = await aTarget();
  const type = "PasswordHistoryPolicyViolationException";
  const fault = { kind: "error", status: 400, type, message: "said" } as const;
  target.emulator.control.planFault({ operation: "AdminSetUserPassword", fault });
  const result = jsonOf(await runCli(argsFor(target, [ann])));
  expect(result).toMatchObject({ exitCode: 3, followUps: { "set-own-password": { failed: 1 } } });
  expect(statusesOf(target)).toEqual({ ann: "RESET_REQUIRED" });
});

test("whose row an import job refuses has the password all the same, and no other", async () => {
  const target = await aTarget({}, { rules: { charactersInRow: 20, highestFailedShare: 1 } });
  const policies = "{ passwordAfterCreate: reset-required }";
  const result = jsonOf(await runCli(argsFor(target, [ann], { policies })));
  expect(result).toMatchObject({ outcomes: { imported: 1 }, exitCode: 0 });
  expect(result.followUps["set-password"]).toMatchObject({ planned: 0 });
  expect(statusesOf(target)).toEqual({ ann: "CONFIRMED" });
  expect(await (await anApp(target)).signIn("ann", ann.word)).toBe(true);
  expect(target.emulator.control.outbox).toEqual([]);
});

test("the password is erased as soon as it was set, before the run is over", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const fault = { kind: "error", status: 400, type: "SomethingNewException", message: "said" } as const;
  target.emulator.control.planFault({ operation: "AdminSetUserPassword", from: 2, count: 0, fault });
  const list = [ann, { ...cy, email_verified: true }];
  expect(jsonOf(await runCli(argsFor(target, list, { runDir })))).toMatchObject({ exitCode: 4 });
  const database = new Database(join(runDir, "ledger.db"), { readonly: true });
  const left = database.prepare("SELECT count(password) AS left, count(*) AS users FROM users").get();
  database.close();
  expect(left).toEqual({ left: 1, users: 2 });
});
