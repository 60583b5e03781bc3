import {
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { bcrypt } from "hash-wasm";
import { describe, expect, test } from "vitest";

import {
  aClient,
  aClientId,
  asImported,
  aUser,
  Clock,
  lastMessage,
  NEW_PASSWORD,
  PASSWORD,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, aRow, importRows, type TestPool } from "./support/pool.ts";
import { activeUsers } from "./support/user.ts";

const HOUR_MS = 60 * 60 * 1000;
const HIDING = { PreventUserExistenceErrors: "ENABLED" } as const;
const UNREACHABLE = {
  name: "InvalidParameterException",
  message: "Cannot reset password for the user as there is no registered/verified email or phone_number",
};
const DISABLED = { name: "NotAuthorizedException", message: "User is disabled." };
const both = {
  email: "ann@example.com",
  email_verified: "true",
  phone_number: "+15555551212",
  phone_number_verified: "true",
};

async function forget({ cognito }: TestPool, ClientId: string, Username = "ann") {
  return (await cognito.send(new ForgotPasswordCommand({ ClientId, Username }))).CodeDeliveryDetails;
}

async function confirm(pool: TestPool, ClientId: string, code?: string, Password = NEW_PASSWORD) {
  const ConfirmationCode = code ?? lastMessage(pool).secret;
  const request = { ClientId, Username: "ann", ConfirmationCode, Password };
  return pool.cognito.send(new ConfirmForgotPasswordCommand(request));
}

test("forgot-code: sends a code, and takes a new password for it", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await aUser(pool);
  expect(await forget(pool, clientId)).toEqual({
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: "a***@e***",
  });
  expect(lastMessage(pool)).toMatchObject({ kind: "reset-password", destination: "ann@example.com" });
  await signIn(pool, clientId);
  await confirm(pool, clientId);
  expect(userNamed(pool)).toMatchObject({
    status: "CONFIRMED",
    credential: { kind: "permanent", password: NEW_PASSWORD },
  });
  await expect(signIn(pool, clientId)).rejects.toMatchObject({ name: "NotAuthorizedException" });
  await signIn(pool, clientId, { password: NEW_PASSWORD });
});

test("forgot-imported: gives an imported user its first password, and counts it then", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  await importRows(pool, [aRow()]);
  expect(userNamed(pool).status).toBe("RESET_REQUIRED");
  await forget(pool, clientId);
  expect(activeUsers(pool)).toBe(0);
  await confirm(pool, clientId);
  expect(activeUsers(pool)).toBe(1);
  expect(userNamed(pool).status).toBe("CONFIRMED");
  await signIn(pool, clientId, { password: NEW_PASSWORD });
});

test("forgot-hash: replaces a hash", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  const user = await aUser(pool);
  const salt = new Uint8Array(16).fill(7);
  const hash = await bcrypt({ password: "old-pass", salt, costFactor: 4, outputType: "encoded" });
  user.credential = { kind: "hash", algorithm: "BCRYPT", hash };
  await forget(pool, clientId);
  await confirm(pool, clientId);
  const withOld = signIn(pool, clientId, { password: "old-pass" });
  await expect(withOld).rejects.toMatchObject({ name: "NotAuthorizedException" });
  await signIn(pool, clientId, { password: NEW_PASSWORD });
});

describe("recovery", () => {
  test.each<[string, Parameters<typeof aPool>[0], string]>([
    ["the phone", {}, "phone_number"],
    [
      "what the pool puts first",
      {
        AccountRecoverySetting: {
          RecoveryMechanisms: [
            { Name: "verified_phone_number", Priority: 2 },
            { Name: "verified_email", Priority: 1 },
          ],
        },
      },
      "email",
    ],
  ])("forgot-recovery: sends the code to %s", async (_, settings, attribute) => {
    await using pool = await aPool(settings);
    await aUser(pool, { attributes: both });
    expect(await forget(pool, await aClientId(pool))).toMatchObject({ AttributeName: attribute });
  });

  test("forgot-recovery: leaves it to administrators where the pool says so", async () => {
    await using pool = await aPool({
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "admin_only", Priority: 1 }] },
    });
    await aUser(pool);
    await expect(forget(pool, await aClientId(pool))).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Contact administrator to reset password.",
    });
  });
});

describe("refusals", () => {
  test("forgot-contact: sends nothing to an address that is not verified", async () => {
    await using pool = await aPool();
    await aUser(pool, { attributes: { email: "ann@example.com" } });
    await expect(forget(pool, await aClientId(pool))).rejects.toMatchObject(UNREACHABLE);
  });

  test("forgot-state: is not for somebody who has a temporary password", async () => {
    await using pool = await aPool();
    await aUser(pool, { status: "FORCE_CHANGE_PASSWORD" });
    await expect(forget(pool, await aClientId(pool))).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "User password cannot be reset in the current state.",
    });
  });

  test("forgot-state: is not for a disabled user", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const user = await aUser(pool);
    await forget(pool, clientId);
    user.enabled = false;
    await expect(forget(pool, clientId)).rejects.toMatchObject(DISABLED);
    await expect(confirm(pool, clientId)).rejects.toMatchObject(DISABLED);
  });

  test("forgot-state: is not for somebody who signed up and has confirmed no address", async () => {
    await using pool = await aPool();
    const ClientId = await aClientId(pool);
    const UserAttributes = [{ Name: "email", Value: "a@b.cd" }];
    await pool.cognito.send(
      new SignUpCommand({ ClientId, Username: "ann", Password: PASSWORD, UserAttributes }),
    );
    await expect(forget(pool, ClientId)).rejects.toMatchObject(UNREACHABLE);
  });

  test.each(["refused", "confirms"] as const)(
    "forgot-unconfirmed: what a code does for an unconfirmed user is as the setting says: %s",
    async (answer) => {
      await using pool = await aPool({}, { rules: { resetOfUnconfirmed: answer } });
      const clientId = await aClientId(pool);
      const user = await aUser(pool);
      user.status = "UNCONFIRMED";
      await forget(pool, clientId);
      const confirming = confirm(pool, clientId);
      if (answer === "confirms") await confirming;
      else await expect(confirming).rejects.toMatchObject({ name: "UserNotConfirmedException" });
      expect(user.status).toBe(answer === "confirms" ? "CONFIRMED" : "UNCONFIRMED");
    },
  );

  test("forgot-password-policy: takes no weak password, and the code stays good", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    await forget(pool, clientId);
    const weak = confirm(pool, clientId, undefined, "short");
    await expect(weak).rejects.toMatchObject({
      name: "InvalidPasswordException",
      message: "Password does not conform to policy: Password not long enough",
    });
    await confirm(pool, clientId);
  });

  test("secret-hash: asks for the hash of a client with a secret", async () => {
    await using pool = await aPool();
    const { ClientId: clientId = "" } = await aClient(pool, { GenerateSecret: true });
    const refusal = {
      name: "NotAuthorizedException",
      message: `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    };
    await expect(forget(pool, clientId)).rejects.toMatchObject(refusal);
    await expect(confirm(pool, clientId, "123456")).rejects.toMatchObject(refusal);
  });
});

describe("codes", () => {
  test("code-wrong, code-once: takes the code that was sent last, and takes it once", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const expired = { name: "ExpiredCodeException" };
    await expect(confirm(pool, clientId, "123456")).rejects.toMatchObject(expired);
    await forget(pool, clientId);
    await expect(confirm(pool, clientId, "none")).rejects.toMatchObject({ name: "CodeMismatchException" });
    const code = lastMessage(pool).secret;
    await confirm(pool, clientId, code);
    await expect(confirm(pool, clientId, code)).rejects.toMatchObject(expired);
  });

  test("code-wrong: does not take a sign-up code for a reset", async () => {
    await using pool = await aPool({}, { rules: { resetOfUnconfirmed: "confirms" } });
    const ClientId = await aClientId(pool);
    const UserAttributes = [{ Name: "email", Value: "a@b.cd" }];
    await pool.cognito.send(
      new SignUpCommand({ ClientId, Username: "ann", Password: PASSWORD, UserAttributes }),
    );
    await expect(confirm(pool, ClientId)).rejects.toMatchObject({ name: "ExpiredCodeException" });
  });

  test("forgot-code: lets a locked-out user in with the new password", async () => {
    await using pool = await aPool({}, { rules: { signInAttempts: 1, firstLockOutMs: HOUR_MS } });
    const clientId = await aClientId(pool);
    await aUser(pool);
    const wrong = { name: "NotAuthorizedException" };
    await expect(signIn(pool, clientId, { password: "Wr0ng-One" })).rejects.toMatchObject(wrong);
    await expect(signIn(pool, clientId)).rejects.toMatchObject({ message: "Password attempts exceeded" });
    await forget(pool, clientId);
    await confirm(pool, clientId);
    await signIn(pool, clientId, { password: NEW_PASSWORD });
  });

  test("code-expiry: takes a reset code for an hour", async () => {
    const clock = new Clock();
    await using pool = await aPool({}, { clock: clock.now });
    const clientId = await aClientId(pool);
    await aUser(pool);
    await forget(pool, clientId);
    clock.pass(HOUR_MS);
    await expect(confirm(pool, clientId)).rejects.toMatchObject({ name: "ExpiredCodeException" });
    await forget(pool, clientId);
    clock.pass(HOUR_MS - 1);
    await confirm(pool, clientId);
  });

  test("forgot-limit: refuses more requests and guesses in an hour than the setting allows", async () => {
    const clock = new Clock();
    await using pool = await aPool({}, { clock: clock.now, rules: { resetAttemptsInHour: 2 } });
    const clientId = await aClientId(pool);
    await aUser(pool);
    const limit = {
      name: "LimitExceededException",
      message: "Attempt limit exceeded, please try after some time.",
    };
    await forget(pool, clientId);
    await expect(confirm(pool, clientId, "none")).rejects.toMatchObject({ name: "CodeMismatchException" });
    await expect(confirm(pool, clientId, "none")).rejects.toMatchObject(limit);
    await expect(forget(pool, clientId)).rejects.toMatchObject(limit);
    await expect(confirm(pool, clientId, lastMessage(pool).secret)).rejects.toMatchObject(limit);
    clock.pass(HOUR_MS);
    await forget(pool, clientId);
    await confirm(pool, clientId, lastMessage(pool).secret);
  });

  test("forgot-limit: the code of the last request that the setting allows is good", async () => {
    await using pool = await aPool({}, { rules: { resetAttemptsInHour: 1 } });
    const clientId = await aClientId(pool);
    await aUser(pool);
    await forget(pool, clientId);
    await confirm(pool, clientId, lastMessage(pool).secret);
  });
});

describe("users who are not there", () => {
  test("hidden-users: are named by default", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const refusal = {
      name: "UserNotFoundException",
      message: "Username/client id combination not found.",
    };
    await expect(forget(pool, clientId)).rejects.toMatchObject(refusal);
    await expect(confirm(pool, clientId, "123456")).rejects.toMatchObject(refusal);
  });

  test("hidden-users: seem to get a code from a client that hides them", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, HIDING);
    expect(await forget(pool, clientId)).toMatchObject({ DeliveryMedium: "EMAIL" });
    expect(await forget(pool, clientId, "+15555551212")).toMatchObject({ DeliveryMedium: "SMS" });
    await expect(confirm(pool, clientId, "123456")).rejects.toMatchObject({ name: "CodeMismatchException" });
    expect(pool.emulator.state.outbox).toEqual([]);
  });

  test("hidden-users: so do those who are disabled, or have no verified contact", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, HIDING);
    (await aUser(pool)).enabled = false;
    await aUser(pool, { username: "bob", attributes: {} });
    for (const username of ["ann", "bob"]) {
      expect(await forget(pool, clientId, username)).toMatchObject({ DeliveryMedium: "EMAIL" });
    }
    await expect(confirm(pool, clientId, "123456")).rejects.toMatchObject({ name: "CodeMismatchException" });
    expect(pool.emulator.state.outbox).toEqual([]);
  });

  test("forgot-imported: imported users are hidden at sign-in, and still get their code", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool, HIDING);
    asImported(await aUser(pool));
    await forget(pool, clientId);
    await confirm(pool, clientId);
    await signIn(pool, clientId, { password: NEW_PASSWORD });
  });
});
