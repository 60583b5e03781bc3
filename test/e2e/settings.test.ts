import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

/** A config that says all of a migration of so many users. */
function configOf({ userPoolId, emulator }: Target, users: number, runDir = "from-config"): string {
  return [
    `source: { type: csv, path: ${aUserCsv(users)} }`,
    `userPool: { id: ${userPoolId}, endpointUrl: "${emulator.url}" }`,
    "importJob: { logsRoleArn: arn:aws:iam::123456789012:role/any }",
    `runDir: ${runDir}`,
    "",
  ].join("\n");
}

test("a poolferry.yaml in the folder is the config, which stderr says in one line", async () => {
  const target = await aTarget();
  const cwd = aFolder();
  writeFileSync(join(cwd, "poolferry.yaml"), configOf(target, 3));
  const migrated = await runCli(["migrate", "--yes", "--json"], { cwd });
  expect(jsonOf(migrated).outcomes).toMatchObject({ imported: 3 });
  expect(migrated.stderr.match(/poolferry\.yaml/g)).toHaveLength(1);
  expect(migrated.stderr).toContain("Config: poolferry.yaml of this folder (--no-config leaves it out)\n");
  expect(existsSync(join(cwd, "from-config", "ledger.db"))).toBe(true);
});

test("a poolferry.yml is found, too, and two of them are one too many", async () => {
  const target = await aTarget();
  const cwd = aFolder();
  writeFileSync(join(cwd, "poolferry.yml"), configOf(target, 2));
  const planned = await runCli(["plan", "--json"], { cwd });
  expect(jsonOf(planned).source.rows).toBe(2);
  writeFileSync(join(cwd, "poolferry.yaml"), configOf(target, 3));
  const refused = await runCli(["plan", "--json"], { cwd });
  expect(refused.exitCode).toBe(2);
  expect(jsonOf(refused).error).toMatchObject({
    code: "USAGE",
    message: "This folder has two configs: poolferry.yaml and poolferry.yml",
  });
});

test("--no-config leaves the folder's config out, and POOLFERRY_CONFIG with it", async () => {
  const target = await aTarget();
  const cwd = aFolder();
  writeFileSync(join(cwd, "poolferry.yaml"), configOf(target, 3));
  const args = ["plan", "--no-config", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--json"];
  const planned = await runCli(args, { cwd, env: { POOLFERRY_CONFIG: "nowhere.yaml" } });
  expect(jsonOf(planned).source.rows).toBe(2);
  expect(planned.stderr).not.toContain("poolferry.yaml");
  expect(existsSync(join(cwd, "from-config"))).toBe(false);
});

test("the command line comes before the environment, and that before the config", async () => {
  const target = await aTarget();
  const cwd = aFolder();
  writeFileSync(join(cwd, "named.yaml"), configOf(target, 3));
  const env = { POOLFERRY_CONFIG: "named.yaml", POOLFERRY_RUN_DIR: "from-environment" };
  await runCli(["plan"], { cwd, env });
  expect(existsSync(join(cwd, "from-environment", "ledger.db"))).toBe(true);
  await runCli(["plan", "--run-dir", "from-command-line"], { cwd, env });
  expect(existsSync(join(cwd, "from-command-line", "ledger.db"))).toBe(true);
  expect(existsSync(join(cwd, "from-config"))).toBe(false);
});

test("the environment alone says all of a run, and an empty variable says nothing", async () => {
  const target = await aTarget();
  const env = {
    POOLFERRY_FROM: `csv:${aUserCsv(2)}`,
    POOLFERRY_USER_POOL_ID: target.userPoolId,
    POOLFERRY_ENDPOINT_URL: target.emulator.url,
    POOLFERRY_LOGS_ROLE_ARN: "arn:aws:iam::123456789012:role/any",
    POOLFERRY_RUN_DIR: join(aFolder(), "run"),
    POOLFERRY_REGION: "",
    POOLFERRY_PROFILE: "",
    POOLFERRY_LOG_FORMAT: "",
  };
  expect((await runCli(["plan"], { env })).exitCode).toBe(0);
  expect(jsonOf(await runCli(["apply", "--json"], { env })).outcomes).toMatchObject({ imported: 2 });
  expect((await runCli(["status"], { env })).stdout).toContain("finished run");
  expect((await runCli(["jobs", "list"], { env })).stdout).toMatch(/import-\S+ +Succeeded/);
});

test("a wrong value in the environment is told with its variable", async () => {
  const { stderr, exitCode } = await runCli(["plan"], { env: { POOLFERRY_LOG_LEVEL: "loud" } });
  expect(stderr).toContain("POOLFERRY_LOG_LEVEL");
  expect(exitCode).toBe(2);
});

test("a ledger that the environment names is not joined where a run has its folder", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli(["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", runDir]);
  const env = { POOLFERRY_LEDGER: "postgres:LEDGER_URL" };
  const applied = await runCli(["apply", "--run-dir", runDir, "--json"], { env });
  expect(jsonOf(applied).outcomes).toMatchObject({ imported: 2 });
});

test("a sync with the folder's config is kept where the same config by name keeps it", async () => {
  const target = await aTarget();
  const cwd = aFolder();
  mkdirSync(join(cwd, "below"));
  writeFileSync(join(cwd, "poolferry.yaml"), configOf(target, 2));
  expect((await runCli(["sync"], { cwd })).exitCode).toBe(0);
  const history = await runCli(["history", "--config", "../poolferry.yaml", "--json"], {
    cwd: join(cwd, "below"),
  });
  expect(history.exitCode).toBe(0);
  expect((await runCli(["history"], { cwd })).stderr).toContain("Config: poolferry.yaml");
});
