import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { extrasOf } from "../../emulator/state/user.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aFilledPool, settle, type Inhabitant } from "../support/filled-pool.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

/** The slowest of these reads thousands of users and creates them. */
const DEADLINE_MS = 60_000;

const SCHEMA = [{ Name: "plan", AttributeDataType: "String" as const, Mutable: true }];

function aConfig({ emulator, userPoolId }: Target, more = ""): string {
  return aFile(
    `source: { type: cognito, userPoolId: ${userPoolId}, endpointUrl: "${emulator.url}" }\n${more}`,
    "ferry.yaml",
  );
}

function configArgs(source: Target, target: Target, more?: string): readonly string[] {
  const runDir = join(aFolder(), "run");
  const to = [...target.flags, "--run-dir", runDir, "--json"];
  return ["--config", aConfig(source, more), ...to];
}

/** What a pool is to have of its users, whoever made it. */
function people({ emulator, userPoolId }: Target) {
  const users = [...(emulator.state.pools.get(userPoolId)?.users ?? [])];
  return users
    .map((user) => {
      const attributes: Record<string, string> = {};
      for (let at = 0; at < user.attributes.length; at += 2)
        attributes[user.attributes[at] ?? ""] = user.attributes[at + 1] ?? "";
      // An import job's CSV says no where the pool said nothing.
      if (attributes["phone_number"] === undefined) delete attributes["phone_number_verified"];
      const groups = [...extrasOf(user).groups].map(({ name }) => name);
      return { username: user.username, enabled: user.enabled, attributes, groups: groups.sort() };
    })
    .sort((one, other) => (one.username < other.username ? -1 : 1));
}

const COUNT = 6_000;

function* crowd(poolId: string): Generator<Inhabitant> {
  for (let number = 1; number <= COUNT; number += 1) {
    yield {
      username: `u${number}`,
      attributes: {
        email: `U${number}@example.com`,
        email_verified: "true",
        ...(number % 2 === 0 ? { "custom:plan": "gold, extra" } : {}),
        ...(number % 5 === 0 ? { "custom:shelf": "of the old pool" } : {}),
      },
      enabled: number % 500 !== 0,
      groups: [
        ...(number % 400 === 0 ? ["crew"] : []),
        ...(number % 1_000 === 0 ? ["näh-e/über"] : []),
        ...(number % 3 === 0 ? [`${poolId}_Google`] : []),
      ],
    };
  }
}

test(
  "a pool of thousands comes into another one as it is, and its ids are mapped",
  { timeout: 120_000 },
  async () => {
    const old = await aFilledPool([], { Schema: [...SCHEMA, { ...SCHEMA[0], Name: "shelf" }] as never });
    for (const inhabitant of crowd(old.userPoolId)) settle(old, inhabitant);
    settle(old, {
      username: "google_1098",
      status: "EXTERNAL_PROVIDER",
      attributes: { email: "g@example.com" },
    });
    settle(old, {
      username: "cleo",
      status: "UNCONFIRMED",
      attributes: { email: "cleo@example.com", email_verified: "false" },
    });
    const target = await aTarget({ Schema: SCHEMA }, { quotas: "off" });

    const args = ["migrate", ...configArgs(old, target), "--yes"];
    const result = await runCli(args, { deadlineMs: DEADLINE_MS });
    const summary = jsonOf(result);
    expect(summary).toMatchObject({
      source: { rows: COUNT + 2, unusedFields: expect.arrayContaining(["custom:shelf"]) as string[] },
      routes: { "import-job": COUNT, "admin-create": 1, none: 1 },
      outcomes: { imported: COUNT + 1, skipped: 1, failed: 0, rejected: 0 },
      reasons: [{ kind: "skipped", reason: "user-social-only", count: 1 }],
      exitCode: 0,
    });
    expect(result.stderr).toContain("group crew: 15 members");
    expect(result.stderr).toContain("5040 rows read");
    expect(result.stderr).not.toContain("_Google");

    const expected = people(old)
      .filter(({ username }) => username !== "google_1098")
      .map(({ attributes: { "custom:shelf": _shelf, ...attributes }, groups, ...user }) => ({
        ...user,
        attributes,
        groups: groups.filter((name) => !name.endsWith("_Google")),
      }));
    const found = people(target);
    expect(found).toHaveLength(COUNT + 1);
    // Of thousands, those that differ are told and not all of them.
    const isOther = (at: number): boolean => !isDeepStrictEqual(found[at], expected[at]);
    const other = [...found.keys()].filter(isOther).slice(0, 3);
    expect(other.map((at) => found[at])).toEqual(other.map((at) => expected[at]));
    expect(old.emulator.control.stats().monthlyActiveUsers).toEqual({ [old.userPoolId]: {} });
    const [header, first = ""] = readFileSync(join(summary.runDir, "identity-map.csv"), "utf8").split(
      /\r?\n/,
    );
    expect(header).toContain("source_id");
    expect(first).toContain("sub-of-u1");
  },
);

test("what the pool has since is planned alone", async () => {
  const old = await aFilledPool([{ username: "ada", attributes: { email: "ada@example.com" } }]);
  const target = await aTarget();
  const plan = (more?: string) => runCli(["plan", ...configArgs(old, target, more)]);
  const { source } = jsonOf(await plan());
  settle(old, { username: "bo", attributes: { email: "bo@example.com" }, madeMs: Date.now() });
  const { cursor } = source as unknown as { readonly cursor: string };
  const config = aFile(
    `source: { type: cognito, userPoolId: ${old.userPoolId}, endpointUrl: "${old.emulator.url}", after: "${cursor}" }\n`,
  );
  const args = ["plan", "--config", config, ...target.flags, "--run-dir", join(aFolder(), "run"), "--json"];
  expect(jsonOf(await runCli(args)).source).toMatchObject({
    rows: 1,
    description: expect.stringContaining("1 others passed over") as string,
  });
});

test("the two pools may be in other regions, and each is asked with credentials of its own", async () => {
  const credentials = { accessKeyId: "OLDKEY", secretAccessKey: "old-secret" };
  const old = await aFilledPool(
    [{ username: "ada", attributes: { email: "ada@example.com" } }],
    {},
    {
      credentials,
      region: "eu-west-3",
    },
  );
  const folder = aFolder();
  const file = join(folder, "credentials");
  writeFileSync(file, `[old]\naws_access_key_id = OLDKEY\naws_secret_access_key = old-secret\n`);
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: join(folder, "config") };
  const target = await aTarget();
  const config = (profile: string): string =>
    aFile(
      `source: { type: cognito, userPoolId: ${old.userPoolId}, endpointUrl: "${old.emulator.url}"${profile} }\n`,
      "ferry.yaml",
    );
  const plan = async (profile: string) => {
    const args = [
      "plan",
      "--config",
      config(profile),
      ...target.flags,
      "--run-dir",
      join(folder, `run${profile.length}`),
    ];
    return jsonOf(await runCli([...args, "--json"], { env }));
  };
  expect(await plan(", profile: old")).toMatchObject({ source: { rows: 1 }, exitCode: 0 });
  expect(old.userPoolId).toMatch(/^eu-west-3_/);
  expect(await plan("")).toMatchObject({ error: { code: "CREDENTIALS_INVALID" }, exitCode: 2 });
});

test("a pool is not its own source", async () => {
  const target = await aTarget();
  const { error, exitCode } = jsonOf(await runCli(migrateArgs(target, `cognito:${target.userPoolId}`)));
  expect({ error, exitCode }).toMatchObject({ error: { code: "USAGE" }, exitCode: 2 });
  expect(error?.message).toContain("both the source and the target");
  expect(Object.keys(target.emulator.control.stats().operations)).toEqual(["CreateUserPool"]);
});

test("the address of a source pool is checked like that of the target", async () => {
  const config = aFile(
    'source: { type: cognito, userPoolId: us-east-1_Old123, endpointUrl: "http://me:word@127.0.0.1:1" }\n',
    "ferry.yaml",
  );
  const result = await runCli(["plan", "--config", config, "--user-pool-id", "us-east-1_New123"]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("holds a user or a password");
  expect(result.stderr).not.toContain("word@");
});

test("what poolferry export wrote is recognised, and plans as with its config", async () => {
  const old = await aFilledPool([
    {
      username: "ada",
      attributes: { email: "ada@example.com", email_verified: "true" },
      enabled: false,
      groups: ["crew"],
    },
    { username: "google_1", attributes: { email: "g@example.com" }, status: "EXTERNAL_PROVIDER" },
  ]);
  const target = await aTarget();
  const folder = aFolder();
  const [users, config] = [join(folder, "users.ndjson"), join(folder, "back.yaml")];
  const from = ["--user-pool-id", old.userPoolId, "--endpoint-url", old.emulator.url];
  await runCli(["export", ...from, "--out", users, "--config-out", config]);
  const to = [...target.flags, "--json"];
  const auto = jsonOf(
    await runCli(["plan", "--from", `auto:${users}`, ...to, "--run-dir", join(folder, "auto")]),
  );
  const back = jsonOf(await runCli(["plan", "--config", config, ...to, "--run-dir", join(folder, "back")]));
  expect(auto).toMatchObject({
    source: { name: expect.stringContaining("cognito-export:") as string, rows: 2 },
    routes: back.routes,
    followUps: back.followUps,
    issues: back.issues,
    reasons: [{ reason: "user-social-only" }],
  });
});

test("groups of a file beside the export are found from wherever the command is called", async () => {
  const folder = aFolder();
  const standing = { Enabled: true, UserStatus: "CONFIRMED", Attributes: [] };
  writeFileSync(join(folder, "users.json"), JSON.stringify({ Users: [{ Username: "ada", ...standing }] }));
  writeFileSync(join(folder, "groups.ndjson"), '{"Username":"ada","GroupName":"crew"}\n');
  writeFileSync(
    join(folder, "ferry.yaml"),
    "source: { type: cognito-export, path: users.json, groups: groups.ndjson }\n",
  );
  const target = await aTarget();
  const args = [
    "plan",
    "--config",
    join(folder, "ferry.yaml"),
    ...target.flags,
    "--run-dir",
    join(folder, "run"),
  ];
  expect(jsonOf(await runCli([...args, "--json"]))).toMatchObject({
    followUps: { "add-to-group": { planned: 1 } },
  });
});
