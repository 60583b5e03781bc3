import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminEnableUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { plan, verify, type VerifySummary } from "../../src/index.ts";
import { finish, jsonOf, LOCAL_ENV, runCli, startCli } from "../support/cli.ts";
import { cognitoOf } from "../support/app-client.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold } from "../support/hold.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { aTarget, type Target } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  return () => void vi.unstubAllEnvs();
});

/** Migrates members and returns the folder of the run. */
async function migrated(target: Target, list: readonly Member[]): Promise<string> {
  const runDir = join(aFolder(), "run");
  const config = aMemberConfig(list);
  const args = ["migrate", "--config", config, ...target.flags, "--run-dir", runDir, "--yes", "--json"];
  expect(jsonOf(await runCli(args)).state).toBe("done");
  return runDir;
}

async function verified(runDir: string): Promise<VerifySummary> {
  return jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"])) as unknown as VerifySummary;
}

function findings(runDir: string): readonly Readonly<Record<string, string>>[] {
  return parse(readFileSync(join(runDir, "verify.csv")), { columns: true });
}

function attributes(values: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
}

/** The first four by an import job, the others by AdminCreateUser; the last is rejected. */
const MIXED = members(9, (number) => ({
  email_verified: number <= 4,
  ...[
    {},
    { disabled: true, teams: ["editors", "admins"] },
    { mfa: "sms", phone_number: "+48601555010" },
    {
      identities: [
        { provider: "google", id: "g-3" },
        { provider: "corp", id: "c-3" },
      ],
    },
    { birthdate: "1985-02-01", name: 'Ünal, "Zoë" \\' },
    { disabled: true, teams: ["admins"] },
    { identities: [{ provider: "google", id: "g-6" }], name: 'says "hi" \\ there' },
    { birthdate: "1985-02-28", teams: ["crew"] },
    {},
    { username: "m 9" },
  ][number],
}));

const ALL = { agreeing: 9, notCreated: 1, differing: 0, missing: 0, unexpected: 0, differences: [] };

test("right after a migration of every kind of user all are as wanted, and no user is made active", async () => {
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" });
  const client = cognitoOf(target);
  const pool = { UserPoolId: target.userPoolId };
  // There before the run: it is skipped, whatever its attributes.
  await client.send(new AdminCreateUserCommand({ ...pool, Username: "M8", MessageAction: "SUPPRESS" }));
  const runDir = await migrated(target, MIXED);
  const before = target.emulator.control.stats();

  expect(await verified(runDir)).toMatchObject({ ...ALL, userPoolId: target.userPoolId, exitCode: 0 });
  expect(findings(runDir)).toEqual([]);
  const after = target.emulator.control.stats();
  expect(after.monthlyActiveUsers).toEqual(before.monthlyActiveUsers);
  expect(after.operations["AdminGetUser"]).toBeUndefined();
});

test("whatever became otherwise is found, named without any value, and ends with 3", async () => {
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" });
  const client = cognitoOf(target);
  const pool = { UserPoolId: target.userPoolId };
  const runDir = await migrated(target, MIXED);
  const of = (Username: string) => ({ ...pool, Username });
  const change = (Username: string, values: Readonly<Record<string, string>>) =>
    client.send(
      new AdminUpdateUserAttributesCommand({ ...of(Username), UserAttributes: attributes(values) }),
    );
  await client.send(new AdminEnableUserCommand(of("m1")));
  await client.send(new AdminRemoveUserFromGroupCommand({ ...of("m1"), GroupName: "editors" }));
  await client.send(new AdminAddUserToGroupCommand({ ...of("m2"), GroupName: "crew" }));
  await change("m3", { nickname: "secret-nickname" });
  await client.send(
    new AdminSetUserPasswordCommand({ ...of("m3"), Password: "Abcdef-123456", Permanent: false }),
  );
  await change("m4", { birthdate: "1985-02-02", name: "" });
  await client.send(new AdminDeleteUserCommand(of("m5")));
  // Made anew under the same name, with the same attributes: another account.
  await client.send(new AdminDeleteUserCommand(of("m8")));
  await client.send(
    new AdminCreateUserCommand({
      ...of("m8"),
      MessageAction: "SUPPRESS",
      UserAttributes: attributes({ email: "m8@example.com", email_verified: "false" }),
    }),
  );
  await client.send(
    new AdminSetUserPasswordCommand({ ...of("m8"), Password: "Abcdef-123456", Permanent: true }),
  );

  const { stdout, stderr, exitCode } = await runCli(["verify", "--run-dir", runDir]);
  expect(exitCode).toBe(3);
  expect(stdout).toContain("2 as wanted, 1 not created, 5 differ, 1 missing, 0 there although not imported");
  expect(stdout).toContain(join(runDir, "verify.csv"));
  for (const hidden of ["secret-nickname", "1985", "example.com", "m5"])
    expect(stdout + stderr).not.toContain(hidden);
  const found = findings(runDir).map(({ username, result, differences, lacking_groups, extra_groups }) => [
    username,
    result,
    differences,
    lacking_groups,
    extra_groups,
  ]);
  expect(found).toEqual([
    ["m1", "differs", "enabled", "editors", ""],
    ["m2", "differs", "", "", "crew"],
    ["m3", "differs", "nickname status", "", ""],
    ["m4", "differs", "birthdate name", "", ""],
    ["m5", "missing", "", "", ""],
    ["m8", "differs", "sub", "", ""],
  ]);
  expect(statSync(join(runDir, "verify.csv")).mode & 0o777).toBe(0o600);
  expect((await verified(runDir)).differences).toEqual([
    { what: "groups", count: 2 },
    { what: "birthdate", count: 1 },
    { what: "enabled", count: 1 },
    { what: "name", count: 1 },
    { what: "nickname", count: 1 },
    { what: "status", count: 1 },
    { what: "sub", count: 1 },
  ]);
});

test("a user who was not imported and is there since is unexpected, and one who was there before is not", async () => {
  const target = await aTarget();
  const client = cognitoOf(target);
  const create = (Username: string) =>
    client.send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username,
        MessageAction: "SUPPRESS",
      }),
    );
  await create("old");
  target.emulator.control.clock.advance(60_000);
  const source = aFile(
    [
      { username: "old", email: "not-an-address" },
      { username: "new", email: "not-an-address" },
      { username: "ada", email: "ada@example.com", email_verified: true },
    ]
      .map((user) => `${JSON.stringify({ deleted: user.username !== "ada", ...user })}\n`)
      .join(""),
    "users.ndjson",
  );
  const config = aFile(
    `source: { type: ndjson, path: ${source} }\nmapping: { deleted: deleted }\n`,
    "ferry.yaml",
  );
  const runDir = join(aFolder(), "run");
  await runCli(["migrate", "--config", config, ...target.flags, "--run-dir", runDir, "--yes"]);
  expect(await verified(runDir)).toMatchObject({ agreeing: 3, notCreated: 2, unexpected: 0, exitCode: 0 });

  await create("NEW");
  expect(await verified(runDir)).toMatchObject({ agreeing: 2, notCreated: 1, unexpected: 1, exitCode: 3 });
  expect(findings(runDir)).toMatchObject([{ username: "new", outcome: "skipped", result: "unexpected" }]);
});

test("where addresses are the usernames, who changed the address is found by the sub", async () => {
  const target = await aTarget({ UsernameAttributes: ["email"] });
  const client = cognitoOf(target);
  const list = members(3, (number) => ({ username: `M${number}@Example.com`, email_verified: number < 3 }));
  const runDir = await migrated(
    target,
    list.map((member) => ({ ...member, email: member.username })),
  );
  expect(await verified(runDir)).toMatchObject({ agreeing: 3, differing: 0, exitCode: 0 });

  await client.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId: target.userPoolId,
      Username: "m1@example.com",
      UserAttributes: attributes({ email: "new@example.com", email_verified: "true" }),
    }),
  );
  // Somebody else takes the address that became free.
  await client.send(
    new AdminCreateUserCommand({
      UserPoolId: target.userPoolId,
      Username: "m1@example.com",
      MessageAction: "SUPPRESS",
    }),
  );
  expect(await verified(runDir)).toMatchObject({
    agreeing: 2,
    differing: 1,
    missing: 0,
    differences: [{ what: "email", count: 1 }],
  });
});

test.each([
  { what: "the whole pool where many are missing", late: 2, lists: [0, 2] },
  { what: "the user alone where few are", late: 1, lists: [65] },
])("who is not listed at first is looked for again: $what", async ({ late, lists }) => {
  const target = await aTarget();
  // All but the late ones were in the pool before.
  const old = members(lists[0] ?? 0, () => ({ email_verified: true }));
  if (old.length > 0) await migrated(target, old);
  const { control } = target.emulator;
  control.clock.advance(7_200_000);
  const runDir = await migrated(
    target,
    members(late, (number) => ({ username: `late${number}`, email_verified: true })),
  );
  control.changeRules({ listLagMs: 3_600_000 });
  const listed: number[] = [];
  const summary = await verify({
    runDir,
    observe: (event) => {
      if (event.kind !== "users-listed") return;
      listed.push(event.users);
      control.changeRules({ listLagMs: 0 });
    },
  });
  expect(listed).toEqual(lists);
  expect(summary).toMatchObject({ agreeing: late, missing: 0, exitCode: 0 });
});

test("a run that is not finished is not compared", async () => {
  const target = await aTarget();
  const path = aFile('{"username":"ada","email":"ada@example.com","email_verified":true}\n', "users.ndjson");
  const { runDir } = await plan({
    source: { type: "ndjson", path },
    userPoolId: target.userPoolId,
    endpointUrl: target.emulator.url,
    runDir: join(aFolder(), "run"),
  });
  const result = jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"]));
  expect(result).toMatchObject({ error: { code: "RUN_UNFINISHED" }, exitCode: 2 });
});

test("interrupted, it leaves no half file and says that the pool was only read", async () => {
  const hold = new Hold({ operation: "ListUsersInGroup", number: 1, side: "before" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const runDir = await migrated(
    target,
    members(1, () => ({ teams: ["crew"] })),
  );
  const child = startCli(["verify", "--run-dir", runDir], { env: LOCAL_ENV });
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGINT");
  const { exitCode, stderr } = await ended;
  hold.release();
  expect(exitCode).toBe(130);
  expect(stderr).toContain("the pool was only read");
  expect(() => statSync(join(runDir, "verify.csv"))).toThrow("ENOENT");
});
