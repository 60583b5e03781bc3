import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { anAppClient } from "../support/app-client.ts";
import { jsonOf } from "../support/cli.ts";
import { HASHES, openToOthers, PERSONAL, SECRETS } from "./canaries.ts";
import { configFor, PEOPLE, peopleAs, peopleConfig } from "./people.ts";
import { Sandbox } from "./sandbox.ts";

vi.setConfig({ testTimeout: 120_000 });

const RULES = { emailPattern: /@example\.com$/, highestFailedShare: 1 };

/** Answers of AWS that repeat what they were sent. */
const REPEATING = `The Canonical String for this request should have been\n'POST\n/\n\nhost:x\nx-amz-security-token:${SECRETS.sessionToken}\n'`;

async function planned(sandbox: Sandbox): Promise<void> {
  const plan = ["plan", "--config", peopleConfig(sandbox, "ndjson"), ...sandbox.planFlags];
  expect((await sandbox.run(plan, { unsettled: true })).exitCode).toBe(3);
}

const apply = ({ runDir }: Sandbox, ...more: readonly string[]): readonly string[] => [
  "apply",
  "--run-dir",
  runDir,
  "--json",
  ...more,
];

test("a source that cannot be read is refused without a word of it", async () => {
  const sandbox = await Sandbox.open();
  const first = JSON.stringify(PEOPLE[0]);
  const { password } = SECRETS;
  const broken: readonly (readonly [type: string, content: string | Uint8Array])[] = [
    ["ndjson", `${first}\n{"email": "${PERSONAL.email}@example.com", "word": ${password}\n`],
    ["ndjson", peopleAs("ndjson").slice(0, -60)],
    ["json", `{"users": [${first}, {"word": ${SECRETS.token} ]}`],
    ["json", `[${first}, "${SECRETS.token}`],
    ["auth0", Buffer.from(peopleAs("auth0").replace("ü", "\u{FC}"), "latin1")],
    [
      "csv",
      `username,email,word\n${PERSONAL.email},${PERSONAL.email}@example.com,"${SECRETS.token}" ${SECRETS.token}\n`,
    ],
    ["csv", `username,word\n${`${PERSONAL.email},${SECRETS.token},${HASHES.bcrypt}\n`.repeat(5)}`],
  ];
  for (const [type, content] of broken) {
    const path = sandbox.bring(`broken.${type}`, content);
    const config = configFor(sandbox, type as "csv", path);
    const result = await sandbox.run([
      "plan",
      "--config",
      config,
      ...sandbox.planFlags,
      "--log-level",
      "trace",
    ]);
    expect(result.exitCode, result.stderr).toBeGreaterThan(1);
    expect(existsSync(sandbox.runDir) && readdirSync(sandbox.runDir).includes("ledger.db")).toBe(false);
  }
});

test("mistakes in a config, in flags and in the environment are named without their values", async () => {
  const sandbox = await Sandbox.open();
  const { proxyPassword, password, clientSecret } = SECRETS;
  const address = `http://user:${proxyPassword}@127.0.0.1:1`;
  const mistakes: readonly string[] = [
    `signUp: { clientId: abc, clientSecret: "${clientSecret}" }`,
    `signUp: { clientId: "${clientSecret}!" }`,
    `mapping: { password: { constnt: "${clientSecret}" } }`,
    `mapping: { password: { lookup: x, table: { a: ["${clientSecret}"] } } }`,
    `limits: { canaryUsers: "${clientSecret}" }`,
    `userPool: { id: us-east-1_a, endpointUrl: "ftp://user:${proxyPassword}@127.0.0.1" }`,
    `userPool: { id: us-east-1_a, endpointUrl: "${address}" }\nsource: { type: csv, path: none.csv }`,
    `mapping: { password: "${clientSecret}`,
    `hook: ${sandbox.bring("hook.mts", `throw new Error(${JSON.stringify(password)});`)}\nsource: { type: csv, path: x }`,
  ];
  for (const text of mistakes) {
    const result = await sandbox.run(["plan", "--config", sandbox.bring("wrong.yaml", text), "--json"]);
    expect(result.exitCode, text + result.stderr).toBe(2);
  }
  const config = peopleConfig(sandbox, "csv");
  const proxies = [{ HTTP_PROXY: `http://user:${proxyPassword}@:bad` }, { HTTP_PROXY: address }];
  for (const env of proxies) {
    for (const command of ["plan", "doctor"]) {
      const result = await sandbox.run([command, "--config", config, ...sandbox.planFlags, "--json"], {
        env,
      });
      expect(result.exitCode, result.stderr).toBe(2);
    }
  }
  const withPassword = sandbox.url.replace("//", `//user:${proxyPassword}@`);
  for (const command of [
    ["jobs", "list"],
    ["pool", "prepare", "--logs-role", "--yes"],
    ["doctor"],
    ["plan", "--config", config],
    ["init", sandbox.bring("a.csv", "a\n1\n")],
  ]) {
    const result = await sandbox.run([...command, ...sandbox.poolFlags, "--endpoint-url", withPassword]);
    expect(result.stderr).toContain("holds a user or a password");
    expect(result.exitCode).toBe(2);
  }
  const under = ["--run-dir", join(sandbox.bring("file", ""), "run")];
  const onDisk = await sandbox.run(["plan", "--config", config, ...sandbox.planFlags, ...under, "--json"]);
  expect(jsonOf(onDisk)).toMatchObject({ error: { code: "DISK_UNUSABLE" } });
});

test("a hook that throws or returns secrets stops the plan without telling them", async () => {
  const sandbox = await Sandbox.open();
  const bodies = [
    "throw new Error(JSON.stringify(row));",
    "return { skipp: row.word };",
    "return Promise.reject(new Error(row.word));",
  ];
  for (const [index, body] of bodies.entries()) {
    const hook = sandbox.bring(
      `hook-${index}.mts`,
      `export default (user, row) => { if (row.word) { ${body} } };`,
    );
    const config = peopleConfig(sandbox, "json", `hook: ${hook}`);
    const result = await sandbox.run(["plan", "--config", config, ...sandbox.planFlags, "--json"]);
    expect(result.exitCode, body + result.stderr).toBe(2);
  }
});

test("trouble with AWS while users are sent is told without what was sent", async () => {
  const sandbox = await Sandbox.open({}, { rules: RULES });
  await planned(sandbox);
  const { control } = sandbox.target.emulator;
  const error = (type: string, message: string) => ({ kind: "error", status: 400, type, message }) as const;
  const faults = [
    ["CreateUserImportJob", error("InvalidSignatureException", REPEATING)],
    ["CreateUserImportJob", error("AccessDeniedException", REPEATING)],
    ["CreateUserImportJob", error("InternalException", REPEATING)],
    ["CreateUserImportJob", { kind: "html", status: 502 }],
    ["CreateUserImportJob", error("TooManyRequestsException", REPEATING)],
    ["PutObject", { kind: "html", status: 501 }],
    ["PutObject", { kind: "reset" }],
    ["StartUserImportJob", error("NotAuthorizedException", REPEATING)],
    ["StartUserImportJob", { kind: "truncate" }],
  ] as const;
  for (const [index, [operation, fault]] of faults.entries()) {
    control.clearFaults();
    const from = (sandbox.target.emulator.requestCounts.get(operation) ?? 0) + 1;
    control.planFault({ operation, from, fault });
    const format = index % 2 === 0 ? ["--log-format", "json", "--log-level", "trace"] : [];
    const result = await sandbox.run(apply(sandbox, ...format), { unsettled: true });
    expect([0, 3, 4], result.stderr).toContain(result.exitCode);
    if (jsonOf(result).state === "done") break;
  }
  control.clearFaults();
  expect(jsonOf(await sandbox.run(apply(sandbox)))).toMatchObject({ state: "done" });
  expect(openToOthers(sandbox.root)).toEqual([]);
});

describe("a process that ends in the middle leaves nothing but the ledger and the part", () => {
  test.each(["SIGKILL", "SIGINT", "SIGABRT"] as const)("by %s", async (signal) => {
    const sandbox = await Sandbox.open({}, { rules: RULES });
    await planned(sandbox);
    const { control } = sandbox.target.emulator;
    for (const [operation, moment] of [
      ["PutObject", "after-effect"],
      ["AdminSetUserPassword", "before-effect"],
    ] as const) {
      control.planFault({ operation, moment, fault: { kind: "hold", name: operation } });
      const result = await sandbox.runMeanwhile(
        apply(sandbox),
        async (child) => {
          await control.waitUntilHeld(operation);
          child.kill(signal);
          if (signal === "SIGINT") control.release(operation);
        },
        { unsettled: true },
      );
      expect(result.exitCode).not.toBe(0);
      control.release(operation);
      expect(openToOthers(sandbox.runDir)).toEqual([]);
    }
    expect(jsonOf(await sandbox.run(apply(sandbox)))).toMatchObject({ state: "done" });
  });
});

describe("a bug", () => {
  const THROWS = `
const error = new SyntaxError(${JSON.stringify(`Unexpected token in ${SECRETS.password} of ${PERSONAL.email}`)});
Object.assign(error, { input: ${JSON.stringify(SECRETS.token)}, cause: new Error(${JSON.stringify(HASHES.bcrypt)}) });`;

  test.each([
    ["in the middle of the work", "setTimeout(() => { throw error; }, 700);"],
    ["that nobody awaits", "setTimeout(() => void Promise.reject(error), 700);"],
  ])("%s is told by its place alone, and Node's report shows no environment", async (_where, how) => {
    const sandbox = await Sandbox.open({}, { rules: RULES });
    await planned(sandbox);
    sandbox.target.emulator.control.planFault({
      operation: "DescribeUserPool",
      from: 2,
      fault: { kind: "hold", name: "long" },
    });
    const preload = sandbox.bringModule("bug.mjs", `${THROWS}\n${how}`);
    const reports = `--report-uncaught-exception --report-on-fatalerror --report-directory=${sandbox.cwd}`;
    const env = { NODE_OPTIONS: `--import=${preload} ${reports}` };
    const result = await sandbox.run(apply(sandbox), { unsettled: true, env });
    expect(result.exitCode, result.stderr).toBe(1);
    expect(result.stderr).toContain("this is a bug of poolferry");
    expect(jsonOf(result)).toMatchObject({ error: { code: "BUG" }, exitCode: 1 });
    sandbox.target.emulator.control.release("long", "drop");
  });

  test("of Node, or a report that is asked for, shows no environment", async () => {
    const sandbox = await Sandbox.open({}, { rules: RULES });
    await planned(sandbox);
    const { control } = sandbox.target.emulator;
    control.planFault({ operation: "PutObject", fault: { kind: "hold", name: "upload" } });
    const written = (): boolean => readdirSync(sandbox.cwd).some((name) => name.startsWith("report."));
    await sandbox.runMeanwhile(
      apply(sandbox),
      async (child) => {
        await control.waitUntilHeld("upload");
        child.kill("SIGUSR2");
        await expect.poll(written).toBe(true);
        child.kill("SIGKILL");
      },
      { unsettled: true, env: { NODE_OPTIONS: `--report-on-signal --report-directory=${sandbox.cwd}` } },
    );
    control.release("upload", "drop");
  });
});

test("users who sign up with an app client's secret leave nothing of it", async () => {
  const sandbox = await Sandbox.open({}, { rules: RULES });
  const client = await anAppClient(sandbox.target, { GenerateSecret: true });
  const signUp = `signUp: { clientId: ${client.id}, clientSecretEnv: APP_CLIENT_SECRET, messages: allowed }\n`;
  const config = peopleConfig(sandbox, "ndjson", signUp);
  const flags = [...sandbox.poolFlags, "--run-dir", sandbox.runDir, "--yes", "--json"];
  const refused = await sandbox.run(["migrate", "--config", config, ...flags], { unsettled: true });
  expect(jsonOf(refused)).toMatchObject({ error: { code: "APP_CLIENT_REFUSED" } });
  const env = { APP_CLIENT_SECRET: client.secret };
  const resume = ["resume", "--run-dir", sandbox.runDir, "--json", "--log-level", "trace"];
  const done = await sandbox.run(resume, { env });
  expect(jsonOf(done)).toMatchObject({ state: "done" });
  expect(done.stdout + done.stderr).not.toContain(client.secret);
});
