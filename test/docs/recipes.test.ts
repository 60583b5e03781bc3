import { readFileSync, writeFileSync, mkdirSync, existsSync, readdirSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { CommandResult } from "../support/cli.ts";
import { startMoto } from "../support/moto.ts";
import { blocksOf, pageAt } from "../support/pages.ts";
import { isInstalled } from "../support/programs.ts";
import { aProject, runInShell } from "../support/project.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

const WORKFLOW = readFileSync("docs/recipes/migration-dry-run.yml", "utf8");

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly if?: string;
}

const { env: ENV, jobs } = parse(WORKFLOW) as {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: { readonly plan: { readonly steps: readonly Step[] } };
};

function commandsOf(name: string): string {
  const { run = "" } = jobs.plan.steps.find((step) => step.name === name) ?? {};
  expect(run, `the workflow has no step ${name}`).not.toBe("");
  return run;
}

/** A checkout with a folder `migration`, as GitHub's runner has it when poolferry is installed there. */
interface Runner {
  readonly folder: string;
  /** Runs a step's commands as GitHub runs those of `shell: bash`. */
  run(step: string, env?: Readonly<Record<string, string>>): Promise<CommandResult>;
  summary(): string;
}

function aRunner({ userPoolId, emulator }: Target): Runner {
  const folder = aProject();
  writeFileSync(
    join(folder, "ferry.yaml"),
    `source: { type: csv, path: customers.csv }
userPool: { id: ${userPoolId} }
importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }
`,
  );
  const temporary = join(folder, "runner-temp");
  mkdirSync(temporary);
  const summary = join(temporary, "summary.md");
  writeFileSync(summary, "");
  const given = {
    ...ENV,
    RUNNER_TEMP: temporary,
    GITHUB_STEP_SUMMARY: summary,
    AWS_ENDPOINT_URL: emulator.url,
  };
  return {
    folder,
    run: (step, env = {}) => runInShell(commandsOf(step), folder, { ...given, ...env }),
    summary: () => readFileSync(summary, "utf8"),
  };
}

const GOOD = "username,email,email_verified\nada,ada@example.com,true\n";
const DOUBLE = `${GOOD}ada,ada@example.org,true\n`;

describe("the dry run on GitHub", { timeout: 60_000 }, () => {
  beforeAll(() => {
    // GitHub's own parser imports JSON without saying so, which Node refuses.
    registerHooks({
      load: (url, context, next) =>
        next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
    });
  });

  /** What GitHub's parser has to say against a workflow. */
  async function errorsIn(content: string): Promise<readonly string[]> {
    const github = await import("@actions/workflow-parser");
    const file = { name: "workflow.yml", content };
    const { context, value } = github.parseWorkflow(file, new github.NoOperationTraceWriter());
    if (value !== undefined) await github.convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  }

  test("GitHub's parser takes the workflow, and tells one that is wrong", async () => {
    expect(await errorsIn(WORKFLOW)).toEqual([]);
    expect(await errorsIn(WORKFLOW.replace("runs-on:", "run-on:"))).not.toEqual([]);
    expect(await errorsIn(WORKFLOW.replace("github.ref }}", "githb.ref }}"))).not.toEqual([]);
  });

  test("its commands are those of this test, but for the installation, which others try", () => {
    const tried = ["Fetch the export", "Plan", "Erase the export and the plan"];
    const names = jobs.plan.steps.filter(({ run }) => run !== undefined).map(({ name }) => name);
    expect(names).toEqual(["Install poolferry", ...tried]);
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
    expect(commandsOf("Install poolferry")).toContain(`./poolferry-${version}.tgz`);
  });

  test("it shows the plan in the summary, sends nobody, and leaves nobody's data", async () => {
    const target = await aTarget();
    const runner = aRunner(target);
    writeFileSync(join(runner.folder, "customers.csv"), GOOD);
    expect(await runner.run("Plan")).toMatchObject({ exitCode: 0 });
    expect(runner.summary()).toContain("## poolferry: plan, nothing sent yet");
    expect(runner.summary()).toContain("Routes: 1 by import-job");
    expect(runner.summary()).not.toContain("ada@example.com");
    expect(target.users()).toEqual([]);
    expect(jobs.plan.steps.at(-1)?.if).toBe("always()");
    expect(await runner.run("Erase the export and the plan")).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(runner.folder, "customers.csv"))).toBe(false);
    expect(readdirSync(join(runner.folder, "runner-temp"))).toEqual(["summary.md"]);
  });

  test.each([
    ["warns", "false", 0],
    ["fails", "true", 3],
  ])("it %s where users would not come along", async (_, FAIL_ON_REJECTED, exitCode) => {
    const runner = aRunner(await aTarget());
    writeFileSync(join(runner.folder, "customers.csv"), DOUBLE);
    const result = await runner.run("Plan", { FAIL_ON_REJECTED });
    expect(result.exitCode, result.stderr).toBe(exitCode);
    expect(result.stdout).toContain("::warning::");
    expect(runner.summary()).toContain("`duplicate-username`");
    expect(runner.summary()).not.toMatch(/ada@/);
  });

  test("it fails where there is no plan, and the log says why", async () => {
    const result = await aRunner(await aTarget()).run("Plan");
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toContain("::error::There is no plan (exit code 2)");
    expect(result.stderr).toContain("[SOURCE_NOT_FOUND]");
  });

  const hasMoto =
    isInstalled("moto_server", "fetching an export from S3") &&
    isInstalled("aws", "fetching an export from S3");

  test.skipIf(!hasMoto)("it fetches the export from S3", async () => {
    const runner = aRunner(await aTarget());
    const AWS_ENDPOINT_URL = await startMoto();
    const [, bucket = ""] = /^s3:\/\/([^/]+)\//.exec(ENV["EXPORT"] ?? "") ?? [];
    writeFileSync(join(runner.folder, "there.csv"), GOOD);
    const put = `aws s3 mb s3://${bucket} && aws s3 cp there.csv "$EXPORT"`;
    const env = { ...ENV, AWS_ENDPOINT_URL };
    expect(await runInShell(put, runner.folder, env)).toMatchObject({ exitCode: 0 });
    expect(await runner.run("Fetch the export", { AWS_ENDPOINT_URL })).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(runner.folder, "customers.csv"), "utf8")).toBe(GOOD);
  });

  test("its role may be taken on by one repository, and reads the one export", () => {
    const [trust = "", rights = ""] = blocksOf(pageAt("docs/recipes/dry-run-in-ci.md").text, "json");
    const { Statement } = JSON.parse(trust) as { readonly Statement: readonly unknown[] };
    expect(Statement).toMatchObject([
      {
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:sub": [
              expect.stringMatching(/^repo:[\w/]+:pull_request$/),
              expect.stringMatching(/^repo:[\w/]+:ref:refs\/heads\/main$/),
            ],
          },
        },
      },
    ]);
    const place = (ENV["EXPORT"] ?? "").replace(/^s3:\/\//, "");
    expect(JSON.parse(rights)).toMatchObject({
      Statement: [{ Action: "s3:GetObject", Resource: `arn:aws:s3:::${place}` }],
    });
  });
});

describe("the script that nobody watches", { timeout: 60_000 }, () => {
  const [SCRIPT = ""] = blocksOf(pageAt("docs/recipes/one-off.md").text, "sh");

  async function runScript(target: Target, customers: string, folder = aRunner(target).folder) {
    writeFileSync(join(folder, "customers.csv"), customers);
    writeFileSync(join(folder, "migrate.sh"), SCRIPT);
    const env = { AWS_ENDPOINT_URL: target.emulator.url, PAUSE_SECONDS: "0", TRIES: "5" };
    return { folder, ...(await runInShell("bash migrate.sh", folder, env)) };
  }

  test("it brings everybody into the pool, and can be started again", async () => {
    const target = await aTarget();
    const first = await runScript(target, GOOD);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toContain("1 as wanted");
    expect(readFileSync(join(first.folder, "result.md"), "utf8")).toContain("| imported | 1 |");
    expect(await runScript(target, GOOD, first.folder)).toMatchObject({ exitCode: 0 });
    expect(target.users()).toHaveLength(1);
  });

  test("it goes on after trouble, and ends with 3 where some do not come along", async () => {
    const target = await aTarget();
    const fault = {
      kind: "error",
      status: 400,
      type: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    } as const;
    target.emulator.control.planFault({ operation: "CreateUserImportJob", count: 2, fault });
    const { exitCode, stderr } = await runScript(target, `${DOUBLE}bo,bo@example.com,true\n`);
    expect(stderr.match(/\[CREDENTIALS_INVALID\]/g)).toHaveLength(2);
    expect(exitCode, stderr).toBe(3);
    expect(target.users()).toMatchObject([{ username: "bo" }]);
  });

  test("it ends at once where there is no plan", async () => {
    const target = await aTarget();
    expect(await runScript(target, "")).toMatchObject({ exitCode: 2 });
  });
});
