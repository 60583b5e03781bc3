import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from "amazon-cognito-identity-js";
import { bcrypt } from "hash-wasm";
import { describe, expect, test } from "vitest";

import {
  aClientId,
  asImported,
  aUser,
  begin,
  claimsOf,
  NEW_PASSWORD,
  PASSWORD,
  respond,
  signIn,
} from "./support/auth.ts";
import { aPool, type TestPool } from "./support/pool.ts";

const INCORRECT = { code: "NotAuthorizedException", message: "Incorrect username or password." };

// AWS's own client, which computes its part of SRP without us.
function aBrowser({ emulator, poolId }: TestPool, clientId: string, username = "ann"): CognitoUser {
  const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: emulator.url });
  return new CognitoUser({ Username: username, Pool: pool });
}

interface Outcome {
  readonly session?: CognitoUserSession;
  readonly newPasswordFor?: unknown;
  readonly mfa?: string;
}

function authenticate(user: CognitoUser, password = PASSWORD): Promise<Outcome> {
  const details = new AuthenticationDetails({ Username: user.getUsername(), Password: password });
  return new Promise((resolve, reject) => {
    user.authenticateUser(details, {
      onSuccess: (session) => resolve({ session }),
      onFailure: reject,
      newPasswordRequired: (attributes: unknown) => resolve({ newPasswordFor: attributes }),
      mfaRequired: (name: string) => resolve({ mfa: name }),
    });
  });
}

function completePassword(user: CognitoUser, password: string): Promise<CognitoUserSession> {
  return new Promise((resolve, reject) => {
    user.completeNewPasswordChallenge(password, {}, { onSuccess: resolve, onFailure: reject });
  });
}

test("signin-meanwhile: a challenge is not met with a password that was changed since", async () => {
  await using pool = await aPool({}, {});
  const clientId = await aClientId(pool);
  const user = await aUser(pool);
  pool.emulator.control.planFault({
    operation: "RespondToAuthChallenge",
    fault: { kind: "hold", name: "answer" },
  });
  const signingIn = authenticate(aBrowser(pool, clientId)).catch((error: unknown) => error);
  await pool.emulator.control.waitUntilHeld("answer");
  user.credential = { kind: "permanent", password: NEW_PASSWORD };
  pool.emulator.control.release("answer");
  expect(await signingIn).toMatchObject(INCORRECT);
});

describe("AWS's browser client", () => {
  test("signin-srp: signs in without sending the password", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"] });
    await aUser(pool);
    const { session } = await authenticate(aBrowser(pool, clientId));
    expect(session?.isValid()).toBe(true);
    expect(claimsOf(session?.getAccessToken().getJwtToken())).toMatchObject({ username: "ann" });
  });

  // Numbers whose first bit is set, or whose first byte is zero, are what implementations disagree on.
  test("signs in again and again, whatever numbers come up", { timeout: 60_000 }, async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    for (let round = 0; round < 12; round += 1) {
      const { session } = await authenticate(aBrowser(pool, clientId));
      expect(session).toBeDefined();
    }
  });

  test("signs in by an alias, and by an e-mail for a username", async () => {
    for (const settings of [
      { AliasAttributes: ["email" as const] },
      { UsernameAttributes: ["email" as const] },
    ]) {
      await using pool = await aPool(settings);
      const clientId = await aClientId(pool);
      await aUser(pool, { username: "AliasAttributes" in settings ? "ann" : "ann@example.com" });
      const { session } = await authenticate(aBrowser(pool, clientId, "ann@example.com"));
      expect(session).toBeDefined();
    }
  });

  test("is refused with a wrong password", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const user = aBrowser(pool, clientId);
    await expect(authenticate(user, "Wr0ng-One")).rejects.toMatchObject(INCORRECT);
  });

  test("exchanges a temporary password for a new one", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    const user = aBrowser(pool, clientId);
    expect((await authenticate(user)).newPasswordFor).toEqual({
      email: "ann@example.com",
      email_verified: "true",
    });
    await completePassword(user, NEW_PASSWORD);
    const { session } = await authenticate(aBrowser(pool, clientId), NEW_PASSWORD);
    expect(session).toBeDefined();
  });

  test("is asked for a second factor", async () => {
    await using pool = await aPool({ MfaConfiguration: "ON" });
    const clientId = await aClientId(pool);
    await aUser(pool, { attributes: { phone_number: "+15555551212" } });
    const user = aBrowser(pool, clientId);
    expect(await authenticate(user)).toEqual({ mfa: "SMS_MFA" });
    const code = pool.emulator.state.outbox.at(-1)?.secret ?? "";
    const session = await new Promise<CognitoUserSession>((resolve, reject) => {
      user.sendMFACode(code, { onSuccess: resolve, onFailure: reject });
    });
    expect(session.isValid()).toBe(true);
  });
});

describe("SRP", () => {
  test("signin-srp-states: does not work for a hash that was not yet used, and works after", async () => {
    await using pool = await aPool({}, { rules: { texts: { srpWithHash: "Use the password flow." } } });
    const clientId = await aClientId(pool);
    const user = await aUser(pool);
    const salt = new Uint8Array(16).fill(7);
    const hash = await bcrypt({ password: PASSWORD, salt, costFactor: 4, outputType: "encoded" });
    user.credential = { kind: "hash", algorithm: "BCRYPT", hash };
    await expect(authenticate(aBrowser(pool, clientId))).rejects.toMatchObject({
      code: "NotAuthorizedException",
      message: "Use the password flow.",
    });
    await signIn(pool, clientId);
    expect((await authenticate(aBrowser(pool, clientId))).session).toBeDefined();
  });

  test.each([
    ["LEGACY", "PasswordResetRequiredException"],
    ["ENABLED", "NotAuthorizedException"],
  ] as const)("tells imported users of a reset if users are not hidden: %s", async (hiding, code) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { PreventUserExistenceErrors: hiding });
    asImported(await aUser(pool));
    await expect(authenticate(aBrowser(pool, clientId))).rejects.toMatchObject({ code });
  });

  test("hidden-users: is put to a user who does not exist, with the same salt and id each time", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { PreventUserExistenceErrors: "ENABLED" });
    const parameters = { USERNAME: "nobody", SRP_A: "abc" };
    const first = await begin(pool, clientId, "USER_SRP_AUTH", parameters);
    const second = await begin(pool, clientId, "USER_SRP_AUTH", parameters);
    const { SALT, USER_ID_FOR_SRP: id = "" } = first.ChallengeParameters ?? {};
    expect(second.ChallengeParameters).toMatchObject({ SALT, USER_ID_FOR_SRP: id });
    expect(id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await expect(authenticate(aBrowser(pool, clientId, "nobody"))).rejects.toMatchObject(INCORRECT);
  });

  test("signin-unconfirmed: tells unconfirmed users so at the answer, whatever they entered", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    (await aUser(pool)).status = "UNCONFIRMED";
    const refused = authenticate(aBrowser(pool, clientId), "Wr0ng-One");
    await expect(refused).rejects.toMatchObject({ code: "UserNotConfirmedException" });
  });

  test("names a user who does not exist where that is not hidden", async () => {
    await using pool = await aPool();
    const user = aBrowser(pool, await aClientId(pool));
    await expect(authenticate(user)).rejects.toMatchObject({ code: "UserNotFoundException" });
  });
});

describe("an answer", () => {
  const claim = { PASSWORD_CLAIM_SIGNATURE: "c2ln", TIMESTAMP: "Sat Nov 21 06:40:00 UTC 2026" };

  async function asked(pool: TestPool, clientId: string) {
    await aUser(pool);
    return begin(pool, clientId, "USER_SRP_AUTH", { USERNAME: "ann", SRP_A: "abc" });
  }

  test("signin-srp-answer: has a timestamp of its own form, and every part", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const challenge = await asked(pool, clientId);
    const block = { PASSWORD_CLAIM_SECRET_BLOCK: challenge.ChallengeParameters?.["SECRET_BLOCK"] ?? "" };
    const odd = { ...claim, ...block, TIMESTAMP: "2026-11-21T06:40:00Z" };
    await expect(respond(pool, clientId, challenge, odd)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
    });
    await expect(respond(pool, clientId, challenge, block)).rejects.toMatchObject({
      message: "Missing required parameter PASSWORD_CLAIM_SIGNATURE",
    });
  });

  test("has a signature, and is taken once", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const challenge = await asked(pool, clientId);
    const block = { PASSWORD_CLAIM_SECRET_BLOCK: challenge.ChallengeParameters?.["SECRET_BLOCK"] ?? "" };
    const answer = { ...claim, ...block };
    await expect(respond(pool, clientId, challenge, answer)).rejects.toMatchObject({
      message: "Incorrect username or password.",
    });
    await expect(respond(pool, clientId, challenge, answer)).rejects.toMatchObject({
      message: "Invalid session for the user, session can only be used once.",
    });
  });

  test.each(["0", "no number"])("begins with a value that a client computes, not %s", async (SRP_A) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const beginning = begin(pool, clientId, "USER_SRP_AUTH", { USERNAME: "ann", SRP_A });
    await expect(beginning).rejects.toMatchObject({ name: "NotAuthorizedException" });
  });
});

test("signin-choice: SRP can be chosen, and is answered as ever", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await aUser(pool);
  const parameters = { USERNAME: "ann", PREFERRED_CHALLENGE: "PASSWORD_SRP", SRP_A: "abc" };
  const preferred = await begin(pool, clientId, "USER_AUTH", parameters);
  expect(preferred).toMatchObject({
    ChallengeName: "PASSWORD_VERIFIER",
    Session: preferred.ChallengeParameters?.["SECRET_BLOCK"],
  });
  const asked = await begin(pool, clientId, "USER_AUTH", { USERNAME: "ann" });
  const waiting = await respond(pool, clientId, asked, { ANSWER: "PASSWORD_SRP" });
  expect(waiting.ChallengeName).toBe("PASSWORD_SRP");
  const put = await respond(pool, clientId, waiting, { SRP_A: "abc" });
  expect(put.ChallengeName).toBe("PASSWORD_VERIFIER");
});
