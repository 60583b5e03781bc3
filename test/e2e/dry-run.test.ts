import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

/** Several commands run in each. */
const LONG = 120_000;

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

test("migrate --dry-run makes the plan, asks nothing and sends nothing", { timeout: LONG }, async () => {
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

test(
  "undo --dry-run tells whom it would be about, and touches nobody and nothing",
  { timeout: LONG },
  async () => {
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
  },
);

test(
  "purge --dry-run names what it would delete, and deletes nothing, also with --yes",
  { timeout: LONG },
  async () => {
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
  },
);

test(
  "where nobody can be asked, the refusal says the command that says yes, as a shell takes it",
  { timeout: LONG },
  async () => {
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
  },
);

test("status lists the files that are there, and no other", { timeout: LONG }, async () => {
  const target = await aTarget();
  const { args, runDir } = migrateOf(target, 2);
  await runCli([...args, "--yes"]);
  const { stdout } = await runCli(["status", "--run-dir", runDir]);
  const listed = [...stdout.matchAll(/^ +(\/\S+\.(?:csv|json|html))$/gm)].map(([, path]) => path ?? "");
  expect(listed).toContain(join(runDir, "identity-map.csv"));
  expect(listed.filter((path) => !existsSync(path))).toEqual([]);
});

test(
  "apply --dry-run checks the plan and says what would be sent, and changes nothing",
  { timeout: LONG },
  async () => {
    const target = await aTarget();
    const { args, runDir } = migrateOf(target, 3);
    await runCli([...args, "--dry-run"]);
    const report = (): string => readFileSync(join(runDir, "report.json"), "utf8");
    const before = report();
    const shown = await runCli(["apply", "--run-dir", runDir, "--dry-run", "--json"]);
    expect(shown.stderr).toContain(
      "Dry run, nothing was sent. Would be sent: 3 by import-job; then the follow-ups",
    );
    expect(jsonOf(shown)).toMatchObject({ state: "planned", exitCode: 0 });
    expect(report()).toBe(before);
    const limited = await runCli(["apply", "--run-dir", runDir, "--dry-run", "--max-users", "2"]);
    expect(limited.stderr).toContain("3 by import-job, of these 2 at the most");
    const other = await runCli(["resume", "--run-dir", runDir, "--dry-run", "--only", "admin-create"]);
    expect(other.stderr).toContain("Would be sent: nobody");
    expect(target.users()).toEqual([]);

    expect((await runCli(["apply", "--run-dir", runDir])).exitCode).toBe(0);
    const done = await runCli(["resume", "--run-dir", runDir, "--dry-run"]);
    expect(done.stderr).toContain("Would be sent: nobody");
    expect(done.stdout).toContain("(finished run)");
  },
);

test(
  "apply --dry-run refuses what apply refuses: another account, a changed source, a run to join",
  { timeout: LONG },
  async () => {
    const target = await aTarget();
    const { args, runDir } = migrateOf(target, 2);
    await runCli([...args, "--dry-run"]);
    const apply = async (...more: readonly string[]) =>
      jsonOf(await runCli(["apply", "--run-dir", runDir, "--dry-run", "--json", ...more])).error?.code;
    expect(await apply("--expect-account", "999999999999")).toBe("ACCOUNT_MISMATCH");
    expect(await apply("--ledger", "postgres:LEDGER_URL", "--run-id", "20260101-120000-abc123")).toBe(
      "USAGE",
    );
    const [, source = ""] = /csv:(.*)/.exec(args[2] ?? "") ?? [];
    appendFileSync(source, "\n");
    expect(await apply()).toBe("PLAN_STALE");
    expect(target.users()).toEqual([]);
  },
);

test(
  "a sync that begins anew beside another one of its pool is told of it, and one that goes on is not",
  { timeout: LONG },
  async () => {
    const target = await aTarget();
    const cwd = aFolder();
    const args = ["sync", "--from", `csv:${aUserCsv(2)}`, ...target.flags];
    const first = await runCli(args, { cwd });
    expect(first.exitCode).toBe(0);
    expect(first.stderr).not.toContain("already");
    expect((await runCli(args, { cwd })).stderr).not.toContain("is kept in");
    const second = await runCli([...args, "--sync-dir", "again"], { cwd });
    expect(second.stderr).toContain(`A sync of ${target.userPoolId} is kept in `);
    expect(second.stderr).toContain(join("poolferry-sync", target.userPoolId));
    expect((await runCli([...args, "--sync-dir", "again"], { cwd })).stderr).not.toContain("is kept in");
  },
);
