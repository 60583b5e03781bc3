import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aRewritingProxy } from "../support/rewriting-proxy.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

vi.setConfig({ testTimeout: 120_000 });

/** The emulator's account. */
const OWN = "123456789012";
const OTHER = "210987654321";

function flagsFor({ userPoolId }: Target, url: string): readonly string[] {
  const source = ["--from", `csv:${aUserCsv(2)}`];
  const pool = ["--user-pool-id", userPoolId, "--endpoint-url", url];
  return [...source, ...pool, "--logs-role-arn", LOGS_ROLE_ARN, "--json"];
}

/** The operations that were called. */
const called = ({ emulator }: Target): readonly string[] =>
  [...emulator.requestCounts.keys()].filter((name) => name !== "CreateUserPool").sort();

const MISMATCH = {
  error: {
    code: "ACCOUNT_MISMATCH",
    message: expect.stringMatching(`in the AWS account ${OWN}, and ${OTHER} is expected`),
  },
  exitCode: 5,
};

describe("another account than the expected one is refused before anything is written", () => {
  test("by plan and migrate, which leave no folder; the command line wins over the config", async () => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    const config = aFile(`userPool: { expectAccount: "${OTHER}" }\n`, "ferry.yaml");
    const flags = [...flagsFor(target, target.emulator.url), "--run-dir", runDir];
    for (const command of [
      ["plan", "--config", config],
      ["migrate", "--yes", "--expect-account", OTHER],
    ])
      expect(jsonOf(await runCli([...command, ...flags]))).toMatchObject(MISMATCH);
    expect(existsSync(runDir)).toBe(false);
    expect(called(target)).toEqual(["DescribeUserPool", "GetCSVHeader"]);
    const both = ["--config", config, "--expect-account", OWN];
    expect(jsonOf(await runCli(["plan", ...flags, ...both]))).toMatchObject({ exitCode: 0 });
  });

  test("by apply and resume, also of a finished run, and by verify and undo", async () => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    const planned = jsonOf(
      await runCli(["plan", ...flagsFor(target, target.emulator.url), "--run-dir", runDir]),
    );
    const ledger = readFileSync(join(runDir, "ledger.db"));
    const inRun = ["--run-dir", runDir, "--json", "--expect-account"];
    expect(jsonOf(await runCli(["apply", ...inRun, OTHER]))).toMatchObject(MISMATCH);
    expect(readFileSync(join(runDir, "ledger.db")).equals(ledger)).toBe(true);
    expect(target.users()).toEqual([]);

    expect(jsonOf(await runCli(["apply", ...inRun, OWN]))).toMatchObject({ outcomes: { imported: 2 } });
    const undo = ["undo", "--delete", "--confirm", planned.runId];
    for (const command of [["resume"], ["verify"], undo])
      expect(jsonOf(await runCli([...command, ...inRun, OTHER]))).toMatchObject(MISMATCH);
    expect(existsSync(join(runDir, "verify.csv"))).toBe(false);
    expect(target.users()).toHaveLength(2);
    for (const command of [["verify"], undo])
      expect(jsonOf(await runCli([...command, ...inRun, OWN]))).toMatchObject({ exitCode: 0 });
  });
});

test("a pool that is in another account than at the plan is refused without being told to", async () => {
  const target = await aTarget();
  let account = OWN;
  const url = await aRewritingProxy(target.emulator.url, (answer, operation) =>
    operation === "DescribeUserPool" ? answer.replaceAll(`:${OWN}:`, `:${account}:`) : answer,
  );
  const runDir = join(aFolder(), "run");
  const { runId } = jsonOf(await runCli(["plan", ...flagsFor(target, url), "--run-dir", runDir]));
  const inRun = ["--run-dir", runDir, "--json"];
  const moved = {
    error: {
      code: "ACCOUNT_MISMATCH",
      message: expect.stringContaining(`account ${OTHER}, and its plan was made for ${OWN}`),
    },
    exitCode: 5,
  };
  account = OTHER;
  expect(jsonOf(await runCli(["apply", ...inRun]))).toMatchObject(moved);
  expect(called(target)).toEqual(["DescribeUserPool", "GetCSVHeader"]);
  account = OWN;
  expect(jsonOf(await runCli(["apply", ...inRun]))).toMatchObject({ exitCode: 0 });
  account = OTHER;
  for (const command of [["verify"], ["undo", "--delete", "--confirm", runId]])
    expect(jsonOf(await runCli([...command, ...inRun]))).toMatchObject(moved);
  expect(target.users()).toHaveLength(2);
});

test("an expected account is refused where nobody says in which one the pool is", async () => {
  const target = await aTarget();
  const url = await aRewritingProxy(target.emulator.url, (answer) => answer.replace(/"Arn":"[^"]*",?/, ""));
  const flags = [...flagsFor(target, url), "--run-dir", join(aFolder(), "run")];
  expect(jsonOf(await runCli(["plan", ...flags, "--expect-account", OWN]))).toMatchObject({
    error: {
      code: "ACCOUNT_MISMATCH",
      message: expect.stringMatching(/^Nothing says .* and 123456789012 is expected$/),
    },
  });
  expect(jsonOf(await runCli(["plan", ...flags]))).toMatchObject({ exitCode: 0 });
});

test("what is no account is refused", async () => {
  const { stderr, exitCode } = await runCli([
    "apply",
    "--run-dir",
    "x",
    "--expect-account",
    "1234-5678-9012",
  ]);
  expect(stderr).toContain("It is the id of an AWS account, 12 digits.");
  expect(exitCode).toBe(2);
});

describe("the region is the one that the pool's id names", () => {
  test.each([
    ["--region", "eu-west-1"],
    ["--endpoint-url", "https://cognito-idp.eu-west-1.amazonaws.com"],
    ["--endpoint-url", "https://vpce-1-2.cognito-idp.eu-west-1.vpce.amazonaws.com"],
  ])("%s %s is refused for a pool of us-east-1, and nothing is asked", async (flag, value) => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    const flags = flagsFor(target, target.emulator.url);
    const result = jsonOf(await runCli(["plan", ...flags, "--run-dir", runDir, flag, value]));
    expect(result).toMatchObject({ error: { code: "REGION_MISMATCH" }, exitCode: 2 });
    expect(result.error?.message).toMatch(/is in us-east-1, and not in eu-west-1$/);
    expect(called(target)).toEqual([]);
    expect(existsSync(runDir)).toBe(false);
  });

  test("whatever region the environment names", async () => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    const env = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" };
    const flags = ["--run-dir", runDir, "--region", "us-east-1"];
    const migrate = ["migrate", ...flagsFor(target, target.emulator.url), ...flags, "--yes"];
    expect(jsonOf(await runCli(migrate, { env }))).toMatchObject({ outcomes: { imported: 2 } });
  });
});
