import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import type { RuleSettings } from "../support/emulator.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { plantHashes } from "../support/plant-hashes.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const rows = (runDir: string, file: string) =>
  parse(readFileSync(join(runDir, file)), { columns: true }) as Record<string, string>[];

const usersOf = ({ emulator, userPoolId }: Target) => [
  ...(emulator.state.pools.get(userPoolId)?.users ?? []),
];

const resume = async (runDir: string): Promise<JsonResult> =>
  jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));

/** Makes an import job refuse the rows of long names, which AdminCreateUser takes. */
const REFUSE_LONG: RuleSettings = { charactersInRow: 250, highestFailedShare: 1 };
const LONG = "x".repeat(300);
const SAID = "The User Record is longer than the allowed number of characters.";

const importable = (count: number, change: (number: number) => Partial<Member>): readonly Member[] =>
  members(count, (number) => ({ email_verified: true, ...change(number) }));

const argsOf = (target: Target, config: string, runDir: string): readonly string[] => [
  "migrate",
  "--config",
  config,
  ...target.flags,
  "--run-dir",
  runDir,
  "--yes",
  "--json",
];

test("whose row an import job refuses is created instead, with all that is to follow, and Cognito's words are kept", async () => {
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" }, { rules: REFUSE_LONG });
  const runDir = join(aFolder(), "run");
  const list = importable(4, (number) => ({
    phone_number: `+4860155501${number}`,
    mfa: "sms",
    teams: ["crew"],
    ...(number === 2 ? { name: LONG, disabled: true } : {}),
  }));
  const result = jsonOf(await runCli(argsOf(target, aMemberConfig(list), runDir)));
  expect(result).toMatchObject({
    state: "done",
    outcomes: { imported: 4, failed: 0 },
    routes: { "import-job": 3, "admin-create": 1 },
    exitCode: 0,
  });
  expect(usersOf(target).map(({ username, status, enabled }) => [username, status, enabled])).toEqual([
    ["m1", "RESET_REQUIRED", true],
    ["m3", "RESET_REQUIRED", true],
    ["m4", "RESET_REQUIRED", true],
    ["m2", "FORCE_CHANGE_PASSWORD", false],
  ]);
  expect(result.followUps).toMatchObject({
    disable: { planned: 1, done: 1 },
    "add-to-group": { planned: 4, done: 4 },
    // For the others the import job has a column.
    "set-mfa": { planned: 1, done: 1 },
  });
  expect(rows(runDir, "warnings.csv")).toEqual([
    expect.objectContaining({ username: "m2", code: "row-refused", message: SAID }),
  ]);
  expect(rows(runDir, "identity-map.csv").every(({ sub }) => sub !== "")).toBe(true);
  expect(target.emulator.control.outbox).toEqual([]);
});

test("with the policy leave, whose row an import job refuses has failed", async () => {
  const target = await aTarget({}, { rules: REFUSE_LONG });
  const runDir = join(aFolder(), "run");
  const source = aUserCsv(3, (number, cells) => {
    if (number === 2) cells[3] = LONG;
  });
  const config = aFile("policies: { failedRows: leave }", "ferry.yaml");
  const result = jsonOf(
    await runCli([...migrateArgs(target, `csv:${source}`, { runDir }), "--config", config]),
  );
  expect(result).toMatchObject({ outcomes: { imported: 2, failed: 1 }, exitCode: 3 });
  expect(rows(runDir, "failed.csv")).toMatchObject([
    { username: "u2", poolferry_reason: "import-failed", poolferry_message: SAID },
  ]);
  expect(target.emulator.requestCounts.get("AdminCreateUser")).toBeUndefined();
});

test("whom both refuse fails with Cognito's words, those of the import job too where they differ", async () => {
  const target = await aTarget({}, { rules: { ...REFUSE_LONG, emailPattern: /^u\d+@example\.com$/ } });
  const runDir = join(aFolder(), "run");
  const source = aUserCsv(3, (number, cells) => {
    if (number > 1) cells[1] = `refused${number}@example.com`;
    if (number === 3) cells[3] = LONG;
  });
  const result = jsonOf(await runCli(migrateArgs(target, `csv:${source}`, { runDir })));
  expect(result).toMatchObject({ outcomes: { imported: 1, failed: 2 }, exitCode: 3 });
  const common = { poolferry_reason: "user-refused" };
  expect(rows(runDir, "failed.csv")).toMatchObject([
    { ...common, username: "u2", poolferry_message: "Invalid email address format." },
    { ...common, username: "u3", poolferry_message: `Invalid email address format.; before that: ${SAID}` },
  ]);
});

test("who came into the pool by hand meanwhile is skipped, not taken over", async () => {
  const target = await aTarget({}, { rules: { ...REFUSE_LONG, existingUserCheck: "after-values" } });
  const source = aUserCsv(1);
  await runCli(migrateArgs(target, `csv:${source}`));
  const again = aUserCsv(2, (number, cells) => {
    if (number === 1) cells[3] = LONG;
  });
  const result = jsonOf(await runCli(migrateArgs(target, `csv:${again}`)));
  expect(result).toMatchObject({ outcomes: { imported: 1, skipped: 1, failed: 0 } });
  expect(target.users("name")[0]).toEqual({ username: "u1", name: "User 1" });
});

const GOOD_HASH = "$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

/** Plans users u1 to u4 with hashes, of which u2's and u3's are none that Cognito takes. */
async function planWithBadHashes(target: Target, runDir: string): Promise<void> {
  await runCli(["plan", "--from", `csv:${aUserCsv(4)}`, ...target.flags, "--run-dir", runDir]);
  plantHashes(runDir, { 1: GOOD_HASH, 2: "$2b$10$short", 3: "$2b$10$short", 4: GOOD_HASH });
}

const MIXED_STATUSES = [
  ["u1", "CONFIRMED"],
  ["u2", "RESET_REQUIRED"],
  ["u3", "RESET_REQUIRED"],
  ["u4", "CONFIRMED"],
];

function statusesOf(target: Target): readonly (readonly string[])[] {
  return usersOf(target)
    .map(({ username, status }) => [username, status])
    .sort();
}

test("whose row is refused for its hash is imported without it, by another job", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await planWithBadHashes(target, runDir);
  const result = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
  expect(result).toMatchObject({
    outcomes: { imported: 4, failed: 0 },
    passwords: { kept: 2, reset: 2 },
    exitCode: 0,
  });
  expect(statusesOf(target)).toEqual(MIXED_STATUSES);
  expect(rows(runDir, "warnings.csv")).toEqual(
    ["u2", "u3"].map((username) =>
      expect.objectContaining({
        username,
        code: "password-hash-refused",
        message: "The User Record has a malformed password_hash.",
      }),
    ),
  );
  expect(target.emulator.requestCounts.get("AdminCreateUser")).toBeUndefined();
});

test("whose row is refused without its hash too is created, and has lost the hash", async () => {
  const target = await aTarget({}, { rules: { ...REFUSE_LONG, charactersInRow: 20 } });
  const runDir = join(aFolder(), "run");
  await planWithBadHashes(target, runDir);
  const result = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
  expect(result).toMatchObject({
    outcomes: { imported: 4 },
    passwords: { kept: 0, reset: 0, locked: 4 },
    exitCode: 0,
  });
  expect(usersOf(target).map(({ status }) => status)).toEqual(Array(4).fill("FORCE_CHANGE_PASSWORD"));
  expect(rows(runDir, "warnings.csv").filter(({ code }) => code === "password-not-carried")).toHaveLength(4);
});

test("whose row fails by the service's own trouble goes into another job, once", async () => {
  const trouble = "An internal error occurred while importing the user.";
  const target = await aTarget(
    {},
    { rules: { ...REFUSE_LONG, charactersInRow: 20, texts: { rowTooLong: trouble } } },
  );
  const runDir = join(aFolder(), "run");
  const result = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { runDir })));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(target.emulator.requestCounts.get("StartUserImportJob")).toBe(2);
  expect(usersOf(target).map(({ status }) => status)).toEqual(Array(3).fill("FORCE_CHANGE_PASSWORD"));
});

const SIDES = ["before", "after"] as const;

test.each(
  ["CreateUserImportJob", "PutObject", "StartUserImportJob", "GetLogEvents"].flatMap((operation) =>
    SIDES.map((side: Side) => ({ operation, side, number: operation === "GetLogEvents" ? 3 : 2 })),
  ),
)(
  "killed $side the effect of $operation number $number, users whose hashes were refused are imported once",
  { timeout: 60_000 },
  async (point) => {
    const hold = new Hold(point);
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    await planWithBadHashes(target, runDir);
    const child = startCli(["apply", "--run-dir", runDir, "--json"]);
    const ended = finish(child);
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 4, skipped: 0, failed: 0 } });
    expect(statusesOf(target)).toEqual(MIXED_STATUSES);
  },
);
