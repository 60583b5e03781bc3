import type { CreateUserPoolCommandInput } from "@aws-sdk/client-cognito-identity-provider";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ForecastFinding } from "../../src/core/forecast.ts";
import { anAppClient } from "../support/app-client.ts";
import { jsonOf, runCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { people } from "../support/sync.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:any";
const HASH = `$2b$10$${"a".repeat(53)}`;

/** Users as lines of NDJSON, each verified unless it says otherwise. */
function aSource(users: readonly object[]): string {
  const lines = users.map((user) => JSON.stringify({ email_verified: true, hash: "", ...user }));
  return aFile(lines.join("\n"), "users.ndjson");
}

function aConfig(source: string, more = ""): string {
  return aFile(
    `source: { type: ndjson, path: ${source} }\nmapping:\n  passwordHash: hash\n${more}`,
    "ferry.yaml",
  );
}

/** Plans with the command, and returns what it prints with --json. */
async function plan(target: Target, config: string, runDir = join(aFolder(), "run")): Promise<JsonResult> {
  const place = ["--run-dir", runDir, "--logs-role-arn", LOGS_ROLE_ARN];
  return jsonOf(await runCli(["plan", "--config", config, ...target.flags, ...place, "--json"]));
}

function findingsOf({ forecast }: JsonResult): readonly Partial<ForecastFinding>[] {
  return (forecast?.findings ?? []).map(({ severity, code, users }) =>
    users === undefined ? { severity, code } : { severity, code, users },
  );
}

const HARD_POOL: Partial<CreateUserPoolCommandInput> = {
  AliasAttributes: ["email", "phone_number"],
  AutoVerifiedAttributes: ["email", "phone_number"],
  UsernameConfiguration: { CaseSensitive: true },
  LambdaConfig: { PreSignUp: LAMBDA, UserMigration: LAMBDA, PostAuthentication: LAMBDA },
};

const USERS = [
  { username: "ada", email: "ada@example.com", hash: HASH },
  { username: "Ada", email: "ada2@example.com" },
  { username: "bob@example.com", email: "bob@example.com" },
  { username: "cy", email: "cy@example.com", email_verified: false },
  { username: "di", phone_number: "+48601555010", phone_number_verified: true },
  { username: "eve", email: "eve@example.com", "custom:plan": "gold" },
  { username: "eve", email: "eve2@example.com" },
];

test("a plan says how ready its pool is for its users, and status says the same until a purge", async () => {
  const target = await aTarget(HARD_POOL);
  await anAppClient(target, { ClientName: "web" });
  const runDir = join(aFolder(), "run");
  const planned = await plan(target, aConfig(aSource(USERS)), runDir);
  expect(findingsOf(planned)).toEqual([
    { severity: "error", code: "username-shaped-like-alias", users: 1 },
    { severity: "error", code: "app-clients-without-password-flow", users: 1 },
    { severity: "warning", code: "custom-attribute-missing" },
    { severity: "warning", code: "nothing-verified", users: 1 },
    { severity: "warning", code: "sign-in-by-username-only", users: 1 },
    { severity: "warning", code: "case-sensitive", users: 2 },
    { severity: "warning", code: "users-locked", users: 1 },
    { severity: "warning", code: "sms-needed", users: 1 },
    { severity: "warning", code: "trigger-runs", users: 1 },
    { severity: "warning", code: "trigger-never-runs", users: 2 },
    { severity: "note", code: "hashes-untried", users: 1 },
    { severity: "note", code: "trigger-runs" },
  ]);
  const { forecast } = planned;
  expect(forecast?.duplicates).toEqual({ users: 2, groups: 1 });
  // A trial of everyone with a hash, and of everyone without.
  expect(forecast?.jobs).toBe(2);
  expect(forecast?.causes.find(({ code }) => code === "duplicate-username")?.examples).toEqual([
    { row: 6, line: 6, user: "e…" },
    { row: 7, line: 7, user: "e…" },
  ]);
  const status = async () => jsonOf(await runCli(["status", "--run-dir", runDir, "--json"])).forecast;
  expect(await status()).toEqual(forecast);
  await runCli(["purge", "--run-dir", runDir, "--yes"]);
  expect(await status()).toBeUndefined();
  expect(readFileSync(join(runDir, "ledger.db")).includes("trigger-never-runs")).toBe(false);
});

test("a pool that fits its users gives nothing to do", async () => {
  const target = await aTarget({
    UsernameAttributes: ["email"],
    UsernameConfiguration: { CaseSensitive: false },
  });
  await anAppClient(target, { ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
  const source = aSource([{ username: "ada@example.com", email: "ada@example.com", hash: HASH }]);
  expect(findingsOf(await plan(target, aConfig(source)))).toEqual([
    { severity: "note", code: "hashes-untried", users: 1 },
  ]);
});

test("the command of a finding, and that of a rule for what the pool lacks, add it", async () => {
  const target = await aTarget();
  const named = aConfig(aSource(USERS), "  attributes: { custom:plan: 'custom:plan', custom:tier: hash }");
  const refused = await plan(target, named);
  const [, command = ""] = /(poolferry pool prepare [^(]+) \(/.exec(refused.error?.hint ?? "") ?? [];
  expect(command).toBe(
    `poolferry pool prepare --user-pool-id ${target.userPoolId} --attribute custom:plan:String --attribute custom:tier:String`,
  );
  const found = await plan(target, aConfig(aSource(USERS)));
  const finding = found.forecast?.findings.find(({ code }) => code === "custom-attribute-missing");
  expect(command).toContain(finding?.command);
  const [, ...prepare] = command.split(" ");
  const { exitCode, stderr } = await runCli([...prepare, "--endpoint-url", target.emulator.url, "--yes"]);
  expect(exitCode, stderr).toBe(0);
  expect((await plan(target, named)).error).toBeUndefined();
  const again = await plan(target, aConfig(aSource(USERS)));
  expect(again.source.unusedFields).not.toContain("custom:plan");
  expect(findingsOf(again).map(({ code }) => code)).not.toContain("custom-attribute-missing");
}, 30_000);

test.each(["csv", "ndjson"] as const)(
  "a plan of a mended %s says that hashes are left out of it, unless they were put back or nothing reads them",
  async (type) => {
    const target = await aTarget();
    const isCsv = type === "csv";
    const source = isCsv
      ? aFile(`username,email,email_verified,hash\na da,ada@example.com,true,${HASH}\n`, "users.csv")
      : aSource([{ username: "a da", email: "ada@example.com", hash: HASH }]);
    const configOf = (path: string, mapping = "  passwordHash: hash\n"): string =>
      aFile(`source: { type: ${type}, path: ${path} }\nmapping:\n  username: username\n${mapping}`, "f.yaml");
    const runDir = join(aFolder(), "run");
    const codesOf = (result: JsonResult) => findingsOf(result).map(({ code }) => code);
    const first = await plan(target, configOf(source), runDir);
    expect(first.outcomes.rejected).toBe(1);
    expect(codesOf(first)).not.toContain("secrets-left-out");
    const rejected = readFileSync(join(runDir, `rejected.${type}`), "utf8");
    const mended = rejected.replace("a da", "ada");
    const again = await plan(target, configOf(aFile(mended)));
    expect(findingsOf(again)).toContainEqual({ severity: "warning", code: "secrets-left-out", users: 1 });
    expect(codesOf(await plan(target, configOf(aFile(mended), "")))).not.toContain("secrets-left-out");
    const restored = isCsv
      ? mended.replace("true,,", `true,${HASH},`)
      : mended.replace("{", `{"hash":"${HASH}",`);
    const whole = codesOf(await plan(target, configOf(aFile(restored))));
    expect(whole).toContain("hashes-untried");
    expect(whole).not.toContain("secrets-left-out");
  },
  30_000,
);

/** So many unverified users that their creation takes longer than half a minute. */
const MANY = Array.from({ length: 1_600 }, (_, index) => ({
  username: `u${index}`,
  email: `u${index}@example.com`,
  email_verified: false,
  hash: index === 0 ? HASH : "",
}));

test("time is reckoned by the account's own quota, and by AWS's where that may not be read", async () => {
  const target = await aTarget({}, { quotas: { categories: { UserCreation: 100 } } });
  const config = aConfig(aSource(MANY), "limits: { quotaShare: 0.5 }");
  const own = (await plan(target, config)).forecast;
  expect(own?.steps[0]).toEqual({
    name: "admin-create",
    users: 1_600,
    requests: 1_600,
    category: "UserCreation",
    rps: 50,
    paceFrom: "account",
    seconds: 32,
    activeUsers: 1_600,
  });
  expect(own?.bottleneck).toEqual({ steps: ["admin-create"], category: "UserCreation", seconds: 32 });
  expect(own?.jobs).toBe(0);
  const message = "User is not authorized to perform: cognito-idp:GetProvisionedLimit";
  const fault = { kind: "error", status: 400, type: "AccessDeniedException", message } as const;
  target.emulator.control.planFault({ operation: "GetProvisionedLimit", count: 0, fault });
  const documented = await plan(target, config);
  expect(documented.forecast?.steps[0]).toMatchObject({ rps: 25, paceFrom: "documented", seconds: 64 });
  expect(documented.forecast?.permissions.refused).toEqual(["cognito-idp:GetProvisionedLimit"]);
  expect(findingsOf(documented)).toContainEqual({ severity: "note", code: "permission-refused" });
});

test("where app clients may not be read, a plan says that it does not know, and goes on", async () => {
  const target = await aTarget();
  const fault = { kind: "error", status: 400, type: "AccessDeniedException", message: "no" } as const;
  target.emulator.control.planFault({ operation: "ListUserPoolClients", count: 0, fault });
  const planned = await plan(target, aConfig(aSource(USERS.slice(0, 1))));
  expect(planned.exitCode).toBe(0);
  expect(findingsOf(planned)).toContainEqual({ severity: "note", code: "app-clients-unknown", users: 1 });
});

test("a sync asks nothing for a forecast", async () => {
  const target = await aTarget({}, { quotas: "off" });
  const command = new SyncCommand(target);
  command.write(people(3));
  expect((await command.run("sync")).exitCode).toBe(0);
  const { operations } = target.emulator.control.stats();
  expect(Object.keys(operations)).toContain("DescribeUserPool");
  expect(Object.keys(operations)).not.toContain("ListUserPoolClients");
});

test("in a terminal of 80 columns the forecast stays within them, and commands on one line", async () => {
  const target = await aTarget(HARD_POOL);
  const flags = ["--config", aConfig(aSource(USERS)), ...target.flags, "--run-dir", join(aFolder(), "r")];
  const { stdout } = await runCli(["plan", ...flags]);
  const lines = stdout.split("\n");
  const begin = lines.findIndex((line) => line.startsWith("  time "));
  const end = lines.findIndex((line) => line.startsWith("  folder "));
  expect(end).toBeGreaterThan(begin);
  const long = lines.slice(begin, end).filter((line) => line.length > 80);
  expect(long.map((line) => line.trim())).toEqual([
    `$ poolferry pool prepare --user-pool-id ${target.userPoolId} --attribute custom:plan:String`,
  ]);
  expect(stdout).toContain("who is in the pool already will be skipped: a plan does not look\n");
  expect(stdout).toContain("  clashes   2 users in 1 group");
  for (const { email } of USERS) if (email !== undefined) expect(stdout).not.toContain(email);
});
