import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  type AttributeType,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { aTarget, type Target } from "../support/target.ts";

function argsFor(
  target: Target,
  list: readonly Member[],
  runDir = join(aFolder(), "run"),
): readonly string[] {
  return [
    "migrate",
    "--config",
    aMemberConfig(list, "admin-create"),
    ...target.flags,
    "--run-dir",
    runDir,
    "--yes",
    "--json",
  ];
}

async function migrate(target: Target, list: readonly Member[], runDir?: string): Promise<JsonResult> {
  return jsonOf(await runCli(argsFor(target, list, runDir)));
}

async function resume(runDir: string): Promise<JsonResult> {
  return jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));
}

function rows(path: string): readonly Record<string, string>[] {
  return parse(readFileSync(path), { columns: true }) as Record<string, string>[];
}

/** Makes a user in the pool by hand. */
async function createByHand(
  { emulator, userPoolId }: Target,
  username: string,
  attributes: readonly AttributeType[] = [],
): Promise<void> {
  const client = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => client.destroy());
  await client.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: username,
      UserAttributes: [...attributes],
      MessageAction: "SUPPRESS",
    }),
  );
}

const usersOf = ({ emulator, userPoolId }: Target) => [
  ...(emulator.state.pools.get(userPoolId)?.users ?? []),
];
const namesOf = (target: Target): readonly (string | undefined)[] =>
  target.users().map(({ username }) => username);
const names = (list: readonly Member[]): readonly string[] => list.map(({ username }) => username).sort();

function expectEveryoneOnce(target: Target, list: readonly Member[], result: JsonResult): void {
  expect(result).toMatchObject({ state: "done", exitCode: 0 });
  expect(result.outcomes).toEqual({
    imported: list.length,
    updated: 0,
    skipped: 0,
    failed: 0,
    rejected: 0,
  });
  expect(namesOf(target)).toEqual(names(list));
  expect(target.emulator.control.outbox).toEqual([]);
}

/** Cognito's words, and what the look-up says. */
const EXISTS = "User account already exists: the user is in the pool from before, FORCE_CHANGE_PASSWORD";

test("whom an import job cannot carry is created with the same attributes, and gets no message", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const list = [
    ...members(1, () => ({
      name: 'Ann "the first"\\',
      birthdate: "1990-02-28",
      phone_number: "+48601555010",
      email_verified: true,
    })),
    { username: "b2", email: "b2@example.com", email_verified: false },
    { username: "c3", email: "c3@example.com", email_verified: true },
  ];
  const result = await migrate(target, list, runDir);
  expect(result.routes).toEqual({ "import-job": 1, "admin-create": 2, "sign-up": 0, none: 0 });
  expectEveryoneOnce(target, list, result);
  expect(target.users("name", "birthdate", "phone_number", "email_verified")).toEqual([
    {
      username: "b2",
      name: undefined,
      birthdate: undefined,
      phone_number: undefined,
      email_verified: "false",
    },
    {
      username: "c3",
      name: undefined,
      birthdate: undefined,
      phone_number: undefined,
      email_verified: "true",
    },
    {
      username: "m1",
      name: 'Ann "the first"\\',
      birthdate: "1990-02-28",
      phone_number: "+48601555010",
      email_verified: "true",
    },
  ]);
  expect(usersOf(target).map(({ username, status }) => [username, status])).toEqual([
    ["c3", "RESET_REQUIRED"],
    ["m1", "FORCE_CHANGE_PASSWORD"],
    ["b2", "FORCE_CHANGE_PASSWORD"],
  ]);
  const subs = new Map(target.users("sub").map(({ username, sub }) => [username, sub]));
  expect(rows(join(runDir, "identity-map.csv")).map(({ username, sub }) => [username, sub])).toEqual(
    list.map(({ username }) => [username, subs.get(username)]),
  );
  // AdminGetUser would be billed.
  expect(target.emulator.requestCounts.get("AdminGetUser")).toBeUndefined();
});

test("users who all go by AdminCreateUser need no role for a log", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const list = members(2);
  const flags = target.flags.slice(0, 4);
  await runCli(["plan", "--config", aMemberConfig(list, "admin-create"), ...flags, "--run-dir", runDir]);
  expectEveryoneOnce(target, list, jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"])));
});

const answer = (type: string, status = 400): Fault => ({ kind: "error", status, type, message: "said" });

test.each([
  { what: "the reply is lost", side: "after", fault: { kind: "drop" } },
  { what: "the connection is reset", side: "before", fault: { kind: "reset" } },
  { what: "the answer is half an answer", side: "after", fault: { kind: "truncate" } },
  {
    what: "the answer is a server error after the effect",
    side: "after",
    fault: answer("InternalErrorException", 500),
  },
  { what: "the request is throttled", side: "before", fault: { kind: "throttle" } },
  { what: "a load balancer answers", side: "after", fault: { kind: "html", status: 503 } },
] as const)("everybody is created once where of every third user $what", async ({ side, fault }) => {
  const spoil = ({ operation, number }: { operation: string; number: number }): Fault | undefined =>
    operation === "AdminCreateUser" && number % 3 === 0 ? fault : undefined;
  const hooks: Hooks = side === "before" ? { beforeEffect: spoil } : { afterEffect: spoil };
  const target = await aTarget({}, { hooks });
  const list = members(40);
  expectEveryoneOnce(target, list, await migrate(target, list));
});

test(
  "creations that are never answered stop the run, which can be resumed",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget();
    const { control } = target.emulator;
    control.planFault({ operation: "AdminCreateUser", from: 5, count: 0, fault: { kind: "drop" } });
    const runDir = join(aFolder(), "run");
    const list = members(8);
    const stopped = await migrate(target, list, runDir);
    expect(stopped.error).toMatchObject({ code: "ENDPOINT_UNREACHABLE" });
    expect(stopped.exitCode).toBe(4);
    control.clearFaults();
    expectEveryoneOnce(target, list, await resume(runDir));
  },
);

test("after some lost replies it is looked up what became of their users before more are sent", async () => {
  const lost = new Set<number>();
  const hooks: Hooks = {
    afterEffect: ({ operation, number }) => {
      if (operation !== "AdminCreateUser" || number > 120) return undefined;
      lost.add(number);
      return { kind: "drop" };
    },
    beforeEffect: ({ operation }) => {
      if (operation === "ListUsers") sentBeforeLook ??= lost.size;
    },
  };
  let sentBeforeLook: number | undefined;
  const target = await aTarget({}, { hooks });
  const list = members(150);
  expectEveryoneOnce(target, list, await migrate(target, list));
  expect(sentBeforeLook).toBeLessThan(80);
});

test("who was created and is not listed yet is sent again, refused, and found then", async () => {
  const target = await aTarget({}, { rules: { listLagMs: 2_500 } });
  const operation = "AdminCreateUser";
  target.emulator.control.planFault({ operation, moment: "after-effect", count: 3, fault: { kind: "drop" } });
  const list = members(10);
  expectEveryoneOnce(target, list, await migrate(target, list));
  expect(target.emulator.requestCounts.get(operation)).toBe(13);
});

test("who was not created when the reply was lost is sent again at once: nobody reads the whole pool for it", async () => {
  const target = await aTarget();
  const operation = "AdminCreateUser";
  target.emulator.control.planFault({
    operation,
    moment: "before-effect",
    count: 3,
    fault: { kind: "drop" },
  });
  const list = members(200);
  expectEveryoneOnce(target, list, await migrate(target, list));
  expect(target.emulator.requestCounts.get(operation)).toBe(203);
  // One search for each, and none of all.
  expect(target.emulator.requestCounts.get("ListUsers")).toBeLessThanOrEqual(4);
});

test.each([
  ["behind", -3 * 3_600_000],
  ["ahead", 3 * 3_600_000],
])("a user whose reply was lost is ours though the service's clock is three hours %s", async (_, aheadMs) => {
  const target = await aTarget({}, { clock: () => Date.now() + aheadMs });
  const operation = "AdminCreateUser";
  target.emulator.control.planFault({ operation, moment: "after-effect", fault: { kind: "drop" } });
  const list = members(2);
  expectEveryoneOnce(target, list, await migrate(target, list));
});

test.each([
  ["behind", -3 * 3_600_000],
  ["ahead", 3 * 3_600_000],
])(
  "a user who was there before is not ours though the reply was lost and the service's clock is three hours %s",
  async (_, aheadMs) => {
    let lateMs = 0;
    const target = await aTarget({}, { clock: () => Date.now() + aheadMs + lateMs });
    await createByHand(target, "m1");
    lateMs = 60_000;
    const operation = "AdminCreateUser";
    target.emulator.control.planFault({ operation, moment: "after-effect", fault: { kind: "drop" } });
    const { outcomes } = await migrate(
      target,
      members(1, () => ({ disabled: true })),
    );
    expect(outcomes).toMatchObject({ imported: 0, skipped: 1 });
    expect(usersOf(target)[0]?.enabled).toBe(true);
  },
);

test("users who are in the pool already are skipped in any spelling, never changed, and have no follow-up", async () => {
  const target = await aTarget();
  await createByHand(target, "m1", [{ Name: "name", Value: "Before" }]);
  await createByHand(target, "M2", [{ Name: "name", Value: "Before" }]);
  const runDir = join(aFolder(), "run");
  const list = members(3, () => ({ name: "After", disabled: true, teams: ["crew"] }));
  const result = await migrate(target, list, runDir);
  expect(result.outcomes).toMatchObject({ imported: 1, skipped: 2 });
  expect(result.followUps["disable"]).toEqual({ planned: 1, untouched: 2, done: 1, failed: 0 });
  expect(usersOf(target).map(({ username, enabled }) => [username, enabled])).toEqual([
    ["m1", true],
    ["M2", true],
    ["m3", false],
  ]);
  expect(target.users("name").map(({ name }) => name)).toEqual(["Before", "Before", "After"]);
  expect(rows(join(runDir, "skipped.csv"))).toMatchObject([
    { username: "m1", poolferry_reason: "user-exists", poolferry_message: EXISTS },
    { username: "m2", poolferry_reason: "user-exists", poolferry_message: EXISTS },
  ]);
  expect(rows(join(runDir, "identity-map.csv"))).toHaveLength(3);
});

test.each(["UsernameExistsException", "AliasExistsException"] as const)(
  "an alias that another user has fails the user with Cognito's words, said as %s",
  async (aliasExistsError) => {
    const target = await aTarget({ AliasAttributes: ["email"] }, { rules: { aliasExistsError } });
    await createByHand(target, "owner", [
      { Name: "email", Value: "m2@example.com" },
      { Name: "email_verified", Value: "true" },
    ]);
    const runDir = join(aFolder(), "run");
    const list = members(3, () => ({ email_verified: true, name: 'the "one"' }));
    const result = await migrate(target, list, runDir);
    expect(result).toMatchObject({ outcomes: { imported: 2, failed: 1 }, exitCode: 3 });
    expect(rows(join(runDir, "failed.csv"))).toMatchObject([
      {
        username: "m2",
        poolferry_reason: "alias-exists",
        poolferry_message: "An account with the email already exists.",
      },
    ]);
    expect(namesOf(target)).toEqual(["m1", "m3", "owner"]);
    expect(target.users("email_verified").at(-1)).toMatchObject({ email_verified: "true" });
  },
);

test("a user whom Cognito refuses fails alone, with its words", async () => {
  const target = await aTarget({}, { rules: { emailPattern: /^m\d+@example\.com$/ } });
  const runDir = join(aFolder(), "run");
  const list = members(3, (number) => (number === 2 ? { email: "refused@example.com" } : {}));
  const result = await migrate(target, list, runDir);
  expect(result).toMatchObject({ outcomes: { imported: 2, failed: 1 }, exitCode: 3 });
  expect(rows(join(runDir, "failed.csv"))).toMatchObject([
    {
      username: "m2",
      poolferry_reason: "user-refused",
      poolferry_message: expect.stringMatching(/email/i) as string,
    },
  ]);
});

test.each([
  ["InvalidPasswordException", "password-refused"],
  ["UserLambdaValidationException", "trigger-refused"],
  ["UnexpectedLambdaException", "trigger-broken"],
  ["InvalidLambdaResponseException", "trigger-broken"],
  ["CodeDeliveryFailureException", "message-undelivered"],
])("%s is one user's: it fails with %s", async (type, reason) => {
  const target = await aTarget();
  target.emulator.control.planFault({ operation: "AdminCreateUser", fault: answer(type) });
  const { outcomes, reasons } = await migrate(target, members(2));
  expect(outcomes).toMatchObject({ imported: 1, failed: 1 });
  expect(reasons).toEqual([{ kind: "failed", reason, example: "said", count: 1 }]);
});

test.each([
  ["NotAuthorizedException", "SERVICE_REFUSED"],
  ["ResourceNotFoundException", "SERVICE_REFUSED"],
  ["LimitExceededException", "SERVICE_REFUSED"],
  ["OperationNotEnabledException", "SERVICE_REFUSED"],
  ["AccessDeniedException", "ACCESS_DENIED"],
])("%s is the run's: it stops, fails nobody, and can be resumed", async (type, code) => {
  const target = await aTarget();
  target.emulator.control.planFault({ operation: "AdminCreateUser", from: 2, fault: answer(type) });
  const runDir = join(aFolder(), "run");
  const list = members(4);
  const stopped = await migrate(target, list, runDir);
  expect(stopped.error).toMatchObject({ code, hint: expect.stringContaining("poolferry resume") as string });
  expect(stopped.exitCode).toBe(4);
  expectEveryoneOnce(target, list, await resume(runDir));
});

test("Ctrl-C finishes what is in flight, and a resumed run sends nobody twice", async () => {
  const target = await aTarget();
  const { control, requestCounts } = target.emulator;
  control.planFault({ operation: "AdminCreateUser", from: 3, fault: { kind: "hold", name: "here" } });
  const runDir = join(aFolder(), "run");
  const list = members(60);
  const child = startCli(argsFor(target, list, runDir));
  const noted = new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: Buffer) => {
      if (text.toString().includes("stopping at the next safe point")) resolve();
    });
  });
  const ended = finish(child);
  await control.waitUntilHeld("here");
  child.kill("SIGINT");
  await noted;
  control.release("here", "go-on");
  const interrupted = await ended;
  expect(interrupted.exitCode).toBe(130);
  const { outcomes } = jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]));
  // Whoever was sent has an outcome already.
  expect(outcomes["imported"]).toBe(requestCounts.get("AdminCreateUser"));
  expect(outcomes["imported"]).toBeLessThan(60);

  expectEveryoneOnce(target, list, await resume(runDir));
  expect(requestCounts.get("AdminCreateUser")).toBe(60);
});

test("slow replies do not slow the run down to a few at a time", async () => {
  let underWay = 0;
  let most = 0;
  const isCreation = ({ operation }: { operation: string }): boolean => operation === "AdminCreateUser";
  const hooks: Hooks = {
    beforeEffect: (call) => {
      if (!isCreation(call)) return undefined;
      underWay += 1;
      most = Math.max(most, underWay);
      return { kind: "delay", delayMs: 500 };
    },
    afterEffect: (call) => {
      if (isCreation(call)) underWay -= 1;
    },
  };
  const target = await aTarget({}, { hooks });
  const list = members(60);
  expectEveryoneOnce(target, list, await migrate(target, list));
  expect(most).toBeGreaterThan(8);
});

test("a password fits the strictest policy, and no file or output holds one", async () => {
  const policy = {
    MinimumLength: 99,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
  };
  const target = await aTarget({ Policies: { PasswordPolicy: policy } });
  const runDir = join(aFolder(), "run");
  const list = members(3);
  const result = await runCli([...argsFor(target, list, runDir), "--log-level", "trace"]);
  expectEveryoneOnce(target, list, jsonOf(result));
  const written = ["ledger.db", "report.json", "identity-map.csv"].map((name) =>
    readFileSync(join(runDir, name), "latin1"),
  );
  for (const { credential } of usersOf(target)) {
    const password = credential?.kind === "temporary" ? credential.password : "";
    expect(password).toHaveLength(99);
    expect([result.stdout, result.stderr, ...written].some((text) => text.includes(password))).toBe(false);
  }
});
