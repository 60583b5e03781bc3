import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aFilledPool } from "../support/filled-pool.ts";
import { Hold } from "../support/hold.ts";
import { SyncCommand, type SyncConfig } from "../support/sync-command.ts";
import { people, seenIn, type Person } from "../support/sync.ts";
import { aTarget, type Target } from "../support/target.ts";
import type { EmulatorOptions } from "../support/emulator.ts";

const FAST = { categories: { UserList: 100_000, UserUpdate: 100_000 } };

/** A pool that has these people already, whom a sync has adopted. */
async function adopted(
  list: readonly Person[],
  config: SyncConfig = {},
  options: EmulatorOptions = {},
): Promise<{ readonly target: Target; readonly command: SyncCommand }> {
  const inhabitants = list.map(({ username, email = "", name = "" }) => ({
    username,
    attributes: { email, email_verified: "true", name },
  }));
  const target = await aFilledPool(inhabitants, {}, { quotas: FAST, ...options });
  const command = new SyncCommand(target, { ...config, sync: { adopt: "matching", ...config.sync } });
  command.write(list);
  const { exitCode, summary } = await command.sync();
  expect(exitCode).toBe(0);
  expect(summary.counts).toMatchObject({ adopted: list.length, unchanged: list.length });
  return { target, command };
}

/** How often operations were called that change something, since. */
function writesSince({ emulator }: Target): () => Readonly<Record<string, number>> {
  const before = new Map(emulator.requestCounts);
  return () =>
    Object.fromEntries(
      [...emulator.requestCounts]
        .map(([operation, count]) => [operation, count - (before.get(operation) ?? 0)] as const)
        .filter(
          ([operation, count]) =>
            count > 0 && !/^(Describe|List|GetCSVHeader|GetProvisionedLimit)/.test(operation),
        ),
    );
}

/** The lines of a text for people, without the paths. */
function wordsOf({ stdout }: CommandResult): readonly string[] {
  return stdout
    .trimEnd()
    .split("\n")
    .filter((line) => !/\.(csv|json)$/.test(line));
}

const disabledIn = (target: Target): readonly string[] =>
  [...seenIn(target)].filter(([, { enabled }]) => !enabled).map(([username]) => username);

describe("what a sync says", () => {
  test("has its numbers in words, from the first sync on", async () => {
    const target = await aFilledPool(
      [{ username: "p6", attributes: { name: "Other" } }],
      {},
      { quotas: FAST },
    );
    const command = new SyncCommand(target);
    const list = people(6, (number) => [{}, { teams: ["crew"] }, { disabled: true }][number] ?? {});
    command.write(list);
    const dry = await command.run("sync", "--dry-run");
    // The sixth will not follow the source.
    expect(dry.exitCode).toBe(3);
    expect(wordsOf(dry)).toEqual([
      expect.stringMatching(/^Sync \d{8}-\d{6}-[0-9a-f]{6} \(dry run, nothing is changed\) into us-east-1_/),
      "  source    6 users read; 0 are managed",
      "  would be  5 created",
      "  not done  1 in the pool and not managed under this id (skipped.csv; sync.adopt)",
    ]);
    expect(seenIn(target).size).toBe(1);

    const first = await command.run("sync");
    expect(first).toMatchObject({ exitCode: 3 });
    expect(wordsOf(first)).toEqual([
      expect.stringContaining("(everybody compared)"),
      "  source    6 users read; 5 are managed",
      "  done      5 created",
      "  not done  1 in the pool and not managed under this id (skipped.csv; sync.adopt)",
    ]);
    expect(disabledIn(target)).toEqual(["p2"]);
    expect(seenIn(target).get("p1")?.groups).toEqual(["crew"]);

    const writes = writesSince(target);
    expect(wordsOf(await command.run("sync"))[2]).toBe("  done      5 unchanged");
    expect(writes()).toEqual({});

    command.write(list.with(2, { ...list[2]!, name: "Changed" }));
    const changed = await command.run("sync");
    expect(wordsOf(changed)[2]).toBe("  done      1 updated, 4 unchanged");
    expect(changed.stderr).toContain("1 changes made, 0 failed");
    expect(writes()).toEqual({ AdminUpdateUserAttributes: 1 });
    // Its files are where it says, and nobody else's to read.
    const files = [...changed.stdout.matchAll(/\/\S+\.(?:csv|json)$/gm)].map(([path]) => path);
    expect(files.map((path) => path.split("/").at(-1))).toEqual([
      "changes.csv",
      "conflicts.csv",
      "rejected.csv",
      "sync.json",
    ]);
    for (const path of files) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(command.syncDir).mode & 0o777).toBe(0o700);
  });

  test("warns where users are told from others by their names alone", async () => {
    const target = await aTarget();
    const command = new SyncCommand(target, { mapping: { disabled: "disabled" } });
    command.write(people(3));
    const result = await command.run("sync", "--dry-run");
    expect(result.stderr).toContain("3 users have no id at the source (mapping.sourceId)");
    const named = new SyncCommand(target);
    named.write(people(3));
    expect((await named.run("sync", "--dry-run")).stderr).not.toContain("no id at the source");
  });

  test("of a config that is none is what is wrong, and where", async () => {
    const target = await aTarget();
    const wrong = async (config: SyncConfig): Promise<CommandResult> => {
      const command = new SyncCommand(target, config);
      command.write(people(2));
      const result = await command.run("sync", "--json");
      expect(existsSync(command.syncDir), "it has made a folder").toBe(false);
      return result;
    };
    const adopt = await wrong({ sync: { adopt: "all" } as never });
    expect(adopt).toMatchObject({ exitCode: 2 });
    expect(adopt.stdout).toContain("CONFIG_INVALID");
    expect(adopt.stdout).toContain("sync.adopt");
    expect((await wrong({ sync: { maxDeletion: 3 } as never })).stdout).toContain("there is no such key");
    expect((await wrong({ sync: { maxRemovedShare: 20 } })).stdout).toContain("sync.maxRemovedShare");
  });

  test("comes of a config that can be read once only, such as another command's output", async () => {
    const { command } = await adopted(people(2));
    const text = readFileSync(command.config);
    rmSync(command.config);
    execFileSync("mkfifo", [command.config]);
    const [result] = await Promise.all([command.sync(), writeFile(command.config, text)]);
    expect(result).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 2 } } });
  });

  test("in the help tells about approve and the exit codes", async () => {
    const { stdout, exitCode } = await runCli(["sync", "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}approve \[options\]/m);
    expect(stdout).toMatch(/^ {2}5 [^0-9]*quarantine$/m);
    for (const flag of ["--dry-run", "--full", "--schedule", "--sync-dir", "--show-values"])
      expect(stdout).toContain(flag);
    const approve = await runCli(["sync", "approve", "--help"]);
    expect(approve.stdout).toContain("--max-deletions <number>");
    // The number is of all whom a sync counts as removed.
    expect(approve.stdout.replaceAll(/\s+/g, " ")).toContain(
      "may be disabled, deleted, created again, let in again or lose something, all together",
    );
    expect(approve.stdout).not.toContain("--schedule");
  });
});

describe("a quarantine", () => {
  test("says what to do, and ends by an approval that is enough", async () => {
    const list = people(200);
    const { target, command } = await adopted(list);
    command.write(list.slice(0, 140));
    const dry = await command.run("sync", "--dry-run");
    expect(dry.exitCode).toBe(5);
    expect(wordsOf(dry).slice(2)).toEqual([
      "  would be  60 disabled, 140 unchanged",
      "  guard     source-shrunk: the source has 140 users, 30 % fewer than the 200 before",
      "            a sync would take nothing from anybody, and be in quarantine",
    ]);
    // Whoever only looks puts nothing in quarantine.
    expect((await command.approve(60)).summary.error?.code).toBe("SYNC_NOT_QUARANTINED");
    const writes = writesSince(target);
    const stopped = await command.run("sync");
    expect(stopped.exitCode).toBe(5);
    expect(wordsOf(stopped).slice(2)).toEqual([
      "  would be  60 disabled, 140 unchanged",
      "  not done  60 changes withheld",
      "  guard     source-shrunk: the source has 140 users, 30 % fewer than the 200 before",
      expect.stringMatching(/^ {12}in quarantine since 2\d{3}-\S+ \S+ UTC: look at the source/),
      "            with: poolferry sync approve --max-deletions N   (and the options of this sync)",
      "            as of now N has to be 60: users who would be disabled, deleted, created again, let in again or lose something",
    ]);
    const held = await command.sync();
    expect(held).toMatchObject({
      exitCode: 5,
      summary: { kind: "none", exitCode: 5, quarantine: { code: "source-shrunk", wouldRemove: 60 } },
    });
    expect(held.summary.runDir).toBeUndefined();
    expect(await command.run("sync", "approve", "--max-deletions", "some")).toMatchObject({ exitCode: 2 });
    expect(await command.run("sync", "approve", "--max-deletions", "-1")).toMatchObject({ exitCode: 2 });
    const missing = await command.run("sync", "approve");
    expect(missing).toMatchObject({ exitCode: 2 });
    expect(missing.stderr).toContain("'--max-deletions <number>' not specified");
    expect(await command.approve(59)).toMatchObject({
      exitCode: 5,
      summary: {
        cause: "approval",
        isOnlyPlanned: true,
        guard: { code: "above-approved" },
        quarantine: { code: "source-shrunk" },
        counts: { disabled: 60, withheld: 60 },
      },
    });
    expect(writes()).toEqual({});
    const approved = await command.approve(60);
    expect(approved).toMatchObject({ exitCode: 0, summary: { counts: { disabled: 60, withheld: 0 } } });
    expect(approved.summary.quarantine).toBeUndefined();
    expect(disabledIn(target)).toHaveLength(60);
    expect(await command.approve(60)).toMatchObject({
      exitCode: 2,
      summary: { error: { code: "SYNC_NOT_QUARANTINED" } },
    });
    expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 140 } } });

    const history = await command.run("history");
    expect(history.exitCode).toBe(0);
    const lines = history.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`Syncs in ${command.syncDir}, the newest first (UTC)`);
    const past = lines.slice(1).map((line) => line.split(/ {2,}/).filter((_, at) => at > 1));
    expect(past.map(([cause, kind, , exitCode, ...what]) => [cause, kind, exitCode, ...what])).toEqual([
      ["once", "full", "0", "140 unchanged, 60 absent"],
      ["approval", "full", "0", "60 disabled, 140 unchanged, 60 absent"],
      ["approval", "full", "5", "stopped by above-approved, would be: 60 disabled, 140 unchanged, 60 absent"],
      ["once", "none", "5", "in quarantine (source-shrunk)"],
      ["once", "full", "5", "stopped by source-shrunk, would be: 60 disabled, 140 unchanged, 60 absent"],
      ["once", "full", "0", "200 adopted, 200 unchanged"],
    ]);
    const { stdout } = await command.run("history", "--json", "--limit", "2");
    expect(JSON.parse(stdout)).toMatchObject({
      syncDir: command.syncDir,
      exitCode: 0,
      runs: [{ exitCode: 0 }, { cause: "approval", exitCode: 0, summary: { counts: { disabled: 60 } } }],
    });
  });

  test("shows at the head of the history", async () => {
    const list = people(60);
    const { command } = await adopted(list);
    command.write(list.slice(0, 20));
    await command.sync();
    const { stdout } = await command.run("history");
    expect(stdout.split("\n")[1]).toMatch(
      /^in quarantine since .* UTC \(source-shrunk\): the source has 20 users, 66\.7 % fewer than the 60 before$/,
    );
  });

  test("by too many failures ends by an approval, and what failed is done", async () => {
    const list = people(150);
    let isBroken = true;
    const { target, command } = await adopted(
      list,
      {},
      {
        hooks: {
          beforeEffect: async ({ operation }) =>
            isBroken && operation === "AdminUpdateUserAttributes"
              ? { kind: "error", status: 400, type: "InvalidParameterException", message: "no" }
              : undefined,
        },
      },
    );
    command.write(list.map((person) => ({ ...person, name: `${person.name}!` })));
    const broken = await command.sync();
    expect(broken).toMatchObject({ exitCode: 5, summary: { error: { code: "TOO_MANY_FAILED" } } });
    expect(await command.sync()).toMatchObject({
      exitCode: 5,
      summary: { quarantine: { code: "too-many-failures" } },
    });
    isBroken = false;
    expect(await command.approve(0)).toMatchObject({ exitCode: 0 });
    expect([...seenIn(target).values()].every(({ attributes }) => attributes["name"]?.endsWith("!"))).toBe(
      true,
    );
  });
});

test("the history of no sync is an error, as is one that nobody names", async () => {
  const result = await runCli(["history", "--sync-dir", join(aFolder(), "nowhere"), "--json"]);
  expect(result.exitCode).toBe(2);
  expect(result.stdout).toContain("SYNC_NOT_FOUND");
  expect((await runCli(["history"])).stderr).toContain("Give --config, --user-pool-id or --sync-dir");
});

describe("the exit code of a sync", () => {
  test("is 3 where users are rejected or fail, and these are named", async () => {
    const list = people(30);
    const { target, command } = await adopted(
      list,
      {},
      {
        hooks: {
          beforeEffect: async ({ operation }) =>
            operation === "AdminUpdateUserAttributes"
              ? { kind: "error", status: 400, type: "InvalidParameterException", message: "no" }
              : undefined,
        },
      },
    );
    const twins = [...list.slice(1), { ...list[1]!, username: "twin" }];
    command.write([{ ...list[0]!, name: "Refused" }, ...twins]);
    const { exitCode, summary } = await command.sync();
    expect(exitCode).toBe(3);
    expect(summary.counts).toMatchObject({ failed: 1, rejected: 2, updated: 0, disabled: 0 });
    expect(
      command.lines(summary, "rejected.csv").map(({ id, poolferry_reason }) => [id, poolferry_reason]),
    ).toEqual([
      ["id-2", "source-id-shared"],
      ["id-2", "source-id-shared"],
    ]);
    expect(command.lines(summary, "failed.csv")).toMatchObject([{ id: "id-1" }]);
    expect(command.lines(summary, "changes.csv")).toMatchObject([
      { source_id: "id-1", change: "set-attributes", state: "failed" },
    ]);
    // A look ahead names them too.
    const dry = await command.sync("--dry-run");
    expect(command.lines(dry.summary, "rejected.csv")).toHaveLength(2);
    expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Person 1");
  });

  test("is 3 where one who was created lacks a group", async () => {
    const target = await aTarget(
      {},
      {
        quotas: FAST,
        hooks: {
          beforeEffect: async ({ operation }) =>
            operation === "AdminAddUserToGroup"
              ? { kind: "error", status: 400, type: "InvalidParameterException", message: "no" }
              : undefined,
        },
      },
    );
    const command = new SyncCommand(target);
    command.write(people(30, (number) => (number === 3 ? { teams: ["crew"] } : {})));
    expect(await command.sync()).toMatchObject({
      exitCode: 3,
      summary: { counts: { created: 30, failed: 1 } },
    });
  });

  test("is 4 where the service does not answer", async () => {
    const { target, command } = await adopted(people(3));
    await target.emulator.close();
    const result = await command.sync();
    expect(result).toMatchObject({ exitCode: 4, summary: { error: { code: "ENDPOINT_UNREACHABLE" } } });
    expect((await command.run("history", "--limit", "1")).stdout).toMatch(
      /once {6}full {8}.* 4 {2}ENDPOINT_UNREACHABLE: /,
    );
  }, 60_000);

  test("is 2 while another one is under way, which goes on", async () => {
    const hold = new Hold({ operation: "ListUsers", number: 2, side: "before" });
    const { command } = await adopted(people(3), {}, { hooks: hold.hooks });
    const first = command.start();
    await hold.caught;
    const second = await command.sync();
    const error = {
      code: "RUN_BUSY",
      message: "Another process is working on this sync",
      hint: "Wait for it, or look at it with: poolferry history",
    };
    expect(second).toMatchObject({ exitCode: 2, summary: { error } });
    // Looking does not disturb.
    expect((await command.run("history")).stdout).toContain("running, or killed");
    hold.release();
    expect(await first.ended).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 3 } } });
  });

  test("is 2 for one of the two who begin a new folder at once", async () => {
    const target = await aTarget({}, { quotas: FAST });
    const command = new SyncCommand(target);
    command.write(people(3));
    const results = await Promise.all([command.sync(), command.sync(), command.run("history")]);
    const codes = results.slice(0, 2).map(({ exitCode }) => exitCode);
    // Unless one of them comes so late that the other is through.
    expect([
      [0, 2],
      [2, 0],
      [0, 0],
    ]).toContainEqual(codes);
    expect(seenIn(target).size).toBe(3);
  });
});

/** People of whom the first 20 get another name and the last 5 are gone. */
function changing(list: readonly Person[]): readonly Person[] {
  return list.slice(0, -5).map((person, index) => (index < 20 ? { ...person, name: "New name" } : person));
}

describe("a sync that is stopped in its middle", () => {
  /** Stops a sync when it makes its Nth change of attributes, and gives what is seen afterwards. */
  async function stoppedBy(signal: NodeJS.Signals) {
    const list = people(60);
    const hold = new Hold({ operation: "AdminUpdateUserAttributes", number: 8, side: "after" });
    const { target, command } = await adopted(list, {}, { hooks: hold.hooks });
    command.write(changing(list));
    const { child, ended } = command.start();
    await hold.caught;
    child.kill(signal);
    // The one that is held is let go, so that the command can end.
    if (signal !== "SIGKILL") setTimeout(() => hold.release(), 200);
    const result = await ended;
    hold.release();
    return { target, command, result, list };
  }

  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s says so, and the next one does the rest",
    async (signal) => {
      const { target, command, result } = await stoppedBy(signal);
      expect(result).toMatchObject({ exitCode: 130, summary: { error: { code: "INTERRUPTED" } } });
      expect(result.stdout).toContain("The next poolferry sync goes on");
      expect(disabledIn(target)).toHaveLength(5);
      const dry = await command.sync("--dry-run");
      expect(dry).toMatchObject({ exitCode: 2, summary: { error: { code: "RUN_UNFINISHED" } } });
      await expectTheRest(target, command);
      expect((await command.run("history")).stdout).not.toContain("running, or killed");
    },
  );

  test("by SIGKILL leaves nothing behind that the next one does not mend", async () => {
    const { target, command, result } = await stoppedBy("SIGKILL");
    expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL" });
    expect((await command.run("history", "--limit", "1")).stdout).toContain("running, or killed");
    await expectTheRest(target, command);
  });

  async function expectTheRest(target: Target, command: SyncCommand): Promise<void> {
    const next = await command.sync();
    expect(next.stderr).toMatch(/sync \S+ was stopped in its middle, and is finished first/);
    expect(next).toMatchObject({ exitCode: 0, summary: { counts: { absent: 5, failed: 0 } } });
    const seen = seenIn(target);
    expect([...seen.values()].filter(({ attributes }) => attributes["name"] === "New name")).toHaveLength(20);
    expect(disabledIn(target)).toEqual(["p56", "p57", "p58", "p59", "p60"]);
    const writes = writesSince(target);
    expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 55 } } });
    expect(writes()).toEqual({});
  }

  test("while it only looks leaves nothing at all", async () => {
    const hold = new Hold({ operation: "ListUsers", number: 2, side: "before" });
    const { target, command } = await adopted(people(20), {}, { hooks: hold.hooks });
    const before = readdirSync(join(command.syncDir, "runs"));
    command.write(changing(people(30)));
    const { child, ended } = command.start();
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    expect(readdirSync(join(command.syncDir, "runs"))).toHaveLength(before.length + 1);
    const next = await command.sync();
    expect(next).toMatchObject({ exitCode: 0, summary: { counts: { updated: 20, created: 5 } } });
    expect(next.stderr).not.toContain("stopped in its middle");
    expect(readdirSync(join(command.syncDir, "runs"))).toHaveLength(before.length + 1);
    expect(seenIn(target).size).toBe(25);
  });

  test("while it creates users creates each of them once", async () => {
    const hold = new Hold({ operation: "StartUserImportJob", number: 2, side: "after" });
    const target = await aTarget({}, { quotas: FAST, hooks: hold.hooks });
    const command = new SyncCommand(target);
    const list = people(150, (number) => (number % 10 === 0 ? { disabled: true } : {}));
    command.write(list);
    const { child, ended } = command.start();
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    const next = await command.sync();
    expect(next).toMatchObject({ exitCode: 0, summary: { managedUsers: 150, counts: { unchanged: 150 } } });
    expect(seenIn(target).size).toBe(150);
    expect(disabledIn(target)).toHaveLength(15);
  });
});

test("a quarantine that lets harmless changes pass loses nobody whom a killed sync has made", async () => {
  const list = people(60);
  const hold = new Hold({ operation: "StartUserImportJob", number: 1, side: "after" });
  const { target, command } = await adopted(list, {}, { hooks: hold.hooks });
  command.configure({ sync: { whenGuarded: "apply-harmless" } });
  command.write([...list.slice(0, 30), ...people(64).slice(60)]);
  const { child, ended } = command.start();
  await hold.caught;
  child.kill("SIGKILL");
  await ended;
  hold.release();
  expect(await command.sync()).toMatchObject({
    exitCode: 5,
    summary: { quarantine: { code: "source-shrunk" }, managedUsers: 64, counts: { notManaged: 0 } },
  });
  expect(disabledIn(target)).toEqual([]);
  expect(await command.approve(30)).toMatchObject({ exitCode: 0, summary: { counts: { disabled: 30 } } });
});

describe("files that are not what they should be", () => {
  test("change nobody: cut in half, empty, gone", async () => {
    const list = people(200);
    const { target, command } = await adopted(list);
    const text = readFileSync(command.path, "utf8");
    const writes = writesSince(target);
    writeFileSync(command.path, text.slice(0, text.length / 2));
    expect(await command.sync()).toMatchObject({
      exitCode: 2,
      summary: { error: { code: "SOURCE_TRUNCATED" } },
    });
    renameSync(command.path, `${command.path}.away`);
    expect(await command.sync()).toMatchObject({
      exitCode: 2,
      summary: { error: { code: "SOURCE_NOT_FOUND" } },
    });
    writeFileSync(command.path, "");
    expect(await command.sync()).toMatchObject({
      exitCode: 2,
      summary: { error: { code: "SOURCE_FORMAT" } },
    });
    expect(writes()).toEqual({});
    // Between two users nothing but their number tells.
    writeFileSync(command.path, text.slice(0, text.indexOf("\n", text.length / 2) + 1));
    expect(await command.sync()).toMatchObject({
      exitCode: 5,
      summary: { guard: { code: "source-shrunk" } },
    });
    expect(writes()).toEqual({});
    expect(disabledIn(target)).toEqual([]);
    command.write(list);
    expect(await command.approve(0)).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 200 } } });
  });
});
