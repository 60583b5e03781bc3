import { createHmac } from "node:crypto";

import {
  ConfirmSignUpCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  type ConfirmSignUpCommandInput,
  type SignUpCommandInput,
  type SignUpCommandOutput,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import {
  aClient,
  aClientId,
  aUser,
  Clock,
  lastMessage,
  PASSWORD,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, type TestPool } from "./support/pool.ts";
import { activeUsers } from "./support/user.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const email = (Value: string) => [{ Name: "email", Value }];

async function signUp(
  { cognito }: TestPool,
  ClientId: string,
  request: Partial<SignUpCommandInput> = {},
): Promise<SignUpCommandOutput> {
  return cognito.send(
    new SignUpCommand({
      ClientId,
      Username: "ann",
      Password: PASSWORD,
      UserAttributes: email("ann@example.com"),
      ...request,
    }),
  );
}

async function confirm(
  pool: TestPool,
  ClientId: string,
  request: Partial<ConfirmSignUpCommandInput> = {},
): Promise<object> {
  return pool.cognito.send(
    new ConfirmSignUpCommand({ ClientId, Username: "ann", ConfirmationCode: "none", ...request }),
  );
}

async function resend({ cognito }: TestPool, ClientId: string, Username = "ann") {
  return cognito.send(new ResendConfirmationCodeCommand({ ClientId, Username }));
}

// Written out again, so that the emulator's own is held against another one.
function hashOf(username: string, { ClientId = "", ClientSecret = "" }): string {
  return createHmac("sha256", ClientSecret).update(`${username}${ClientId}`).digest("base64");
}

test("signup-code: signs a user up, confirms it by the code, and lets it in", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  const answer = await signUp(pool, clientId);
  expect(answer).toMatchObject({
    UserConfirmed: false,
    UserSub: userNamed(pool).sub,
    CodeDeliveryDetails: { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: "a***@e***" },
  });
  expect(lastMessage(pool)).toMatchObject({ kind: "confirm-sign-up", destination: "ann@example.com" });
  expect(userNamed(pool).status).toBe("UNCONFIRMED");
  await expect(signIn(pool, clientId)).rejects.toMatchObject({
    name: "UserNotConfirmedException",
    message: "User is not confirmed.",
  });
  await expect(signIn(pool, clientId, { password: "Wr0ng-One" })).rejects.toMatchObject({
    name: "UserNotConfirmedException",
  });
  await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
  expect(userNamed(pool).status).toBe("CONFIRMED");
  expect(userNamed(pool).attributes).toEqual(["email", "ann@example.com", "email_verified", "true"]);
  expect((await signIn(pool, clientId)).AuthenticationResult?.TokenType).toBe("Bearer");
});

test("signup-code: an address that was taken away since is not verified", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await signUp(pool, clientId);
  const { secret } = lastMessage(pool);
  const user = userNamed(pool);
  pool.emulator.state.pools.get(pool.poolId)?.users.change(user, [], []);
  await confirm(pool, clientId, { ConfirmationCode: secret });
  expect(user).toMatchObject({ status: "CONFIRMED", attributes: [] });
});

test("signup-active: counts who signs up, and who confirms in a later month", async () => {
  const clock = new Clock();
  await using pool = await aPool({}, { clock: clock.now });
  const clientId = await aClientId(pool);
  await signUp(pool, clientId);
  expect(activeUsers(pool)).toBe(1);
  clock.pass(40 * DAY_MS);
  await resend(pool, clientId);
  expect(activeUsers(pool)).toBe(1);
  await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
  expect(activeUsers(pool)).toBe(2);
});

test("signup-code: sends the code to the phone where the pool verifies both", async () => {
  await using pool = await aPool({ AutoVerifiedAttributes: ["email", "phone_number"] });
  const { CodeDeliveryDetails: details } = await signUp(pool, await aClientId(pool), {
    UserAttributes: [...email("ann@example.com"), { Name: "phone_number", Value: "+15555551212" }],
  });
  expect(details).toMatchObject({ AttributeName: "phone_number", Destination: "+*******1212" });
});

test("signup-code: sends nothing where the pool verifies nothing", async () => {
  await using pool = await aPool({ AutoVerifiedAttributes: [] });
  const clientId = await aClientId(pool);
  expect(await signUp(pool, clientId)).not.toHaveProperty("CodeDeliveryDetails");
  expect(pool.emulator.state.outbox).toEqual([]);
  await expect(resend(pool, clientId)).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Cannot resend codes. Auto verification not turned on.",
  });
});

describe("refusals", () => {
  const required = [{ Name: "name", Required: true }];
  test.each<[string, Parameters<typeof aPool>[0], Partial<SignUpCommandInput>, string, string]>([
    [
      "signup-closed: a pool in which only administrators create",
      { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } },
      {},
      "NotAuthorizedException",
      "SignUp is not permitted for this user pool",
    ],
    [
      "signup-password: a weak password",
      {},
      { Password: "password1!" },
      "InvalidPasswordException",
      "Password did not conform with policy: Password must have uppercase characters",
    ],
    [
      "signup-password: no password",
      {},
      { Password: undefined },
      "InvalidParameterException",
      "User is required to have a password",
    ],
    [
      "signup-required: required attributes that are missing",
      { Schema: [...required, { Name: "nickname", Required: true }] },
      {},
      "InvalidParameterException",
      "Attributes did not conform to the schema: name.formatted: The attribute name.formatted is required\n" +
        "nickname: The attribute is required\n",
    ],
    [
      "signup-writable: a user who calls its e-mail verified",
      {},
      { UserAttributes: [...email("a@b.cd"), { Name: "email_verified", Value: "true" }] },
      "NotAuthorizedException",
      "A client attempted to write unauthorized attribute",
    ],
  ])("%s", async (_, settings, request, name, message) => {
    await using pool = await aPool(settings);
    const signingUp = signUp(pool, await aClientId(pool), request);
    await expect(signingUp).rejects.toMatchObject({ name, message });
  });

  test("signup-exists: a username that is taken, in the words for names and for e-mails", async () => {
    await using byName = await aPool();
    await aUser(byName);
    await expect(signUp(byName, await aClientId(byName))).rejects.toMatchObject({
      name: "UsernameExistsException",
      message: "User already exists",
    });
    await using byEmail = await aPool({ UsernameAttributes: ["email"] });
    const clientId = await aClientId(byEmail);
    const request = { Username: "ann@example.com", UserAttributes: [] };
    await signUp(byEmail, clientId, request);
    await expect(signUp(byEmail, clientId, request)).rejects.toMatchObject({
      name: "UsernameExistsException",
      message: "An account with the given email already exists.",
    });
  });
});

test("signup-required: takes the username for the e-mail that is required", async () => {
  await using pool = await aPool({
    UsernameAttributes: ["email"],
    Schema: [{ Name: "email", Required: true }],
  });
  const clientId = await aClientId(pool);
  const { UserSub } = await signUp(pool, clientId, { Username: "ann@example.com", UserAttributes: [] });
  await confirm(pool, clientId, {
    Username: "ann@example.com",
    ConfirmationCode: lastMessage(pool).secret,
  });
  expect(userNamed(pool, UserSub).attributes).toContain("email_verified");
});

test("signup-writable: lets a client write what it names, or what the setting says", async () => {
  const custom = [...email("a@b.cd"), { Name: "custom:x", Value: "1" }];
  const refusal = { message: "A client attempted to write unauthorized attribute" };
  await using open = await aPool({ Schema: [{ Name: "x" }] });
  const narrow = await aClientId(open, { WriteAttributes: ["email"] });
  await expect(signUp(open, narrow, { UserAttributes: custom })).rejects.toMatchObject(refusal);
  await signUp(open, await aClientId(open), { UserAttributes: custom });
  await using strict = await aPool(
    { Schema: [{ Name: "x" }] },
    { rules: { unnamedWriteAttributes: "standard" } },
  );
  const signingUp = signUp(strict, await aClientId(strict), { UserAttributes: custom });
  await expect(signingUp).rejects.toMatchObject(refusal);
});

test("signup-passwordless: lets a user sign up without a password where codes let in", async () => {
  await using pool = await aPool({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } },
  });
  await signUp(pool, await aClientId(pool), { Password: undefined });
  expect(userNamed(pool).credential).toBeUndefined();
});

describe("a client with a secret", () => {
  test("secret-hash: is asked for the hash", async () => {
    await using pool = await aPool();
    const client = await aClient(pool, { GenerateSecret: true });
    const clientId = client.ClientId ?? "";
    await expect(signUp(pool, clientId)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    });
  });

  test("is refused with a wrong one", async () => {
    await using pool = await aPool();
    const client = await aClient(pool, { GenerateSecret: true });
    const clientId = client.ClientId ?? "";
    await expect(signUp(pool, clientId, { SecretHash: hashOf("bob", client) })).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: `SecretHash does not match for the client: ${clientId}`,
    });
  });

  test("goes on with the right one, and each request needs it", async () => {
    await using pool = await aPool();
    const client = await aClient(pool, { GenerateSecret: true });
    const clientId = client.ClientId ?? "";
    const SecretHash = hashOf("ann", client);
    await signUp(pool, clientId, { SecretHash });
    const ConfirmationCode = lastMessage(pool).secret;
    await expect(resend(pool, clientId)).rejects.toMatchObject({ name: "NotAuthorizedException" });
    await expect(confirm(pool, clientId, { ConfirmationCode })).rejects.toMatchObject({
      name: "NotAuthorizedException",
    });
    await confirm(pool, clientId, { ConfirmationCode, SecretHash });
    expect(userNamed(pool).status).toBe("CONFIRMED");
  });
});

test("secret-hash: refuses a hash of a client that has no secret", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await expect(signUp(pool, clientId, { SecretHash: "aGFzaA==" })).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Client is not configured with secret but SECRET_HASH was received",
  });
});

describe("codes", () => {
  test("code-wrong: refuses another code, and takes the right one after it", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await signUp(pool, clientId);
    await expect(confirm(pool, clientId)).rejects.toMatchObject({
      name: "CodeMismatchException",
      message: "Invalid verification code provided, please try again.",
    });
    await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
  });

  test("code-expiry: takes a sign-up code for a day", async () => {
    const clock = new Clock();
    await using pool = await aPool({}, { clock: clock.now });
    const clientId = await aClientId(pool);
    await signUp(pool, clientId);
    const ConfirmationCode = lastMessage(pool).secret;
    clock.pass(DAY_MS);
    await expect(confirm(pool, clientId, { ConfirmationCode })).rejects.toMatchObject({
      name: "ExpiredCodeException",
      message: "Invalid code provided, please request a code again.",
    });
    await resend(pool, clientId);
    clock.pass(DAY_MS - 1);
    await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
  });

  test("attempt-limits: sends and takes only so many codes in an hour", async () => {
    const clock = new Clock();
    const rules = { codeResendsInHour: 1, confirmationsInHour: 2 };
    await using pool = await aPool({}, { clock: clock.now, rules });
    const clientId = await aClientId(pool);
    await signUp(pool, clientId);
    const limit = {
      name: "LimitExceededException",
      message: "Attempt limit exceeded, please try after some time.",
    };
    await resend(pool, clientId);
    await expect(resend(pool, clientId)).rejects.toMatchObject(limit);
    for (const refusal of [{ name: "CodeMismatchException" }, { name: "CodeMismatchException" }, limit]) {
      await expect(confirm(pool, clientId, { ConfirmationCode: "none" })).rejects.toMatchObject(refusal);
    }
    clock.pass(60 * 60 * 1000);
    await resend(pool, clientId);
    await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
  });

  test("code-resend: sends another code, and only to those who need one", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await signUp(pool, clientId);
    const { CodeDeliveryDetails: details } = await resend(pool, clientId);
    expect(details).toMatchObject({ Destination: "a***@e***" });
    expect(pool.emulator.state.outbox).toHaveLength(2);
    await confirm(pool, clientId, { ConfirmationCode: lastMessage(pool).secret });
    await expect(resend(pool, clientId)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "User is already confirmed.",
    });
    await expect(confirm(pool, clientId)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "User cannot be confirmed. Current status is CONFIRMED",
    });
  });
});

test("signup-disabled: neither confirms nor writes to a user who was disabled", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await signUp(pool, clientId);
  userNamed(pool).enabled = false;
  const disabled = { name: "NotAuthorizedException", message: "User is disabled." };
  const ConfirmationCode = lastMessage(pool).secret;
  await expect(confirm(pool, clientId, { ConfirmationCode })).rejects.toMatchObject(disabled);
  await expect(resend(pool, clientId)).rejects.toMatchObject(disabled);
  const hiding = await aClientId(pool, { PreventUserExistenceErrors: "ENABLED" });
  expect(await resend(pool, hiding)).toMatchObject({ CodeDeliveryDetails: { DeliveryMedium: "EMAIL" } });
  expect(pool.emulator.state.outbox).toHaveLength(1);
});

describe("an e-mail that is another user's alias", () => {
  const settings = { AliasAttributes: ["email" as const] };

  test("signup-alias: is refused when it is confirmed", async () => {
    await using pool = await aPool(settings);
    const clientId = await aClientId(pool);
    await aUser(pool, { username: "bob" });
    await signUp(pool, clientId);
    const ConfirmationCode = lastMessage(pool).secret;
    await expect(confirm(pool, clientId, { ConfirmationCode })).rejects.toMatchObject({
      name: "AliasExistsException",
      message: "An account with the email already exists.",
    });
    expect(userNamed(pool).status).toBe("UNCONFIRMED");
    expect(userNamed(pool, "ann@example.com").username).toBe("bob");
  });

  test("moves when that is forced", async () => {
    await using pool = await aPool(settings);
    const clientId = await aClientId(pool);
    await aUser(pool, { username: "bob" });
    await signUp(pool, clientId);
    await confirm(pool, clientId, {
      ConfirmationCode: lastMessage(pool).secret,
      ForceAliasCreation: true,
    });
    expect(userNamed(pool, "ann@example.com").username).toBe("ann");
    expect(userNamed(pool, "bob").attributes).toEqual([
      "email",
      "ann@example.com",
      "email_verified",
      "false",
    ]);
  });
});

describe("a user who does not exist", () => {
  test("hidden-users: is named as such by default", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const refusal = {
      name: "UserNotFoundException",
      message: "Username/client id combination not found.",
    };
    await expect(confirm(pool, clientId)).rejects.toMatchObject(refusal);
    await expect(resend(pool, clientId)).rejects.toMatchObject(refusal);
  });

  test("is hidden by a client that is told to", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, { PreventUserExistenceErrors: "ENABLED" });
    await expect(confirm(pool, clientId)).rejects.toMatchObject({ name: "CodeMismatchException" });
    const { CodeDeliveryDetails: details } = await resend(pool, clientId, "carl@example.com");
    expect(details).toMatchObject({ Destination: "c***@e***", DeliveryMedium: "EMAIL" });
    expect(pool.emulator.state.outbox).toEqual([]);
  });
});
