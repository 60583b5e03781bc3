import { createHmac } from "node:crypto";

import { bcrypt } from "hash-wasm";
import { describe, expect, test } from "vitest";

import { extrasOf, type MfaFactor, type User } from "../../emulator/state/user.ts";
import {
  aClient,
  aClientId,
  asImported,
  aUser,
  begin,
  beginAsAdmin,
  Clock,
  lastMessage,
  NEW_PASSWORD,
  PASSWORD,
  respond,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, aRow, importRows, type TestPool } from "./support/pool.ts";
import { callCognito } from "./support/raw.ts";
import { activeUsers } from "./support/user.ts";

type Settings = NonNullable<Parameters<typeof aPool>[0]>;

const INCORRECT = { name: "NotAuthorizedException", message: "Incorrect username or password." };
const RESET = {
  name: "PasswordResetRequiredException",
  message: "Password reset required for the user",
};
const MINUTE_MS = 60_000;
const HIDING = { PreventUserExistenceErrors: "ENABLED" } as const;

async function hashed(user: User, password = PASSWORD): Promise<User> {
  const salt = new Uint8Array(16).fill(7);
  const hash = await bcrypt({ password, salt, costFactor: 4, outputType: "encoded" });
  user.credential = { kind: "hash", algorithm: "BCRYPT", hash };
  user.status = "CONFIRMED";
  return user;
}

function withMfa(user: User, enabled: readonly MfaFactor[], preferred?: MfaFactor): User {
  extrasOf(user).mfa = { enabled, preferred };
  return user;
}

describe("by a password", () => {
  test.each(["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"] as const)(
    "signin-password: signs in with %s",
    async (flow) => {
      await using pool = await aPool();
      const clientId = await aClientId(pool);
      await aUser(pool);
      const beginBy = flow === "USER_PASSWORD_AUTH" ? begin : beginAsAdmin;
      const answer = await beginBy(pool, clientId, flow, { USERNAME: "ann", PASSWORD });
      expect(answer.AuthenticationResult).toEqual({
        AccessToken: expect.any(String),
        IdToken: expect.any(String),
        RefreshToken: expect.any(String),
        ExpiresIn: 3600,
        TokenType: "Bearer",
      });
      expect(answer.ChallengeParameters).toEqual({});
      expect(answer.ChallengeName).toBeUndefined();
      const wrong = beginBy(pool, clientId, flow, { USERNAME: "ann", PASSWORD: "Wr0ng-One" });
      await expect(wrong).rejects.toMatchObject(INCORRECT);
    },
  );

  test.each<[string, Settings, string, string]>([
    ["an e-mail alias", { AliasAttributes: ["email"] }, "ann", "ann@example.com"],
    ["an e-mail for a username", { UsernameAttributes: ["email"] }, "ann@example.com", "ann@example.com"],
    ["another case", { UsernameConfiguration: { CaseSensitive: false } }, "ann", "ANN"],
  ])("finds the user by %s", async (_, settings, username, name) => {
    await using pool = await aPool(settings);
    await aUser(pool, { username });
    const answer = await signIn(pool, await aClientId(pool), { username: name });
    expect(answer.AuthenticationResult).toBeDefined();
  });

  test("finds nobody by another case where case matters, nor by an e-mail that is no alias", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    for (const username of ["ANN", "ann@example.com"]) {
      await expect(signIn(pool, clientId, { username })).rejects.toMatchObject({
        name: "UserNotFoundException",
        message: "User does not exist.",
      });
    }
  });

  test.each(["USERNAME", "PASSWORD"])("does not go without %s", async (name) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const { [name]: _, ...rest }: Record<string, string> = { USERNAME: "ann", PASSWORD };
    await expect(begin(pool, clientId, "USER_PASSWORD_AUTH", rest)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: `Missing required parameter ${name}`,
    });
  });

  test("signin-active: counts who signs in, not who fails to", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await importRows(pool, [aRow()]);
    await hashed(userNamed(pool));
    await expect(signIn(pool, clientId, { password: "Wr0ng-One" })).rejects.toMatchObject(INCORRECT);
    expect(activeUsers(pool)).toBe(0);
    await signIn(pool, clientId);
    expect(activeUsers(pool)).toBe(1);
  });

  test("signin-unsigned: needs no signature from users, and a good one from servers", async () => {
    await using pool = await aPool();
    const ClientId = await aClientId(pool);
    await aUser(pool);
    const request = { ClientId, AuthParameters: { USERNAME: "ann", PASSWORD } };
    const byUser = { ...request, AuthFlow: "USER_PASSWORD_AUTH" };
    expect(await callCognito(pool.emulator, "InitiateAuth", byUser)).toMatchObject({ status: 200 });
    const byServer = { ...request, UserPoolId: pool.poolId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" };
    expect(await callCognito(pool.emulator, "AdminInitiateAuth", byServer)).toMatchObject({
      status: 400,
      body: { __type: "UnrecognizedClientException" },
    });
  });
});

describe("an unconfirmed user", () => {
  test.each(["LEGACY", "ENABLED"] as const)(
    "signin-unconfirmed: is told so whatever the password, with users hidden: %s",
    async (PreventUserExistenceErrors) => {
      await using pool = await aPool();
      const clientId = await aClientId(pool, { PreventUserExistenceErrors });
      (await aUser(pool)).status = "UNCONFIRMED";
      for (const password of [PASSWORD, "Wr0ng-One"]) {
        await expect(signIn(pool, clientId, { password })).rejects.toMatchObject({
          name: "UserNotConfirmedException",
          message: "User is not confirmed.",
        });
      }
    },
  );
});

describe("a flow", () => {
  test.each([
    ["USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"],
    ["USER_AUTH", "USER_AUTH flow not enabled for this client"],
    ["REFRESH_TOKEN_AUTH", "Auth flow not enabled for this client"],
    ["USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."],
    ["ADMIN_USER_PASSWORD_AUTH", "Initiate Auth method not supported."],
  ] as const)("signin-flow: %s is refused where the client does not allow it", async (flow, message) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { ExplicitAuthFlows: ["ALLOW_CUSTOM_AUTH"] });
    const beginning = begin(pool, clientId, flow, { USERNAME: "ann", PASSWORD });
    await expect(beginning).rejects.toMatchObject({ name: "InvalidParameterException", message });
  });

  test.each([
    ["ADMIN_NO_SRP_AUTH", "Auth flow not enabled for this client"],
    ["USER_PASSWORD_AUTH", "Initiate Auth method not supported."],
  ] as const)("%s is refused to a server", async (flow, message) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"] });
    const beginning = beginAsAdmin(pool, clientId, flow, { USERNAME: "ann", PASSWORD });
    await expect(beginning).rejects.toMatchObject({ name: "InvalidParameterException", message });
  });

  test("CUSTOM_AUTH has no trigger, and words of its own where it is not allowed", async () => {
    await using pool = await aPool();
    const narrow = await aClientId(pool, { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"] });
    await expect(begin(pool, narrow, "CUSTOM_AUTH", { USERNAME: "ann" })).rejects.toMatchObject({
      message: "CUSTOM_AUTH is not enabled for the client.",
    });
    await expect(
      begin(pool, await aClientId(pool), "CUSTOM_AUTH", { USERNAME: "ann" }),
    ).rejects.toMatchObject({
      message: "Custom auth lambda trigger is not configured for the user pool.",
    });
  });
});

describe("a client with a secret", () => {
  test("secret-hash: signs in with its hash, answers with it, and refreshes with it", async () => {
    await using pool = await aPool();
    const { ClientId: clientId = "", ClientSecret: secret = "" } = await aClient(pool, {
      GenerateSecret: true,
    });
    const SECRET_HASH = createHmac("sha256", secret).update(`ann${clientId}`).digest("base64");
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    await expect(signIn(pool, clientId)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    });
    const parameters = { USERNAME: "ann", PASSWORD, SECRET_HASH };
    const asked = await begin(pool, clientId, "USER_PASSWORD_AUTH", parameters);
    const answers = { NEW_PASSWORD };
    await expect(respond(pool, clientId, asked, answers)).rejects.toMatchObject({
      name: "NotAuthorizedException",
    });
    const done = await respond(pool, clientId, asked, { ...answers, SECRET_HASH });
    const REFRESH_TOKEN = done.AuthenticationResult?.RefreshToken ?? "";
    await expect(
      begin(pool, clientId, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN, SECRET_HASH: "d3Jvbmc=" }),
    ).rejects.toMatchObject({ message: `SecretHash does not match for the client: ${clientId}` });
    const refreshed = await begin(pool, clientId, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN, SECRET_HASH });
    expect(refreshed.AuthenticationResult?.AccessToken).toBeDefined();
  });
});

describe("a user whose password came as a hash", () => {
  test("signin-hash: signs in with the password, and has it for a password then", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const user = await hashed(await aUser(pool), "old-pass");
    await expect(signIn(pool, clientId, { password: "other" })).rejects.toMatchObject(INCORRECT);
    expect(user.credential?.kind).toBe("hash");
    const answer = await signIn(pool, clientId, { password: "old-pass" });
    expect(answer.AuthenticationResult).toBeDefined();
    expect(user.credential).toEqual({ kind: "permanent", password: "old-pass" });
    await signIn(pool, clientId, { password: "old-pass" });
  });

  test("signs in through a server too", async () => {
    await using pool = await aPool();
    await hashed(await aUser(pool));
    const parameters = { USERNAME: "ann", PASSWORD };
    const clientId = await aClientId(pool);
    const answer = await beginAsAdmin(pool, clientId, "ADMIN_USER_PASSWORD_AUTH", parameters);
    expect(answer.AuthenticationResult).toBeDefined();
  });
});

describe("a user with a temporary password", () => {
  test("signin-temporary: is asked for a new one, and is confirmed by it", async () => {
    await using pool = await aPool({ Schema: [{ Name: "rank", DeveloperOnlyAttribute: true }] });
    const clientId = await aClientId(pool);
    const attributes = { email: "ann@example.com", email_verified: "true", "dev:custom:rank": "1" };
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD", attributes });
    const asked = await signIn(pool, clientId);
    expect(asked).toMatchObject({
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      ChallengeParameters: {
        USER_ID_FOR_SRP: "ann",
        requiredAttributes: "[]",
        userAttributes: '{"email":"ann@example.com","email_verified":"true"}',
      },
    });
    await expect(respond(pool, clientId, asked, { NEW_PASSWORD: "short" })).rejects.toMatchObject({
      name: "InvalidPasswordException",
    });
    const done = await respond(pool, clientId, asked, { NEW_PASSWORD });
    expect(done.AuthenticationResult).toBeDefined();
    expect(userNamed(pool)).toMatchObject({
      status: "CONFIRMED",
      credential: { kind: "permanent", password: NEW_PASSWORD },
    });
    await expect(signIn(pool, clientId)).rejects.toMatchObject(INCORRECT);
    await signIn(pool, clientId, { password: NEW_PASSWORD });
  });

  test("signin-temporary: the new password moves the date of the last change", async () => {
    const clock = new Clock();
    await using pool = await aPool({}, { clock: clock.now });
    const clientId = await aClientId(pool);
    const user = await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    const asked = await signIn(pool, clientId);
    clock.pass(1000);
    await respond(pool, clientId, asked, { NEW_PASSWORD });
    expect(user.modifiedMs).toBe(clock.now());
  });

  test("signin-new-attributes: gives the attributes that the pool requires with it", async () => {
    await using pool = await aPool({ Schema: [{ Name: "name", Required: true }] });
    const clientId = await aClientId(pool);
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    const asked = await signIn(pool, clientId);
    expect(asked.ChallengeParameters?.["requiredAttributes"]).toBe('["userAttributes.name"]');
    await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Invalid attributes given, name is missing",
    });
    const given = { NEW_PASSWORD, "userAttributes.name": "Ann" };
    const again = { ...given, "userAttributes.email": "a@b.cd" };
    await expect(respond(pool, clientId, asked, again)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Cannot modify an already provided email",
    });
    const verified = { ...given, "userAttributes.email_verified": "true" };
    await expect(respond(pool, clientId, asked, verified)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Cannot modify the non-mutable attribute email_verified",
    });
    await respond(pool, clientId, asked, given);
    expect(userNamed(pool).attributes).toContain("Ann");
  });

  test("signin-new-attributes: gives none that the client may not write", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { WriteAttributes: ["name"] });
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    const asked = await signIn(pool, clientId);
    const given = { NEW_PASSWORD, "userAttributes.nickname": "A" };
    await expect(respond(pool, clientId, asked, given)).rejects.toMatchObject({
      message: "A client attempted to write unauthorized attribute",
    });
    await respond(pool, clientId, asked, { NEW_PASSWORD, "userAttributes.name": "Ann" });
  });

  test.each([
    [1, 1],
    [undefined, 7],
    [0, 7],
  ])("signin-temporary-expiry: may use it, with a policy of %s days, for %d", async (policy, days) => {
    const clock = new Clock();
    await using pool = await aPool(
      {
        Policies: {
          PasswordPolicy: { TemporaryPasswordValidityDays: policy },
        },
      },
      { clock: clock.now },
    );
    const clientId = await aClientId(pool);
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    clock.pass(days * 24 * 60 * MINUTE_MS - 1);
    await signIn(pool, clientId);
    clock.pass(1);
    await expect(signIn(pool, clientId)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Temporary password has expired and must be reset by an administrator.",
    });
  });
});

describe("a user who must reset the password", () => {
  test.each([PASSWORD, "anything"])("signin-reset: is told so with the password %s", async (password) => {
    await using pool = await aPool();
    asImported(await aUser(pool));
    await expect(signIn(pool, await aClientId(pool), { password })).rejects.toMatchObject(RESET);
  });

  test("hidden-users: learns nothing from a client that hides who exists", async () => {
    await using pool = await aPool();
    asImported(await aUser(pool));
    await expect(signIn(pool, await aClientId(pool, HIDING))).rejects.toMatchObject(INCORRECT);
  });
});

describe("a client that hides who exists", () => {
  test("hidden-users: answers for nobody as for a wrong password", async () => {
    await using pool = await aPool();
    await expect(signIn(pool, await aClientId(pool, HIDING))).rejects.toMatchObject(INCORRECT);
  });
});

describe("a disabled user", () => {
  const disabled = { name: "NotAuthorizedException", message: "User is disabled." };

  test("signin-disabled: is told so, whatever the password", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    (await aUser(pool)).enabled = false;
    await expect(signIn(pool, clientId)).rejects.toMatchObject(disabled);
    await expect(signIn(pool, clientId, { password: "Wr0ng-One" })).rejects.toMatchObject(disabled);
  });

  test.each([
    [false, INCORRECT],
    [true, disabled],
  ])("is named by a client that hides users: %s, as the setting says", async (shown, refusal) => {
    await using pool = await aPool({}, { rules: { disabledShownWhenHiding: shown } });
    const clientId = await aClientId(pool, HIDING);
    (await aUser(pool)).enabled = false;
    await expect(signIn(pool, clientId, { password: "Wr0ng-One" })).rejects.toMatchObject(refusal);
    await expect(signIn(pool, clientId)).rejects.toMatchObject(disabled);
  });
});

describe("a user who is disabled on the way", () => {
  const disabled = { name: "NotAuthorizedException", message: "User is disabled." };

  test("signin-disabled: is stopped at the code", async () => {
    await using pool = await aPool({ MfaConfiguration: "ON" });
    const clientId = await aClientId(pool);
    const user = await aUser(pool);
    const asked = await signIn(pool, clientId);
    user.enabled = false;
    const code = { EMAIL_OTP_CODE: lastMessage(pool).secret };
    await expect(respond(pool, clientId, asked, code)).rejects.toMatchObject(disabled);
  });

  test("signin-disabled: is sent no code to sign in with", async () => {
    await using pool = await aPool({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } },
    });
    const clientId = await aClientId(pool);
    (await aUser(pool)).enabled = false;
    const parameters = { USERNAME: "ann", PREFERRED_CHALLENGE: "EMAIL_OTP" };
    await expect(begin(pool, clientId, "USER_AUTH", parameters)).rejects.toMatchObject(disabled);
    expect(pool.emulator.state.outbox).toEqual([]);
  });
});

describe("failures", () => {
  const locked = { name: "NotAuthorizedException", message: "Password attempts exceeded" };
  const wrong = { password: "Wr0ng-One" };

  test("signin-lockout: lock a user out after the fifth, for twice as long after each further one", async () => {
    const clock = new Clock();
    await using pool = await aPool({}, { clock: clock.now });
    const clientId = await aClientId(pool);
    await aUser(pool);
    for (const _ of [1, 2, 3, 4, 5]) {
      await expect(signIn(pool, clientId, wrong)).rejects.toMatchObject(INCORRECT);
    }
    await expect(signIn(pool, clientId)).rejects.toMatchObject(locked);
    clock.pass(1000);
    await expect(signIn(pool, clientId, wrong)).rejects.toMatchObject(INCORRECT);
    clock.pass(1999);
    await expect(signIn(pool, clientId)).rejects.toMatchObject(locked);
    clock.pass(1);
    await signIn(pool, clientId);
    await expect(signIn(pool, clientId, wrong)).rejects.toMatchObject(INCORRECT);
    await signIn(pool, clientId);
  });

  test("lock out when the settings say so", async () => {
    const clock = new Clock();
    const rules = { signInAttempts: 1, firstLockOutMs: 5000, longestLockOutMs: 6000 };
    await using pool = await aPool({}, { clock: clock.now, rules });
    const clientId = await aClientId(pool);
    await aUser(pool);
    await expect(signIn(pool, clientId, wrong)).rejects.toMatchObject(INCORRECT);
    clock.pass(4999);
    await expect(signIn(pool, clientId)).rejects.toMatchObject(locked);
    clock.pass(1);
    await expect(signIn(pool, clientId, wrong)).rejects.toMatchObject(INCORRECT);
    clock.pass(6000);
    await signIn(pool, clientId);
  });
});

describe("a session", () => {
  async function askedOf(settings: Parameters<typeof aPool>[1] = {}) {
    const pool = await aPool({}, settings);
    const clientId = await aClientId(pool);
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    return { pool, clientId, asked: await signIn(pool, clientId) };
  }

  test("signin-session: is good for three minutes", async () => {
    const clock = new Clock();
    const { pool, clientId, asked } = await askedOf({ clock: clock.now });
    await using _ = pool;
    clock.pass(3 * MINUTE_MS);
    const expired = {
      name: "NotAuthorizedException",
      message: "Invalid session for the user, session is expired.",
    };
    await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject(expired);
    // Another sign-in does not hide what became of the first one.
    await signIn(pool, clientId);
    await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject(expired);
    clock.pass(3 * MINUTE_MS);
    await signIn(pool, clientId);
    expect(pool.emulator.state.sessions.size).toBe(2);
  });

  test("is good once", async () => {
    const { pool, clientId, asked } = await askedOf();
    await using _ = pool;
    await respond(pool, clientId, asked, { NEW_PASSWORD });
    await expect(respond(pool, clientId, asked, { NEW_PASSWORD })).rejects.toMatchObject({
      message: "Invalid session for the user, session can only be used once.",
    });
  });

  const USED = { message: "Invalid session for the user, session can only be used once." };

  test("signin-session: of a choice between ways to sign in is good once", async () => {
    await using pool = await aPool({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } },
    });
    const clientId = await aClientId(pool);
    await aUser(pool);
    const asked = await begin(pool, clientId, "USER_AUTH", { USERNAME: "ann" });
    const chosen = await respond(pool, clientId, asked, { ANSWER: "PASSWORD" });
    await expect(respond(pool, clientId, asked, { ANSWER: "PASSWORD" })).rejects.toMatchObject(USED);
    await respond(pool, clientId, chosen, { PASSWORD });
    await expect(respond(pool, clientId, chosen, { PASSWORD })).rejects.toMatchObject(USED);
  });

  test("signin-session: of a choice between second factors, and its code, are good once", async () => {
    await using pool = await aPool({ MfaConfiguration: "OPTIONAL" });
    const clientId = await aClientId(pool);
    const attributes = { email: "ann@example.com", email_verified: "true", phone_number: "+15555551212" };
    const mfa = { enabled: ["SMS_MFA", "EMAIL_OTP"], preferred: undefined } as const;
    extrasOf(await aUser(pool, { attributes })).mfa = mfa;
    const asked = await signIn(pool, clientId);
    const chosen = await respond(pool, clientId, asked, { ANSWER: "EMAIL_OTP" });
    await expect(respond(pool, clientId, asked, { ANSWER: "EMAIL_OTP" })).rejects.toMatchObject(USED);
    const code = { EMAIL_OTP_CODE: lastMessage(pool).secret };
    await respond(pool, clientId, chosen, code);
    await expect(respond(pool, clientId, chosen, code)).rejects.toMatchObject(USED);
  });

  test("is plain data, and so are tokens: both go on after they were written down", async () => {
    const { pool, clientId, asked } = await askedOf();
    await using _ = pool;
    const { sessions, refreshTokens, signingKeys } = pool.emulator.state;
    const rewrite = <Entry>(entries: Map<string, Entry>) => {
      const written = JSON.stringify([...entries]);
      entries.clear();
      // What was written is what had been there.
      for (const [key, entry] of JSON.parse(written) as [string, Entry][]) entries.set(key, entry);
    };
    rewrite(sessions);
    const { AuthenticationResult: tokens } = await respond(pool, clientId, asked, { NEW_PASSWORD });
    rewrite(refreshTokens);
    rewrite(signingKeys);
    const parameters = { REFRESH_TOKEN: tokens?.RefreshToken ?? "" };
    const refreshed = await begin(pool, clientId, "REFRESH_TOKEN_AUTH", parameters);
    expect(refreshed.AuthenticationResult?.AccessToken).toBeDefined();
  });

  test("is good for its own challenge, client and user", async () => {
    const { pool, clientId, asked } = await askedOf();
    await using _ = pool;
    await aUser(pool, { username: "bob", attributes: {} });
    const invalid = { name: "NotAuthorizedException", message: "Invalid session for the user." };
    const answer = { NEW_PASSWORD, SMS_MFA_CODE: "123456" };
    const other = { ...asked, ChallengeName: "SMS_MFA" as const };
    await expect(respond(pool, clientId, other, answer)).rejects.toMatchObject(invalid);
    await expect(respond(pool, await aClientId(pool), asked, answer)).rejects.toMatchObject(invalid);
    const asBob = respond(pool, clientId, asked, { ...answer, USERNAME: "bob" });
    await expect(asBob).rejects.toMatchObject(invalid);
    const made = { ...asked, Session: "x".repeat(20) };
    await expect(respond(pool, clientId, made, answer)).rejects.toMatchObject(invalid);
    const none = { ...asked, Session: undefined };
    await expect(respond(pool, clientId, none, answer)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Missing required parameter Session",
    });
  });
});

describe("a second factor", () => {
  const phone = { phone_number: "+15555551212", email: "ann@example.com", email_verified: "true" };

  test.each([
    ["SMS_MFA", "SMS", "+*******1212"],
    ["EMAIL_OTP", "EMAIL", "a***@e***"],
  ] as const)("signin-mfa: %s is asked for by a code", async (factor, medium, destination) => {
    await using pool = await aPool({ MfaConfiguration: "OPTIONAL" });
    const clientId = await aClientId(pool);
    withMfa(await aUser(pool, { attributes: phone }), [factor], factor);
    const asked = await signIn(pool, clientId);
    expect(asked).toMatchObject({
      ChallengeName: factor,
      ChallengeParameters: {
        CODE_DELIVERY_DELIVERY_MEDIUM: medium,
        CODE_DELIVERY_DESTINATION: destination,
      },
    });
    expect(lastMessage(pool)).toMatchObject({ kind: "sign-in", medium });
    await expect(respond(pool, clientId, asked, { [`${factor}_CODE`]: "none" })).rejects.toMatchObject({
      name: "CodeMismatchException",
      message: "Invalid code or auth state for the user.",
    });
    const code = { [`${factor}_CODE`]: lastMessage(pool).secret };
    expect((await respond(pool, clientId, asked, code)).AuthenticationResult).toBeDefined();
  });

  test.each(["SMS_MFA", "EMAIL_OTP"] as const)(
    "signin-mfa: %s is asked for alone where it is preferred",
    async (preferred) => {
      await using pool = await aPool({ MfaConfiguration: "OPTIONAL" });
      const clientId = await aClientId(pool);
      withMfa(await aUser(pool, { attributes: phone }), ["SMS_MFA", "EMAIL_OTP"], preferred);
      expect(await signIn(pool, clientId)).toMatchObject({ ChallengeName: preferred });
    },
  );

  test("comes after the new password of a temporary one", async () => {
    await using pool = await aPool({ MfaConfiguration: "ON" });
    const clientId = await aClientId(pool);
    await aUser(pool, { attributes: phone, status: "FORCE_CHANGE_PASSWORD" });
    const asked = await respond(pool, clientId, await signIn(pool, clientId), { NEW_PASSWORD });
    expect(asked.ChallengeName).toBe("SMS_MFA");
    const SMS_MFA_CODE = lastMessage(pool).secret;
    const done = await respond(pool, clientId, asked, { SMS_MFA_CODE });
    expect(done.AuthenticationResult).toBeDefined();
  });

  test("is chosen by a user who has two and prefers none", async () => {
    await using pool = await aPool({ MfaConfiguration: "OPTIONAL" });
    const clientId = await aClientId(pool);
    withMfa(await aUser(pool, { attributes: phone }), ["SMS_MFA", "EMAIL_OTP"]);
    const asked = await signIn(pool, clientId);
    expect(asked.ChallengeName).toBe("SELECT_MFA_TYPE");
    await expect(respond(pool, clientId, asked, { ANSWER: "NONE" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const code = await respond(pool, clientId, asked, { ANSWER: "EMAIL_OTP" });
    const done = await respond(pool, clientId, code, { EMAIL_OTP_CODE: lastMessage(pool).secret });
    expect(done.AuthenticationResult).toBeDefined();
  });

  test("is not asked for where the pool has none, nor of those without where it is optional", async () => {
    for (const MfaConfiguration of ["OFF", "OPTIONAL"] as const) {
      await using pool = await aPool({ MfaConfiguration });
      const user = await aUser(pool, { attributes: phone });
      if (MfaConfiguration === "OFF") withMfa(user, ["SMS_MFA"]);
      expect((await signIn(pool, await aClientId(pool))).AuthenticationResult).toBeDefined();
    }
  });

  test("signin-mfa-setup: must be set up where the pool asks for one and nothing can be sent", async () => {
    await using pool = await aPool({ MfaConfiguration: "ON" });
    const clientId = await aClientId(pool);
    await aUser(pool, { attributes: {} });
    const asked = await signIn(pool, clientId);
    expect(asked).toMatchObject({
      ChallengeName: "MFA_SETUP",
      ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
    });
    await expect(respond(pool, clientId, asked, {})).rejects.toMatchObject({
      name: "SoftwareTokenMFANotFoundException",
    });
  });
});

describe("a user who chooses how to sign in", () => {
  const settings: Settings = {
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP", "SMS_OTP"] } },
  };

  async function choose(pool: TestPool, clientId: string, parameters: Record<string, string> = {}) {
    return begin(pool, clientId, "USER_AUTH", { USERNAME: "ann", ...parameters });
  }

  test("signin-choice: is shown what the pool allows and the user can do", async () => {
    await using pool = await aPool(settings);
    const clientId = await aClientId(pool);
    await aUser(pool);
    const asked = await choose(pool, clientId);
    expect(asked).toMatchObject({
      ChallengeName: "SELECT_CHALLENGE",
      AvailableChallenges: ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"],
    });
    const done = await respond(pool, clientId, asked, { ANSWER: "PASSWORD", PASSWORD });
    expect(done.AuthenticationResult).toBeDefined();
  });

  test.each(["EMAIL_OTP", "SMS_OTP"] as const)(
    "signin-code-digits: signs in by %s without a password",
    async (challenge) => {
      await using pool = await aPool(settings);
      const clientId = await aClientId(pool);
      const attributes = {
        email: "ann@example.com",
        email_verified: "true",
        phone_number: "+15555551212",
        phone_number_verified: "true",
      };
      const user = await aUser(pool, { attributes });
      asImported(user, "CONFIRMED");
      const asked = await choose(pool, clientId, { PREFERRED_CHALLENGE: challenge });
      expect(asked).toMatchObject({
        ChallengeName: challenge,
        AvailableChallenges: ["EMAIL_OTP", "SMS_OTP"],
      });
      expect(lastMessage(pool).secret).toMatch(/^\d{8}$/);
      const code = { [`${challenge}_CODE`]: lastMessage(pool).secret };
      expect((await respond(pool, clientId, asked, code)).AuthenticationResult).toBeDefined();
    },
  );

  test("gives the preferred password at once, or when asked", async () => {
    await using pool = await aPool(settings);
    const clientId = await aClientId(pool);
    await aUser(pool);
    const atOnce = await choose(pool, clientId, { PREFERRED_CHALLENGE: "PASSWORD", PASSWORD });
    expect(atOnce.AuthenticationResult).toBeDefined();
    const asked = await choose(pool, clientId, { PREFERRED_CHALLENGE: "PASSWORD" });
    expect(asked.ChallengeName).toBe("PASSWORD");
    const wrong = respond(pool, clientId, asked, { PASSWORD: "Wr0ng-One" });
    await expect(wrong).rejects.toMatchObject(INCORRECT);
  });

  test("cannot choose what the pool does not allow, or the user has not", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const asked = await choose(pool, clientId, { PREFERRED_CHALLENGE: "EMAIL_OTP" });
    expect(asked.AvailableChallenges).toEqual(["PASSWORD_SRP", "PASSWORD"]);
    await expect(respond(pool, clientId, asked, { ANSWER: "EMAIL_OTP" })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "EMAIL_OTP is not an available challenge.",
    });
  });

  test.each([
    ["verified", ["PASSWORD_SRP", "PASSWORD"]],
    ["any", ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]],
  ] as const)(
    "signin-code-contact: gets codes at %s addresses, as the setting says",
    async (goTo, choices) => {
      await using pool = await aPool(settings, { rules: { signInCodesGoTo: goTo } });
      await aUser(pool, { attributes: { email: "ann@example.com" } });
      expect((await choose(pool, await aClientId(pool))).AvailableChallenges).toEqual(choices);
    },
  );

  test("is told what stands in the way when nothing can be chosen", async () => {
    await using pool = await aPool({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["EMAIL_OTP"] } },
    });
    const clientId = await aClientId(pool);
    const user = asImported(await aUser(pool));
    await expect(choose(pool, clientId)).rejects.toMatchObject(RESET);
    user.status = "UNCONFIRMED";
    await expect(choose(pool, clientId)).rejects.toMatchObject({ name: "UserNotConfirmedException" });
  });

  test("hidden-users: is asked even if there is no such user, and never gets in", async () => {
    await using pool = await aPool(settings);
    const clientId = await aClientId(pool, HIDING);
    const asked = await choose(pool, clientId);
    expect(asked.AvailableChallenges).toEqual(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    await expect(respond(pool, clientId, asked, { ANSWER: "PASSWORD", PASSWORD })).rejects.toMatchObject(
      INCORRECT,
    );
    const sent = await respond(pool, clientId, await choose(pool, clientId), { ANSWER: "EMAIL_OTP" });
    expect(sent).toMatchObject({
      ChallengeName: "EMAIL_OTP",
      ChallengeParameters: {
        CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL",
        CODE_DELIVERY_DESTINATION: "a***@e***",
      },
    });
    await expect(respond(pool, clientId, sent, { EMAIL_OTP_CODE: "00000000" })).rejects.toMatchObject({
      name: "CodeMismatchException",
    });
    expect(pool.emulator.state.outbox).toEqual([]);
  });
});
