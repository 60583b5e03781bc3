import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { finish, jsonOf, runCli, startCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { Hold } from "../support/hold.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  return () => void vi.unstubAllEnvs();
});

type PoolInput = NonNullable<Parameters<typeof aTarget>[0]>;

const SCHEMA = [
  { Name: "plan", AttributeDataType: "String", Mutable: true },
  { Name: "logins", AttributeDataType: "Number", Mutable: true },
] as const;

async function fill(target: Target, list: readonly Member[]): Promise<void> {
  const args = [
    "migrate",
    "--config",
    aMemberConfig(list),
    ...target.flags,
    "--run-dir",
    join(aFolder(), "run"),
  ];
  expect(jsonOf(await runCli([...args, "--yes", "--json"])).outcomes["imported"]).toBe(list.length);
}

async function anotherPool({ emulator }: Target, pool: PoolInput): Promise<string> {
  const client = new CognitoIdentityProviderClient({ endpoint: emulator.url, region: emulator.region });
  const { UserPool } = await client.send(
    new CreateUserPoolCommand({
      PoolName: "other",
      AutoVerifiedAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      ...pool,
    }),
  );
  client.destroy();
  return UserPool?.Id ?? "";
}

/** Everyone in a pool but for what is always new; made-up usernames are the sub's. */
function dumped({ emulator }: Target, poolId: string): readonly object[] {
  const users: { key: string }[] = [];
  for (const line of emulator.control.dump()) {
    if (line.kind !== "user" || line.poolId !== poolId) continue;
    const { sub: _sub, ...attributes } = line.attributes;
    const isMadeUp = /^[0-9a-f]{8}-/.test(line.username);
    users.push({
      key: attributes["email"] ?? "",
      username: isMadeUp ? undefined : line.username,
      attributes: { email_verified: "false", ...attributes },
      enabled: line.enabled,
      groups: line.groups.map(({ name }) => name).sort(),
    } as never);
  }
  return users.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** More than two pages of users, with every kind of value. */
const MEMBERS = members(125, (number) => {
  const member = {
    email: `M${number}@example.com`,
    email_verified: number % 10 > 0,
    disabled: number % 17 === 0,
    teams: [...(number % 13 === 0 ? ["crew"] : []), ...(number % 12 === 0 ? ["even", "näh-e/über"] : [])],
    birthdate: "1985-02-01",
    name: ['Ünal, "Zoë"', "two\nlines", "back\\slash", " plain ", "=1+1"][number % 25] ?? "Zoë; Łukasz",
    "custom:plan": number % 4 === 0 ? "gold, extra" : "",
    "custom:logins": String(number),
  };
  return member;
});

test.each([
  { format: "ndjson", kind: "usernames", pool: {} },
  { format: "csv", kind: "usernames", pool: {} },
  { format: "ndjson", kind: "addresses as usernames", pool: { UsernameAttributes: ["email"] as const } },
])("a pool with $kind comes back from $format as it was", { timeout: 60_000 }, async ({ format, pool }) => {
  const input = { ...pool, Schema: [...SCHEMA] } as PoolInput;
  const target = await aTarget(input);
  const byAddress = "UsernameAttributes" in pool;
  await fill(
    target,
    MEMBERS.map((member) => ({ ...member, username: byAddress ? (member.email ?? "") : member.username })),
  );
  const other = await anotherPool(target, input);
  const before = target.emulator.control.stats();

  const folder = aFolder();
  const [out, config] = [join(folder, `users.${format}`), join(folder, "back.yaml")];
  const args = ["export", "--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  const exported = jsonOf(
    await runCli([...args, "--format", format, "--out", out, "--config-out", config, "--json"]),
  );
  expect(exported).toEqual({
    reportVersion: 1,
    userPoolId: target.userPoolId,
    format,
    out,
    configOut: config,
    users: 125,
    groups: 3,
    memberships: 9 + 10 + 10,
    exitCode: 0,
  });
  expect(readdirSync(folder).sort()).toEqual(["back.yaml", `users.${format}`]);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const after = target.emulator.control.stats();
  expect(after.monthlyActiveUsers).toEqual(before.monthlyActiveUsers);
  expect(after.operations["AdminGetUser"]).toBeUndefined();

  const to = [
    "--user-pool-id",
    other,
    "--endpoint-url",
    target.emulator.url,
    "--logs-role-arn",
    LOGS_ROLE_ARN,
  ];
  const migrate = ["migrate", "--config", config, ...to, "--run-dir", join(folder, "run"), "--yes", "--json"];
  expect(jsonOf(await runCli(migrate))).toMatchObject({ outcomes: { imported: 125 }, exitCode: 0 });
  expect(dumped(target, other)).toEqual(dumped(target, target.userPoolId));
  expect(dumped(target, other)).toHaveLength(125);
});

test("the users go to stdout and nothing else does", async () => {
  const target = await aTarget();
  await fill(target, [
    {
      username: "ada",
      email: "ada@example.com",
      email_verified: true,
      teams: ["crew"],
      identities: [{ provider: "google", id: "g-1" }],
    },
    { username: "bo", email: "bo@example.com", email_verified: true, disabled: true },
  ]);
  const args = ["export", "--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  const { stdout, stderr, exitCode } = await runCli(args);
  expect(exitCode).toBe(0);
  const users = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
  expect(users).toEqual([
    {
      username: "ada",
      enabled: true,
      status: "RESET_REQUIRED",
      created_at: time,
      modified_at: time,
      groups: ["crew"],
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      identities: [expect.objectContaining({ providerName: "Google", userId: "g-1" })],
      email: "ada@example.com",
      email_verified: "true",
      phone_number_verified: "false",
    },
    expect.objectContaining({ username: "bo", enabled: false, groups: [] }),
  ]);
  expect(stderr).toContain(`2 users of ${target.userPoolId}, 1 groups with 1 memberships`);

  const table = parse((await runCli([...args, "--format", "csv"])).stdout, { columns: true });
  expect(table).toMatchObject([
    {
      username: "ada",
      groups: "crew",
      enabled: "true",
      identities: expect.stringMatching(/^\[\{/) as string,
    },
    { username: "bo", groups: "", enabled: "false", identities: "", other_attributes: "" },
  ]);
});

test("a config for linked identities names the providers, and stays a comment", async () => {
  const target = await aTarget();
  await fill(
    target,
    members(1, () => ({ identities: [{ provider: "corp", id: "c-1" }] })),
  );
  const folder = aFolder();
  const args = ["export", "--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  const files = (name: string) => ["--out", join(folder, name), "--config-out", join(folder, `${name}.yaml`)];
  await runCli([...args, ...files("users.ndjson")]);
  expect(readFileSync(join(folder, "users.ndjson.yaml"), "utf8")).toMatch(
    /# linkedProviders: .*list: identities.*names: \{ Corp: Corp \}/,
  );
  await runCli([...args, ...files("users.csv"), "--format", "csv"]);
  expect(readFileSync(join(folder, "users.csv.yaml"), "utf8")).toContain(
    "export as ndjson to take that along",
  );
});

test("a reader that has seen enough ends it quietly", async () => {
  const target = await aTarget();
  await fill(target, members(130));
  const child = startCli([
    "export",
    "--user-pool-id",
    target.userPoolId,
    "--endpoint-url",
    target.emulator.url,
  ]);
  const ended = finish(child);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { exitCode, stderr } = await ended;
  expect(stderr).not.toContain("bug");
  expect(exitCode).toBe(0);
});

test.each([
  { what: "--json without --out", extra: ["--json"], says: "--json needs --out" },
  { what: "--config-out without --out", extra: ["--config-out", "x.yaml"], says: "--config-out needs --out" },
  { what: "a folder that is none", extra: ["--out", "/dev/null/users.csv"], says: "cannot be written" },
])("$what is a clear error", async ({ extra, says }) => {
  const { stderr, exitCode } = await runCli(["export", "--user-pool-id", "eu-west-1_Ferry0001", ...extra]);
  expect(stderr).toContain(says);
  expect(exitCode).toBe(2);
});

test("a file that is there already stays as it is", async () => {
  const out = join(aFolder(), "users.ndjson");
  writeFileSync(out, "mine");
  const { stderr, exitCode } = await runCli([
    "export",
    "--user-pool-id",
    "eu-west-1_Ferry0001",
    "--out",
    out,
  ]);
  expect(stderr).toContain("export writes over nothing");
  expect(exitCode).toBe(2);
  expect(readFileSync(out, "utf8")).toBe("mine");
});

test("stopped in the middle, by the service or by you, it leaves no file", async () => {
  const hold = new Hold({ operation: "ListUsers", number: 2, side: "before" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const folder = aFolder();
  const args = ["export", "--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  target.emulator.control.planFault({
    operation: "ListUsers",
    count: 1,
    moment: "before-effect",
    fault: { kind: "error", status: 400, type: "AccessDeniedException", message: "no" },
  });
  const refused = await runCli([...args, "--out", join(folder, "a.ndjson")]);
  expect(refused.stderr).toContain("ACCESS_DENIED");
  expect(refused.exitCode).toBe(2);

  const child = startCli([...args, "--out", join(folder, "b.ndjson")]);
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGINT");
  const { exitCode, stderr } = await ended;
  hold.release();
  expect(exitCode).toBe(130);
  expect(stderr).toContain("the pool was only read");
  expect(readdirSync(folder)).toEqual([]);
});
