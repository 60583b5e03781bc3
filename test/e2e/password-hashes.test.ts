import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { plantHashes } from "../support/plant-hashes.ts";
import { aTarget, type Target } from "../support/target.ts";

const HASH = "$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

/** Plans users u1 to u4, of whom u2 and u4 bring a password hash. */
async function planWithHashes(target: Target, runDir: string, flags: readonly string[] = []): Promise<void> {
  await runCli(["plan", "--from", `csv:${aUserCsv(4)}`, ...target.flags, ...flags, "--run-dir", runDir]);
  plantHashes(runDir, { 2: HASH, 4: HASH });
}

/** Whether any file of the run holds a hash. */
function holdsHash(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? holdsHash(path) : readFileSync(path).includes(HASH.slice(10));
  });
}

test("users with a password hash are confirmed, and no hash is left in the run folder", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await planWithHashes(target, runDir);
  expect(holdsHash(runDir)).toBe(true);
  const result = await runCli(["apply", "--run-dir", runDir, "--json", "--log-level", "trace"]);
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 4 }, exitCode: 0 });
  expect(result.stderr).not.toContain(HASH.slice(10));
  const users = [...(target.emulator.state.pools.get(target.userPoolId)?.users ?? [])];
  expect(users.filter(({ status }) => status === "CONFIRMED").map(({ username }) => username)).toEqual([
    "u2",
    "u4",
  ]);
  expect(holdsHash(runDir)).toBe(false);
});

test.each(["OperationNotEnabledException", "InvalidParameterException"])(
  "a pool that takes no hashes, saying %s, is named with the way out, and a resume goes on once it does",
  async (hashNotEligibleError) => {
    const target = await aTarget({}, { rules: { hashEligible: false, hashNotEligibleError } });
    const runDir = join(aFolder(), "run");
    await planWithHashes(target, runDir);
    const refused = await runCli(["apply", "--run-dir", runDir, "--json"]);
    expect(jsonOf(refused).error).toMatchObject({
      code: "PASSWORD_HASHES_REFUSED",
      message: expect.stringContaining("an import job with BCRYPT password hashes: The user pool") as string,
      hint: expect.stringMatching(/policies\.passwordHashes: import-or-drop.*poolferry resume/) as string,
    });
    expect(refused.exitCode).toBe(4);
    expect(target.users().map(({ username }) => username)).toEqual(["u1", "u3"]);

    target.emulator.control.changeRules({ hashEligible: true });
    const resumed = await runCli(["resume", "--run-dir", runDir, "--json"]);
    expect(jsonOf(resumed)).toMatchObject({ outcomes: { imported: 4 }, exitCode: 0 });
    expect(holdsHash(runDir)).toBe(false);
  },
);

test("where the config says so, a pool that takes no hashes gets its users without, and says so once", async () => {
  const target = await aTarget({}, { rules: { hashEligible: false } });
  const runDir = join(aFolder(), "run");
  const config = aFile("policies: { passwordHashes: import-or-drop }\n", "ferry.yaml");
  await planWithHashes(target, runDir, ["--config", config]);
  const result = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(result)).toMatchObject({
    outcomes: { imported: 4 },
    passwords: { kept: 0, reset: 4 },
    issues: [{ code: "password-hash-refused", count: 2 }],
    exitCode: 0,
  });
  expect(result.stderr.match(/2 users go without, and reset their passwords/g)).toHaveLength(1);
  const users = [...(target.emulator.state.pools.get(target.userPoolId)?.users ?? [])];
  expect(users.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "RESET_REQUIRED"));
  expect(readFileSync(join(runDir, "warnings.csv"), "utf8")).toMatch(/u2,.*password-hash-refused/);
  expect(holdsHash(runDir)).toBe(false);
});

test("once hashes have come in, a refusal is about something else, and no hash is dropped", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const config = aFile(
    "policies: { passwordHashes: import-or-drop }\nlimits: { canaryUsers: 1 }\n",
    "ferry.yaml",
  );
  await planWithHashes(target, runDir, ["--config", config]);
  const type = "InvalidParameterException";
  const fault = { kind: "error", status: 400, type, message: "1 validation error detected" } as const;
  // Two parts without hashes come first, then the trial of those with.
  target.emulator.control.planFault({ operation: "CreateUserImportJob", from: 4, fault });
  const refused = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(refused).error?.code).toBe("PASSWORD_HASHES_REFUSED");
  const resumed = jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));
  expect(resumed).toMatchObject({ outcomes: { imported: 4 }, passwords: { kept: 2 }, exitCode: 0 });
});

test("hashes that were dropped are in no file, also when only the import jobs are run", async () => {
  const target = await aTarget({}, { rules: { hashEligible: false } });
  const runDir = join(aFolder(), "run");
  const config = aFile("policies: { passwordHashes: import-or-drop }\n", "ferry.yaml");
  await planWithHashes(target, runDir, ["--config", config]);
  const result = await runCli(["apply", "--run-dir", runDir, "--only", "import-jobs", "--json"]);
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 4 } });
  expect(readdirSync(join(runDir, "parts"))).toEqual([]);
});

test("a log role that is refused for a job with hashes is not taken for a refusal of the hashes", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await planWithHashes(target, runDir);
  const type = "InvalidParameterException";
  const message = "Cognito cannot assume the role";
  const fault = { kind: "error", status: 400, type, message } as const;
  target.emulator.control.planFault({ operation: "CreateUserImportJob", from: 2, fault });
  const refused = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(refused).error?.code).toBe("IMPORT_JOB_UNUSABLE");
});
