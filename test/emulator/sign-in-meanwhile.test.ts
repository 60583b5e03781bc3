import {
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { randomBytes, scryptSync } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";

import type { User } from "../../emulator/index.ts";
import {
  aClientId,
  aUser,
  begin,
  NEW_PASSWORD,
  PASSWORD,
  respond,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, type TestPool } from "./support/pool.ts";
import { activeUsers } from "./support/user.ts";

const INCORRECT = { name: "NotAuthorizedException", message: "Incorrect username or password." };
const DISABLED = { name: "NotAuthorizedException", message: "User is disabled." };

/** A hash of PASSWORD that takes a good while to verify: the dearest that an import takes. */
function aSlowHash() {
  const salt = randomBytes(8);
  const hash = scryptSync(PASSWORD, salt, 32, { N: 65_536, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
  const text = `65536$8$1$${salt.toString("hex")}$${hash.toString("hex")}`;
  return { kind: "hash", algorithm: "SCRYPT", hash: text } as const;
}

const SLOW_HASH = aSlowHash();

/** Ann, whose password came as a hash. */
async function aHashedUser(pool: TestPool): Promise<User> {
  const user = await aUser(pool);
  user.credential = SLOW_HASH;
  return user;
}

/** Lets something happen while the hash for a request is verified. */
async function meanwhile<Answer>(
  pool: TestPool,
  operation: string,
  { request, change }: { readonly request: () => Promise<Answer>; readonly change: () => void },
): Promise<PromiseSettledResult<Answer>> {
  const before = pool.emulator.requestCounts.get(operation) ?? 0;
  const answered = Promise.allSettled([request()]);
  while ((pool.emulator.requestCounts.get(operation) ?? 0) === before) await nextTurn();
  await nextTurn();
  change();
  const [answer] = await answered;
  return answer;
}

test("signin-meanwhile: two first sign-ins with one hash at once both succeed", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  const user = await aHashedUser(pool);
  const both = await Promise.all([signIn(pool, clientId), signIn(pool, clientId)]);
  expect(both.map(({ AuthenticationResult }) => AuthenticationResult?.TokenType)).toEqual([
    "Bearer",
    "Bearer",
  ]);
  expect(user.credential).toEqual({ kind: "permanent", password: PASSWORD });
});

const CHANGES: readonly (readonly [string, object, (pool: TestPool, user: User) => void])[] = [
  [
    "is deleted",
    INCORRECT,
    ({ emulator, poolId }, user) => emulator.state.pools.get(poolId)?.users.remove(user),
  ],
  ["is disabled", DISABLED, (_, user) => (user.enabled = false)],
  [
    "gets another password",
    INCORRECT,
    (_, user) => (user.credential = { kind: "permanent", password: NEW_PASSWORD }),
  ],
  [
    "gets a temporary password",
    INCORRECT,
    (_, user) => {
      user.credential = { kind: "temporary", password: NEW_PASSWORD, setMs: Date.now() };
      user.status = "FORCE_CHANGE_PASSWORD";
    },
  ],
  [
    "must reset the password",
    { name: "PasswordResetRequiredException" },
    (_, user) => (user.status = "RESET_REQUIRED"),
  ],
];

test.each(CHANGES)(
  "signin-meanwhile: a user who %s while the hash is verified does not get in",
  async (_, refusal, change) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const user = await aHashedUser(pool);
    const active = activeUsers(pool);
    const answer = await meanwhile(pool, "InitiateAuth", {
      request: () => signIn(pool, clientId),
      change: () => change(pool, user),
    });
    expect(answer).toMatchObject({ status: "rejected", reason: refusal });
    expect(activeUsers(pool)).toBe(active);
  },
);

test("signin-meanwhile: many wrong passwords at once are told apart from a right one no more often than one by one", async () => {
  await using pool = await aPool({}, { rules: { signInAttempts: 2, firstLockOutMs: 60_000 } });
  const clientId = await aClientId(pool);
  await aHashedUser(pool);
  const tries = Array.from({ length: 5 }, () => signIn(pool, clientId, { password: "Wr0ng-One" }));
  const answers = await Promise.allSettled(tries);
  const told = answers.map((answer) =>
    answer.status === "rejected" ? (answer.reason as Error).message : "in",
  );
  expect(told.toSorted()).toEqual([
    ...Array.from({ length: 2 }, () => INCORRECT.message),
    ...Array.from({ length: 3 }, () => "Password attempts exceeded"),
  ]);
});

test.each([
  ["is deleted", { name: "UserNotFoundException" }, CHANGES[0]?.[2]],
  ["gets another password", INCORRECT, CHANGES[2]?.[2]],
])(
  "signin-meanwhile: a user who %s while the old hash is verified does not change the password",
  async (_, refusal, change) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const user = await aUser(pool);
    const { AuthenticationResult: tokens } = await signIn(pool, clientId);
    user.credential = SLOW_HASH;
    const command = new ChangePasswordCommand({
      AccessToken: tokens?.AccessToken,
      PreviousPassword: PASSWORD,
      ProposedPassword: "Th1rd-One!",
    });
    const answer = await meanwhile(pool, "ChangePassword", {
      request: () => pool.cognito.send(command),
      change: () => change?.(pool, user),
    });
    expect(answer).toMatchObject({ status: "rejected", reason: refusal });
    expect(user.credential).not.toMatchObject({ password: "Th1rd-One!" });
  },
);

test("signin-meanwhile: a temporary password is not replaced once an administrator has set another", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
  const asked = await signIn(pool, clientId);
  await pool.cognito.send(
    new AdminSetUserPasswordCommand({
      UserPoolId: pool.poolId,
      Username: "ann",
      Password: "Th1rd-One!",
      Permanent: true,
    }),
  );
  await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Invalid session for the user.",
  });
  await signIn(pool, clientId, { password: "Th1rd-One!" });
});

test("signin-disabled: a user who is disabled on the way sets no new password", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  const user = await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
  const asked = await signIn(pool, clientId);
  user.enabled = false;
  await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject(DISABLED);
  expect(user.credential).toMatchObject({ kind: "temporary", password: PASSWORD });
});

test("signin-new-attributes: an empty value takes nothing away", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
  const asked = await signIn(pool, clientId);
  await respond(pool, clientId, asked, { NEW_PASSWORD, "userAttributes.email": "" });
  expect(userNamed(pool).attributes).toContain("ann@example.com");
});

test("signin-session: a session of another kind is refused", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
  const asked = await begin(pool, clientId, "USER_AUTH", { USERNAME: "ann" });
  await expect(
    respond(pool, clientId, { ...asked, ChallengeName: "NEW_PASSWORD_REQUIRED" }, { NEW_PASSWORD }),
  ).rejects.toMatchObject({ message: "Invalid session for the user." });
});
