import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { CHECKED_COMMANDS, COMMAND_ACTIONS } from "../../src/check/command-actions.ts";
import { apply, type FerryError } from "../../src/index.ts";
import { anAppClient } from "../support/app-client.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aFilledPool } from "../support/filled-pool.ts";
import { startMoto } from "../support/moto.ts";
import { allowedBy, calledActions, Permissions, statementsOf } from "../support/permissions.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const FOLDER = new URL("../../docs/policies/", import.meta.url).pathname;
const POLICIES = readdirSync(FOLDER).map((name) => name.replace(/\.json$/, ""));

const POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCd12345";
const LOG_GROUPS = "arn:aws:logs:eu-central-1:123456789012:log-group:";

/** What an action can be restricted to at the most: a pool, and where it knows none what is documented in its place. */
function narrowestResource(action: string): string {
  switch (action) {
    // Not documented; its request names nothing.
    case "cognito-idp:GetProvisionedLimit":
      return "*";
    // It is authorized for all groups at once, whatever the prefix (reported).
    case "logs:DescribeLogGroups":
      return `${LOG_GROUPS}*`;
    case "logs:DescribeLogStreams":
    case "logs:GetLogEvents":
      return `${LOG_GROUPS}/aws/cognito/userpools/eu-central-1_AbCd12345/*`;
    case "iam:SimulatePrincipalPolicy":
      return "arn:aws:iam::123456789012:user/ferry";
    case "iam:PassRole":
    case "iam:GetRole":
    case "iam:ListRolePolicies":
    case "iam:GetRolePolicy":
    case "iam:ListAttachedRolePolicies":
    case "iam:CreateRole":
    case "iam:TagRole":
    case "iam:PutRolePolicy":
    case "iam:UpdateAssumeRolePolicy":
    case "iam:DeleteRolePolicy":
    case "iam:DeleteRole":
      return "arn:aws:iam::123456789012:role/poolferry-import-log";
    default:
      return POOL;
  }
}

/** A bcrypt hash of some password. */
const HASH = `$2b$10$${"a".repeat(53)}`;

/** A user of every kind that takes an action of its own: u3 has a hash, u4 a password, and the last goes by AdminCreateUser. */
const USERS = [
  { username: "u1", off: true, teams: ["admins"] },
  { username: "u2", mfa: "sms", phone_number: "+48601555010", name: 'Cy "the \\ third"' },
  { username: "u3", identities: [{ provider: "google", id: "g-3" }], hash: HASH },
  { username: "u4", word: "Their-own-Passw0rd" },
  { username: 'u"5', mfa: "sms", phone_number: "+48601555011" },
];

function aSource(): string {
  const blank = { email_verified: true, off: false, teams: [], mfa: "", identities: [], word: "", hash: "" };
  const lines = USERS.map((user, index) => ({ ...blank, email: `u${index + 1}@example.com`, ...user }));
  return aFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), "users.ndjson");
}

function aConfig(source: string, more = ""): string {
  return aFile(
    `source: { type: ndjson, path: ${source} }
mapping:
  disabled: "off"
  groups: teams
  mfa: mfa
  password: word
  passwordHash: hash
  linkedProviders: { list: identities, provider: provider, subject: id, names: { google: Google } }
${more}`,
    "ferry.yaml",
  );
}

const RESET = "policies: { passwordAfterCreate: reset-required }";

interface Stage {
  readonly target: Target;
  readonly permissions: Permissions;
  readonly runDir: string;
}

async function aStage(): Promise<Stage> {
  const permissions = new Permissions();
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" }, { hooks: permissions.hooks });
  return { target, permissions, runDir: join(aFolder(), "run") };
}

function planArgs({ target, runDir }: Stage, config: string): readonly string[] {
  return ["plan", "--config", config, ...target.flags, "--run-dir", runDir];
}

/** Has commands succeed with what a policy allows, and ask for all of it. Returns what they print. */
async function succeedBy(
  { permissions }: Stage,
  policy: string,
  commands: readonly (readonly string[])[],
): Promise<readonly JsonResult[]> {
  permissions.allow(allowedBy(policy));
  const results: JsonResult[] = [];
  for (const command of commands) results.push(jsonOf(await runCli([...command, "--json"])));
  expect(permissions.denied, policy).toEqual([]);
  expect(permissions.asked, policy).toEqual([...allowedBy(policy)].sort());
  for (const { exitCode } of results) expect(exitCode, policy).toBe(0);
  return results;
}

function poolArgs({ target }: Stage, ...args: readonly string[]): readonly string[] {
  return [...args, "--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
}

test("the policies allow what the code calls, all of it and nothing else, each action on as little as can be", () => {
  const allowedActions = new Set(POLICIES.flatMap((policy) => [...allowedBy(policy)]));
  expect([...allowedActions].sort()).toEqual([...calledActions()].sort());
  for (const policy of POLICIES) {
    const statements = statementsOf(policy);
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions, `an action twice in ${policy}`).toEqual([...new Set(actions)]);
    for (const { Action, Resource } of statements) {
      for (const action of Action) expect(Resource, `${policy}: ${action}`).toBe(narrowestResource(action));
    }
  }
  // `migrate` is both in one, and does without what only a forecast takes.
  expect([...allowedBy("plan")].filter((action) => !allowedBy("apply").has(action))).toEqual([
    "cognito-idp:ListUserPoolClients",
    "cognito-idp:DescribeUserPoolClient",
  ]);
});

test("docs/permissions.md names every policy with the statements that can be left out", () => {
  const page = readFileSync(join(FOLDER, "../permissions.md"), "utf8");
  const linked = [...page.matchAll(/\(policies\/([\w-]+)\.json\)/g)].map(([, policy]) => policy);
  expect([...new Set(linked)].sort()).toEqual([...POLICIES].sort());
  const known = new Set([
    ...POLICIES.flatMap((policy) => statementsOf(policy).map(({ Sid }) => Sid)),
    ...[...calledActions()].map((action) => action.replace(/^.*:/, "")),
  ]);
  const named = [...page.matchAll(/`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`/g)].map(([, name]) => name ?? "");
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  for (const { Sid } of statementsOf("apply")) expect(named).toContain(Sid);
});

const hasMoto = isInstalled("moto_server", "checking the policies' grammar");

test.skipIf(!hasMoto)("every policy is accepted by a server that we did not write", async () => {
  const url = await startMoto();
  for (const policy of POLICIES) {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/iam/aws4_request",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        Action: "CreatePolicy",
        Version: "2010-05-08",
        PolicyName: policy,
        PolicyDocument: readFileSync(join(FOLDER, `${policy}.json`), "utf8"),
      }),
    });
    expect({ policy, status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
  }
});

test("each command succeeds with its own policy, and asks for all that it allows", async () => {
  const stage = await aStage();
  const { target, runDir } = stage;
  const source = aSource();
  await anAppClient(target);
  const leaveOut = aConfig(source, "policies: { missingGroups: leave-out }");
  // So many that it is worth asking for the account's rates.
  const many = aFile(
    Array.from(
      { length: 1_300 },
      (_, index) => `{"username":"many${index}","email":"${index}@example.com"}\n`,
    ).join(""),
    "many.ndjson",
  );
  const [, , planned] = await succeedBy(stage, "plan", [
    ["plan", "--from", `ndjson:${many}`, ...target.flags, "--run-dir", runDir],
    planArgs(stage, leaveOut),
    planArgs(stage, aConfig(source, RESET)),
  ]);
  // What the forecast says is what apply then asks for.
  const { needed = [], perhaps = [] } = planned?.forecast?.permissions ?? {};
  expect([...needed, ...perhaps].sort()).toEqual([...allowedBy("apply")].sort());

  // A lost reply makes the run look for the job that it may have made.
  const fault = { kind: "drop" } as const;
  target.emulator.control.planFault({ operation: "CreateUserImportJob", moment: "after-effect", fault });
  await succeedBy(stage, "apply", [["apply", "--run-dir", runDir]]);
  expect(target.users()).toHaveLength(USERS.length);

  await succeedBy(stage, "verify", [["verify", "--run-dir", runDir]]);
  await succeedBy(stage, "export", [poolArgs(stage, "export", "--out", join(aFolder(), "users.ndjson"))]);

  stage.permissions.allow(allowedBy("plan"));
  expect((await runCli(poolArgs(stage, "init", source))).exitCode).toBe(0);
}, 60_000);

test("jobs and undo succeed with their own policies, and ask for all that these allow", async () => {
  const permissions = new Permissions();
  const target = await aTarget({}, { hooks: permissions.hooks, rules: { jobStuckAfterRows: 1 } });
  const stage: Stage = { target, permissions, runDir: join(aFolder(), "run") };
  const run = startCli(migrateArgs(target, `csv:${aUserCsv(3)}`, stage));
  const killed = finish(run);
  const jobId = await vi.waitFor(() => {
    const [job] = target.emulator.state.pools.get(target.userPoolId)?.jobs.values() ?? [];
    if (job?.counts.imported !== 1) throw new Error("the job has imported nobody yet");
    return job.id;
  }, 25_000);
  run.kill("SIGKILL");
  await killed;

  const describe = ["describe", "--job-id", jobId];
  const stop = ["stop", "--job-id", jobId, "--yes"];
  const jobs = [["list"], describe, stop].map((args) => poolArgs(stage, "jobs", ...args));
  expect(await succeedBy(stage, "jobs", jobs)).toMatchObject([{}, {}, { status: "Stopped" }]);

  const { runId } = jsonOf(await runCli(["status", "--run-dir", stage.runDir, "--json"]));
  const undo = ["undo", "--run-dir", stage.runDir, "--confirm", runId];
  await succeedBy(stage, "undo", [
    [...undo, "--disable"],
    [...undo, "--delete", "--include-changed"],
  ]);
  expect(target.users()).toEqual([]);
}, 90_000);

test("a pool is prepared with its own policy, which allows all that it takes", async () => {
  const stage = await aStage();
  const { roles } = stage.target.emulator.state;
  const prepare = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await runCli(poolArgs(stage, "pool", "prepare", ...args, "--yes"));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  };
  stage.permissions.allow(allowedBy("pool-prepare"));
  await prepare("--attribute", "plan:String", "--group", "staff", "--logs-role");
  const role = roles.find("poolferry-import-log");
  expect(role).toBeDefined();
  if (role !== undefined) roles.put({ ...role, trust: '{"Statement":[]}' });
  await prepare("--logs-role");
  await prepare("--remove-logs-role");
  expect(stage.permissions.denied).toEqual([]);
  expect(stage.permissions.asked).toEqual([...allowedBy("pool-prepare")].sort());
}, 60_000);

test("what the doctor knows of commands is what their policies allow", () => {
  for (const command of CHECKED_COMMANDS) {
    const { needed, perhaps } = COMMAND_ACTIONS[command];
    expect([...needed, ...perhaps].sort(), command).toEqual([...allowedBy(command)].sort());
  }
  const own = new Set(["pool-prepare", "doctor", "source-pool"]);
  expect(POLICIES.filter((policy) => !own.has(policy))).toEqual([...CHECKED_COMMANDS].sort());
});

test("the doctor looks with its own policy and those of the commands, and asks for no more", async () => {
  const stage = await aStage();
  const { permissions, target } = stage;
  expect((await runCli(poolArgs(stage, "pool", "prepare", "--logs-role", "--yes"))).exitCode).toBe(0);
  const untried = new Set([
    "cognito-idp:AdminCreateUser",
    "cognito-idp:CreateGroup",
    "cognito-idp:CreateUserImportJob",
    "iam:PassRole",
  ]);
  const looked = [...CHECKED_COMMANDS, "doctor"].flatMap((policy) => [...allowedBy(policy)]);
  permissions.allow(new Set(looked));
  const arn = target.emulator.state.roles.find("poolferry-import-log")?.arn ?? "none";
  const { stdout, exitCode } = await runCli(poolArgs(stage, "doctor", "--logs-role-arn", arn));
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(permissions.denied).toEqual([]);
  const tried = new Set(looked.filter((action) => !untried.has(action)));
  expect(permissions.asked).toEqual([...tried].sort());
}, 60_000);

test("a sync creates, changes and deletes with its own policy, and asks for all that it allows", async () => {
  const stage = await aStage();
  const { target, permissions } = stage;
  const source = aSource();
  const config = aConfig(
    source,
    `${RESET}\nsync: { absent: delete, deleteAfterDays: 0 }\nlimits: { quotaShare: 1 }`,
  );
  const sync = ["sync", "--config", config, ...target.flags, "--sync-dir", join(aFolder(), "sync"), "--json"];
  const fault = { kind: "drop" } as const;
  target.emulator.control.planFault({ operation: "CreateUserImportJob", moment: "after-effect", fault });
  permissions.allow(allowedBy("sync"));
  const sourceOf = (users: readonly (object | undefined)[]): void => {
    const blank = { email_verified: true, off: false, teams: [], mfa: "", identities: [], word: "" };
    const lines = users.map((user, index) => ({ ...blank, email: `u${index + 1}@example.com`, ...user }));
    writeFileSync(source, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
  const [first, second, ...others] = USERS;
  const turns = [
    USERS,
    // Let in, out of its group and into no other; without a name any more; the last one is gone, and then deleted.
    [{ ...first, off: false, teams: [] }, { ...second, name: undefined }, ...others.slice(0, 2)],
    [{ ...first, off: false, teams: ["admins"] }, second, ...others.slice(0, 2)],
  ];
  for (const users of turns) {
    sourceOf(users);
    expect(jsonOf(await runCli(sync)).exitCode).toBe(0);
  }
  expect(permissions.denied).toEqual([]);
  expect(permissions.asked).toEqual([...allowedBy("sync")].sort());
  expect(target.users().map(({ username }) => username)).toEqual(["u1", "u2", "u3", "u4"]);
}, 60_000);

test("users sign up with their own policy, which allows all that it takes", async () => {
  const stage = await aStage();
  const { target, runDir } = stage;
  const client = await anAppClient(target);
  const config = aFile(
    `source: { type: ndjson, path: ${aSource()} }
userPool: { id: ${target.userPoolId}, endpointUrl: ${target.emulator.url} }
signUp: { clientId: ${client.id}, messages: allowed, confirm: true }
mapping:
  disabled: "off"
  groups: teams
  mfa: mfa
  password: word
  linkedProviders: { list: identities, provider: provider, subject: id, names: { google: Google } }
`,
    "ferry.yaml",
  );
  // A lost reply makes the run look for the user whom it may have made.
  const fault = { kind: "drop" } as const;
  target.emulator.control.planFault({ operation: "SignUp", moment: "after-effect", fault });
  await succeedBy(stage, "sign-up", [
    ["plan", "--config", config, "--run-dir", runDir],
    ["apply", "--run-dir", runDir],
  ]);
  expect(target.users()).toHaveLength(USERS.length);
}, 60_000);

test("users are read from a pool with its own policy, which allows all that it takes", async () => {
  const permissions = new Permissions();
  const inhabitants = [{ username: "ada", attributes: { email: "ada@example.com" }, groups: ["crew"] }];
  const old = await aFilledPool(inhabitants, {}, { hooks: permissions.hooks });
  const stage: Stage = { target: await aTarget(), permissions, runDir: join(aFolder(), "run") };
  const place = `{ type: cognito, userPoolId: ${old.userPoolId}, endpointUrl: "${old.emulator.url}" }`;
  await succeedBy(stage, "source-pool", [planArgs(stage, aFile(`source: ${place}`, "ferry.yaml"))]);
});

test("an action that is missing stops a run by its name, and once it is allowed the run goes on", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  const stage = await aStage();
  const { target, permissions, runDir } = stage;
  expect((await runCli(planArgs(stage, aConfig(aSource(), RESET)))).exitCode).toBe(0);
  const needed = new Set(allowedBy("apply"));
  // Without it the documented rates are taken.
  needed.delete("cognito-idp:GetProvisionedLimit");
  permissions.allow(allowedBy("apply"));
  permissions.forget(needed);
  const messages: string[] = [];
  for (let isDone = false; !isDone;) {
    const result = await apply({ runDir }).catch((error: unknown) => error as FerryError);
    isDone = "outcomes" in result;
    if (!("outcomes" in result)) messages.push(`${result.code} ${result.message}`);
    expect(messages.length, messages.join("\n")).toBeLessThanOrEqual(needed.size);
  }
  expect(permissions.denied.toSorted()).toEqual([...needed].sort());
  const calls = permissions.denied
    .map((action) => action.replace(/^.*:/, ""))
    .map((name) => (name === "PassRole" ? "CreateUserImportJob: they lack iam:PassRole" : name));
  const stops = calls.map((call) => `ACCESS_DENIED These credentials may not call ${call}`);
  // Those of lanes that go on at the same time come together, and one of them is told.
  expect(messages.filter((message) => !stops.includes(message))).toEqual([]);
  expect(messages).toContain(stops[calls.findIndex((call) => call.includes("PassRole"))]);
  expect(target.users()).toHaveLength(USERS.length);
  expect(target.emulator.control.outbox.map(({ username }) => username)).toEqual(['u"5']);
}, 90_000);
