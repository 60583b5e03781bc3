import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

/** An import job refuses what is no address of example.com, and so does AdminCreateUser. */
const RULES = { emailPattern: /@example\.com$/, highestFailedShare: 1 };

/** A CSV of users of whom the first few have an address that is refused. */
function aCsvWithRefused(users: number, refused: number): string {
  return aUserCsv(users, (number, cells) => {
    if (number <= refused) cells[1] = `u${number}@refused.org`;
  });
}

interface Migrating {
  readonly runDir: string;
  /** The config as YAML. */
  readonly config: string;
}

async function migrate(target: Target, source: string, { runDir, config }: Migrating): Promise<JsonResult> {
  const args = migrateArgs(target, `csv:${source}`, { runDir });
  return jsonOf(await runCli([...args, "--config", aFile(config, "ferry.yaml")]));
}

async function resume(runDir: string, ...flags: readonly string[]): Promise<JsonResult> {
  return jsonOf(await runCli(["resume", "--run-dir", runDir, "--json", ...flags]));
}

const newRunDir = (): string => join(aFolder(), "run");

const jobSizes = ({ emulator, userPoolId }: Target): readonly number[] =>
  [...(emulator.state.pools.get(userPoolId)?.jobs.values() ?? [])].map(
    ({ counts: { imported, skipped, failed } }) => imported + skipped + failed,
  );

test.each([
  { config: "", jobs: [100, 130] },
  { config: "limits: { canaryUsers: 30 }", jobs: [30, 200] },
  { config: "limits: { canaryUsers: 0 }", jobs: [230] },
])("with the config '$config', jobs of $jobs users import 230", async ({ config, jobs }) => {
  const target = await aTarget();
  const result = await migrate(target, aUserCsv(230), { runDir: newRunDir(), config });
  expect(result).toMatchObject({ outcomes: { imported: 230 }, exitCode: 0 });
  expect(jobSizes(target)).toEqual(jobs);
});

test("when too many of the first users fail nobody else is sent, until the operator says so", async () => {
  const target = await aTarget({}, { rules: RULES });
  const runDir = newRunDir();
  const stopped = await migrate(target, aCsvWithRefused(150, 12), { runDir, config: "" });
  expect(stopped.exitCode).toBe(5);
  expect(stopped.error).toEqual({
    code: "TOO_MANY_FAILED",
    message:
      'Part 1: 12 of 100 users failed, which is more than 5 %: 12 times "Invalid email address format."',
    hint: `Mend the cause if you can; to go on all the same, resume with --failed-share 0.2. Go on with: poolferry resume --run-dir ${runDir}`,
  });
  expect(target.users()).toHaveLength(88);

  expect(await resume(runDir)).toMatchObject({ exitCode: 5, error: { code: "TOO_MANY_FAILED" } });
  expect(jobSizes(target)).toEqual([100]);
  expect(target.emulator.requestCounts.get("AdminCreateUser")).toBeUndefined();

  expect(await resume(runDir, "--failed-share", "0.2")).toMatchObject({
    state: "done",
    outcomes: { imported: 138, failed: 12 },
    exitCode: 3,
  });
  expect(jobSizes(target)).toEqual([100, 50]);
});

test.each([
  { what: "few failures are no sign, whatever their share", users: 120, refused: 9, config: "" },
  {
    what: "the share is the config's",
    users: 120,
    refused: 12,
    config: "limits: { failedShare: 0.15 }",
  },
  {
    what: "nobody is left whom to stop could spare",
    users: 12,
    refused: 12,
    config: "policies: { failedRows: leave }",
  },
])("a run is not stopped where $what", async ({ users, refused, config }) => {
  const target = await aTarget({}, { rules: RULES });
  const result = await migrate(target, aCsvWithRefused(users, refused), { runDir: newRunDir(), config });
  expect(result).toMatchObject({
    state: "done",
    outcomes: { imported: users - refused, failed: refused },
    exitCode: 3,
  });
});

test("too many failures of AdminCreateUser stop it after the first users", async () => {
  const target = await aTarget({}, { rules: RULES });
  const runDir = newRunDir();
  const list = members(130, (number) => (number % 5 === 0 ? { email: `m${number}@refused.org` } : {}));
  const args = ["--config", aMemberConfig(list), ...target.flags, "--run-dir", runDir, "--yes", "--json"];
  const stopped = jsonOf(await runCli(["migrate", ...args]));
  expect(stopped).toMatchObject({ exitCode: 5, error: { code: "TOO_MANY_FAILED" } });
  expect(stopped.error?.message).toMatch(/^AdminCreateUser: 20 of 100 users failed, .* 20 times "Invalid/);
  expect(target.emulator.requestCounts.get("AdminCreateUser")).toBe(100);
  expect(await resume(runDir, "--failed-share", "1")).toMatchObject({
    outcomes: { imported: 104, failed: 26 },
    exitCode: 3,
  });
});

test("users whose rows failed count once, with their part", { timeout: 60_000 }, async () => {
  const target = await aTarget({}, { rules: RULES });
  // Twelve of 300 are few for the part, and all of those who are created instead.
  const config = "limits: { canaryUsers: 0 }";
  const result = await migrate(target, aCsvWithRefused(300, 12), { runDir: newRunDir(), config });
  expect(result).toMatchObject({ state: "done", outcomes: { imported: 288, failed: 12 }, exitCode: 3 });
});

test.each(["2", "-0.1", "few", ""])("a share of '%s' is refused", async (share) => {
  const result = await runCli(["resume", "--run-dir", "anywhere", "--failed-share", share]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("from 0 to 1");
});
