import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

/** The arguments of a migration of so many users into a run folder of its own. */
function migrateOf(
  target: Target,
  users: number,
): { readonly args: readonly string[]; readonly runDir: string } {
  const runDir = join(aFolder(), "run");
  return {
    args: ["migrate", "--from", `csv:${aUserCsv(users)}`, ...target.flags, "--run-dir", runDir],
    runDir,
  };
}

test("migrate --dry-run makes the plan, asks nothing and sends nothing", async () => {
  const target = await aTarget();
  const { args, runDir } = migrateOf(target, 3);
  const { stdout, stderr, exitCode } = await runCli([...args, "--dry-run"]);
  expect(stdout).toContain("3 by import-job");
  expect(stderr).toContain(
    `Nothing was sent. Carry the plan out later with: poolferry apply --run-dir ${runDir}`,
  );
  expect(exitCode).toBe(0);
  expect(target.users()).toEqual([]);
  expect(jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"])).outcomes).toMatchObject({
    imported: 3,
  });
});

test("undo --dry-run tells whom it would be about, and touches nobody and nothing", async () => {
  const target = await aTarget();
  const { args, runDir } = migrateOf(target, 2);
  await runCli([...args, "--yes"]);
  const before = readFileSync(join(runDir, "report.json"), "utf8");
  const shown = await runCli(["undo", "--run-dir", runDir, "--delete", "--dry-run"]);
  expect(shown.stdout).toContain("has created 2 users in the user pool");
  expect(shown.stdout).toContain("Nothing was undone (--dry-run)");
  expect(shown.exitCode).toBe(0);
  const told = await runCli(["undo", "--run-dir", runDir, "--disable", "--dry-run", "--json"]);
  expect(jsonOf(told)).toMatchObject({
    userPoolId: target.userPoolId,
    created: 2,
    uncertain: 0,
    exitCode: 0,
  });
  expect(target.users()).toHaveLength(2);
  expect(existsSync(join(runDir, "undo.csv"))).toBe(false);
  expect(readFileSync(join(runDir, "report.json"), "utf8")).toBe(before);
  expect((await runCli(["status", "--run-dir", runDir])).stdout).toContain("(finished run)");
  expect((await runCli(["undo", "--run-dir", runDir, "--dry-run"])).exitCode).toBe(2);
});

test("purge --dry-run names what it would delete, and deletes nothing, also with --yes", async () => {
  const target = await aTarget();
  const { args, runDir } = migrateOf(target, 2);
  await runCli([...args, "--yes"]);
  const { stderr, exitCode } = await runCli(["purge", "--run-dir", runDir, "--dry-run", "--yes"]);
  expect(stderr).toContain("identity-map.csv");
  expect(stderr).toContain("every user in the ledger");
  expect(stderr).not.toContain("verify.csv");
  expect(exitCode).toBe(0);
  expect(existsSync(join(runDir, "identity-map.csv"))).toBe(true);
  expect((await runCli(["verify", "--run-dir", runDir])).stdout).toContain("2 as wanted");
});

test("where nobody can be asked, the refusal says the command that says yes, as a shell takes it", async () => {
  const target = await aTarget();
  const cwd = join(aFolder());
  const args = ["migrate", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", "a run"];
  const { stdout, stderr, exitCode } = await runCli([...args, "--json"], { cwd });
  expect(exitCode).toBe(2);
  expect(jsonOf({ exitCode, stdout, stderr, signal: null }).error).toMatchObject({
    code: "CONFIRMATION_MISSING",
    hint: expect.stringMatching(
      /^Say yes with: poolferry migrate --from csv:\S+ .* --run-dir 'a run' --json --yes$/,
    ) as string,
  });
  expect(existsSync(join(cwd, "a run"))).toBe(false);
  const stop = await runCli(["jobs", "stop", ...target.flags.slice(0, 2), "--job-id", "import-a1B2c3D4e5"]);
  expect(stop.stderr).toContain("--job-id import-a1B2c3D4e5 --yes");
});

test("status lists the files that are there, and no other", async () => {
  const target = await aTarget();
  const { args, runDir } = migrateOf(target, 2);
  await runCli([...args, "--yes"]);
  const { stdout } = await runCli(["status", "--run-dir", runDir]);
  const listed = [...stdout.matchAll(/^ +(\/\S+\.(?:csv|json|html))$/gm)].map(([, path]) => path ?? "");
  expect(listed).toContain(join(runDir, "identity-map.csv"));
  expect(listed.filter((path) => !existsSync(path))).toEqual([]);
});
