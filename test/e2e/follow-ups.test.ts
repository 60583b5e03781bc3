import { CognitoIdentityProviderClient, CreateGroupCommand } from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { apply } from "../../src/index.ts";
import { jsonOf, runCli, type JsonResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { aTarget, type Target } from "../support/target.ts";

function argsFor(
  target: Target,
  list: readonly Member[],
  runDir = join(aFolder(), "run"),
  output: readonly string[] = ["--json"],
): readonly string[] {
  return [
    "migrate",
    "--config",
    aMemberConfig(list),
    ...target.flags,
    "--run-dir",
    runDir,
    "--yes",
    ...output,
  ];
}

async function migrate(target: Target, list: readonly Member[], runDir?: string): Promise<JsonResult> {
  return jsonOf(await runCli(argsFor(target, list, runDir)));
}

interface Have {
  readonly username: string;
  readonly name?: string | undefined;
  readonly enabled: boolean;
  readonly groups: readonly string[];
  readonly mfa: string | undefined;
  readonly identities: readonly string[];
}

/** What the pool has of its users, as the emulator's own dump tells it. */
function dumped({ emulator, userPoolId }: Target): readonly Have[] {
  const found: Have[] = [];
  for (const line of emulator.control.dump()) {
    if (line.kind !== "user" || line.poolId !== userPoolId) continue;
    found.push({
      username: line.attributes["email"]?.split("@")[0] ?? "",
      name: line.attributes["name"],
      enabled: line.enabled,
      groups: line.groups.map(({ name }) => name),
      mfa: line.extras?.mfa?.preferred,
      identities: (line.extras?.identities ?? []).map(
        ({ providerName, attributeValue }) => `${providerName}:${attributeValue}`,
      ),
    });
  }
  return found.sort((one, other) => (one.username < other.username ? -1 : 1));
}

const NOTHING = { enabled: true, groups: [], mfa: undefined, identities: [] };

/** Members of every kind, the first three for an import job, the others for AdminCreateUser. */
const MIXED = members(7, (number) => ({
  email_verified: number <= 3,
  ...[
    {},
    { disabled: true, teams: ["editors", "admins"] },
    { mfa: "sms", phone_number: "+48601555010", name: 'Cy "the \\ third"' },
    {
      identities: [
        { provider: "google", id: "g-3" },
        { provider: "corp", id: "c-3" },
      ],
    },
    { disabled: true, teams: ["admins"] },
    { mfa: "sms", phone_number: "+48601555011", teams: ["crew"] },
    { identities: [{ provider: "google", id: "g-6" }] },
    {},
  ][number],
}));

const MIXED_IN_POOL: readonly Have[] = [
  { ...NOTHING, username: "m1", enabled: false, groups: ["editors", "admins"] },
  { ...NOTHING, username: "m2", mfa: "SMS_MFA", name: 'Cy "the \\ third"' },
  { ...NOTHING, username: "m3", identities: ["Google:g-3", "Corp:c-3"] },
  { ...NOTHING, username: "m4", enabled: false, groups: ["admins"] },
  { ...NOTHING, username: "m5", mfa: "SMS_MFA", groups: ["crew"] },
  { ...NOTHING, username: "m6", identities: ["Google:g-6"] },
  { ...NOTHING, username: "m7" },
];

const MIXED_COUNTS = {
  confirm: { planned: 0, untouched: 0, done: 0, failed: 0 },
  "set-attributes": { planned: 1, untouched: 0, done: 1, failed: 0 },
  disable: { planned: 2, untouched: 0, done: 2, failed: 0 },
  "add-to-group": { planned: 4, untouched: 0, done: 4, failed: 0 },
  "set-mfa": { planned: 1, untouched: 0, done: 1, failed: 0 },
  "link-provider": { planned: 3, untouched: 0, done: 3, failed: 0 },
  "set-own-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
  "set-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
  "reset-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
};

const MFA_POOL = { MfaConfiguration: "OPTIONAL" } as const;

function expectMixedDone(target: Target, result: JsonResult): void {
  expect(result).toMatchObject({
    state: "done",
    routes: { "import-job": 3, "admin-create": 4 },
    outcomes: { imported: 7, skipped: 0, failed: 0, rejected: 0 },
    exitCode: 0,
  });
  expect(result.followUps).toEqual(MIXED_COUNTS);
  expect(dumped(target)).toEqual(MIXED_IN_POOL);
  expect(target.emulator.control.outbox).toEqual([]);
}

test("users of every kind end as the plan said, and who may not sign in is disabled before anything else", async () => {
  const operations: string[] = [];
  const enabledAdmins: Have[] = [];
  const disabling = Promise.withResolvers<void>();
  const hooks = {
    // Nothing else that follows is done before somebody is disabled, so that disabling does not wait for any of it.
    beforeEffect: ({ operation }: { operation: string }) => {
      operations.push(operation);
      if (operation === "AdminDisableUser") disabling.resolve();
      return OTHER_FOLLOW_UPS.has(operation) ? disabling.promise : undefined;
    },
    // Two of the users who are to be disabled are to be admins.
    afterEffect: ({ operation }: { operation: string }) => {
      if (operation !== "AdminAddUserToGroup") return;
      enabledAdmins.push(
        ...dumped(target).filter(({ enabled, groups }) => enabled && groups.includes("admins")),
      );
    },
  };
  const target: Target = await aTarget(MFA_POOL, { hooks });
  const client = new CognitoIdentityProviderClient({
    endpoint: target.emulator.url,
    region: target.emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => client.destroy());
  await client.send(
    new CreateGroupCommand({ UserPoolId: target.userPoolId, GroupName: "admins", Description: "kept" }),
  );

  expectMixedDone(target, await migrate(target, MIXED));
  // Each before anything else is done to it.
  expect(enabledAdmins).toEqual([]);
  // Those that are missing, and no other.
  expect(operations.filter((name) => name === "CreateGroup")).toHaveLength(1 + 2);
  const groups = [...(target.emulator.state.pools.get(target.userPoolId)?.groups ?? [])];
  expect(groups.map(({ name, description }) => [name, description]).toSorted()).toEqual([
    ["admins", "kept"],
    ["crew", undefined],
    ["editors", undefined],
  ]);
});

const OTHER_FOLLOW_UPS: ReadonlySet<string> = new Set([
  "AdminUpdateUserAttributes",
  "AdminAddUserToGroup",
  "AdminSetUserMFAPreference",
  "AdminLinkProviderForUser",
]);

const FAULTS: readonly {
  readonly what: string;
  readonly fault: Fault;
  readonly moment: "before-effect" | "after-effect";
}[] = [
  { what: "lost replies", fault: { kind: "drop" }, moment: "after-effect" },
  { what: "throttles", fault: { kind: "throttle" }, moment: "before-effect" },
  {
    what: "server errors after the effect",
    fault: { kind: "error", status: 500, type: "InternalErrorException", message: "wrong" },
    moment: "after-effect",
  },
];

test.each(FAULTS)("the run gets over $what of every follow-up by itself", async ({ fault, moment }) => {
  const target = await aTarget(MFA_POOL);
  for (const operation of [
    "AdminDisableUser",
    "AdminUpdateUserAttributes",
    "ListGroups",
    "CreateGroup",
    "AdminAddUserToGroup",
    "AdminSetUserMFAPreference",
    "AdminLinkProviderForUser",
  ])
    target.emulator.control.planFault({ operation, count: 2, moment, fault });
  expectMixedDone(target, await migrate(target, MIXED));
});

test("a user who is not there yet right after the creation is waited for", async () => {
  const target = await aTarget(MFA_POOL);
  const fault: Fault = {
    kind: "error",
    status: 400,
    type: "UserNotFoundException",
    message: "User does not exist.",
  };
  for (const operation of ["AdminDisableUser", "AdminAddUserToGroup", "AdminLinkProviderForUser"])
    target.emulator.control.planFault({ operation, fault });
  expectMixedDone(target, await migrate(target, MIXED));
});

test("a follow-up that cannot be done is counted and named, with what remains, and the run ends with 3", async () => {
  const target = await aTarget(MFA_POOL);
  const message = "The provider Corp does not exist.";
  const fault: Fault = { kind: "error", status: 400, type: "ResourceNotFoundException", message };
  target.emulator.control.planFault({ operation: "AdminLinkProviderForUser", from: 2, fault });
  const runDir = join(aFolder(), "run");
  const list = members(2, (number) =>
    number === 1
      ? {
          identities: [
            { provider: "google", id: "g-1" },
            { provider: "corp", id: "c-1" },
          ],
          teams: ["crew"],
        }
      : {},
  );
  const result = await runCli(argsFor(target, list, runDir, []));
  expect(result.exitCode).toBe(3);
  expect(result.stdout).toContain("2 imported");
  expect(result.stdout).toContain("1 add-to-group (1 done), 2 link-provider (1 done, 1 failed)");
  expect(result.stdout).toContain(`1 imported: follow-up-failed (link-provider: ${message})`);
  const [sub] = target.users("sub").map((user) => user["sub"]);
  expect(parse(readFileSync(join(runDir, "follow-ups.csv")), { columns: true })).toEqual([
    {
      row: "1",
      line: "1",
      source_id: "",
      username: "m1",
      sub,
      follow_up: "link-provider",
      target: "Corp",
      subject: "c-1",
      message,
    },
  ]);
  expect(jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]))).toMatchObject({
    state: "done",
    outcomes: { imported: 2 },
    followUps: { "link-provider": { planned: 2, untouched: 0, done: 1, failed: 1 } },
    reasons: [{ kind: "imported", reason: "follow-up-failed", count: 1 }],
    exitCode: 3,
  });
});

test("who could not be disabled is given nothing else, and that is said", async () => {
  const target = await aTarget(MFA_POOL);
  const type = "InvalidParameterException";
  const fault: Fault = { kind: "error", status: 400, type, message: "not this one" };
  target.emulator.control.planFault({ operation: "AdminDisableUser", fault });
  const runDir = join(aFolder(), "run");
  const list = members(1, () => ({ email_verified: true, disabled: true, teams: ["admins"] }));
  const result = await migrate(target, list, runDir);
  expect(result).toMatchObject({ outcomes: { imported: 1 }, exitCode: 3 });
  expect(dumped(target)).toMatchObject([{ username: "m1", enabled: true, groups: [] }]);
  const rows = parse(readFileSync(join(runDir, "follow-ups.csv")), { columns: true }) as {
    message: string;
  }[];
  expect(rows.map(({ message }) => message)).toEqual([
    "not this one",
    "not done, as the user could not be disabled",
  ]);
});

test("an identity that another user has is the follow-up's trouble, in Cognito's words", async () => {
  const target = await aTarget();
  const list = members(2, () => ({ identities: [{ provider: "google", id: "same" }] }));
  const result = await migrate(target, list);
  expect(result).toMatchObject({
    outcomes: { imported: 2 },
    followUps: { "link-provider": { planned: 2, untouched: 0, done: 1, failed: 1 } },
    exitCode: 3,
  });
});

test("what is the run's trouble stops it with follow-ups left, and a resumed run does them", async () => {
  const fault: Fault = { kind: "error", status: 400, type: "NotAuthorizedException", message: "no" };
  let refusals = 0;
  // Not before everybody is in the pool, as trouble ends creations too.
  const beforeEffect: Hooks["beforeEffect"] = async ({ operation }) => {
    if (operation !== "AdminAddUserToGroup" || refusals > 0) return undefined;
    refusals += 1;
    await vi.waitUntil(() => target.users().length === MIXED.length, { timeout: 20_000 });
    return fault;
  };
  const target: Target = await aTarget(MFA_POOL, { hooks: { beforeEffect } });
  const runDir = join(aFolder(), "run");
  const stopped = await migrate(target, MIXED, runDir);
  expect(refusals).toBe(1);
  expect(stopped.error).toMatchObject({ code: "SERVICE_REFUSED" });
  expect(stopped.exitCode).toBe(4);
  const status = jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]));
  expect(status).toMatchObject({ state: "applying", outcomes: { imported: 7 }, exitCode: 4 });
  expectMixedDone(target, jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"])));
});

test("where e-mail addresses are the usernames, follow-ups reach the users under their new names", async () => {
  const target = await aTarget({ ...MFA_POOL, UsernameAttributes: ["email"] });
  const list = MIXED.map((member) => ({ ...member, username: member.email ?? "" }));
  expectMixedDone(target, await migrate(target, list));
});

test(
  "a run of creations and follow-ups keeps below the documented request rates",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget();
    const many = Array.from({ length: 20 }, (_, index) => `team-${index}`);
    const list = members(90, (number) => ({
      teams: number === 1 ? many : ["crew"],
      disabled: number % 9 === 0,
    }));
    const { exitCode } = await migrate(target, list);
    expect(exitCode).toBe(0);
    const { operations } = target.emulator.control.stats();
    expect(operations["AdminAddUserToGroup"]?.requests).toBe(109);
    expect(Object.values(operations).flatMap(({ refused }) => Object.keys(refused))).toEqual([]);
  },
);

test(
  "the groups of one user are joined at the rate at which Cognito lets one user be changed",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget({}, { quotas: { burstSeconds: 0.5 } });
    const teams = Array.from({ length: 20 }, (_, index) => `team-${index}`);
    const { exitCode } = await migrate(
      target,
      members(1, () => ({ teams })),
    );
    expect(exitCode).toBe(0);
    const { operations } = target.emulator.control.stats();
    expect(operations["AdminAddUserToGroup"]).toMatchObject({ requests: 20, refused: {} });
  },
);

test("who was left able to sign in by a session that was stopped is disabled before the next part", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  onTestFinished(() => void vi.unstubAllEnvs());
  const operations: string[] = [];
  const hooks = {
    beforeEffect: ({ operation }: { operation: string }) => void operations.push(operation),
  };
  const target = await aTarget({}, { hooks });
  const runDir = join(aFolder(), "run");
  const list = members(4, () => ({ email_verified: true, disabled: true }));
  const config = aMemberConfig(list);
  await runCli(["plan", "--config", config, ...target.flags, "--run-dir", runDir]);
  const fault: Fault = { kind: "error", status: 400, type: "NotAuthorizedException", message: "no" };
  target.emulator.control.planFault({ operation: "AdminDisableUser", fault });
  const options = { runDir, partLimits: { rows: 2, bytes: 100_000 } };
  await expect(apply(options)).rejects.toMatchObject({ code: "SERVICE_REFUSED" });
  operations.length = 0;
  expect(await apply(options)).toMatchObject({
    outcomes: { imported: 4 },
    followUps: { disable: { planned: 4, untouched: 0, done: 4, failed: 0 } },
  });
  const order = operations.filter((name) => /^(AdminDisableUser|CreateUserImportJob)$/.test(name));
  expect(order.indexOf("AdminDisableUser")).toBe(0);
});
