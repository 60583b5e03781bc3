import {
  AdminCreateUserCommand,
  AdminUpdateUserAttributesCommand,
  UpdateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Hooks } from "../../emulator/steer.ts";
import { anApp, statusesOf } from "../support/app.ts";
import { anAppClient, aPoolDescription, cognitoOf, type AppClient } from "../support/app-client.ts";
import { finish, jsonOf, runCli, startCli, type CommandResult, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold } from "../support/hold.ts";
import { aTarget, type Target } from "../support/target.ts";

/** What an operator has who was given an app client and nothing else. */
const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };

interface Person {
  readonly username: string;
  readonly email?: string;
  readonly [field: string]: unknown;
}

function people(count: number, change: (number: number) => object = () => ({})): readonly Person[] {
  return Array.from({ length: count }, (_, index) => {
    const username = `p${index + 1}`;
    return { username, email: `${username}@example.com`, ...change(index + 1) };
  });
}

/** What a test says of a run beside its people and its pool. */
interface Settings {
  readonly client: AppClient;
  /** More lines of the block `signUp`. */
  readonly signUp?: readonly string[];
  /** A pool description, for a run without credentials. */
  readonly description?: string | undefined;
  /** More of the config file. */
  readonly more?: string;
}

function aConfig(target: Target, list: readonly Person[], settings: Settings): string {
  const { client, signUp = ["messages: allowed"], description, more = "" } = settings;
  const source = aFile(list.map((person) => `${JSON.stringify(person)}\n`).join(""), "people.ndjson");
  const block = [`clientId: ${client.id}`, ...signUp].map((line) => `\n  ${line}`).join("");
  return aFile(
    `source: { type: ndjson, path: ${source} }
userPool:
  id: ${target.userPoolId}
  region: ${target.emulator.region}
  endpointUrl: ${target.emulator.url}${description === undefined ? "" : `\n  description: ${description}`}
signUp:${block}
${more}
`,
    "ferry.yaml",
  );
}

function argsFor(config: string, runDir = join(aFolder(), "run"), command = "migrate"): readonly string[] {
  const yes = command === "migrate" ? ["--yes"] : [];
  return [command, "--config", config, "--run-dir", runDir, "--json", ...yes];
}

async function migrate(
  config: string,
  { runDir, env }: { readonly runDir?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<JsonResult> {
  return jsonOf(await runCli(argsFor(config, runDir), env === undefined ? {} : { env }));
}

const resume = async (runDir: string, env: Readonly<Record<string, string>> = {}): Promise<JsonResult> =>
  jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"], { env }));

const requestsOf = ({ emulator }: Target): Readonly<Record<string, number>> =>
  Object.fromEntries(emulator.requestCounts);

function rows(path: string): readonly Record<string, string>[] {
  return parse(readFileSync(path), { columns: true }) as Record<string, string>[];
}

function expectNowhere(secret: string, runDir: string, { stdout, stderr }: CommandResult): void {
  expect(stdout + stderr).not.toContain(secret);
  for (const name of readdirSync(runDir)) {
    const path = join(runDir, name);
    if (statSync(path).isFile()) expect(readFileSync(path).includes(secret), name).toBe(false);
  }
}

describe("with an app client alone", () => {
  test.each([
    ["without any credentials", NO_CREDENTIALS],
    ["also where there are some", {}],
  ])("users sign up %s, and nothing else is asked of Cognito", async (_, env) => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const description = await aPoolDescription(target);
    const before = Object.keys(requestsOf(target)).sort();
    const runDir = join(aFolder(), "run");
    const config = aConfig(target, people(3), { client, description });
    const result = await migrate(config, { runDir, env });
    expect(result).toMatchObject({
      state: "done",
      routes: { "sign-up": 3, "import-job": 0, "admin-create": 0, none: 0 },
      outcomes: { imported: 3, skipped: 0, failed: 0, rejected: 0 },
      exitCode: 0,
    });
    expect(requestsOf(target)).toMatchObject({ SignUp: 3 });
    expect(Object.keys(requestsOf(target)).sort()).toEqual([...before, "SignUp"].sort());
    expect(statusesOf(target)).toEqual({ p1: "UNCONFIRMED", p2: "UNCONFIRMED", p3: "UNCONFIRMED" });
    expect(target.users("email").map(({ email }) => email)).toEqual(people(3).map(({ email }) => email));
    const subs = target.users("sub").map(({ username, sub }) => [username, sub]);
    const identities = rows(join(runDir, "identity-map.csv"));
    expect(identities.map(({ username, sub }) => [username, sub])).toEqual(subs);
  });

  test("the secret of a client proves each request, and stands nowhere", async () => {
    const target = await aTarget();
    const client = await anAppClient(target, { GenerateSecret: true });
    const description = await aPoolDescription(target, "bare");
    const runDir = join(aFolder(), "run");
    const signUp = ["messages: allowed", "clientSecretEnv: APP_SECRET"];
    const config = aConfig(target, people(2), { client, description, signUp });
    const env = { ...NO_CREDENTIALS, APP_SECRET: `${client.secret}\n` };
    const result = await runCli(argsFor(config, runDir), { env });
    expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
    expect(client.secret).not.toBe("");
    expectNowhere(client.secret, runDir, result);
  });

  test("the secret comes from a file that nobody else may read", async () => {
    const target = await aTarget();
    const client = await anAppClient(target, { GenerateSecret: true });
    const secretFile = aFile(`${client.secret}\n`, "client-secret");
    chmodSync(secretFile, 0o640);
    const signUp = ["messages: allowed", `clientSecretFile: ${secretFile}`];
    const runDir = join(aFolder(), "run");
    const refused = await migrate(aConfig(target, people(1), { client, signUp }), { runDir });
    expect(refused).toMatchObject({ error: { code: "CLIENT_SECRET_UNREADABLE" }, exitCode: 2 });
    expect(refused.error?.hint).toContain("chmod 600");
    chmodSync(secretFile, 0o600);
    const applied = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
    expect(applied).toMatchObject({ outcomes: { imported: 1 }, exitCode: 0 });
  });

  test.each([
    ["a secret that is wrong", { env: { APP_SECRET: "wrong" }, signUp: ["clientSecretEnv: APP_SECRET"] }],
    ["no secret where the client has one", { env: {}, signUp: [] }],
    ["a client that is not there", { env: {}, signUp: [], clientId: "1nobody" }],
  ])("%s stops the run before it is asked of everyone", async (_, { env, signUp, ...more }) => {
    const target = await aTarget();
    const made = await anAppClient(target, { GenerateSecret: true });
    const client = { ...made, id: "clientId" in more ? more.clientId : made.id };
    const config = aConfig(target, people(30), {
      client,
      description: await aPoolDescription(target),
      signUp: ["messages: allowed", ...signUp],
    });
    const result = await migrate(config, { env: { ...NO_CREDENTIALS, ...env } });
    expect(result).toMatchObject({ error: { code: "APP_CLIENT_REFUSED" }, exitCode: 4 });
    expect(result.error?.hint).toContain("signUp.clientId");
    expect(target.users()).toEqual([]);
  });

  test("a secret that is not set stops the run before anything is sent", async () => {
    const target = await aTarget();
    const client = await anAppClient(target, { GenerateSecret: true });
    const signUp = ["messages: allowed", "clientSecretEnv: APP_SECRET"];
    const result = await migrate(aConfig(target, people(1), { client, signUp }));
    expect(result).toMatchObject({ error: { code: "CLIENT_SECRET_UNREADABLE" }, exitCode: 2 });
    expect(target.emulator.requestCounts.get("SignUp")).toBeUndefined();
  });

  test("what takes rights is named user by user, and nobody signs up who may not sign in", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const list = people(3, (number) => ({
      email_verified: true,
      blocked: number === 1,
      teams: number === 2 ? ["editors", "customers"] : [],
    }));
    const runDir = join(aFolder(), "run");
    const config = aConfig(target, list, {
      client,
      description: await aPoolDescription(target),
      more: "mapping: { disabled: blocked, groups: teams }",
    });
    const result = await migrate(config, { runDir, env: NO_CREDENTIALS });
    expect(result).toMatchObject({ outcomes: { imported: 2, rejected: 1 }, exitCode: 3 });
    expect(Object.keys(statusesOf(target)).sort()).toEqual(["p2", "p3"]);
    expect(result.reasons).toMatchObject([{ kind: "rejected", reason: "disable-needs-rights", count: 1 }]);
    const warnings = rows(join(runDir, "warnings.csv")).map(({ username, code, attribute }) => [
      username,
      code,
      attribute,
    ]);
    expect(warnings).toEqual([
      ["p2", "rights-missing", "groups"],
      ["p2", "rights-missing", "groups"],
      ["p2", "not-by-sign-up", "email_verified"],
      ["p2", "code-sent", "email"],
      ["p3", "not-by-sign-up", "email_verified"],
      ["p3", "code-sent", "email"],
    ]);
    expect(Object.values(result.followUps).every(({ planned }) => planned === 0)).toBe(true);
  });
});

describe("whom Cognito has already", () => {
  test("without rights, a user who exists is skipped in Cognito's words", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    await cognitoOf(target).send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username: "p1",
        MessageAction: "SUPPRESS",
      }),
    );
    const description = await aPoolDescription(target);
    const config = aConfig(target, people(2), { client, description });
    const result = await migrate(config, { env: NO_CREDENTIALS });
    expect(result).toMatchObject({ outcomes: { imported: 1, skipped: 1 }, exitCode: 0 });
    expect(result.reasons).toMatchObject([
      { kind: "skipped", reason: "user-exists", example: "User already exists", count: 1 },
    ]);
  });

  test("with rights, the outcome names the user's status, and AdminGetUser is never called", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    await cognitoOf(target).send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username: "p1",
        MessageAction: "SUPPRESS",
      }),
    );
    const runDir = join(aFolder(), "run");
    const result = await migrate(aConfig(target, people(2), { client }), { runDir });
    expect(result.reasons).toMatchObject([
      {
        kind: "skipped",
        reason: "user-exists",
        example: "User already exists: the user is in the pool from before, FORCE_CHANGE_PASSWORD",
        count: 1,
      },
    ]);
    expect(
      rows(join(runDir, "identity-map.csv"))
        .map(({ username }) => username)
        .sort(),
    ).toEqual(["p1", "p2"]);
    expect(target.emulator.requestCounts.get("AdminGetUser")).toBeUndefined();
  });

  test("credentials that may not list users are no obstacle, and the progress says so", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    await cognitoOf(target).send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username: "p1",
        MessageAction: "SUPPRESS",
      }),
    );
    const fault = { kind: "error", status: 400, type: "AccessDeniedException", message: "no" } as const;
    target.emulator.control.planFault({ operation: "ListUsers", fault });
    const result = await runCli(argsFor(aConfig(target, people(2), { client })));
    expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 1, skipped: 1 }, exitCode: 0 });
    expect(result.stderr).toContain("users cannot be looked up (ACCESS_DENIED)");
  });

  test("an alias of somebody else's is that, where nobody has the name", async () => {
    const target = await aTarget({ AliasAttributes: ["email"] });
    const client = await anAppClient(target);
    await cognitoOf(target).send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username: "other",
        UserAttributes: [
          { Name: "email", Value: "p1@example.com" },
          { Name: "email_verified", Value: "true" },
        ],
        MessageAction: "SUPPRESS",
      }),
    );
    const type = "AliasExistsException";
    const fault = { kind: "error", status: 400, type, message: "taken" } as const;
    target.emulator.control.planFault({ operation: "SignUp", fault });
    const result = await migrate(aConfig(target, people(1), { client }));
    expect(result.reasons).toMatchObject([{ kind: "failed", reason: "alias-exists", example: "taken" }]);
  });
});

/** Loses the replies to these requests of SignUp, counted from 1. */
function loseReplies(kind: "drop" | "reset", ...numbers: readonly number[]): Hooks["afterEffect"] {
  return async ({ operation, number }) =>
    operation === "SignUp" && numbers.includes(number) ? { kind } : undefined;
}

describe("replies that are lost", () => {
  test.each(["drop", "reset"] as const)("(%s) with rights, nobody signs up twice", async (kind) => {
    const target = await aTarget({}, { hooks: { afterEffect: loseReplies(kind, 2, 4) } });
    const client = await anAppClient(target);
    const runDir = join(aFolder(), "run");
    const result = await migrate(aConfig(target, people(5), { client }), { runDir });
    expect(result).toMatchObject({ outcomes: { imported: 5, skipped: 0, failed: 0 }, exitCode: 0 });
    expect(target.emulator.requestCounts.get("SignUp")).toBe(5);
    expect(rows(join(runDir, "identity-map.csv"))).toHaveLength(5);
  });

  test("without rights, a user whose reply was lost is unclear, and said so", async () => {
    const hooks = { afterEffect: loseReplies("drop", 2), beforeEffect: loseReplies("drop", 3) };
    const target = await aTarget({}, { hooks });
    const client = await anAppClient(target);
    const description = await aPoolDescription(target);
    const config = aConfig(target, people(3), { client, description });
    const result = await migrate(config, { env: NO_CREDENTIALS });
    // The third request had no effect, so that it can be repeated.
    expect(result).toMatchObject({ outcomes: { imported: 2, failed: 1, skipped: 0 }, exitCode: 3 });
    expect(result.reasons).toMatchObject([{ kind: "failed", reason: "sign-up-unclear", count: 1 }]);
    expect(Object.keys(statusesOf(target)).sort()).toEqual(["p1", "p2", "p3"]);
    expect(target.emulator.control.outbox).toHaveLength(3);
  });

  test.each(["before", "after"] as const)(
    "killed %s the effect without rights, nobody is signed up twice and nothing is claimed",
    async (side) => {
      const hold = new Hold({ operation: "SignUp", number: 1, side });
      const target = await aTarget({}, { hooks: hold.hooks });
      const client = await anAppClient(target);
      const description = await aPoolDescription(target);
      const runDir = join(aFolder(), "run");
      const config = aConfig(target, people(1), { client, description });
      const child = startCli(argsFor(config, runDir), { env: NO_CREDENTIALS });
      const ended = finish(child);
      await hold.caught;
      child.kill("SIGKILL");
      await ended;
      hold.release();
      const { outcomes } = await resume(runDir, NO_CREDENTIALS);
      expect(outcomes).toMatchObject(side === "before" ? { imported: 1 } : { failed: 1, imported: 0 });
      expect(Object.keys(statusesOf(target))).toEqual(["p1"]);
    },
  );
});

describe("messages", () => {
  test("a pool that would send codes stops the plan until the config allows it", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const result = jsonOf(
      await runCli(argsFor(aConfig(target, people(2), { client, signUp: [] }), undefined, "plan")),
    );
    expect(result).toMatchObject({ error: { code: "MESSAGES_NOT_ALLOWED" }, exitCode: 5 });
    expect(target.emulator.requestCounts.get("SignUp")).toBeUndefined();
  });

  test("a plan says how many will get a code, and that many do", async () => {
    const target = await aTarget({ AutoVerifiedAttributes: ["email", "phone_number"] });
    const client = await anAppClient(target);
    const list = [
      ...people(1),
      { username: "quiet" },
      // Two who clash, so that nobody writes to either.
      { username: "twin", email: "twin@example.com" },
      { username: "TWIN", email: "other-twin@example.com" },
      { username: "both", email: "both@example.com", phone_number: "+48601555010" },
    ];
    const runDir = join(aFolder(), "run");
    const planned = await runCli(argsFor(aConfig(target, list, { client }), runDir, "plan"));
    expect(jsonOf(planned).issues).toContainEqual({ code: "code-sent", severity: "warning", count: 2 });
    expect(target.emulator.control.outbox).toEqual([]);
    await runCli(["apply", "--run-dir", runDir, "--json"]);
    const destinations = target.emulator.control.outbox.map(({ destination }) => destination);
    expect(destinations.sort()).toEqual(["+48601555010", "p1@example.com"]);
  });

  test("where the pool verifies nothing, nobody gets a message, and no word is needed", async () => {
    const target = await aTarget({ AutoVerifiedAttributes: [] });
    const client = await anAppClient(target);
    const result = await migrate(aConfig(target, people(2), { client, signUp: [] }));
    expect(result).toMatchObject({ outcomes: { imported: 2 }, issues: [], exitCode: 0 });
    expect(target.emulator.control.outbox).toEqual([]);
  });
});

describe("with rights on the pool", () => {
  test("users are disabled, confirmed, verified and put into groups, and verify agrees", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const list = people(3, (number) => ({
      email_verified: number !== 3,
      blocked: number === 2,
      teams: ["customers"],
    }));
    const runDir = join(aFolder(), "run");
    const config = aConfig(target, list, {
      client,
      signUp: ["messages: allowed", "confirm: true"],
      more: "mapping: { disabled: blocked, groups: teams }",
    });
    const result = await migrate(config, { runDir });
    expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
    expect(result.followUps).toMatchObject({
      disable: { planned: 1, done: 1 },
      confirm: { planned: 3, done: 3 },
      "set-attributes": { planned: 2, done: 2 },
      "add-to-group": { planned: 3, done: 3 },
    });
    expect(statusesOf(target)).toEqual({ p1: "CONFIRMED", p2: "CONFIRMED", p3: "CONFIRMED" });
    expect(target.users("email_verified").map((user) => user["email_verified"])).toEqual([
      "true",
      "true",
      undefined,
    ]);
    // The codes of SignUp, and nothing for what an administrator did.
    expect(target.emulator.control.outbox).toHaveLength(3);
    const verified = JSON.parse((await runCli(["verify", "--run-dir", runDir, "--json"])).stdout) as object;
    expect(verified).toMatchObject({ agreeing: 3, differing: 0, missing: 0, exitCode: 0 });
  });

  test("verify tells who is not confirmed, of those who should be", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const runDir = join(aFolder(), "run");
    const signUp = ["messages: allowed", "confirm: true"];
    await migrate(aConfig(target, people(1), { client, signUp }), { runDir });
    const [user] = [...(target.emulator.state.pools.get(target.userPoolId)?.users ?? [])];
    if (user !== undefined) user.status = "UNCONFIRMED";
    const verified = JSON.parse((await runCli(["verify", "--run-dir", runDir, "--json"])).stdout) as object;
    expect(verified).toMatchObject({ differing: 1, differences: [{ what: "status", count: 1 }] });
  });

  test("a run that could do without credentials is verified with some", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const runDir = join(aFolder(), "run");
    const description = await aPoolDescription(target);
    await migrate(aConfig(target, people(2), { client, description }), { runDir, env: NO_CREDENTIALS });
    const verified = JSON.parse((await runCli(["verify", "--run-dir", runDir, "--json"])).stdout) as object;
    expect(verified).toMatchObject({ agreeing: 2, exitCode: 0 });
  });

  test.each([
    ["without credentials", "client" as const],
    ["with a confirmation", "pool" as const],
  ])("a run %s can be taken back, but for who has come in since", async (_, access) => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const runDir = join(aFolder(), "run");
    const description = access === "client" ? await aPoolDescription(target) : undefined;
    const signUp = ["messages: allowed", ...(access === "client" ? [] : ["confirm: true"])];
    const config = aConfig(target, people(3), { client, description, signUp });
    const { runId } = await migrate(config, {
      runDir,
      env: description === undefined ? {} : NO_CREDENTIALS,
    });
    target.emulator.control.clock.advance(3_600_000);
    const change = { Username: "p2", UserAttributes: [{ Name: "name", Value: "Bo" }] };
    await cognitoOf(target).send(
      new AdminUpdateUserAttributesCommand({ UserPoolId: target.userPoolId, ...change }),
    );
    const args = ["undo", "--run-dir", runDir, "--delete", "--confirm", runId, "--json"];
    const undone = JSON.parse((await runCli(args)).stdout) as object;
    expect(undone).toMatchObject({ results: { deleted: 2, "changed-since": 1 } });
    expect(Object.keys(statusesOf(target))).toEqual(["p2"]);
  });

  test("a pool that changed after the plan stops it", async () => {
    const target = await aTarget({ AutoVerifiedAttributes: [] });
    const client = await anAppClient(target);
    const runDir = join(aFolder(), "run");
    await runCli(argsFor(aConfig(target, people(1), { client, signUp: [] }), runDir, "plan"));
    const change = { UserPoolId: target.userPoolId, AutoVerifiedAttributes: ["email" as const] };
    await cognitoOf(target).send(new UpdateUserPoolCommand(change));
    const applied = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
    expect(applied).toMatchObject({ error: { code: "PLAN_STALE" }, exitCode: 5 });
  });
});

describe("what Cognito refuses", () => {
  test("an attribute that the client may not write fails its user, and the others arrive", async () => {
    const target = await aTarget({ Schema: [{ Name: "note", AttributeDataType: "String", Mutable: true }] });
    const client = await anAppClient(target, { WriteAttributes: ["email"] });
    const list = people(3, (number) => (number === 2 ? { "custom:note": "x" } : {}));
    const result = await migrate(aConfig(target, list, { client }));
    expect(result).toMatchObject({ outcomes: { imported: 2, failed: 1 }, exitCode: 3 });
    expect(result.reasons).toMatchObject([{ kind: "failed", reason: "attribute-unwritable", count: 1 }]);
  });

  test.each([
    ["UserLambdaValidationException", "trigger-refused"],
    ["CodeDeliveryFailureException", "message-undelivered"],
    ["InvalidParameterException", "user-refused"],
  ])("%s fails one user for the reason %s", async (type, reason) => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const fault = { kind: "error", status: 400, type, message: "said" } as const;
    target.emulator.control.planFault({ operation: "SignUp", fault });
    const result = await migrate(aConfig(target, people(2), { client }));
    expect(result).toMatchObject({ outcomes: { imported: 1, failed: 1 }, exitCode: 3 });
    expect(result.reasons).toMatchObject([{ kind: "failed", reason, example: "said", count: 1 }]);
  });

  test.each([
    ["InvalidPasswordException", "said", "PLAN_STALE", 5],
    ["LimitExceededException", "Exceeded daily email limit", "SERVICE_REFUSED", 4],
    ["NotAuthorizedException", "SignUp is not permitted for this user pool", "POOL_UNREADY", 4],
    ["NotAuthorizedException", "Unable to verify secret hash for client 1abc", "APP_CLIENT_REFUSED", 4],
  ] as const)(
    "%s (%s) stops the run with %s, and it can be resumed",
    async (type, message, code, exitCode) => {
      const target = await aTarget();
      const client = await anAppClient(target);
      const runDir = join(aFolder(), "run");
      const fault = { kind: "error", status: 400, type, message } as const;
      target.emulator.control.planFault({ operation: "SignUp", fault });
      const result = await migrate(aConfig(target, people(2), { client }), { runDir });
      expect(result).toMatchObject({ error: { code }, exitCode });
      expect(result.error?.hint).toContain("poolferry resume");
      expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
    },
  );

  test("too many failures stop the run before it asks for everyone", async () => {
    const target = await aTarget({ Schema: [{ Name: "note", AttributeDataType: "String", Mutable: true }] });
    const client = await anAppClient(target, { WriteAttributes: ["email"] });
    const list = people(60, () => ({ "custom:note": "x" }));
    const config = aConfig(target, list, { client, more: "limits: { canaryUsers: 20 }" });
    const result = await migrate(config);
    expect(result).toMatchObject({ error: { code: "TOO_MANY_FAILED" }, exitCode: 5 });
    expect(target.emulator.requestCounts.get("SignUp")).toBe(20);
  });

  test("a pool in which only administrators create users is refused at once", async () => {
    const target = await aTarget({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
    const client = await anAppClient(target);
    const description = await aPoolDescription(target);
    const config = aConfig(target, people(1), { client, description });
    const result = await migrate(config, { env: NO_CREDENTIALS });
    expect(result).toMatchObject({ error: { code: "POOL_UNREADY" }, exitCode: 2 });
  });
});

test("a pool whose usernames are addresses gets them, and its clients' proofs fit", async () => {
  const target = await aTarget({ UsernameAttributes: ["email"] });
  const client = await anAppClient(target, { GenerateSecret: true });
  const list = people(2, (number) => ({
    username: `P${number}@Example.com`,
    email: `p${number}@example.com`,
  }));
  const signUp = ["messages: allowed", "clientSecretEnv: APP_SECRET"];
  const env = { APP_SECRET: client.secret };
  const result = await migrate(aConfig(target, list, { client, signUp }), { env });
  expect(result).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
  expect(
    target
      .users("email")
      .map(({ email }) => email)
      .sort(),
  ).toEqual(["p1@example.com", "p2@example.com"]);
});

test("a session can be limited to so many users, or to signing up, and the rest follows another time", async () => {
  const target = await aTarget();
  const client = await anAppClient(target);
  const runDir = join(aFolder(), "run");
  const signUp = ["messages: allowed", "confirm: true"];
  await runCli(argsFor(aConfig(target, people(5), { client, signUp }), runDir, "plan"));
  const session = async (...flags: readonly string[]): Promise<JsonResult> =>
    jsonOf(await runCli(["apply", "--run-dir", runDir, "--json", ...flags]));
  const first = await session("--max-users", "2");
  expect(first).toMatchObject({ state: "applying", outcomes: { imported: 2 } });
  const second = await session("--only", "sign-up");
  expect(second).toMatchObject({ state: "applying", outcomes: { imported: 5 } });
  expect(second.followUps["confirm"]).toMatchObject({ planned: 5, done: 2 });
  const last = await session();
  expect(last).toMatchObject({ state: "done", followUps: { confirm: { done: 5 } }, exitCode: 0 });
  expect(target.emulator.requestCounts.get("SignUp")).toBe(5);
});

test("a run keeps within the quota of creations, and a throttled sign-up is repeated", async () => {
  const target = await aTarget();
  const client = await anAppClient(target);
  target.emulator.control.planFault({ operation: "SignUp", fault: { kind: "throttle" } });
  const result = await runCli(argsFor(aConfig(target, people(120), { client })));
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 120 }, exitCode: 0 });
  expect(result.stderr).toContain("UserCreation: too many requests");
  expect(target.emulator.requestCounts.get("SignUp")).toBe(121);
});

describe("a config that contradicts itself", () => {
  test.each<[string, Partial<Settings>, string]>([
    ["two places for the secret", { signUp: ["clientSecretEnv: A", "clientSecretFile: b"] }, "two places"],
    [
      "a policy about import jobs",
      { more: "policies: { unsafeValues: set-after }" },
      "policies.unsafeValues",
    ],
    ["password hashes", { more: "policies: { passwordHashes: import }" }, "password hashes"],
    ["a role for import jobs", { more: "importJob: { waitMinutes: 1 }" }, "importJob"],
    [
      "a confirmation without rights",
      { signUp: ["confirm: true"], description: "pool.json" },
      "signUp.confirm",
    ],
    ["a profile without rights", { description: "pool.json\n  profile: work" }, "userPool.profile"],
    [
      "a link without rights",
      { description: "pool.json", more: "policies: { socialOnly: link }" },
      "socialOnly",
    ],
    ["a client id that is none", { client: { id: "not-an-id", secret: "" } }, "clientId"],
  ])("%s", async (_, settings, words) => {
    const target = await aTarget();
    const client = { id: "1abc", secret: "" };
    const result = await migrate(aConfig(target, people(1), { client, ...settings }));
    expect(result).toMatchObject({ error: { code: "USAGE" }, exitCode: 2 });
    expect(result.error?.message).toContain(words);
    expect(requestsOf(target)).toEqual({ CreateUserPool: 1 });
  });

  test.each([
    ["is not JSON", "{"],
    ["does not describe a user pool", '{"UserPool":{"Id":"eu-west-1_X"}}'],
    ["describes eu-west-1_Other and not", '{"Id":"eu-west-1_Other","SchemaAttributes":[{"Name":"sub"}]}'],
  ])("a pool description that %s", async (words, content) => {
    const target = await aTarget();
    const description = aFile(content, "pool.json");
    const config = aConfig(target, people(1), { client: { id: "1abc", secret: "" }, description });
    const result = await migrate(config, { env: NO_CREDENTIALS });
    expect(result).toMatchObject({ error: { code: "POOL_DESCRIPTION_INVALID" }, exitCode: 2 });
    expect(result.error?.message).toContain(words);
  });
});

describe("a password that the source has in plain text", () => {
  const mapping = "mapping: { username: username, password: word }";

  test("is the one that the user signs up with, and is erased from the ledger", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const app = await anApp(target);
    const runDir = join(aFolder(), "run");
    const list = people(2, (number) => ({ word: number === 1 ? "P1's-own-Passw0rd" : "" }));
    const signUp = ["messages: allowed", "confirm: true"];
    const config = aConfig(target, list, { client, signUp, more: mapping });
    const result = await runCli(argsFor(config, runDir));
    expect(jsonOf(result)).toMatchObject({
      outcomes: { imported: 2 },
      passwords: { kept: 0, set: 1, reset: 1 },
      activeUsers: { count: 2, causes: { creation: 2 } },
      exitCode: 0,
    });
    expect(statusesOf(target)).toEqual({ p1: "CONFIRMED", p2: "CONFIRMED" });
    expect(await app.signIn("p1", "P1's-own-Passw0rd")).toBe(true);
    await expect(app.signIn("p2", "")).rejects.toThrow();
    expectNowhere("own-Passw0rd", runDir, result);
  });

  test("that the pool's policy refuses is that user's trouble, and is not shown", async () => {
    const target = await aTarget();
    const client = await anAppClient(target);
    const description = await aPoolDescription(target);
    const runDir = join(aFolder(), "run");
    const list = people(2, (number) => ({ word: number === 1 ? "weakling" : "P2's-own-Passw0rd" }));
    const config = aConfig(target, list, { client, description, more: mapping });
    const result = await runCli(argsFor(config, runDir), { env: NO_CREDENTIALS });
    expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 1, failed: 1 }, exitCode: 3 });
    expect(rows(join(runDir, "failed.csv"))).toMatchObject([
      {
        username: "p1",
        poolferry_reason: "password-refused",
        poolferry_message: expect.stringMatching(/password/i) as string,
      },
    ]);
    expectNowhere("weakling", runDir, result);
  });
});
