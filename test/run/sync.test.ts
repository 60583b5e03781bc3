import { AddCustomAttributesCommand } from "@aws-sdk/client-cognito-identity-provider";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { SyncSummary } from "../../src/run/sync-summary.ts";
import type { StatedSyncPolicies } from "../../src/sync/sync-policies.ts";
import { Following, people, seenIn, type Person } from "../support/sync.ts";
import { cognitoOf } from "../support/app-client.ts";
import { aFolder } from "../support/files.ts";
import { aFilledPool, settle } from "../support/filled-pool.ts";
import type { Target } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  return () => void vi.unstubAllEnvs();
});

/** People, but for some of them. */
function without(list: readonly Person[], ...ids: readonly number[]): readonly Person[] {
  return list.filter((_, index) => !ids.includes(index + 1));
}

describe("a sync", () => {
  test("creates, changes, disables and lets in again, and leaves strangers alone", async () => {
    const target = await aFilledPool([{ username: "stranger", attributes: { name: "S" }, groups: ["crew"] }]);
    const following = new Following(target);
    const first = people(6, (number) => [{}, { teams: ["crew"] }, { disabled: true }][number] ?? {});
    const made = await following.follow(first);
    expect(made.counts).toMatchObject({ created: 6, failed: 0, rejected: 0 });
    expect(made).toMatchObject({ exitCode: 0, managedUsers: 6, sourceRows: 6, kind: "full" });
    expect(seenIn(target).get("p1")?.groups).toEqual(["crew"]);
    expect(seenIn(target).get("p2")?.enabled).toBe(false);

    const second = people(
      6,
      (number) =>
        [{}, { teams: ["staff"] }, { disabled: false }, { name: "Changed", nickname: "Nick" }, {}][number] ??
        {},
    );
    const changed = await following.follow(without(second, 6));
    expect(changed.counts).toMatchObject({
      created: 0,
      updated: 1,
      enabled: 1,
      disabled: 1,
      groupsAdded: 1,
      groupsRemoved: 1,
      failed: 0,
      absent: 1,
    });
    const seen = seenIn(target);
    expect(seen.get("p1")?.groups).toEqual(["staff"]);
    expect(seen.get("p2")?.enabled).toBe(true);
    expect(seen.get("p3")?.attributes).toMatchObject({ name: "Changed", nickname: "Nick" });
    expect(seen.get("p6")?.enabled).toBe(false);
    expect(seen.get("stranger")).toEqual({ attributes: { name: "S" }, enabled: true, groups: ["crew"] });

    const back = await following.follow(people(6, (number) => (number === 1 ? { teams: ["staff"] } : {})));
    expect(back.counts).toMatchObject({ enabled: 1, updated: 1, disabled: 0 });
    const third = seenIn(target).get("p3");
    expect(third?.attributes["nickname"]).toBeUndefined();
    expect(seenIn(target).get("p6")?.enabled).toBe(true);

    const again = await following.sync();
    expect(again.counts).toMatchObject({ created: 0, updated: 0, unchanged: 6 });
  });
});

/** How often each operation was called since. */
function callsSince(target: Target): () => Readonly<Record<string, number>> {
  const before = new Map(target.emulator.requestCounts);
  return () =>
    Object.fromEntries(
      [...target.emulator.requestCounts]
        .map(([operation, count]) => [operation, count - (before.get(operation) ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
}

const READS = new Set([
  "DescribeUserPool",
  "GetCSVHeader",
  "ListUsers",
  "ListUsersInGroup",
  "GetProvisionedLimit",
]);

function writesOf(calls: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(calls).filter(([operation]) => !READS.has(operation)));
}

/** A pool that already has these people, whom a sync adopts. */
async function adopted(
  count: number,
  policies: StatedSyncPolicies = {},
  more: ConstructorParameters<typeof Following>[2] = {},
) {
  const list = people(count);
  const target = await aFilledPool(
    list.map(({ username, email = "", name = "" }) => ({
      username,
      attributes: { email, email_verified: "true", name },
    })),
    {},
    { quotas: { categories: { UserList: 100_000, UserUpdate: 100_000 } } },
  );
  const following = new Following(target, { adopt: "matching", ...policies }, more);
  const { counts } = await following.follow(list);
  expect(counts).toMatchObject({ adopted: count, unchanged: count, created: 0 });
  return { list, target, following };
}

test("a second sync without changes writes nothing, and lists 60 users with each call", async () => {
  const { target, following } = await adopted(1_000);
  const calls = callsSince(target);
  const { counts, exitCode } = await following.sync();
  expect(counts).toMatchObject({ unchanged: 1_000, updated: 0 });
  expect(exitCode).toBe(0);
  expect(writesOf(calls())).toEqual({});
  expect(calls()["ListUsers"]).toBeLessThanOrEqual(Math.ceil(1_000 / 60));
  expect(calls()["ListUsersInGroup"]).toBeUndefined();
});

test("one user who changed is one write", async () => {
  const { list, target, following } = await adopted(1_000);
  const calls = callsSince(target);
  await following.follow(
    list.map((person, index) => (index === 499 ? { ...person, name: "Other" } : person)),
  );
  expect(writesOf(calls())).toEqual({ AdminUpdateUserAttributes: 1 });
  expect(seenIn(target).get("p500")?.attributes["name"]).toBe("Other");
});

describe("a guard", () => {
  test.each([
    [19, 0, undefined],
    [20, 0, undefined],
    [21, 5, "source-shrunk"],
  ])("holds where %i percent of the source are gone: exit code %i", async (percent, exitCode, code) => {
    const { list, target, following } = await adopted(200);
    const calls = callsSince(target);
    const left = list.slice(0, 200 - percent * 2);
    const summary = await following.follow(left);
    expect(summary).toMatchObject({
      exitCode,
      ...(code === undefined ? {} : { guard: { code }, quarantine: { code } }),
    });
    expect(writesOf(calls())).toEqual(code === undefined ? { AdminDisableUser: percent * 2 } : {});
    expect([...seenIn(target).values()].filter(({ enabled }) => !enabled)).toHaveLength(
      code === undefined ? percent * 2 : 0,
    );
  });

  test("holds for a source without anybody, until somebody approves", async () => {
    const { list, target, following } = await adopted(30, {}, { type: "json" });
    const calls = callsSince(target);
    // A file that is not even begun is no source; nobody has to approve the next one.
    writeFileSync(following.path, "");
    await expect(following.sync()).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    expect(await following.follow([])).toMatchObject({ exitCode: 5, guard: { code: "source-empty" } });
    // The source is whole again, and yet nobody has looked.
    expect(await following.follow(list)).toMatchObject({
      exitCode: 5,
      kind: "none",
      quarantine: { code: "source-empty" },
    });
    expect(writesOf(calls())).toEqual({});
    const approved = await following.sync({ approved: 0, cause: "approval" });
    expect(approved).toMatchObject({ exitCode: 0, quarantine: undefined, counts: { unchanged: 30 } });
    expect(await following.sync()).toMatchObject({ exitCode: 0, counts: { unchanged: 30 } });
  });

  test("takes an approval for a ceiling, counted anew", async () => {
    const { list, target, following } = await adopted(60);
    expect((await following.follow(list.slice(0, 30))).guard?.code).toBe("source-shrunk");
    following.write(list.slice(0, 20));
    const refused = await following.sync({ approved: 30 });
    expect(refused).toMatchObject({
      exitCode: 5,
      guard: { code: "above-approved", wouldRemove: 40 },
      quarantine: { code: "source-shrunk" },
    });
    expect([...seenIn(target).values()].every(({ enabled }) => enabled)).toBe(true);
    const approved = await following.sync({ approved: 40 });
    expect(approved).toMatchObject({ exitCode: 0, counts: { disabled: 40 }, quarantine: undefined });
    await expect(following.sync({ approved: 1 })).rejects.toMatchObject({ code: "SYNC_NOT_QUARANTINED" });
  });

  test("that holds still lets harmless changes pass where that is wanted", async () => {
    const { list, target, following } = await adopted(60, { whenGuarded: "apply-harmless" });
    const some = [
      ...list.slice(0, 30).map((person, index) => ({
        ...person,
        ...[{ name: "New name" }, { teams: ["crew"] }, { disabled: true }][index],
      })),
      ...people(61).slice(60),
    ];
    const summary = await following.follow(some);
    expect(summary).toMatchObject({
      exitCode: 5,
      guard: { code: "source-shrunk" },
      counts: { created: 1, updated: 1, groupsAdded: 1, disabled: 0, withheld: 31 },
    });
    const seen = seenIn(target);
    expect(seen.get("p1")?.attributes["name"]).toBe("New name");
    expect(seen.get("p2")?.groups).toEqual(["crew"]);
    expect(seen.has("p61")).toBe(true);
    expect([...seen.values()].every(({ enabled }) => enabled)).toBe(true);
    // It goes on so, and the quarantine stays.
    const again = await following.follow([...some.slice(0, 20), { ...list[21]!, name: "Later" }]);
    expect(again).toMatchObject({
      exitCode: 5,
      counts: { updated: 1, disabled: 0 },
      quarantine: { code: "source-shrunk" },
    });
    const approved = await following.sync({ approved: 100 });
    expect(approved).toMatchObject({ exitCode: 0, quarantine: undefined });
    expect(seenIn(target).get("p3")?.enabled).toBe(false);
  });

  test("holds where users are gone from the pool", async () => {
    const { list, target, following } = await adopted(60);
    const pool = target.emulator.state.pools.get(target.userPoolId);
    for (const { username } of list.slice(0, 21)) {
      const user = [...(pool?.users ?? [])].find((each) => each.username === username);
      if (user !== undefined) pool?.users.remove(user);
    }
    expect(await following.sync()).toMatchObject({
      exitCode: 5,
      guard: { code: "pool-shrunk", wouldRemove: 21 },
    });
    const approved = await following.sync({ approved: 21 });
    expect(approved).toMatchObject({ exitCode: 0, counts: { created: 21 } });
    expect(seenIn(target).size).toBe(60);
  });

  test("forgets nobody: who is then back at the source counts as one to be created again", async () => {
    const { list, target, following } = await adopted(
      60,
      { whenGuarded: "apply-harmless" },
      { type: "json" },
    );
    const users = target.emulator.state.pools.get(target.userPoolId)?.users;
    for (const { username } of list.slice(0, 21)) {
      const user = users?.byUsername(username);
      if (user !== undefined) users?.remove(user);
    }
    expect(await following.follow([])).toMatchObject({ exitCode: 5, guard: { code: "source-empty" } });
    expect(await following.follow(list)).toMatchObject({ exitCode: 5, guard: { code: "pool-shrunk" } });
    expect(seenIn(target).size).toBe(39);
  });

  test("does not take rows that cannot be read for absent users", async () => {
    const { list, target, following } = await adopted(60);
    following.write(list.slice(0, 55));
    writeFileSync(following.path, `${readFileSync(following.path, "utf8")}{"id": "id-56", "username":\n`);
    const summary = await following.sync();
    expect(summary).toMatchObject({ exitCode: 3, counts: { disabled: 0, rejected: 1 } });
    expect([...seenIn(target).values()].every(({ enabled }) => enabled)).toBe(true);
    following.write(list.slice(0, 55));
    expect((await following.sync()).counts).toMatchObject({ disabled: 5 });
  });

  test("holds for a file that was cut in half", async () => {
    const { list, target, following } = await adopted(200);
    following.write(list);
    const text = readFileSync(following.path, "utf8");
    const calls = callsSince(target);
    writeFileSync(following.path, text.slice(0, text.length / 2));
    await expect(following.sync()).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
    // Where the cut falls between two users, nothing but the number tells.
    writeFileSync(following.path, text.slice(0, text.indexOf("\n", text.length / 2) + 1));
    expect(await following.sync()).toMatchObject({ exitCode: 5, guard: { code: "source-shrunk" } });
    expect(writesOf(calls())).toEqual({});
  });
});

describe("users whom the source no longer has", () => {
  const DAY = 24 * 3_600_000;

  test("are disabled first, and deleted when they were so for as long as is wanted", async () => {
    const { list, target, following } = await adopted(60, { absent: "delete", deleteAfterDays: 2 });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const start = Date.now();
      expect((await following.follow(list.slice(0, 59))).counts).toMatchObject({ disabled: 1, deleted: 0 });
      vi.setSystemTime(start + 2 * DAY - 60_000);
      expect((await following.sync()).counts).toMatchObject({ disabled: 0, deleted: 0, absent: 1 });
      vi.setSystemTime(start + 2 * DAY + 60_000);
      expect((await following.sync()).counts).toMatchObject({ disabled: 0, deleted: 1 });
      expect(seenIn(target).has("p60")).toBe(false);
      expect((await following.sync()).counts).toMatchObject({ deleted: 0, absent: 0 });
      // Who comes back later is made anew.
      expect((await following.follow(list)).counts).toMatchObject({ created: 1 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("stay as they are where that is wanted", async () => {
    const { list, target, following } = await adopted(60, { absent: "keep" });
    expect((await following.follow(list.slice(0, 50))).counts).toMatchObject({ absent: 10, disabled: 0 });
    expect(seenIn(target).get("p60")?.enabled).toBe(true);
  });

  test("are told from users whom it has under another id", async () => {
    const { list, target, following } = await adopted(10);
    const renamed = list.map((person, index) => (index === 0 ? { ...person, id: "new-id" } : person));
    expect((await following.follow(renamed)).counts).toMatchObject({
      disabled: 0,
      created: 0,
      unchanged: 10,
      absent: 0,
    });
    expect((await following.follow(renamed.slice(1))).counts).toMatchObject({ disabled: 1, absent: 1 });
    expect(seenIn(target).get("p1")?.enabled).toBe(false);
  });
});

test("users who were in the pool before are not touched unless they are to be adopted", async () => {
  const target = await aFilledPool([{ username: "p1", attributes: { name: "Mine" } }]);
  const following = new Following(target);
  expect(await following.follow(people(2))).toMatchObject({
    exitCode: 3,
    counts: { created: 1, notManaged: 1 },
  });
  expect(seenIn(target).get("p1")?.attributes).toEqual({ name: "Mine" });
  // Nor when the source drops them.
  await following.follow(people(2).slice(1));
  expect(seenIn(target).get("p1")?.enabled).toBe(true);
  const adopting = await following.follow(people(2), { sync: { adopt: "matching" } });
  expect(adopting.counts).toMatchObject({ adopted: 1, updated: 1 });
  expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Person 1");
});

test("what was changed in the pool too is a conflict, and the policy decides", async () => {
  const { list, target, following } = await adopted(5);
  const change = (name: string) => {
    const pool = target.emulator.state.pools.get(target.userPoolId);
    const user = [...(pool?.users ?? [])].find(({ username }) => username === "p2");
    if (user !== undefined)
      user.attributes = user.attributes.map((each) =>
        each === "Person 2" || each === "Theirs" ? name : each,
      );
  };
  change("Theirs");
  const kept = await following.follow(list, { sync: { conflicts: "pool-wins" } });
  expect(kept).toMatchObject({ exitCode: 0, conflicts: { "pool-changed": 1 }, counts: { updated: 0 } });
  const told = await following.follow(list, { sync: { conflicts: "report" } });
  expect(told).toMatchObject({ exitCode: 3, conflicts: { "pool-changed": 1 }, counts: { updated: 0 } });
  expect(seenIn(target).get("p2")?.attributes["name"]).toBe("Theirs");
  const overruled = await following.follow(list);
  expect(overruled).toMatchObject({ exitCode: 0, conflicts: { "pool-changed": 1 }, counts: { updated: 1 } });
  expect(seenIn(target).get("p2")?.attributes["name"]).toBe("Person 2");
});

test("a dry run says what would be done, and changes nothing", async () => {
  const { list, target, following } = await adopted(60);
  const before = JSON.stringify([...seenIn(target)]);
  const next = [...list.slice(1, 60), ...people(61).slice(60)].map((person, index) =>
    index === 0 ? { ...person, name: "Changed", nickname: "Nick" } : person,
  );
  const calls = callsSince(target);
  const dry = await following.follow(next, { isDryRun: true });
  expect(dry).toMatchObject({ isDryRun: true, exitCode: 0, counts: { created: 1, updated: 1, disabled: 1 } });
  expect(writesOf(calls())).toEqual({});
  expect(JSON.stringify([...seenIn(target)])).toBe(before);
  const changes = (summary: SyncSummary): readonly Readonly<Record<string, string>>[] =>
    parse(readFileSync(join(summary.runDir ?? "", "changes.csv")), { columns: true });
  expect(changes(dry)).toMatchObject([
    {
      source_id: "id-2",
      username: "p2",
      change: "set-attributes",
      what: "name",
      old: "P…2 (8)",
      new: "C…d (7)",
      state: "pending",
    },
    { what: "nickname", old: "", new: "N…k (4)" },
    { source_id: "id-1", username: "p1", change: "disable" },
  ]);
  const shown = await following.sync({ isDryRun: true, showsValues: true });
  expect(changes(shown)[0]).toMatchObject({ old: "Person 2", new: "Changed" });
  const wet = await following.sync();
  expect(wet.counts).toMatchObject({ created: 1, updated: 1, disabled: 1 });
  expect(changes(wet).map(({ state }) => state)).toEqual(["done", "done", "done"]);
});

test("a folder belongs to one pool and one source", async () => {
  const { following } = await adopted(2);
  await expect(following.sync({ source: { type: "csv", path: following.path } })).rejects.toMatchObject({
    code: "SYNC_MISMATCH",
  });
});

/** Interrupts a sync at the first request of an operation, before it takes effect or after. */
async function interruptedAt(
  { target, following }: { readonly target: Target; readonly following: Following },
  operation: string,
  moment: "before-effect" | "after-effect",
  policies?: StatedSyncPolicies,
): Promise<void> {
  const { control } = target.emulator;
  const interruption = new AbortController();
  control.planFault({ operation, moment, fault: { kind: "hold", name: "here" } });
  const stated = policies === undefined ? {} : { sync: policies };
  const ended = following.sync({ signal: interruption.signal, ...stated });
  await control.waitUntilHeld("here");
  interruption.abort();
  control.release("here", moment === "before-effect" ? "drop" : "go-on");
  await expect(ended).rejects.toMatchObject({ code: "INTERRUPTED" });
  control.clearFaults();
}

describe("what a sync that was interrupted has left", () => {
  test("is not finished by a dry run", async () => {
    const world = await adopted(30);
    world.following.write(world.list.slice(1));
    await interruptedAt(world, "AdminDisableUser", "before-effect");
    const calls = callsSince(world.target);
    await expect(world.following.sync({ isDryRun: true })).rejects.toMatchObject({ code: "RUN_UNFINISHED" });
    expect(calls()).toEqual({});
  });

  test("disables nobody whom the source has again", async () => {
    const world = await adopted(30);
    world.following.write(world.list.slice(10));
    await interruptedAt(world, "AdminDisableUser", "before-effect");
    const calls = callsSince(world.target);
    expect(await world.following.follow(world.list)).toMatchObject({ exitCode: 0, counts: { disabled: 0 } });
    expect(calls()["AdminDisableUser"]).toBeUndefined();
    expect([...seenIn(world.target).values()].every(({ enabled }) => enabled)).toBe(true);
  });

  test("counts for the sync's own doing where it was done", async () => {
    const world = await adopted(30);
    world.following.write(world.list.slice(1));
    await interruptedAt(world, "AdminDisableUser", "after-effect");
    expect(await world.following.sync()).toMatchObject({ exitCode: 0 });
    expect(seenIn(world.target).get("p1")?.enabled).toBe(false);
    expect((await world.following.follow(world.list)).counts).toMatchObject({ enabled: 1 });
  });

  test("deletes nobody whom the source has again", async () => {
    const world = await adopted(30, { absent: "delete", deleteAfterDays: 0 });
    await world.following.follow(world.list.slice(1));
    await interruptedAt(world, "AdminDeleteUser", "before-effect");
    const { counts } = await world.following.follow(world.list);
    expect(counts).toMatchObject({ deleted: 0, enabled: 1, created: 0 });
    expect(seenIn(world.target).get("p1")?.enabled).toBe(true);
  });

  test("is finished in a quarantine too, so that whom it has created is managed", async () => {
    const world = await adopted(60);
    const policies = { adopt: "none", whenGuarded: "apply-harmless" } as const;
    const some = [...world.list.slice(0, 30), { ...people(61)[60]!, email_verified: false }];
    world.following.write(some);
    await interruptedAt(world, "AdminCreateUser", "after-effect", policies);
    expect(await world.following.sync({ sync: policies })).toMatchObject({ exitCode: 5 });
    const changed = some.map((person) => ({ ...person, name: "New name" }));
    expect(await world.following.follow(changed, { sync: policies })).toMatchObject({
      exitCode: 5,
      counts: { notManaged: 0 },
    });
    expect(seenIn(world.target).get("p61")?.attributes["name"]).toBe("New name");
  });
});

describe("the time until a user is deleted", () => {
  const DAY = 24 * 3_600_000;
  const policies = { absent: "delete", deleteAfterDays: 2 } as const;
  const enable = ({ emulator, userPoolId }: Target, isEnabled: boolean) => {
    const user = emulator.state.pools.get(userPoolId)?.users.byUsername("p60");
    if (user !== undefined) user.enabled = isEnabled;
  };

  test("does not begin while the user is kept, and can sign in", async () => {
    const { list, target, following } = await adopted(60);
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await following.follow(list.slice(0, 59), { sync: { absent: "keep" } });
      vi.setSystemTime(Date.now() + 3 * DAY);
      enable(target, false);
      expect((await following.sync({ sync: policies })).counts).toMatchObject({ deleted: 0, absent: 1 });
      vi.setSystemTime(Date.now() + 3 * DAY);
      expect((await following.sync({ sync: policies })).counts).toMatchObject({ deleted: 1 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("begins anew for one who was let in again", async () => {
    const conflicts = "pool-wins";
    const { list, target, following } = await adopted(60, { ...policies, conflicts });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await following.follow(list.slice(0, 59));
      enable(target, true);
      vi.setSystemTime(Date.now() + 3 * DAY);
      expect((await following.sync()).counts).toMatchObject({ disabled: 0, deleted: 0 });
      enable(target, false);
      expect((await following.sync()).counts).toMatchObject({ deleted: 0 });
      vi.setSystemTime(Date.now() + 3 * DAY);
      expect((await following.sync()).counts).toMatchObject({ deleted: 1 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a user of the pool whose name a row has", () => {
  test("is nobody else's while a row that cannot be read may be its own", async () => {
    const { list, target, following } = await adopted(10);
    following.write([...list.slice(1), { ...list[0]!, id: "other", name: "Other" }]);
    const text = readFileSync(following.path, "utf8");
    writeFileSync(following.path, `${text}{"id": "id-1", "username":\n`);
    expect(await following.sync({ maxUnreadableShare: 1 })).toMatchObject({
      exitCode: 3,
      counts: { updated: 0, notManaged: 1 },
    });
    expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Person 1");
  });

  test("is the one of the id that the source had before, whatever it is called there now", async () => {
    const { list, target, following } = await adopted(10);
    const renamed = [{ ...list[0]!, username: "p99" }, ...list.slice(1)];
    await following.follow([...renamed, { ...list[0]!, id: "other", name: "Other" }]);
    expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Person 1");
  });

  test("is a stranger where it came in the place of one who was deleted in the pool", async () => {
    const { list, target, following } = await adopted(10);
    const users = target.emulator.state.pools.get(target.userPoolId)?.users;
    const user = users?.byUsername("p1");
    if (user !== undefined) users?.remove(user);
    settle(target, { username: "p1", sub: "somebody-else", attributes: { name: "Mine" } });
    const calls = callsSince(target);
    const { counts } = await following.follow(list, { sync: { adopt: "none" } });
    expect(counts).toMatchObject({ notManaged: 1, created: 0 });
    expect(writesOf(calls())).toEqual({});
    expect(seenIn(target).get("p1")?.attributes).toEqual({ name: "Mine" });
  });
});

test("users who are passed over as they are disabled keep their groups and their values", async () => {
  const { list, target, following } = await adopted(10, {}, { policies: { disabled: "skip" } });
  const crew = list.map((person) => ({ ...person, teams: ["crew"] }));
  await following.follow(crew);
  const changed = { ...crew[0]!, disabled: true, name: "Other" };
  const { counts } = await following.follow([changed, ...crew.slice(1)]);
  expect(counts).toMatchObject({ disabled: 1, groupsRemoved: 0, updated: 0 });
  expect(seenIn(target).get("p1")).toMatchObject({ enabled: false, groups: ["crew"] });
});

describe("a sync of what changed at the source", () => {
  /** A source that tells what changed since; the rows are numbered in their order. */
  async function aCursorSource(list: readonly object[]) {
    const folder = aFolder();
    const write = (rows: readonly object[]): void =>
      writeFileSync(join(folder, "rows.json"), JSON.stringify(rows));
    const path = join(folder, "people.mjs");
    writeFileSync(
      path,
      `import { readFileSync } from "node:fs";
export default function* ({ after = "" }) {
  const rows = JSON.parse(readFileSync(new URL("rows.json", import.meta.url), "utf8"));
  for (const row of rows) if (row.at > after) yield row;
}
export const cursor = ({ at }) => at;
`,
    );
    write(list);
    const target = await aFilledPool([]);
    const following = new Following(target, {}, { source: { type: "module", path } });
    expect(await following.sync()).toMatchObject({ exitCode: 0, kind: "full" });
    return { target, following, write };
  }
  const rows = people(3).map((person, index) => ({
    ...person,
    nickname: "N",
    disabled: false,
    teams: [],
    at: `${index}`,
  }));
  const changed = {
    id: "id-1",
    username: "p1",
    email: "p1@example.com",
    email_verified: true,
    name: "New",
    at: "4",
  };

  test("reads rows that lack what others have", async () => {
    const { target, following, write } = await aCursorSource(rows);
    write([...rows.slice(1), changed]);
    expect(await following.sync()).toMatchObject({
      exitCode: 0,
      kind: "incremental",
      counts: { updated: 1 },
    });
    expect(seenIn(target).get("p1")?.attributes["name"]).toBe("New");
  });

  test("compares everybody again after one of everybody in which something failed", async () => {
    const { target, following, write } = await aCursorSource(rows);
    write([...rows.slice(1), changed]);
    target.emulator.control.planFault({
      operation: "AdminUpdateUserAttributes",
      fault: { kind: "error", status: 400, type: "InvalidParameterException", message: "No" },
    });
    expect(await following.sync({ isFull: true })).toMatchObject({ exitCode: 3 });
    target.emulator.control.clearFaults();
    expect(await following.sync()).toMatchObject({ exitCode: 0, kind: "full", counts: { updated: 1 } });
    expect(await following.sync()).toMatchObject({ exitCode: 0, kind: "incremental" });
  });

  test("compares everybody next time where an id may have changed", async () => {
    const { following, write } = await aCursorSource(rows);
    const moved = { ...rows[0]!, id: "other", at: "5" };
    write([...rows.slice(1), moved]);
    expect(await following.sync()).toMatchObject({ kind: "incremental", counts: { notManaged: 1 } });
    expect(await following.sync()).toMatchObject({ kind: "full", counts: { notManaged: 0, absent: 0 } });
  });
});

test("who was created a moment ago and is not listed yet is not forgotten when the source drops the user", async () => {
  const { list, target, following } = await adopted(30);
  const pool = target.emulator.state.pools.get(target.userPoolId);
  const user = pool?.users.byUsername("p1");
  if (pool === undefined || user === undefined) throw new Error("there is no p1");
  pool.users.remove(user);
  expect((await following.follow(list.slice(1))).counts).toMatchObject({ absent: 1, disabled: 0 });
  const attributes = { email: "p1@example.com", email_verified: "true", name: "Person 1" };
  settle(target, { username: "p1", sub: user.sub, attributes });
  expect((await following.sync()).counts).toMatchObject({ absent: 1, disabled: 1 });
  expect(seenIn(target).get("p1")?.enabled).toBe(false);
});

test.each(["AdminDisableUser", "AdminAddUserToGroup"])(
  "who was created, and not disabled or in a group yet when a sync was interrupted at %s, is afterwards",
  async (operation) => {
    const world = await adopted(2);
    const more = people(4, () => ({ disabled: true, teams: ["staff"] })).slice(2);
    world.following.write([...world.list, ...more]);
    await interruptedAt(world, operation, "before-effect", { adopt: "none" });
    expect(await world.following.sync({ sync: { adopt: "none" } })).toMatchObject({
      exitCode: 0,
      managedUsers: 4,
      counts: { notManaged: 0 },
    });
    for (const { username } of more)
      expect(seenIn(world.target).get(username)).toMatchObject({ enabled: false, groups: ["staff"] });
  },
);

describe("an account is nobody else's", () => {
  test("when a new user has the name of one who has left", async () => {
    const { list, target, following } = await adopted(30);
    await following.follow(list.slice(1));
    const heir = { ...list[0]!, id: "id-new", name: "Somebody else", teams: ["admins"] };
    const summary = await following.follow([heir, ...list.slice(1)]);
    expect(summary).toMatchObject({ exitCode: 3, counts: { enabled: 0, updated: 0, notManaged: 1 } });
    expect(seenIn(target).get("p1")).toMatchObject({
      enabled: false,
      groups: [],
      attributes: { name: "Person 1" },
    });
  });

  test("when the ids are other people's by now, and a guard stops it where they are many", async () => {
    const { list, target, following } = await adopted(30);
    const shifted = list.map((person, index) => ({ ...person, id: list[(index + 1) % list.length]!.id }));
    const before = JSON.stringify([...seenIn(target)]);
    expect(await following.follow(shifted)).toMatchObject({ exitCode: 5, guard: { code: "ids-shifted" } });
    expect(JSON.stringify([...seenIn(target)])).toBe(before);
    const two = list.map((person, index) => (index < 2 ? { ...person, id: list[1 - index]!.id } : person));
    const summary = await following.follow(two, { approved: 0 });
    expect(summary).toMatchObject({ counts: { updated: 0, disabled: 0, unchanged: 28 } });
    expect(JSON.stringify([...seenIn(target)])).toBe(before);
  });

  test("when it signed up and was never confirmed, or comes by another provider", async () => {
    const attributes = { email: "attacker@evil.example", email_verified: "false" };
    const target = await aFilledPool([
      { username: "p1", attributes, status: "UNCONFIRMED" },
      { username: "p2", attributes, status: "EXTERNAL_PROVIDER" },
    ]);
    const following = new Following(target, { adopt: "matching" });
    const { counts } = await following.follow(people(2));
    expect(counts).toMatchObject({ adopted: 0 });
    expect(seenIn(target).get("p1")?.attributes).toEqual(attributes);
    expect(seenIn(target).get("p2")?.attributes).toEqual(attributes);
  });

  test("when another has taken the name while what was on its way is finished", async () => {
    const world = await adopted(30);
    const { target, following, list } = world;
    following.write(list.map((person, index) => (index === 0 ? { ...person, teams: ["admins"] } : person)));
    await interruptedAt(world, "AdminAddUserToGroup", "before-effect");
    const pool = target.emulator.state.pools.get(target.userPoolId);
    const user = pool?.users.byUsername("p1");
    if (pool === undefined || user === undefined) throw new Error("there is no p1");
    pool.users.remove(user);
    settle(target, { username: "p1", sub: "a-stranger", attributes: { name: "S" } });
    await following.sync({ sync: { adopt: "none" } });
    expect(seenIn(target).get("p1")?.groups).toEqual([]);
  });
});

describe("nobody loses much at once", () => {
  const half = (list: readonly Person[], change: Partial<Person>) =>
    list.map((person, index) => (index < 30 ? { ...person, ...change } : person));

  test.each<[string, Partial<Person>, string]>([
    ["names", { name: undefined }, "too-many-losses"],
    ["groups", { teams: [] }, "too-many-losses"],
    ["addresses to others'", { email: "wrong@example.com" }, "too-many-losses"],
    ["the right to sign in, although they were let in by nobody", { disabled: true }, "too-many-disables"],
  ])("%s", async (_what, change, code) => {
    const { list, target, following } = await adopted(60);
    const inTeam = list.map((person) => ({ ...person, teams: ["crew"] }));
    await following.follow(inTeam);
    const before = JSON.stringify([...seenIn(target)]);
    const changed = half(inTeam, change).map((person, index) =>
      "email" in change && index < 30 ? { ...person, email: `other${index}@example.com` } : person,
    );
    expect(await following.follow(changed)).toMatchObject({ exitCode: 5, guard: { code } });
    expect(JSON.stringify([...seenIn(target)])).toBe(before);
  });

  test("addresses neither where what is harmless is done all the same", async () => {
    const { list, target, following } = await adopted(60, { whenGuarded: "apply-harmless" });
    const changed = list.map((person, index) =>
      index < 30 ? { ...person, email: `other${index}@example.com` } : { ...person, name: "Changed" },
    );
    expect(await following.follow(changed)).toMatchObject({
      exitCode: 5,
      guard: { code: "too-many-losses" },
      counts: { updated: 30 },
    });
    const users = [...seenIn(target).values()].map(({ attributes }) => attributes);
    expect(users.filter(({ email }) => email?.startsWith("other"))).toEqual([]);
    expect(users.filter(({ name }) => name === "Changed")).toHaveLength(30);
  });

  test("and not many are let in at once", async () => {
    const { list, target, following } = await adopted(60);
    await following.follow(half(list, { disabled: true }), {
      sync: { adopt: "matching", maxRemovedShare: 1 },
    });
    expect(await following.follow(list)).toMatchObject({ exitCode: 5, guard: { code: "too-many-enables" } });
    expect([...seenIn(target).values()].filter(({ enabled }) => enabled)).toHaveLength(30);
  });
});

test("a value that cannot be read takes nothing away", async () => {
  const { list, target, following } = await adopted(10);
  const { counts } = await following.follow(
    list.map((person, index) => (index === 0 ? { ...person, email: "p1 at example.com" } : person)),
  );
  expect(counts).toMatchObject({ updated: 0 });
  expect(seenIn(target).get("p1")?.attributes["email"]).toBe("p1@example.com");
});

test("a mistyped id makes nobody leave", async () => {
  const { list, target, following } = await adopted(30);
  const summary = await following.follow(
    list.map((person, index) => (index === 0 ? { ...person, id: "id-2" } : person)),
  );
  expect(summary).toMatchObject({ exitCode: 3, counts: { rejected: 2, disabled: 0, absent: 0 } });
  expect(seenIn(target).get("p1")?.enabled).toBe(true);
});

test("rows that cannot be read are told with how many may be gone for them", async () => {
  const { list, following } = await adopted(30);
  following.write(list.slice(2));
  writeFileSync(following.path, `${readFileSync(following.path, "utf8")}{"id":\n`);
  expect(await following.sync()).toMatchObject({ exitCode: 3, counts: { unsure: 2, disabled: 0 } });
});

test("a setting of the pool that changes while a sync is interrupted does not block the next ones", async () => {
  const world = await adopted(2);
  world.following.write([...world.list, ...people(6, () => ({ teams: ["crew"] })).slice(2)]);
  await interruptedAt(world, "AdminAddUserToGroup", "before-effect", { adopt: "none" });
  await cognitoOf(world.target).send(
    new AddCustomAttributesCommand({
      UserPoolId: world.target.userPoolId,
      CustomAttributes: [{ Name: "new", AttributeDataType: "String" }],
    }),
  );
  expect(await world.following.sync({ sync: { adopt: "none" } })).toMatchObject({
    exitCode: 0,
    managedUsers: 6,
  });
  expect(seenIn(world.target).get("p6")?.groups).toEqual(["crew"]);
});

test("an approval in a folder without a sync is refused, and makes none", async () => {
  const { following } = await adopted(2);
  const syncDir = join(aFolder(), "elsewhere");
  await expect(following.sync({ syncDir, approved: 1 })).rejects.toMatchObject({ code: "SYNC_NOT_FOUND" });
  expect(existsSync(syncDir)).toBe(false);
});
