import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { previewUndo, undo, type UndoSummary } from "../../src/index.ts";
import { BIN, finish, jsonOf, LOCAL_ENV, runCli, startCli, type CommandResult } from "../support/cli.ts";
import { cognitoOf } from "../support/app-client.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { isInstalled } from "../support/programs.ts";
import { plantHashes } from "../support/plant-hashes.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const HOUR_MS = 3_600_000;

/** The first three by an import job, m4 to m7 by AdminCreateUser; m8 is in the pool before, and m9 is rejected. */
const MIXED = members(9, (number) => ({
  email_verified: number <= 3,
  ...[
    {},
    { disabled: true, teams: ["editors", "admins"] },
    { mfa: "sms", phone_number: "+48601555010", name: 'Cy "the \\ third"' },
    { identities: [{ provider: "google", id: "g-3" }] },
    { disabled: true },
    { teams: ["crew"] },
    { birthdate: "1985-02-28" },
    {},
    {},
    { username: "m 9" },
  ][number],
}));

const CREATED = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];

const NOBODY = { deleted: 0, disabled: 0, absent: 0, "changed-since": 0, kept: 0, failed: 0 };

async function create(target: Target, username: string): Promise<void> {
  await cognitoOf(target).send(
    new AdminCreateUserCommand({
      UserPoolId: target.userPoolId,
      Username: username,
      MessageAction: "SUPPRESS",
      UserAttributes: [{ Name: "name", Value: `${username} from before` }],
    }),
  );
}

/** Everything that the emulator has of the pool's users, byte for byte. */
function dumped({ emulator, userPoolId }: Target): readonly string[] {
  return [...emulator.control.dump()].flatMap((line) =>
    line.kind === "user" && line.poolId === userPoolId ? [JSON.stringify(line)] : [],
  );
}

function enabledOf({ emulator, userPoolId }: Target): Readonly<Record<string, boolean>> {
  const users = [...(emulator.state.pools.get(userPoolId)?.users ?? [])];
  return Object.fromEntries(users.map(({ username, enabled }) => [username, enabled]));
}

interface Stage {
  readonly target: Target;
  /** The pool's users before the run. */
  readonly before: readonly string[];
  readonly runDir: string;
  readonly runId: string;
}

/** A pool with two users from before, one of whom is a member too. */
async function aPoolWithUsers(hooks: Hooks = {}): Promise<Target> {
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" }, { hooks });
  await create(target, "old");
  await create(target, "M8");
  target.emulator.control.clock.advance(HOUR_MS);
  return target;
}

function migrateMembers(target: Target, list: readonly Member[], runDir: string): readonly string[] {
  const config = aMemberConfig(list);
  return ["migrate", "--config", config, ...target.flags, "--run-dir", runDir, "--yes", "--json"];
}

async function migrated(target: Target, list: readonly Member[] = MIXED): Promise<Stage> {
  const before = dumped(target);
  const runDir = join(aFolder(), "run");
  const { runId, state } = jsonOf(await runCli(migrateMembers(target, list, runDir)));
  expect(state).toBe("done");
  return { target, before, runDir, runId };
}

function undoArgs({ runDir, runId }: Pick<Stage, "runDir" | "runId">, ...more: readonly string[]): string[] {
  return ["undo", "--run-dir", runDir, "--confirm", runId, "--json", ...more];
}

async function undone(
  stage: Pick<Stage, "runDir" | "runId">,
  ...more: readonly string[]
): Promise<UndoSummary> {
  return summaryOf(await runCli(undoArgs(stage, ...more)));
}

function summaryOf(result: CommandResult): UndoSummary {
  return jsonOf(result) as unknown as UndoSummary;
}

async function statusOf(runDir: string): Promise<ReturnType<typeof jsonOf>> {
  return jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]));
}

function report(runDir: string): readonly Readonly<Record<string, string>>[] {
  return parse(readFileSync(join(runDir, "undo.csv")), { columns: true });
}

const results = (runDir: string) => report(runDir).map(({ username, result }) => [username, result]);

test("exactly those whom the run created are deleted, and the others stay as they were, byte for byte", async () => {
  const stage = await migrated(await aPoolWithUsers());
  const { target, before, runDir, runId } = stage;
  const subs = target
    .users("sub")
    .flatMap(({ username, sub }) => (CREATED.includes(username ?? "") ? [sub] : []));
  expect(subs).toHaveLength(7);

  const result = await runCli([
    "undo",
    "--run-dir",
    runDir,
    "--delete",
    "--confirm",
    runId,
    "--log-level",
    "trace",
  ]);
  expect(result.stdout).toContain(`Run ${runId} undone in ${target.userPoolId}`);
  expect(result.stdout).toContain("7 deleted, 0 not in the pool any more, 0 changed since and kept");
  expect(result.exitCode).toBe(0);
  expect(dumped(target)).toEqual(before);
  for (const hidden of ["m1", "example.com", "+48", ...subs])
    expect(result.stdout + result.stderr).not.toContain(hidden);
  expect(report(runDir).map(({ username, sub, result: what }) => [username, sub, what])).toEqual(
    CREATED.map((username, place) => [username, subs[place], "deleted"]),
  );
  expect(statSync(join(runDir, "undo.csv")).mode & 0o777).toBe(0o600);
  expect(target.emulator.control.stats().operations["AdminGetUser"]).toBeUndefined();

  const status = await runCli(["status", "--run-dir", runDir]);
  expect(status.stdout).toContain(`Run ${runId} (run that was undone) into`);
  expect(status.stdout).toContain("7 deleted");
  expect(status.exitCode).toBe(0);
  const requests = target.emulator.control.stats().operations["AdminDeleteUser"]?.requests;
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
  expect(target.emulator.control.stats().operations["AdminDeleteUser"]?.requests).toBe(requests);
});

test("a run that was undone can be neither carried out nor compared, and its folder takes no plan", async () => {
  const stage = await migrated(await aPoolWithUsers());
  await undone(stage, "--delete");
  const after = dumped(stage.target);
  for (const verb of ["apply", "resume", "verify"]) {
    const refused = jsonOf(await runCli([verb, "--run-dir", stage.runDir, "--json"]));
    expect(refused).toMatchObject({ error: { code: "RUN_UNDONE" }, exitCode: 2 });
  }
  const plan = [
    "plan",
    "--config",
    aMemberConfig(MIXED),
    ...stage.target.flags,
    "--run-dir",
    stage.runDir,
    "--json",
  ];
  expect(jsonOf(await runCli(plan))).toMatchObject({ error: { code: "RUN_EXISTS" } });
  expect(dumped(stage.target)).toEqual(after);
  // In a new folder everyone can go again.
  expect((await migrated(stage.target)).runId).not.toBe(stage.runId);
});

test("they are disabled instead, once, and can be deleted later", async () => {
  const stage = await migrated(await aPoolWithUsers());
  const { target, before, runDir } = stage;
  const requests = () => target.emulator.control.stats().operations["AdminDisableUser"]?.requests ?? 0;
  const byRun = requests();
  target.emulator.control.clock.advance(HOUR_MS);
  expect(await undone(stage, "--disable")).toMatchObject({
    action: "disable",
    results: { ...NOBODY, disabled: 7 },
    exitCode: 0,
  });
  const disabled = Object.fromEntries(CREATED.map((username) => [username, false]));
  expect(enabledOf(target)).toEqual({ old: true, M8: true, ...disabled });
  expect(dumped(target).filter((line) => before.includes(line))).toEqual(before);
  // Two were disabled by the run.
  expect(requests()).toBe(byRun + 5);
  await undone(stage, "--disable");
  expect(requests()).toBe(byRun + 5);

  target.emulator.control.clock.advance(HOUR_MS);
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
  expect(results(runDir)).toEqual(CREATED.map((username) => [username, "deleted"]));
  expect(dumped(target)).toEqual(before);
});

test("who waited long to be disabled by an undo, or for the own password in the run, is deleted all the same", async () => {
  const hooks: Hooks = {
    // As if a request had waited a minute for its turn.
    beforeEffect: ({ operation }) => {
      const isSlow = operation === "AdminSetUserPassword" || operation === "AdminDisableUser";
      if (isSlow) target.emulator.control.clock.advance(60_000);
    },
  };
  const target: Target = await aTarget({}, { hooks });
  const source = aFile(
    "username,email,email_verified,word\n" +
      [1, 2, 3].map((n) => `u${n},u${n}@example.com,true,Own-Passw0rd-${n}\n`).join(""),
    "users.csv",
  );
  const config = aFile(`source: { type: csv, path: ${source} }\nmapping: { password: word }\n`, "ferry.yaml");
  const runDir = join(aFolder(), "run");
  const args = ["migrate", "--config", config, ...target.flags, "--run-dir", runDir, "--yes", "--json"];
  const { runId } = jsonOf(await runCli(args));
  const stage = { runDir, runId };
  expect(await undone(stage, "--disable")).toMatchObject({ results: { ...NOBODY, disabled: 3 } });
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 3 } });
});

test("who was changed since is kept unless told otherwise, and another account of the same name always", async () => {
  const stage = await migrated(await aPoolWithUsers());
  const { target, before, runDir } = stage;
  const client = cognitoOf(target);
  const of = (Username: string) => ({ UserPoolId: target.userPoolId, Username });
  target.emulator.control.clock.advance(HOUR_MS);
  await client.send(
    new AdminSetUserPasswordCommand({ ...of("m1"), Password: "Abcdef-123456", Permanent: true }),
  );
  const UserAttributes = [{ Name: "nickname", Value: "mine" }];
  await client.send(new AdminUpdateUserAttributesCommand({ ...of("m5"), UserAttributes }));
  await client.send(new AdminDeleteUserCommand(of("m6")));
  await client.send(new AdminDeleteUserCommand(of("m7")));
  await create(target, "m7");
  const changed = dumped(target).filter((line) => /"username":"m[157]"/.test(line));

  const kept = await runCli(["undo", "--run-dir", runDir, "--delete", "--confirm", stage.runId]);
  expect(kept.stdout).toContain(
    "3 deleted, 2 not in the pool any more, 2 changed since and kept, 0 kept in doubt",
  );
  expect(kept.exitCode).toBe(3);
  expect(dumped(target)).toEqual([...before, ...changed]);
  expect(results(runDir)).toEqual([
    ["m1", "changed-since"],
    ["m2", "deleted"],
    ["m3", "deleted"],
    ["m4", "deleted"],
    ["m5", "changed-since"],
    ["m6", "absent"],
    ["m7", "absent"],
  ]);
  expect(report(runDir)[0]?.["message"]).toContain("--include-changed");
  expect(await statusOf(runDir)).toMatchObject({ state: "undone", exitCode: 3 });
  // Said again, it is no other.
  expect(await undone(stage, "--delete")).toMatchObject({ results: { "changed-since": 2 }, exitCode: 3 });

  const all = await undone(stage, "--delete", "--include-changed");
  expect(all).toMatchObject({ results: { ...NOBODY, deleted: 5, absent: 2 }, exitCode: 0 });
  expect(dumped(target)).toEqual([...before, ...changed.filter((line) => line.includes('"username":"m7"'))]);
});

test("a password that was set while the run still went on with others keeps its user", async () => {
  let client: ReturnType<typeof cognitoOf> | undefined;
  let poolId = "";
  const beforeEffect = async ({ operation }: { operation: string }): Promise<undefined> => {
    // The last follow-up but for those of others.
    if (operation !== "AdminAddUserToGroup" || client === undefined) return;
    target.emulator.control.clock.advance(HOUR_MS);
    const of = { UserPoolId: poolId, Username: "m2" };
    await client.send(new AdminSetUserPasswordCommand({ ...of, Password: "Abcdef-123456", Permanent: true }));
    client = undefined;
  };
  const target = await aTarget({}, { hooks: { beforeEffect } });
  poolId = target.userPoolId;
  client = cognitoOf(target);
  const list = members(3, (number) => ({ email_verified: true, teams: number === 3 ? ["crew"] : [] }));
  const stage = await migrated(target, list);
  expect(await undone(stage, "--delete")).toMatchObject({
    results: { ...NOBODY, deleted: 2, "changed-since": 1 },
  });
  expect(target.users()).toEqual([{ username: "m2" }]);
});

test.each(["done", "killed"])(
  "a run that is %s, and disabled users long after it created them, is undone",
  async (end) => {
    const target: Target = await aTarget(
      {},
      {
        hooks: {
          beforeEffect: ({ operation, number }) => {
            if (operation === "AdminDisableUser" && number === 1)
              target.emulator.control.clock.advance(HOUR_MS);
          },
          afterEffect: async ({ operation, number }) => {
            if (operation !== "AdminUpdateUserAttributes" || number !== 2 || end === "done") return;
            child.kill("SIGKILL");
            await ended;
          },
        },
      },
    );
    const quoted = 'Cy "the third"';
    const list = members(4, (number) => ({
      email_verified: true,
      disabled: true,
      name: number > 2 ? quoted : "Cy",
    }));
    const runDir = join(aFolder(), "run");
    const child = startCli(migrateMembers(target, list, runDir));
    const ended = finish(child);
    await ended;
    const { runId, state } = await statusOf(runDir);
    expect(state).toBe(end === "done" ? "done" : "applying");
    expect(await undone({ runDir, runId }, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 4 } });
    expect(target.users()).toEqual([]);
  },
);

test("password hashes of users who were not sent yet are erased", async () => {
  const hash = "$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const plan = ["plan", "--from", `csv:${aUserCsv(4)}`, ...target.flags, "--run-dir", runDir, "--json"];
  const { runId } = jsonOf(await runCli(plan));
  plantHashes(runDir, { 2: hash, 4: hash });
  target.emulator.control.planFault({
    operation: "StartUserImportJob",
    fault: { kind: "error", status: 400, type: "NotAuthorizedException", message: "no" },
  });
  expect(jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"])).exitCode).toBe(4);
  const holdsHash = (): boolean =>
    readdirSync(runDir, { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(hash.slice(10)),
    );
  expect(holdsHash()).toBe(true);
  expect(await undone({ runDir, runId }, "--delete")).toMatchObject({ results: NOBODY, exitCode: 0 });
  expect(holdsHash()).toBe(false);
});

test("where e-mail addresses are the usernames, users are found under their new names", async () => {
  const target = await aTarget({ MfaConfiguration: "OPTIONAL", UsernameAttributes: ["email"] });
  await create(target, "old@example.com");
  const list = MIXED.slice(0, 7).map((member) => ({ ...member, username: member.email ?? "" }));
  const stage = await migrated(target, list);
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
  expect(dumped(target)).toEqual(stage.before);
});

test("in a large pool a small run's users are searched one by one", async () => {
  const target = await aTarget();
  const list = (path: string): Promise<CommandResult> => runCli(migrateArgs(target, `csv:${path}`));
  await list(aUserCsv(130));
  const before = dumped(target);
  const runDir = join(aFolder(), "run");
  const { runId } = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(131)}`, { runDir })));
  const listed = target.emulator.control.stats().operations["ListUsers"]?.requests ?? 0;
  expect(await undone({ runDir, runId }, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 1 } });
  expect(dumped(target)).toEqual(before);
  expect(target.emulator.control.stats().operations["ListUsers"]?.requests).toBe(listed + 1);
});

interface Moment {
  readonly operation: string;
  /** 1 for the first request of the undo. */
  readonly number: number;
  readonly side: Side;
}

/** A stage whose undo is held at a moment. */
async function aHeldUndo({ operation, number, side }: Moment, ...flags: readonly string[]) {
  let hooks: Hooks = {};
  const target = await aPoolWithUsers({
    beforeEffect: (call) => hooks.beforeEffect?.(call),
    afterEffect: (call) => hooks.afterEffect?.(call),
  });
  const stage = await migrated(target);
  const made = target.emulator.control.stats().operations[operation]?.requests ?? 0;
  const hold = new Hold({ operation, number: made + number, side });
  ({ hooks } = hold);
  const child = startCli(undoArgs(stage, ...flags));
  const ended = finish(child);
  await hold.caught;
  return { stage, hold, child, ended };
}

test("killed while it deleted and repeated to disable, each is disabled once, and undo.csv says by whom", async () => {
  const moment = { operation: "AdminDeleteUser", number: 3, side: "after" } as const;
  const { stage, hold, child, ended } = await aHeldUndo(moment, "--delete");
  child.kill("SIGKILL");
  await ended;
  hold.release();
  const { results: counts } = await undone(stage, "--disable");
  expect(counts.deleted + counts.disabled + counts.absent).toBe(7);
  const { operations } = stage.target.emulator.control.stats();
  const disabled = report(stage.runDir).filter(({ result }) => result === "disabled");
  expect(disabled).toHaveLength(counts.disabled);
  // Two were disabled by the run itself.
  const already = disabled.filter((row) => row["message"] !== "").length;
  const byTheRun = 2;
  expect((operations["AdminDisableUser"]?.requests ?? 0) - byTheRun).toBe(counts.disabled - already);
  expect(already).toBeLessThanOrEqual(byTheRun);
});

test.each<Side>(["before", "after"])(
  "killed %s the effect of AdminDisableUser and repeated, all are disabled",
  async (side) => {
    const { stage, hold, child, ended } = await aHeldUndo(
      { operation: "AdminDisableUser", number: 2, side },
      "--disable",
    );
    child.kill("SIGKILL");
    await ended;
    hold.release();
    stage.target.emulator.control.clock.advance(HOUR_MS);
    expect(await undone(stage, "--disable")).toMatchObject({
      results: { ...NOBODY, disabled: 7 },
      exitCode: 0,
    });
    expect(Object.entries(enabledOf(stage.target)).filter(([, isEnabled]) => isEnabled)).toEqual([
      ["old", true],
      ["M8", true],
    ]);
  },
);

test("once an undo has begun the run is not carried on; interrupted it ends with 130, and can be repeated", async () => {
  const moment: Moment = { operation: "AdminDeleteUser", number: 3, side: "before" };
  const { stage, hold, child, ended } = await aHeldUndo(moment, "--delete");
  const meanwhile = await runCli(["status", "--run-dir", stage.runDir]);
  expect(meanwhile.stdout).toContain("a process is at work on it");
  expect(meanwhile.stdout).not.toContain("go on");
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 500));
  hold.release();
  const interrupted = await ended;
  expect(jsonOf(interrupted)).toMatchObject({
    error: { code: "INTERRUPTED", hint: `Go on with: poolferry undo --run-dir ${stage.runDir} --delete` },
    exitCode: 130,
  });
  expect(await statusOf(stage.runDir)).toMatchObject({ state: "undoing", isHeld: false, exitCode: 4 });
  const { stdout } = await runCli(["status", "--run-dir", stage.runDir]);
  expect(stdout).toMatch(new RegExp(`^ +go on +poolferry undo --run-dir ${stage.runDir} --delete$`, "m"));
  for (const verb of ["resume", "verify"])
    expect(jsonOf(await runCli([verb, "--run-dir", stage.runDir, "--json"]))).toMatchObject({
      error: { code: "RUN_UNDONE", hint: expect.stringContaining("poolferry undo") as string },
      exitCode: 2,
    });
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
  expect(dumped(stage.target)).toEqual(stage.before);
});

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

test.each(FAULTS)("an undo gets over $what by itself", async ({ fault, moment }) => {
  const stage = await migrated(await aPoolWithUsers());
  for (const operation of ["DescribeUserPool", "ListUsers", "AdminDeleteUser"])
    stage.target.emulator.control.planFault({ operation, count: 2, moment, fault });
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
  expect(dumped(stage.target)).toEqual(stage.before);
});

test("who cannot be deleted is named with Cognito's words, and the run's trouble stops it until it is repeated", async () => {
  const stage = await migrated(await aPoolWithUsers());
  const plan = (type: string): void => {
    stage.target.emulator.control.planFault({
      operation: "AdminDeleteUser",
      count: 1,
      fault: { kind: "error", status: 400, type, message: "not this one" },
    });
  };
  plan("NotAuthorizedException");
  expect(jsonOf(await runCli(undoArgs(stage, "--delete")))).toMatchObject({
    error: { code: "SERVICE_REFUSED", hint: expect.stringContaining("poolferry undo") as string },
    exitCode: 4,
  });
  plan("InvalidParameterException");
  expect(await undone(stage, "--delete")).toMatchObject({ results: { deleted: 6, failed: 1 }, exitCode: 3 });
  expect(report(stage.runDir).filter(({ result }) => result === "failed")).toMatchObject([
    { message: "not this one" },
  ]);
  expect(await undone(stage, "--delete")).toMatchObject({ results: { ...NOBODY, deleted: 7 }, exitCode: 0 });
});

test("nothing happens without the right word: no flag, both flags, no id, or another run's", async () => {
  const stage = await migrated(await aPoolWithUsers());
  const after = dumped(stage.target);
  const args = ["undo", "--run-dir", stage.runDir, "--json"];
  const refused = async (...more: readonly string[]) => jsonOf(await runCli([...args, ...more]));
  expect(await refused("--confirm", stage.runId)).toMatchObject({ error: { code: "USAGE" }, exitCode: 2 });
  expect(await refused("--delete", "--disable", "--confirm", stage.runId)).toMatchObject({
    error: { code: "USAGE" },
  });
  expect(await refused("--delete")).toMatchObject({ error: { code: "CONFIRMATION_MISSING" }, exitCode: 2 });
  for (const wrong of [`${stage.runId}x`, "", "yes"])
    expect(await refused("--delete", "--confirm", wrong)).toMatchObject({
      error: { code: "CONFIRMATION_WRONG" },
      exitCode: 2,
    });
  expect(dumped(stage.target)).toEqual(after);
  expect(await statusOf(stage.runDir)).toMatchObject({ state: "done" });
  expect(existsSync(join(stage.runDir, "undo.csv"))).toBe(false);
});

test("a plan of which nothing was sent has nothing to undo, and a folder without a run none at all", async () => {
  const target = await aPoolWithUsers();
  const runDir = join(aFolder(), "run");
  const plan = ["plan", "--config", aMemberConfig(MIXED), ...target.flags, "--run-dir", runDir, "--json"];
  const { runId } = jsonOf(await runCli(plan));
  expect(jsonOf(await runCli(undoArgs({ runDir, runId }, "--delete")))).toMatchObject({
    error: { code: "RUN_UNSENT" },
    exitCode: 2,
  });
  expect(await statusOf(runDir)).toMatchObject({ state: "planned" });
  const nowhere = { runDir: join(aFolder(), "none"), runId };
  expect(jsonOf(await runCli(undoArgs(nowhere, "--delete")))).toMatchObject({
    error: { code: "RUN_NOT_FOUND" },
  });
  expect(existsSync(nowhere.runDir)).toBe(false);
});

/** Kills a migration at a moment; the pool is then as the run left it. */
async function killed(moment: Moment, list: readonly Member[] = MIXED): Promise<Stage> {
  let hooks: Hooks = {};
  const target = await aPoolWithUsers({
    beforeEffect: (call) => hooks.beforeEffect?.(call),
    afterEffect: (call) => hooks.afterEffect?.(call),
  });
  const before = dumped(target);
  const made = target.emulator.control.stats().operations[moment.operation]?.requests ?? 0;
  const hold = new Hold({ ...moment, number: made + moment.number });
  ({ hooks } = hold);
  const runDir = join(aFolder(), "run");
  const child = startCli(migrateMembers(target, list, runDir));
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGKILL");
  expect((await ended).signal).toBe("SIGKILL");
  hold.release();
  const { runId, state } = await statusOf(runDir);
  expect(state).toBe("applying");
  return { target, before, runDir, runId };
}

test.each<Moment>([
  { operation: "CreateUserImportJob", number: 1, side: "after" },
  { operation: "StartUserImportJob", number: 1, side: "before" },
  { operation: "StartUserImportJob", number: 1, side: "after" },
  { operation: "GetLogEvents", number: 1, side: "before" },
  { operation: "AdminDisableUser", number: 1, side: "after" },
  { operation: "AdminCreateUser", number: 1, side: "before" },
  { operation: "AdminCreateUser", number: 3, side: "after" },
  { operation: "CreateGroup", number: 1, side: "before" },
  { operation: "AdminAddUserToGroup", number: 2, side: "after" },
  { operation: "AdminLinkProviderForUser", number: 1, side: "after" },
])("a run killed $side the effect of $operation $number is undone instead of resumed", async (moment) => {
  const stage = await killed(moment);
  // The job that was started ends by itself.
  await vi.waitFor(async () => expect((await undone(stage, "--delete")).exitCode).not.toBe(2), {
    timeout: 60_000,
  });
  expect(dumped(stage.target)).toEqual(stage.before);
  expect(await statusOf(stage.runDir)).toMatchObject({ state: "undone", exitCode: 0 });
  expect(jsonOf(await runCli(["resume", "--run-dir", stage.runDir, "--json"]))).toMatchObject({
    error: { code: "RUN_UNDONE" },
  });
  // The files for import jobs hold personal data, and perhaps hashes.
  expect(existsSync(join(stage.runDir, "parts")) ? readdirSync(join(stage.runDir, "parts")) : []).toEqual([]);
});

test("of a run that was killed, who took the name long after is kept", async () => {
  const stage = await killed({ operation: "AdminCreateUser", number: 1, side: "before" });
  const { control } = stage.target.emulator;
  const created = (): readonly string[] =>
    dumped(stage.target).filter((line) => /"username":"m[4567]"/.test(line));
  await vi.waitFor(() => expect(created().length).toBeLessThanOrEqual(4));
  control.clock.advance(HOUR_MS);
  const client = cognitoOf(stage.target);
  for (const Username of ["m4", "m5", "m6", "m7"])
    await client
      .send(new AdminDeleteUserCommand({ UserPoolId: stage.target.userPoolId, Username }))
      .catch(() => {});
  for (const username of ["m4", "m5"]) await create(stage.target, username);
  const others = created();
  expect(await undone(stage, "--delete", "--include-changed")).toMatchObject({
    results: { deleted: 3, kept: 2 },
    exitCode: 3,
  });
  expect(dumped(stage.target)).toEqual([...stage.before, ...others]);
});

test("of a run that was killed, who was created by others at the moment of the sending is kept", async () => {
  let hooks: Hooks = {};
  const target = await aTarget({}, { hooks: { beforeEffect: (call) => hooks.beforeEffect?.(call) } });
  const hold = new Hold({ operation: "AdminCreateUser", number: 1, side: "before" });
  ({ hooks } = hold);
  const runDir = join(aFolder(), "run");
  const child = startCli(migrateMembers(target, members(1), runDir));
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGKILL");
  await ended;
  hold.release();
  await create(target, "m1");
  const before = dumped(target);
  const { runId } = await statusOf(runDir);
  expect(await undone({ runDir, runId }, "--delete")).toMatchObject({
    results: { ...NOBODY, kept: 1 },
    exitCode: 3,
  });
  expect(dumped(target)).toEqual(before);
});

test("while an import job of the run goes on it is not undone, and it is once the job was stopped", async () => {
  const target = await aTarget({}, { rules: { jobStuckAfterRows: 1 } });
  await create(target, "old");
  const before = dumped(target);
  const runDir = join(aFolder(), "run");
  const child = startCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { runDir }));
  const ended = finish(child);
  await vi.waitFor(() => expect(target.users()).toHaveLength(2), { timeout: 60_000 });
  child.kill("SIGKILL");
  await ended;
  const { runId } = await statusOf(runDir);
  expect(jsonOf(await runCli(undoArgs({ runDir, runId }, "--delete")))).toMatchObject({
    error: { code: "IMPORT_JOB_ACTIVE", hint: expect.stringContaining("jobs stop") as string },
    exitCode: 2,
  });
  expect(await statusOf(runDir)).toMatchObject({ state: "applying" });
  const pool = ["--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  const listed = jsonOf(await runCli(["jobs", "list", ...pool, "--json"])) as unknown as {
    jobs: { jobId: string }[];
  };
  await runCli(["jobs", "stop", ...pool, "--job-id", listed.jobs[0]?.jobId ?? "", "--yes"]);
  expect(await undone({ runDir, runId }, "--delete")).toMatchObject({
    results: { ...NOBODY, deleted: 1 },
    exitCode: 0,
  });
  expect(dumped(target)).toEqual(before);
});

const hasScript = isInstalled("script", "typing the run's id at a terminal");

test.skipIf(!hasScript).each([
  { isRight: true, left: 2 },
  { isRight: false, left: 9 },
])(
  "at a terminal the pool is named and the run's id must be typed; right: $isRight",
  async ({ isRight, left }) => {
    const stage = await migrated(await aPoolWithUsers());
    const command = [process.execPath, BIN, "undo", "--run-dir", stage.runDir, "--delete"]
      .map((part) => `'${part}'`)
      .join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: LOCAL_ENV, cwd: aFolder() });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (text.includes("to go on:")) child.stdin.write(`${isRight ? stage.runId : "yes"}\r`);
    });
    const [exitCode] = (await once(child, "close")) as [number];
    expect(printed).toContain(`Run ${stage.runId} has created 7 users in the user pool "customers"`);
    expect(printed).toMatch(new RegExp(`${stage.target.userPoolId}, account \\d{12}, region us-east-1`));
    expect(printed).toContain("They will be DELETED, for good.");
    expect(exitCode).toBe(isRight ? 0 : 2);
    expect(stage.target.users()).toHaveLength(left);
  },
);

test("the library previews and undoes, and takes no other run's id", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { target, before, runDir, runId } = await migrated(await aPoolWithUsers());
  expect(await previewUndo({ runDir })).toMatchObject({
    runId,
    userPoolId: target.userPoolId,
    userPoolName: "customers",
    region: "us-east-1",
    created: 7,
    uncertain: 0,
  });
  await expect(undo({ runDir, action: "delete", confirm: "another" })).rejects.toMatchObject({
    code: "CONFIRMATION_WRONG",
  });
  expect(await undo({ runDir, action: "delete", confirm: runId })).toMatchObject({ results: { deleted: 7 } });
  expect(dumped(target)).toEqual(before);
});
