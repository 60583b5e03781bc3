import { expect, test, vi } from "vitest";
import type { DoctorSummary } from "../../src/index.ts";
import type { Fault } from "../../emulator/steer.ts";
import { finish, jsonOf, runCli, startCli, type CommandOptions } from "../support/cli.ts";
import { aFile } from "../support/files.ts";
import { allowedBy, Permissions } from "../support/permissions.ts";
import { aRewritingProxy } from "../support/rewriting-proxy.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const ROLE = "poolferry-import-log";
const ROLE_ARN = `arn:aws:iam::123456789012:role/${ROLE}`;

type Checks = Readonly<Record<string, DoctorSummary["checks"][number]>>;

interface Looked {
  readonly checks: Checks;
  readonly exitCode: number;
  /** The names of the checks that are not ok, by what they say. */
  readonly names: (verdict: string) => readonly string[];
  readonly printed: string;
}

async function look(args: readonly string[], options: CommandOptions = {}): Promise<Looked> {
  const result = await runCli(["doctor", ...args, "--json"], options);
  const { checks, exitCode } = jsonOf(result) as unknown as DoctorSummary;
  const names = (wanted: string) =>
    checks.filter(({ verdict }) => verdict === wanted).map(({ name }) => name);
  const byName = Object.fromEntries(checks.map((check) => [check.name, check]));
  expect(exitCode).toBe(result.exitCode);
  return { checks: byName, exitCode, names, printed: result.stdout + result.stderr };
}

function placeOf({ userPoolId, emulator }: Target): readonly string[] {
  return ["--user-pool-id", userPoolId, "--endpoint-url", emulator.url];
}

async function makeRole(target: Target): Promise<void> {
  const { exitCode } = await runCli(["pool", "prepare", ...placeOf(target), "--logs-role", "--yes"]);
  expect(exitCode).toBe(0);
}

const SECRETS = {
  AWS_ACCESS_KEY_ID: "AKIAMIDDLEOFTHEKEY12",
  AWS_SECRET_ACCESS_KEY: "the-secret-of-the-key",
  AWS_SESSION_TOKEN: "the-token-of-the-session",
};

test("where all is well every check is ok, nothing is changed, and nothing secret is said", async () => {
  const target = await aTarget();
  await makeRole(target);
  const before = [...target.emulator.control.dump()];
  const config = aFile("mapping: { attributes: { email: email } }\n", "ferry.yaml");
  const source = ["--from", `csv:${aUserCsv(2)}`, "--config", config];
  const { checks, exitCode, names, printed } = await look(
    [...placeOf(target), ...source, "--logs-role-arn", ROLE_ARN],
    { env: SECRETS },
  );
  expect({ exitCode, others: [...names("warning"), ...names("failure"), ...names("not-tried")] }).toEqual({
    exitCode: 0,
    others: [],
  });
  expect(names("ok")).toEqual([
    "node",
    "disk",
    "source",
    "credentials",
    "region",
    "clock",
    "user pool",
    "attributes",
    "log role",
    "upload",
    "import jobs",
    "quotas",
    ...["plan", "apply", "verify", "undo", "sync", "sign-up", "export", "jobs"].map(
      (command) => `permissions of ${command}`,
    ),
  ]);
  expect(checks["credentials"]?.message).toBe(
    "Account 123456789012, arn:aws:iam::123456789012:user/emulator, access key AKIA****EY12",
  );
  expect(checks["permissions of apply"]?.message).toBe(
    "It may do all of it: 22 actions, 4 of them by IAM's simulation",
  );
  for (const secret of ["MIDDLEOF", SECRETS.AWS_SECRET_ACCESS_KEY, SECRETS.AWS_SESSION_TOKEN])
    expect(printed).not.toContain(secret);
  expect([...target.emulator.control.dump()]).toEqual(before);
});

test("in words each check is a line, with how to mend it below", async () => {
  const target = await aTarget();
  const { stdout, exitCode } = await runCli(["doctor", ...placeOf(target), "--log-format", "text"]);
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n");
  const place = lines.findIndex((line) => /^warning {2}log role +No role is named/.test(line));
  expect(lines[place + 1]).toMatch(
    new RegExp(`^ +To mend it: poolferry pool prepare --user-pool-id ${target.userPoolId} --logs-role, `),
  );
  expect(lines.at(-2)).toMatch(/^\d+ ok, 1 warning, 0 failures, \d+ not tried$/);
});

test("without a pool the machine and the credentials are looked at", async () => {
  const target = await aTarget();
  const { exitCode, names } = await look(["--endpoint-url", target.emulator.url, "--region", "us-east-1"]);
  expect(exitCode).toBe(0);
  expect(names("ok")).toEqual(["node", "disk", "credentials", "region"]);
  expect(names("not-tried")).toEqual(["source", "user pool"]);
});

test("permissions that a plan has and an apply lacks are named for each command", async () => {
  const permissions = new Permissions();
  const target = await aTarget({}, { hooks: permissions.hooks });
  await makeRole(target);
  permissions.allow(allowedBy("plan"));
  const { checks, exitCode } = await look([...placeOf(target), "--logs-role-arn", ROLE_ARN]);
  expect(exitCode).toBe(2);
  expect(checks["permissions of plan"]).toMatchObject({ verdict: "ok" });
  const apply = checks["permissions of apply"];
  expect(apply).toMatchObject({
    verdict: "failure",
    fix: expect.stringContaining("docs/policies/apply.json"),
  });
  const allowed = allowedBy("plan");
  const untried = [
    "cognito-idp:CreateUserImportJob",
    "cognito-idp:AdminCreateUser",
    "cognito-idp:CreateGroup",
  ];
  for (const action of allowedBy("apply")) {
    if (!allowed.has(action)) expect(apply?.message).toContain(action);
  }
  const [lacks = "", notTried = ""] = apply?.message.split("; not tried: ") ?? [];
  for (const action of [...untried, "iam:PassRole"]) {
    expect(lacks).not.toContain(action);
    expect(notTried).toContain(action);
  }
  expect(checks["permissions of jobs"]).toMatchObject({ verdict: "warning" });
  expect(checks["log role"]).toMatchObject({
    verdict: "warning",
    message: expect.stringContaining("GetRole"),
  });
  expect(checks["import jobs"]).toMatchObject({ verdict: "failure" });
});

test("what apply may do and others may not is a warning, and what cannot be tried is named", async () => {
  const permissions = new Permissions();
  const target = await aTarget({}, { hooks: permissions.hooks });
  permissions.allow(allowedBy("apply"));
  const { checks, exitCode } = await look([...placeOf(target)]);
  expect(exitCode).toBe(0);
  expect(checks["permissions of apply"]).toMatchObject({
    verdict: "ok",
    message:
      "It may do 18 of 22 actions; not tried: cognito-idp:CreateUserImportJob, iam:PassRole, cognito-idp:AdminCreateUser, cognito-idp:CreateGroup",
  });
  expect(checks["permissions of undo"]).toMatchObject({
    verdict: "warning",
    message: "It lacks cognito-idp:AdminDeleteUser",
  });
});

test("what IAM's simulation denies is lacking", async () => {
  const target = await aTarget();
  await makeRole(target);
  const iam = await aRewritingProxy(target.emulator.url, (answer) =>
    answer.replaceAll("<EvalDecision>allowed<", "<EvalDecision>implicitDeny<"),
  );
  const env = { AWS_ENDPOINT_URL_IAM: iam };
  const { checks, exitCode } = await look([...placeOf(target), "--logs-role-arn", ROLE_ARN], { env });
  expect(exitCode).toBe(2);
  expect(checks["permissions of apply"]).toMatchObject({
    verdict: "failure",
    message:
      "It lacks cognito-idp:CreateUserImportJob, iam:PassRole, cognito-idp:AdminCreateUser, cognito-idp:CreateGroup",
  });
});

/** An emulator that answers everything with this fault, by the protocol that it is asked in. */
async function aRefusing(type: string): Promise<Target> {
  let fault: ((operation: string) => Fault) | undefined;
  const hooks = { beforeEffect: ({ operation }: { readonly operation: string }) => fault?.(operation) };
  const target = await aTarget({}, { hooks });
  fault = (operation) => ({
    kind: "error",
    status: operation === "GetCallerIdentity" ? 403 : 400,
    type: operation === "GetCallerIdentity" ? type : `${type}Exception`,
    message: "The security token included in the request is expired",
  });
  return target;
}

test("credentials that have expired are told by it", async () => {
  const target = await aRefusing("ExpiredToken");
  const { checks, exitCode, names } = await look(placeOf(target));
  expect(exitCode).toBe(2);
  expect(names("failure")).toEqual(["credentials", "user pool"]);
  expect(checks["credentials"]).toMatchObject({
    message: expect.stringContaining("is expired"),
    fix: expect.stringContaining("temporary ones may have expired"),
  });
  expect(names("not-tried")).toContain("permissions");
});

test("credentials that are missing, and those that soon expire, are told by it", async () => {
  const target = await aTarget();
  const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
  const missing = await look(placeOf(target), { env: none });
  expect(missing.checks["credentials"]).toMatchObject({
    verdict: "failure",
    message: "No AWS credentials were found",
  });
  const AWS_CREDENTIAL_EXPIRATION = new Date(Date.now() + 30.5 * 60_000).toISOString();
  const soon = await look(placeOf(target), { env: { ...SECRETS, AWS_CREDENTIAL_EXPIRATION } });
  expect(soon.checks["credentials"]).toMatchObject({
    verdict: "warning",
    message: expect.stringMatching(/they expire in (29|30) minutes$/),
  });
});

test("another region than the pool's, and a pool that is not there, are failures", async () => {
  const target = await aTarget();
  const other = await look([...placeOf(target), "--region", "eu-west-1"]);
  expect(other.checks["region"]).toMatchObject({
    verdict: "failure",
    message: `The user pool ${target.userPoolId} is in us-east-1, and not in eu-west-1`,
  });
  const args = ["--user-pool-id", "us-east-1_NotThere9", "--endpoint-url", target.emulator.url];
  const absent = await look(args);
  expect(absent.checks["user pool"]).toMatchObject({
    verdict: "failure",
    message: "There is no user pool us-east-1_NotThere9 in us-east-1",
  });
  expect(absent.names("not-tried")).toContain("permissions");
});

test("a pool that takes no import jobs, or is in another account, is a failure", async () => {
  const target = await aTarget({ AutoVerifiedAttributes: [] });
  const { checks } = await look(placeOf(target));
  expect(checks["user pool"]).toMatchObject({
    verdict: "failure",
    message: expect.stringContaining("so Cognito refuses import jobs"),
  });
  const other = await look([...placeOf(target), "--expect-account", "210987654321"]);
  expect(other.checks["user pool"]).toMatchObject({
    verdict: "failure",
    message: expect.stringContaining("is in the account 123456789012, and 210987654321 is expected"),
  });
});

test("attributes that the mapping names and the pool lacks come with the command that adds them", async () => {
  const target = await aTarget();
  const config = aFile(
    'mapping: { attributes: { "custom:plan": Plan, "custom:seats": Seats } }\n',
    "ferry.yaml",
  );
  const args = [...placeOf(target), "--config", config];
  const { checks, exitCode } = await look(args);
  expect(exitCode).toBe(2);
  const fix = checks["attributes"]?.fix ?? "";
  expect(fix).toBe(
    `poolferry pool prepare --user-pool-id ${target.userPoolId} --attribute custom:plan:String --attribute custom:seats:String`,
  );
  const command = [...fix.split(" ").slice(1), "--endpoint-url", target.emulator.url, "--yes"];
  expect((await runCli(command)).exitCode).toBe(0);
  expect((await look(args)).checks["attributes"]).toMatchObject({ verdict: "ok" });
});

test.each([
  ["that is not there", undefined, ROLE_ARN, "There is no role poolferry-import-log"],
  ["that trusts another", '{"Statement":[]}', ROLE_ARN, "does not trust cognito-idp.amazonaws.com"],
  [
    "of another account",
    undefined,
    "arn:aws:iam::210987654321:role/x",
    "is of another account than the pool's",
  ],
])("a role %s is a failure", async (_, trust, arn, words) => {
  const target = await aTarget();
  if (trust !== undefined) {
    await makeRole(target);
    const { roles } = target.emulator.state;
    const role = roles.find(ROLE);
    if (role !== undefined) roles.put({ ...role, trust });
  }
  const { checks, exitCode } = await look([...placeOf(target), "--logs-role-arn", arn]);
  expect(exitCode).toBe(2);
  expect(checks["log role"]).toMatchObject({
    verdict: "failure",
    message: expect.stringContaining(words),
    fix: expect.stringContaining("poolferry pool prepare"),
  });
});

test(
  "a network that lets nothing out is told by it, also of the place of the upload",
  { timeout: 40_000 },
  async () => {
    const env = { HTTPS_PROXY: "http://127.0.0.1:9" };
    const { checks, exitCode, names } = await look(["--user-pool-id", "eu-central-1_AbCd12345"], { env });
    expect(exitCode).toBe(2);
    expect(names("failure")).toEqual(["credentials", "user pool", "upload"]);
    expect(checks["upload"]).toMatchObject({
      message: expect.stringMatching(/^s3\.eu-central-1\.amazonaws\.com cannot be reached \(\w+\)$/),
      fix: expect.stringContaining("HTTPS_PROXY"),
    });
    expect(names("not-tried")).toContain("permissions");
  },
);

test.each([
  [60_000, "warning", /^This computer's clock is (59|60|61) seconds ahead of the service's$/],
  [900_000, "failure", /clock is (899|900|901) seconds ahead of .* AWS refuses what is signed so$/],
])("a clock that is %d ms ahead is a %s of its check", async (shiftMs, verdict, message) => {
  const target = await aTarget();
  const shift = new URL("../support/shift-clock.ts", import.meta.url);
  const env = { NODE_OPTIONS: `--import=${shift.href}`, SHIFT_CLOCK_MS: String(shiftMs) };
  const { checks } = await look(placeOf(target), { env });
  expect(checks["clock"]).toMatchObject({ verdict, message: expect.stringMatching(message) });
});

test("another import job that is active is a warning, with the command that describes it", async () => {
  const target = await aTarget({}, { rules: { jobStuckAfterRows: 1 } });
  const run = startCli(migrateArgs(target, `csv:${aUserCsv(3)}`));
  const killed = finish(run);
  await vi.waitFor(() => {
    const [job] = target.emulator.state.pools.get(target.userPoolId)?.jobs.values() ?? [];
    if (job?.counts.imported !== 1) throw new Error("the job has imported nobody yet");
  }, 25_000);
  run.kill("SIGKILL");
  await killed;
  const { checks } = await look(placeOf(target));
  expect(checks["import jobs"]).toMatchObject({
    verdict: "warning",
    message: expect.stringContaining("is InProgress, and only one can be active"),
    fix: expect.stringMatching(/poolferry jobs describe --user-pool-id \S+ --job-id import-\S+$/),
  });
});

test("request rates that differ from AWS's default are said, and lower ones are a warning", async () => {
  const higher = await aTarget({}, { quotas: { categories: { UserCreation: 200 } } });
  expect((await look(placeOf(higher))).checks["quotas"]).toMatchObject({
    verdict: "ok",
    message: expect.stringContaining("UserCreation 200 (default 50), UserUpdate 25,"),
  });
  const lower = await aTarget({}, { quotas: { categories: { UserList: 10 } } });
  expect((await look(placeOf(lower))).checks["quotas"]).toMatchObject({
    verdict: "warning",
    message: expect.stringContaining("UserList 10 (default 30)"),
  });
});

test.each([
  ["csv:not-there.csv", "There is no file not-there.csv"],
  ["postgres:NOT_SET", "The environment variable NOT_SET is not set"],
  ["nothing", "--from is not of the form TYPE:PLACE"],
])("a source that cannot be read is a failure: %s", async (from, message) => {
  const target = await aTarget();
  const { checks, exitCode } = await look(["--endpoint-url", target.emulator.url, "--from", from]);
  expect(exitCode).toBe(2);
  expect(checks["source"]).toMatchObject({ verdict: "failure", message });
});

test("a source without users is a failure, and a folder without room a warning", async () => {
  const target = await aTarget();
  const empty = aFile("username,email\n", "users.csv");
  const args = ["--endpoint-url", target.emulator.url, "--region", "us-east-1"];
  const { checks } = await look([...args, "--from", `csv:${empty}`, "--run-dir", "/proc/run"]);
  expect(checks["source"]?.verdict).toBe("failure");
  expect(checks["disk"]).toMatchObject({ verdict: "warning", message: expect.stringContaining("0 MB free") });
});
