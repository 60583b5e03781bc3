import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, onTestFinished, test } from "vitest";
import type { PrepareSummary } from "../../src/index.ts";
import { jsonOf, runCli, type CommandResult } from "../support/cli.ts";
import { aFile } from "../support/files.ts";
import { startMoto } from "../support/moto.ts";
import { Permissions } from "../support/permissions.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

const ROLE = "poolferry-import-log";
const ROLE_ARN = `arn:aws:iam::123456789012:role/${ROLE}`;

function prepare(target: Target, ...args: readonly string[]): Promise<CommandResult> {
  const { userPoolId, emulator } = target;
  return runCli(["pool", "prepare", "--user-pool-id", userPoolId, "--endpoint-url", emulator.url, ...args]);
}

/** What the steps of a preparation are about, and what became of them. */
function statesOf(result: CommandResult): Readonly<Record<string, string>> {
  const { steps } = jsonOf(result) as unknown as PrepareSummary;
  return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
}

function schemaOf({ emulator, userPoolId }: Target): ReadonlyMap<string, unknown> {
  return emulator.state.pools.get(userPoolId)?.settings.schema ?? new Map<string, unknown>();
}

function groupsOf({ emulator, userPoolId }: Target): readonly string[] {
  return [...(emulator.state.pools.get(userPoolId)?.groups ?? [])].map(({ name }) => name);
}

const ALL = ["--attribute", "custom:plan:String:1..20", "--attribute", "seats:number", "--group", "staff"];

test("what a pool lacks is made, and repeating it makes nothing more", async () => {
  const target = await aTarget();
  const first = await prepare(target, ...ALL, "--logs-role", "--yes", "--json");
  expect(jsonOf(first)).toMatchObject({ logsRoleArn: ROLE_ARN, account: "123456789012", exitCode: 0 });
  expect(statesOf(first)).toEqual({
    "custom:plan": "created",
    "custom:seats": "created",
    staff: "created",
    [ROLE]: "created",
  });
  expect(schemaOf(target).get("custom:plan")).toMatchObject({
    AttributeDataType: "String",
    Mutable: true,
    StringAttributeConstraints: { MinLength: "1", MaxLength: "20" },
  });
  expect(schemaOf(target).get("custom:seats")).toMatchObject({ AttributeDataType: "Number" });
  expect(groupsOf(target)).toEqual(["staff"]);

  const writes = [
    "AddCustomAttributes",
    "CreateGroup",
    "CreateRole",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
  ];
  const counted = () => writes.map((operation) => target.emulator.requestCounts.get(operation) ?? 0);
  expect(counted()).toEqual([1, 1, 1, 1, 0]);
  const again = await prepare(target, ...ALL, "--logs-role", "--yes", "--json");
  expect(new Set(Object.values(statesOf(again)))).toEqual(new Set(["present"]));
  expect(jsonOf(again)).toMatchObject({ logsRoleArn: ROLE_ARN });
  expect(counted()).toEqual([1, 1, 1, 1, 0]);
});

test("an import job can use the role that was made", async () => {
  const target = await aTarget({}, { rules: { logRole: "must-exist" } });
  const { stdout } = await prepare(target, "--logs-role", "--yes");
  const arn = /--logs-role-arn (\S+)/.exec(stdout)?.[1] ?? "none";
  const flags = ["--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  const migrate = ["migrate", "--from", `csv:${aUserCsv(2)}`, ...flags, "--logs-role-arn", arn];
  const { outcomes } = jsonOf(await runCli([...migrate, "--yes", "--json"]));
  expect(outcomes).toMatchObject({ imported: 2 });
});

test("a dry run says what would be done, and nothing is done without a yes", async () => {
  const target = await aTarget();
  const shown = await prepare(target, ...ALL, "--logs-role", "--dry-run");
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout.split("\n").slice(1, -1)).toEqual([
    "  + custom:plan, String of 1 to 20 characters: to be added, and never to be taken back or changed",
    "  + custom:seats, Number: to be added, and never to be taken back or changed",
    "  + group staff: to be created",
    "  + role poolferry-import-log: to be created; Cognito alone may take it on, to write the logs of import jobs",
  ]);
  const unasked = await prepare(target, ...ALL, "--json");
  expect(jsonOf(unasked).error?.code).toBe("CONFIRMATION_MISSING");
  expect(schemaOf(target).has("custom:plan")).toBe(false);
  expect(groupsOf(target)).toEqual([]);
  expect([...target.emulator.state.roles]).toEqual([]);
});

test("an attribute of another type stays, and nothing else is done then", async () => {
  const target = await aTarget({ Schema: [{ Name: "plan", AttributeDataType: "Number" }] });
  const { error, exitCode } = jsonOf(await prepare(target, ...ALL, "--logs-role", "--yes", "--json"));
  expect({ ...error, exitCode }).toMatchObject({
    code: "ATTRIBUTE_FIXED",
    message: `The user pool ${target.userPoolId} has custom:plan as Number, and not as String of 1 to 20 characters`,
    exitCode: 2,
  });
  expect(groupsOf(target)).toEqual([]);
  expect([...target.emulator.state.roles]).toEqual([]);
});

test("more attributes than a request takes go in several, and more than a pool takes in none", async () => {
  const target = await aTarget();
  const wanted = (count: number) =>
    Array.from({ length: count }, (_, index) => ["--attribute", `a${index}:String`]).flat();
  expect((await prepare(target, ...wanted(30), "--yes")).exitCode).toBe(0);
  expect(target.emulator.requestCounts.get("AddCustomAttributes")).toBe(2);
  const { error } = jsonOf(await prepare(target, ...wanted(51), "--yes", "--json"));
  expect(error).toMatchObject({ code: "ATTRIBUTE_FIXED", message: expect.stringContaining("more than 50") });
});

test("a config says the pool, its role, and by its mapping the attributes", async () => {
  const target = await aTarget();
  const config = aFile(
    `source: { type: csv, path: users.csv }
userPool: { id: ${target.userPoolId}, endpointUrl: "${target.emulator.url}" }
importJob: { logsRoleArn: "arn:aws:iam::123456789012:role/path/our-import-log" }
mapping:
  username: Login
  attributes: { email: Mail, "custom:plan": Plan, "custom:seats": Seats, "custom:gone": null }
`,
    "ferry.yaml",
  );
  const args = [
    "pool",
    "prepare",
    "--config",
    config,
    "--attribute",
    "seats:Number",
    "--logs-role",
    "--yes",
    "--json",
  ];
  const result = await runCli(args);
  expect(statesOf(result)).toEqual({
    "custom:seats": "created",
    "custom:plan": "created",
    "our-import-log": "created",
  });
  const remove = ["pool", "prepare", "--config", config, "--remove-logs-role", "--yes"];
  expect((await runCli(remove)).stdout).toBe("The role our-import-log was deleted\n");
  expect(schemaOf(target).get("custom:plan")).toMatchObject({ AttributeDataType: "String" });
  expect(schemaOf(target).get("custom:seats")).toMatchObject({ AttributeDataType: "Number" });
  expect([...schemaOf(target).keys()]).not.toContain("custom:gone");
});

test("a source's type says the attributes that its mapping names", async () => {
  const target = await aTarget();
  const result = await prepare(target, "--from", "auth0:export.json", "--dry-run", "--json");
  expect(statesOf(result)).toEqual({ "custom:legacy_id": "missing" });
  const { error } = jsonOf(await prepare(target, "--from", "auto:export.json", "--dry-run", "--json"));
  expect(error).toMatchObject({ code: "USAGE", message: "The source's type is not said" });
});

test.each([
  ["plan", "not of the form NAME:TYPE"],
  ["plan:Text", "not of the form NAME:TYPE"],
  ["my plan:String", "spaces"],
  ["a-name-of-more-than-20:String", "too long"],
  ["plan:String:20..1", "wrong way round"],
  ["plan:String:1..4096", "no lengths"],
  ["plan:Boolean:0..1", "no bounds"],
  ["plan:Number:few..many", "no bounds"],
])("an attribute written as %s is refused before anything is asked", async (attribute, why) => {
  const args = ["--user-pool-id", "eu-central-1_AbCd12345", "--endpoint-url", "http://127.0.0.1:9"];
  const result = await runCli(["pool", "prepare", ...args, "--attribute", attribute, "--dry-run", "--json"]);
  expect(jsonOf(result).error).toMatchObject({ code: "USAGE", message: expect.stringContaining(why) });
});

/** A trust in a service, on a condition or on none. */
function trustIn(service: string, more: object = {}): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...more };
  return JSON.stringify({ Statement: statement });
}

const TRUST = trustIn("cognito-idp.amazonaws.com");
const OTHER_TRUST = trustIn("lambda.amazonaws.com");
const WRITES = '{"Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}';

/** Makes a role as somebody else would, or changes the one that is there. */
function putRole({ emulator }: Target, trust: string, policy?: string): void {
  const role = emulator.state.roles.find(ROLE) ?? {
    name: ROLE,
    id: "AROAOTHERSOTHERSOTHER",
    path: "/",
    arn: ROLE_ARN,
    createdMs: Date.now(),
    description: undefined,
    maxSessionSeconds: 3600,
    tags: [],
    trust,
    policies: new Map(),
  };
  emulator.state.roles.put({
    ...role,
    trust,
    policies: new Map(policy === undefined ? [] : [["own", policy]]),
  });
}

test.each([
  ["which Cognito may not take on", OTHER_TRUST, WRITES],
  ["that may not write logs", TRUST, undefined],
])("a role of poolferry's own %s is mended", async (_, trust, policy) => {
  const target = await aTarget();
  expect((await prepare(target, "--logs-role", "--yes")).exitCode).toBe(0);
  putRole(target, trust, policy);
  const look = await prepare(target, "--logs-role", "--dry-run", "--json");
  expect(statesOf(look)).toEqual({ [ROLE]: "faulty" });
  const mended = await prepare(target, "--logs-role", "--yes", "--json");
  expect(statesOf(mended)).toEqual({ [ROLE]: "mended" });
  expect(statesOf(await prepare(target, "--logs-role", "--yes", "--json"))).toEqual({ [ROLE]: "present" });
});

test.each([
  ["which Cognito may not take on", OTHER_TRUST, WRITES, "does not trust cognito-idp.amazonaws.com"],
  ["that may not write logs", TRUST, undefined, "may not call logs:CreateLogGroup"],
  [
    "that is forbidden one step",
    TRUST,
    '{"Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"},{"Effect":"Deny","Action":"logs:Put*","Resource":"*"}]}',
    "may not call logs:PutLogEvents on",
  ],
])("somebody else's role %s is left alone", async (_, trust, policy, words) => {
  const target = await aTarget();
  putRole(target, trust, policy);
  const { error } = jsonOf(await prepare(target, "--logs-role", "--group", "staff", "--yes", "--json"));
  expect(error).toMatchObject({ code: "LOGS_ROLE_FOREIGN", message: expect.stringContaining(words) });
  expect(target.emulator.state.roles.find(ROLE)?.trust).toBe(trust);
  expect(groupsOf(target)).toEqual([]);
});

test("somebody else's role is used when it is right, and what hangs on a condition is said", async () => {
  const target = await aTarget();
  putRole(target, TRUST, WRITES);
  expect(statesOf(await prepare(target, "--logs-role", "--yes", "--json"))).toEqual({ [ROLE]: "present" });
  const Condition = { StringEquals: { "aws:SourceAccount": "123456789012" } };
  putRole(target, trustIn("cognito-idp.amazonaws.com", { Condition }), WRITES);
  const { stdout, exitCode } = await prepare(target, "--logs-role", "--yes");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("there already; it trusts cognito-idp.amazonaws.com on conditions");
});

test("the role can be removed again, and only if poolferry has made it", async () => {
  const target = await aTarget();
  const remove = (...args: readonly string[]) => prepare(target, "--remove-logs-role", ...args);
  expect((await remove("--yes")).stdout).toBe(`There is no role ${ROLE}\n`);
  await prepare(target, "--logs-role", "--yes");
  expect((await remove("--dry-run")).stdout).toContain("would be deleted");
  expect(jsonOf(await remove("--json")).error?.code).toBe("CONFIRMATION_MISSING");
  expect(target.emulator.state.roles.find(ROLE)).toBeDefined();
  expect((await remove("--yes")).stdout).toBe(`The role ${ROLE} was deleted\n`);
  expect([...target.emulator.state.roles]).toEqual([]);
  putRole(target, TRUST, WRITES);
  expect(jsonOf(await remove("--yes", "--json")).error?.code).toBe("LOGS_ROLE_FOREIGN");
  expect(target.emulator.state.roles.find(ROLE)).toBeDefined();
});

test("what the credentials may not do is named, and what was made before stays", async () => {
  const permissions = new Permissions();
  const target = await aTarget({}, { hooks: permissions.hooks });
  const cognito = ["DescribeUserPool", "AddCustomAttributes", "ListGroups", "CreateGroup"];
  permissions.allow(
    new Set([...cognito.map((name) => `cognito-idp:${name}`), "iam:GetRole", "iam:CreateRole"]),
  );
  const { error } = jsonOf(await prepare(target, ...ALL, "--logs-role", "--yes", "--json"));
  expect(error).toMatchObject({
    code: "ACCESS_DENIED",
    message: "These credentials may not call CreateRole: they lack iam:TagRole",
  });
  expect(schemaOf(target).has("custom:plan")).toBe(true);
});

test("a pool in another account than expected, or in another region, is not touched", async () => {
  const target = await aTarget();
  const account = await prepare(target, ...ALL, "--expect-account", "210987654321", "--yes", "--json");
  expect(jsonOf(account)).toMatchObject({ error: { code: "ACCOUNT_MISMATCH" }, exitCode: 5 });
  const region = await prepare(target, ...ALL, "--region", "eu-west-1", "--yes", "--json");
  expect(jsonOf(region).error?.code).toBe("REGION_MISMATCH");
  expect(schemaOf(target).has("custom:plan")).toBe(false);
});

test("IAM and STS are asked at the addresses that the environment has for them", async () => {
  const target = await aTarget();
  const other = await aTarget();
  const env = { AWS_ENDPOINT_URL_IAM: other.emulator.url, AWS_ENDPOINT_URL_STS: other.emulator.url };
  const flags = ["--user-pool-id", target.userPoolId, "--endpoint-url", target.emulator.url];
  expect((await runCli(["pool", "prepare", ...flags, "--logs-role", "--yes"], { env })).exitCode).toBe(0);
  expect([...target.emulator.state.roles]).toEqual([]);
  expect([...other.emulator.state.roles].map(({ name }) => name)).toEqual([ROLE]);
});

const hasMoto = isInstalled("moto_server", "preparing a pool at a server that we did not write");

test.skipIf(!hasMoto)("a server that we did not write takes all of it", { timeout: 60_000 }, async () => {
  const endpoint = await startMoto();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  const { UserPool } = await client.send(new CreateUserPoolCommand({ PoolName: "customers" }));
  const flags = ["--user-pool-id", UserPool?.Id ?? "", "--endpoint-url", endpoint, "--yes", "--json"];
  const run = (...args: readonly string[]) => runCli(["pool", "prepare", ...flags, ...args]);
  expect(new Set(Object.values(statesOf(await run(...ALL, "--logs-role"))))).toEqual(new Set(["created"]));
  const again = statesOf(await run("--group", "staff", "--attribute", "plan:String", "--logs-role"));
  expect(new Set(Object.values(again))).toEqual(new Set(["present"]));
  expect(jsonOf(await run("--remove-logs-role"))).toMatchObject({ state: "removed" });
  expect(jsonOf(await run("--remove-logs-role"))).toMatchObject({ state: "absent" });
});
