import { parse } from "csv-parse/sync";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { someFacts } from "../support/builders.ts";
import { aTarget, LOGS_ROLE_ARN, migrateArgs } from "../support/target.ts";
import { aFile, aFolder } from "../support/files.ts";

const DEMO_EXPORT = fileURLToPath(new URL("../../fixtures/demo/auth0-export.json", import.meta.url));

function rows(path: string): readonly Record<string, string>[] {
  return parse(readFileSync(path), { columns: true }) as Record<string, string>[];
}

test("an Auth0 export reaches the pool in one command, every user with exactly one outcome", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const result = await runCli(migrateArgs(target, `auth0:${DEMO_EXPORT}`, { runDir }));

  const json = jsonOf(result);
  expect(json).toMatchObject({
    runDir,
    state: "done",
    source: { rows: 12 },
    routes: { "import-job": 8, "admin-create": 1, none: 3 },
    outcomes: { imported: 9, updated: 0, skipped: 1, failed: 0, rejected: 2 },
    followUps: { disable: { planned: 1, done: 1 }, "set-attributes": { planned: 1, done: 1, failed: 0 } },
    exitCode: 3,
  });
  expect(result.exitCode).toBe(3);
  expect(result.stdout.trim().split("\n")).toHaveLength(1);
  expect(target.users("email", "email_verified", "name", "phone_number")).toEqual([
    {
      username: "ada.nowak@example.com",
      email: "ada.nowak@example.com",
      email_verified: "true",
      name: "Ada Nowak",
      phone_number: "+48601555010",
    },
    {
      username: "bjorn",
      email: "bjorn.aas@example.com",
      email_verified: "true",
      name: "Bjørn Åås",
      phone_number: undefined,
    },
    {
      username: "chen.li@example.com",
      email: "chen.li@example.com",
      email_verified: "true",
      name: "陈丽",
      phone_number: undefined,
    },
    {
      username: "diego.ruiz@example.com",
      email: "diego.ruiz@example.com",
      email_verified: "true",
      name: "Ruiz, Diego",
      phone_number: undefined,
    },
    {
      username: "eve.okafor@example.com",
      email: "eve.okafor@example.com",
      email_verified: "false",
      name: "Eve Okafor",
      phone_number: undefined,
    },
    {
      username: "farid.haddad@example.com",
      email: "farid.haddad@example.com",
      email_verified: "true",
      name: "Farid Haddad",
      phone_number: undefined,
    },
    {
      username: "grace.kim@example.com",
      email: "grace.kim@example.com",
      email_verified: "true",
      name: "Grace Kim",
      phone_number: undefined,
    },
    {
      username: "ivan.petrov@example.com",
      email: "ivan.petrov@example.com",
      email_verified: "true",
      name: 'Ivan "Vanya" Petrov',
      phone_number: undefined,
    },
    {
      username: "kofi.mensah@example.com",
      email: "kofi.mensah@example.com",
      email_verified: "true",
      name: "Kofi Mensah",
      phone_number: undefined,
    },
  ]);
  const farid = target.emulator.state.pools.get(target.userPoolId)?.users.find("farid.haddad@example.com");
  expect(farid?.enabled).toBe(false);
  expect(target.emulator.state.outbox).toEqual([]);
});

test("the run folder holds each outcome in the source's own columns with its reason, for its owner only", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli(migrateArgs(target, `auth0:${DEMO_EXPORT}`, { runDir }));

  expect(readdirSync(runDir).sort()).toEqual([
    "duplicates.csv",
    "failed.csv",
    "failed.ndjson",
    "follow-ups.csv",
    "identity-map.csv",
    "ledger.db",
    "parts",
    "rejected.csv",
    "rejected.ndjson",
    "report.html",
    "report.json",
    "run.lock",
    "skipped.csv",
    "skipped.ndjson",
    "warnings.csv",
  ]);
  expect(readdirSync(join(runDir, "parts"))).toEqual([]);
  expect(statSync(runDir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(runDir).filter((each) => each !== "parts")) {
    expect(statSync(join(runDir, name)).mode & 0o777, name).toBe(0o600);
  }
  expect(rows(join(runDir, "skipped.csv"))).toMatchObject([
    {
      user_id: "google-oauth2|111222333444555666777",
      poolferry_row: "8",
      poolferry_line: "8",
      poolferry_reason: "user-social-only",
    },
  ]);
  expect(
    rows(join(runDir, "rejected.csv")).map((row) => [
      row["email"],
      row["poolferry_reason"],
      row["poolferry_message"],
    ]),
  ).toEqual([
    ["jo.smith@example.com", "duplicate-username", "the username is also that of row 11"],
    ["jo.smith2@example.com", "duplicate-username", "the username is also that of row 10"],
  ]);
  const subs = new Map(target.users("sub").map(({ username, sub }) => [username, sub]));
  const map = rows(join(runDir, "identity-map.csv"));
  expect(map).toHaveLength(9);
  expect(map[1]).toEqual({ source_id: "auth0|64f0a2", username: "bjorn", sub: subs.get("bjorn") });
  expect(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8"))).toMatchObject({
    source: { rows: 12 },
    exitCode: 3,
  });
});

test("a plan sends nothing, apply carries it out, and applying again changes nothing", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const planned = await runCli([
    "plan",
    "--from",
    `csv:${aUserCsv(3)}`,
    ...target.flags,
    "--run-dir",
    runDir,
    "--json",
  ]);
  expect(jsonOf(planned)).toMatchObject({
    state: "planned",
    routes: { "import-job": 3 },
    outcomes: { imported: 0 },
    exitCode: 0,
  });
  expect(planned.exitCode).toBe(0);
  expect(target.users()).toEqual([]);
  expect([...target.emulator.requestCounts.keys()].sort()).toEqual([
    "CreateUserPool",
    "DescribeUserPool",
    "GetCSVHeader",
  ]);

  const applied = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(applied)).toMatchObject({ state: "done", outcomes: { imported: 3 }, exitCode: 0 });
  expect(applied.exitCode).toBe(0);
  expect(target.users().map(({ username }) => username)).toEqual(usernames(3));

  const requests = target.emulator.requestCounts.get("CreateUserImportJob");
  const again = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(again)).toEqual(jsonOf(applied));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(requests);
});

test("columns that bear an attribute's name are taken, and the rest are listed as unused", async () => {
  const target = await aTarget();
  const result = await runCli([
    "plan",
    "--from",
    `csv:${aUserCsv(2)}`,
    ...target.flags,
    "--run-dir",
    join(aFolder(), "run"),
    "--json",
  ]);
  expect(jsonOf(result).source.unusedFields).toEqual(["plan"]);
});

test("a config file says the same and more, and the command line overrides it", async () => {
  const target = await aTarget({ Schema: [{ Name: "plan", AttributeDataType: "String", Mutable: true }] });
  const users = aUserCsv(2);
  const config = aFile(
    `source: { type: ndjson, path: ${users} }
userPool: { id: ${target.userPoolId}, endpointUrl: "${target.emulator.url}" }
importJob: { logsRoleArn: "arn:aws:iam::123456789012:role/import-log" }
mapping:
  attributes:
    custom:plan: plan
    nickname: { constant: friend }
    name: null
`,
    "ferry.yaml",
  );
  const result = await runCli([
    "migrate",
    "--config",
    config,
    "--from",
    `csv:${users}`,
    "--run-dir",
    join(aFolder(), "run"),
    "--yes",
    "--json",
  ]);
  expect(jsonOf(result)).toMatchObject({
    outcomes: { imported: 2 },
    source: { unusedFields: ["name"] },
    exitCode: 0,
  });
  expect(target.users("custom:plan", "nickname", "name")).toEqual([
    { username: "u1", "custom:plan": "pro", nickname: "friend", name: undefined },
    { username: "u2", "custom:plan": "pro", nickname: "friend", name: undefined },
  ]);
});

test("users who are in the pool already are skipped, never changed, and stand in the identity map", async () => {
  const target = await aTarget();
  const first = join(aFolder(), "run");
  await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { runDir: first }));
  const before = target.users("sub", "name");

  const second = join(aFolder(), "run");
  const changed = aUserCsv(3, (_, cells) => (cells[3] = "Changed"));
  const result = await runCli(migrateArgs(target, `csv:${changed}`, { runDir: second }));
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 1, skipped: 2 } });
  expect(target.users("sub", "name").slice(0, 2)).toEqual(before);
  expect(rows(join(second, "skipped.csv"))).toMatchObject([
    { username: "u1", poolferry_reason: "user-exists", poolferry_message: "The user already exists." },
    { username: "u2", poolferry_reason: "user-exists", poolferry_message: "The user already exists." },
  ]);
  expect(
    rows(join(second, "identity-map.csv"))
      .map(({ username }) => username)
      .sort(),
  ).toEqual(usernames(3));
});

test("in a pool whose usernames are e-mail addresses, the address is the username and Cognito's UUID is the sub", async () => {
  const target = await aTarget({ UsernameAttributes: ["email"] });
  const runDir = join(aFolder(), "run");
  const result = await runCli(migrateArgs(target, `auth0:${DEMO_EXPORT}`, { runDir }));
  // The two jo.smith clash in their usernames only, which nobody uses in this pool.
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 11, skipped: 1, failed: 0, rejected: 0 } });
  const users = target.users("email", "sub");
  expect(users.every(({ username, sub }) => username === sub)).toBe(true);
  const bjorn = users.find(({ email }) => email === "bjorn.aas@example.com");
  expect(rows(join(runDir, "identity-map.csv"))).toContainEqual({
    source_id: "auth0|64f0a2",
    username: "bjorn.aas@example.com",
    sub: bjorn?.["sub"],
  });
});

test("in a pool with e-mail aliases, a username that looks like an address is passed over", async () => {
  const target = await aTarget({ AliasAttributes: ["email"] });
  const result = await runCli(migrateArgs(target, `auth0:${DEMO_EXPORT}`));
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 9, failed: 0 } });
  expect(target.users().map(({ username }) => username)).toContain("auth0|64f0a1");
});

test("of users who would clash, the first of the source is sent where the config says so", async () => {
  const target = await aTarget({ AliasAttributes: ["email"] });
  const users = aFile(
    [
      "username,email,email_verified,name",
      "ann,ann@example.com,true,Ann",
      "ANN,other@example.com,true,Second Ann",
      "bea,Ann@Example.com,true,Third Ann",
      "cy,cy@example.com,true,Cy",
      "dot,other@example.com,true,Dot",
      "",
    ].join("\n"),
    "users.csv",
  );
  const config = aFile("policies: { duplicates: first }\n", "ferry.yaml");
  const runDir = join(aFolder(), "run");
  const result = await runCli([...migrateArgs(target, `csv:${users}`, { runDir }), "--config", config]);
  expect(jsonOf(result)).toMatchObject({
    outcomes: { imported: 3, skipped: 0, failed: 0, rejected: 2 },
    issues: [
      { code: "duplicate-email", severity: "error", count: 2 },
      { code: "duplicate-username", severity: "error", count: 1 },
    ],
    exitCode: 3,
  });
  expect(target.users("name").map(({ name }) => name)).toEqual(["Ann", "Cy", "Dot"]);
  expect(rows(join(runDir, "rejected.csv")).map((row) => [row["name"], row["poolferry_message"]])).toEqual([
    [
      "Second Ann",
      "the username is also that of row 1, which is kept; the e-mail address is also that of row 5, which is kept",
    ],
    ["Third Ann", "the e-mail address is also that of row 1, which is kept"],
  ]);
  expect(readFileSync(join(runDir, "duplicates.csv"), "utf8").split("\n")).toEqual([
    "group,row,line,source_id,username,decision,same_username_as,same_email_as,same_phone_as,same_preferred_username_as",
    "1,1,2,,ann,kept,2,3,,",
    "1,2,3,,ANN,rejected,1,5,,",
    "1,3,4,,bea,rejected,,1,,",
    "1,5,6,,dot,kept,,2,,",
    "",
  ]);
});

test("people get a summary on stdout and the progress on stderr", async () => {
  const target = await aTarget();
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { output: [] }));
  expect(result.stdout).toContain("2 imported, 0 updated, 0 skipped, 0 failed, 0 rejected");
  expect(result.stderr).toContain("part 1: Succeeded, 2 imported");
  expect(result.exitCode).toBe(0);
});

test("with --log-format json all of stderr is JSON lines, and no line holds the upload's address", async () => {
  const target = await aTarget();
  const output = ["--log-format", "json", "--log-level", "debug"];
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { output }));
  const lines = result.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { msg: string });
  expect(lines.map(({ msg }) => msg)).toContain("part-uploaded");
  expect(result.stdout + result.stderr).not.toMatch(/X-Amz-Signature/i);

  const failed = await runCli(["apply", "--run-dir", join(aFolder(), "none"), "--log-format", "json"]);
  expect(JSON.parse(failed.stderr)).toMatchObject({ level: 50, msg: expect.stringMatching(/RUN_NOT_FOUND/) });
});

test("the log level says the least that is told, as text and as JSON", async () => {
  const target = await aTarget();
  for (const format of ["text", "json"]) {
    const output = ["--json", "--log-level", "warn", "--log-format", format];
    expect((await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { output }))).stderr).toBe("");
  }
});

test("a plan touches nothing in its folder that is not its own", async () => {
  const target = await aTarget();
  const runDir = aFolder();
  mkdirSync(join(runDir, "parts"));
  writeFileSync(join(runDir, "parts", "engine.txt"), "mine");
  writeFileSync(join(runDir, "notes.txt"), "mine");
  const cut = aFile("username,email,email_verified\nu1,u1@example.com,true\nu2,u2", "users.csv");
  expect((await runCli(migrateArgs(target, `csv:${cut}`, { runDir }))).exitCode).toBe(2);
  expect((await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { runDir }))).exitCode).toBe(0);
  expect(readFileSync(join(runDir, "parts", "engine.txt"), "utf8")).toBe("mine");
  expect(readFileSync(join(runDir, "notes.txt"), "utf8")).toBe("mine");
});

test("a file that a run would write over is not taken for one of its own", async () => {
  const target = await aTarget();
  const runDir = aFolder();
  writeFileSync(join(runDir, "rejected.csv"), "mine");
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { runDir }));
  expect(jsonOf(result).error).toMatchObject({
    code: "RUN_EXISTS",
    message: expect.stringContaining("rejected.csv") as string,
  });
  expect(readFileSync(join(runDir, "rejected.csv"), "utf8")).toBe("mine");
});

test("a source inside the run folder is refused, since the plan would write over it", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli([
    "plan",
    "--from",
    `csv:${aUserCsv(2, (number, cells) => (cells[0] = `u ${number}`))}`,
    ...target.flags,
    "--run-dir",
    runDir,
  ]);
  const mended = join(runDir, "rejected.csv");
  const text = readFileSync(mended, "utf8");
  const refused = await runCli([
    "plan",
    "--from",
    `csv:${mended}`,
    ...target.flags,
    "--run-dir",
    runDir,
    "--json",
  ]);
  expect(jsonOf(refused).error).toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("lies in the run folder") as string,
  });
  expect(readFileSync(mended, "utf8")).toBe(text);
});

test("a mended rejected.csv is a source, as often as it takes", async () => {
  const target = await aTarget();
  const first = join(aFolder(), "run");
  const spoil = (number: number, cells: string[]): string => (cells[0] = `u ${number}`);
  await runCli(migrateArgs(target, `csv:${aUserCsv(2, spoil)}`, { runDir: first }));
  const second = join(aFolder(), "run");
  await runCli(migrateArgs(target, `csv:${join(first, "rejected.csv")}`, { runDir: second }));
  const again = readFileSync(join(second, "rejected.csv"), "utf8");
  expect(again).toBe(readFileSync(join(first, "rejected.csv"), "utf8"));
  const mended = aFile(again.replaceAll(/^u /gm, "u"), "mended.csv");
  expect(jsonOf(await runCli(migrateArgs(target, `csv:${mended}`)))).toMatchObject({
    outcomes: { imported: 2 },
  });
});

test("a plan may be made without the log's role, and apply takes it", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const withoutRole = target.flags.slice(0, 4);
  await runCli(["plan", "--from", `csv:${aUserCsv(2)}`, ...withoutRole, "--run-dir", runDir]);
  const refused = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(refused).error?.code).toBe("LOGS_ROLE_MISSING");
  const applied = await runCli(["apply", "--run-dir", runDir, "--logs-role-arn", LOGS_ROLE_ARN, "--json"]);
  expect(jsonOf(applied)).toMatchObject({ outcomes: { imported: 2 } });
});

test("apply asks with another profile when it is told to", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli(["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", runDir]);
  const env = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
  const refused = await runCli(["apply", "--run-dir", runDir, "--profile", "nobody", "--json"], { env });
  expect(jsonOf(refused).error?.message).toContain("profile nobody");
});

test("a plan that rejects someone ends with 3, and can be made again in its folder until it is applied", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const spoiled = `csv:${aUserCsv(2, (number, cells) => {
    if (number === 1) cells[0] = "";
  })}`;
  expect((await runCli(["plan", "--from", spoiled, ...target.flags, "--run-dir", runDir])).exitCode).toBe(3);
  const again = await runCli(["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", runDir]);
  expect(again.exitCode).toBe(0);
  await runCli(["apply", "--run-dir", runDir]);
  const late = await runCli(["plan", "--from", spoiled, ...target.flags, "--run-dir", runDir, "--json"]);
  expect(jsonOf(late).error).toMatchObject({
    code: "RUN_EXISTS",
    message: expect.stringContaining("finished run") as string,
  });
});

test("a plan that fails in the place of an earlier one says so, and the folder can be used again", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const plan = (source: string) =>
    runCli(["plan", "--from", `csv:${source}`, ...target.flags, "--run-dir", runDir, "--json"]);
  expect((await plan(aUserCsv(2))).exitCode).toBe(0);
  const cut = await plan(aFile("username,email,email_verified\nu1,u1@example.com", "users.csv"));
  expect(jsonOf(cut).error).toMatchObject({
    code: "SOURCE_TRUNCATED",
    hint: expect.stringContaining(`The earlier plan in ${runDir} is gone`) as string,
  });
  expect(readdirSync(runDir)).toEqual(["run.lock"]);
  expect((await plan(aUserCsv(2))).exitCode).toBe(0);
});

test("users who were in the pool before keep their state, and that of those to be disabled is no success", async () => {
  const target = await aTarget();
  expect((await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`))).exitCode).toBe(0);
  const source = aFile(
    "username,email,email_verified,blocked,roles\n" +
      "u1,u1@example.com,true,yes,crew\nu2,u2@example.com,true,no,\nu9,u9@example.com,true,yes,\n",
    "users.csv",
  );
  const config = aFile("mapping: { disabled: blocked, groups: roles }\n", "ferry.yaml");
  const args = [...migrateArgs(target, `csv:${source}`), "--config", config];
  const result = jsonOf(await runCli(args));
  expect(result).toMatchObject({
    outcomes: { imported: 1, skipped: 2 },
    followUps: {
      disable: { planned: 1, untouched: 1, done: 1, failed: 0 },
      "add-to-group": { planned: 0, untouched: 1 },
    },
    exitCode: 3,
  });
  const status = await runCli(["status", "--run-dir", result.runDir]);
  expect(status.stdout).toContain("1 disable, 1 add-to-group, of users who were in the pool before");
});

test("a plan that was killed is not applied, and the same command starts it afresh", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  mkdirSync(runDir);
  const killed = await createSqliteLedger(join(runDir, "ledger.db"), someFacts());
  await killed[Symbol.asyncDispose]();
  const resumed = await runCli(["resume", "--run-dir", runDir, "--json"]);
  expect(jsonOf(resumed).error?.code).toBe("RUN_UNPLANNED");
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`, { runDir }));
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
});
