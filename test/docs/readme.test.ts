import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ERROR_CODES, FerryError } from "../../src/core/ferry-error.ts";
import { FINDING_CODES } from "../../src/core/forecast.ts";
import { ISSUES } from "../../src/core/issue.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { finish, runCli, startCli } from "../support/cli.ts";
import { startMoto } from "../support/moto.ts";
import { blocksOf, pageAt, pages } from "../support/pages.ts";
import { migrationActions } from "../support/permissions.ts";
import { isInstalled } from "../support/programs.ts";
import { aProject, runInShell } from "../support/project.ts";
import { aTarget } from "../support/target.ts";
import { Reader, startAsTold } from "../support/reader.ts";
import { aFolder } from "../support/files.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const README = readFileSync(join(ROOT, "README.md"), "utf8");

const blocks = (language: string): readonly string[] => blocksOf(README, language);

const COMMANDS = blocks("sh");

/** What is typed beside the emulator. */
const AT_HOME = COMMANDS.find((block) => block.startsWith("export ")) ?? "";

/** The two lines that set a checkout up: .ci/run and the build machines run them, from clean, before these tests. */
const SET_UP = ["npm ci && npm run demo\n", "npm cit\n"];

async function shell(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { exitCode, stdout, stderr } = await runInShell(command, cwd, env);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout + stderr;
}

/** The id of the run that the README's first commands make. */
function runIdIn(folder: string): string {
  const report = readFileSync(join(folder, "first-try", "report.json"), "utf8");
  return (JSON.parse(report) as { runId: string }).runId;
}

/** A command with the answer that is typed at a terminal. */
function confirmedBy(command: string, runId: () => string): string {
  if (command.includes(" undo ")) return `${command.trim()} --confirm ${runId()}`;
  return command.includes(" pool prepare ") ? `${command.trim()} --yes` : command;
}

test("every command block is of a kind that a test runs", () => {
  const unknown = COMMANDS.filter(
    (block) => !SET_UP.includes(block) && !block.startsWith("npx poolferry ") && block !== AT_HOME,
  );
  expect(unknown).toEqual([]);
  for (const line of SET_UP) expect(COMMANDS).toContain(line);
  const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
  for (const part of ["npm ci", "npm run demo", "npm run check"]) expect(ci).toContain(part);
});

test("the poolferry commands work as they stand, from the plan to the verification", async () => {
  const target = await aTarget({
    Schema: [{ Name: "legacy_id", AttributeDataType: "String", Mutable: true }],
  });
  const folder = aProject();
  const env = { AWS_ENDPOINT_URL: target.emulator.url };
  const forTarget = (text: string): string => text.replaceAll("eu-central-1_AbCd12345", target.userPoolId);
  writeFileSync(
    join(folder, "export.json.gz"),
    JSON.stringify([{ user_id: "auth0|1", email: "ada@example.com", email_verified: true }]),
  );
  writeFileSync(
    join(folder, "customers.csv"),
    "CustomerId,Email,Mobile,Phone,FirstName,LastName,Active\n7,Bo@example.com,,+48 601 555 010,Bo,Li,yes\n",
  );
  writeFileSync(join(folder, "ferry.yaml"), forTarget(blocks("yaml")[0] ?? ""));

  const commands = COMMANDS.filter(
    (block) => block.startsWith("npx poolferry") && !block.includes("emulator"),
  );
  const printed = new Map<string, string>();
  for (const command of commands) {
    // What is typed at a terminal.
    const confirmed = confirmedBy(command, () => runIdIn(folder));
    printed.set(command, await shell(forTarget(confirmed), folder, env));
  }
  const printedBy = (part: string): string => {
    const command = [...printed.keys()].find((text) => text.startsWith(`npx poolferry ${part}`));
    return printed.get(command ?? "") ?? `README has no command ${part}`;
  };
  expect(printedBy("pool prepare")).toContain("role poolferry-import-log: created");
  expect(printedBy("doctor")).toMatch(/^ok +log role +The role poolferry-import-log trusts Cognito/m);
  expect(printedBy("plan --from")).toContain("1 by import-job");
  expect(printedBy("apply --run-dir first-try\n")).toContain("1 imported");
  expect(printedBy("apply --run-dir first-try --max-users 50")).toContain("finished run");
  expect(printedBy("resume")).toContain("finished run");
  expect(printedBy("status")).toContain("finished run");
  expect(printedBy("jobs list")).toMatch(/import-\S+ +Succeeded .* 1 +0 +0 /);
  expect(printedBy("verify")).toContain("1 as wanted, 0 differ, 0 missing");
  expect(printedBy("verify")).not.toContain("verify.csv");
  expect(printedBy("undo")).toContain("1 deleted, 0 not in the pool any more");
  expect(printedBy("purge")).toContain("(run that was purged)");
  expect(printedBy("export")).toContain("0 users of ");
  expect(printedBy("init")).toContain("Wrote draft.yaml");
  expect(printedBy("migrate")).toContain("1 imported");
  expect(printedBy("watch")).toContain("the run is finished: 1 of 1 users settled");
  expect(printed.size).toBe(15);
  expect(target.users("custom:legacy_id", "phone_number")).toEqual([
    { username: "Bo@example.com", "custom:legacy_id": "7", phone_number: "+48601555010" },
  ]);
}, 90_000);

test("who has a CSV gets its users into the local Cognito", { timeout: 90_000 }, async () => {
  const reader = new Reader(await startAsTold(COMMANDS.find((block) => block.includes("emulator")) ?? ""));
  const rows = ["7,ada@example.com,yes,Ada", "8,bo@example.com,yes,Bo"];
  reader.write("customers.csv", `Customer No,E-Mail,E-Mail Confirmed,First Name\n${rows.join("\n")}\n`);
  // What is typed when migrate asks.
  const { exitCode, stdout, stderr } = await reader.type(
    AT_HOME.replace("--run-dir at-home\n", "--run-dir at-home --yes\n"),
  );
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain("2 imported");
  expect(stdout).toContain("2 as wanted, 0 differ, 0 missing");
});

test("the library example runs as it stands", async () => {
  const target = await aTarget();
  const folder = aProject();
  writeFileSync(
    join(folder, "export.json.gz"),
    JSON.stringify([{ user_id: "auth0|1", email: "ada@example.com", email_verified: true }]),
  );
  writeFileSync(
    join(folder, "example.mjs"),
    (blocks("ts")[0] ?? "").replaceAll("eu-central-1_AbCd12345", target.userPoolId),
  );
  const printed = await shell("node example.mjs", folder, { AWS_ENDPOINT_URL: target.emulator.url });
  expect(printed).toContain("imported: 1");
});

test("the emulator command answers at its port, makes the pool, and ends at Ctrl-C", async () => {
  const command = COMMANDS.find((block) => block.includes("emulator"));
  const child = startCli((command ?? "").trim().replace("9229", "0").split(" ").slice(2));
  const finished = finish(child);
  await vi.waitFor(() => expect(child.stdout?.readableFlowing).toBe(true));
  let printed = "";
  child.stderr?.on("data", (text: string) => {
    printed += text;
    if (!child.killed && printed.includes("Stop it with Ctrl-C")) child.kill("SIGINT");
  });
  const { exitCode, stdout, stderr } = await finished;
  const [, userPoolId = "no pool"] = /user pool (\S+)/.exec(stdout) ?? [];
  expect(stderr).toContain(` --user-pool-id ${userPoolId} `);
  expect(stdout).toMatch(/^emulator http:\/\/127\.0\.0\.1:\d+ in us-east-1\nuser pool us-east-1_\w{9}\n$/);
  expect(exitCode).toBe(0);
});

const hasMoto =
  isInstalled("moto_server", "running the IAM commands of docs/permissions.md") &&
  isInstalled("aws", "running the IAM commands of docs/permissions.md");

test.skipIf(!hasMoto)("the IAM commands are accepted by a server that we did not write", async () => {
  const url = await startMoto();
  const [command] = blocksOf(pageAt("docs/permissions.md").text, "sh");
  const env = { AWS_ENDPOINT_URL: url, AWS_DEFAULT_REGION: "us-east-1" };
  await shell(command ?? "", aFolder(), env);
  const read = "aws iam get-role-policy --role-name poolferry-import-log --policy-name write-import-log";
  expect(await shell(read, aFolder(), env)).toContain("logs:PutLogEvents");
});

test.each([
  ["the emulator's README", "emulator/README.md", 0],
  ["the recipe for one's own migration", "docs/recipes/own-tests.md", 0],
])("the vitest example of %s passes as it stands", { timeout: 60_000 }, async (_, path, place) => {
  const folder = aProject("vitest", "@aws-sdk");
  writeFileSync(join(folder, "example.test.ts"), blocksOf(pageAt(path).text, "ts")[place] ?? "");
  writeFileSync(
    join(folder, "export.json.gz"),
    JSON.stringify([{ user_id: "auth0|1", email: "ada@example.com", email_verified: true }]),
  );
  const printed = await shell(
    `node ${join(ROOT, "node_modules/vitest/vitest.mjs")} run --root . --configLoader runner`,
    folder,
    { CI: "true" },
  );
  expect(printed).toMatch(/1 passed/);
});

test(
  "every TypeScript example compiles strictly, and so do the published types",
  { timeout: 60_000 },
  async () => {
    const folder = aProject("vitest", "@aws-sdk", "@types");
    for (const { path, text } of pages()) {
      for (const [place, example] of blocksOf(text, "ts").entries()) {
        writeFileSync(join(folder, `${path.replaceAll("/", "-")}-${place}.ts`), example);
      }
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const compile =
      "tsc --strict --noEmit --target es2024 --lib ES2024,ESNext.Disposable,DOM --module nodenext --types node *.ts";
    expect(await shell(compile, folder, {})).toBe("");
  },
);

test("the policy for everything is valid JSON and names exactly the operations that poolferry calls", () => {
  const [stated = ""] = blocksOf(pageAt("docs/permissions.md").text, "json");
  const policy = JSON.parse(stated) as { Statement: { Action: string | string[] }[] };
  const named = new Set(policy.Statement.flatMap(({ Action }) => Action));
  const called = migrationActions();
  expect(called.size).toBeGreaterThan(5);
  expect([...named].sort()).toEqual([...called].sort());
});

test("docs/errors.md lists every error, with its exit code, and every issue with its severity", () => {
  const errors = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const listed = [...errors.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, exit]) => [
    code,
    Number(exit),
  ]);
  const known = [...ERROR_CODES].sort();
  expect(listed).toEqual(known.map((code) => [code, new FerryError(code, "", { hint: "" }).exitCode]));
  const issues = [...errors.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning) \|/gm)].map(
    ([, code, severity]) => [code, severity],
  );
  expect(issues).toEqual(Object.entries(ISSUES).map(([code, { severity }]) => [code, severity]));
});

test("docs/errors.md lists every finding of a plan", () => {
  const errors = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const [, part = ""] = errors.split("## Findings of a plan");
  const [section = ""] = part.split("\n## ");
  const listed = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  expect(listed).toEqual([...FINDING_CODES].sort());
});

test("every error that is listed can happen: its code stands in the code beside the list", () => {
  const sources = globSync("src/**/*.ts", { cwd: ROOT })
    .filter((path) => path !== "src/core/ferry-error.ts")
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");
  expect(ERROR_CODES.filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});

test("the README and the help name every source type", async () => {
  const help = await runCli(["plan", "--help"]);
  for (const { type } of SOURCE_TYPES) {
    expect(README).toContain(`\`${type}:`);
    expect(help.stdout.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`[ (]${type}[,;)]`));
  }
});
