import {
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import type { UserStatus } from "../../emulator/index.ts";
import {
  aClientId,
  asImported,
  aUser,
  lastMessage,
  NEW_PASSWORD,
  PASSWORD,
  respond,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, aRow, importRows, type TestPool } from "./support/pool.ts";
import { activeUsers } from "./support/user.ts";

async function set({ cognito, poolId }: TestPool, Permanent?: boolean, Password = NEW_PASSWORD) {
  const request = { UserPoolId: poolId, Username: "ann", Password, Permanent };
  return cognito.send(new AdminSetUserPasswordCommand(request));
}

async function reset({ cognito, poolId }: TestPool) {
  return cognito.send(new AdminResetUserPasswordCommand({ UserPoolId: poolId, Username: "ann" }));
}

describe("by an administrator", () => {
  test.each<UserStatus>(["RESET_REQUIRED", "UNCONFIRMED", "CONFIRMED", "FORCE_CHANGE_PASSWORD"])(
    "set-permanent: a permanent password confirms a user who is %s",
    async (status) => {
      await using pool = await aPool();
      const clientId = await aClientId(pool);
      asImported(await aUser(pool), status);
      await set(pool, true);
      expect(userNamed(pool).status).toBe("CONFIRMED");
      await signIn(pool, clientId, { password: NEW_PASSWORD });
    },
  );

  test.each([false, undefined])("set-temporary: a temporary password must be changed: %s", async (flag) => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    await set(pool, flag);
    expect(userNamed(pool).status).toBe("FORCE_CHANGE_PASSWORD");
    const asked = await signIn(pool, clientId, { password: NEW_PASSWORD });
    expect(asked.ChallengeName).toBe("NEW_PASSWORD_REQUIRED");
    await respond(pool, clientId, asked, { NEW_PASSWORD: PASSWORD });
    await signIn(pool, clientId);
  });

  test("set-policy: holds to the pool's policy, and changes nothing otherwise", async () => {
    await using pool = await aPool();
    await aUser(pool);
    await expect(set(pool, true, "short")).rejects.toMatchObject({
      name: "InvalidPasswordException",
      message: "Password did not conform with policy: Password not long enough",
    });
    await signIn(pool, await aClientId(pool));
  });

  test("set-active: counts an imported user as active", async () => {
    await using pool = await aPool();
    await importRows(pool, [aRow()]);
    expect(activeUsers(pool)).toBe(0);
    await set(pool, true);
    expect(activeUsers(pool)).toBe(1);
  });

  test("knows nobody of another name", async () => {
    await using pool = await aPool();
    await expect(set(pool)).rejects.toMatchObject({ name: "UserNotFoundException" });
  });
});

describe("reset by an administrator", () => {
  test("reset-code: sends a code, and lets nobody in before it is used", async () => {
    await using pool = await aPool();
    const ClientId = await aClientId(pool);
    await aUser(pool);
    await reset(pool);
    expect(userNamed(pool).status).toBe("RESET_REQUIRED");
    expect(lastMessage(pool)).toMatchObject({ kind: "reset-password", destination: "ann@example.com" });
    await expect(signIn(pool, ClientId)).rejects.toMatchObject({ name: "PasswordResetRequiredException" });
    const ConfirmationCode = lastMessage(pool).secret;
    const request = { ClientId, Username: "ann", ConfirmationCode, Password: NEW_PASSWORD };
    await pool.cognito.send(new ConfirmForgotPasswordCommand(request));
    await signIn(pool, ClientId, { password: NEW_PASSWORD });
  });

  test("reset-code: sends an imported user a code, and counts nobody as active", async () => {
    await using pool = await aPool();
    await importRows(pool, [aRow()]);
    await reset(pool);
    expect(lastMessage(pool).kind).toBe("reset-password");
    expect(activeUsers(pool)).toBe(0);
  });

  const current = "User password cannot be reset in the current state.";
  test.each<[string, UserStatus, string]>([
    ["a user with a temporary password", "FORCE_CHANGE_PASSWORD", current],
    ["a user who never confirmed", "UNCONFIRMED", current],
  ])("reset-state: refuses %s", async (_, status, message) => {
    await using pool = await aPool();
    const user = await aUser(pool);
    user.status = status;
    await expect(reset(pool)).rejects.toMatchObject({ name: "NotAuthorizedException", message });
    expect(user.status).toBe(status);
  });

  test("reset-state: refuses a disabled user, and one without a verified contact", async () => {
    await using pool = await aPool();
    const user = await aUser(pool, { attributes: { email: "ann@example.com" } });
    await expect(reset(pool)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Cannot reset password for the user as there is no registered/verified email or phone_number",
    });
    expect(user.status).toBe("CONFIRMED");
    user.enabled = false;
    await expect(reset(pool)).rejects.toMatchObject({ message: "User is disabled." });
  });
});

describe("by the user", () => {
  async function change(pool: TestPool, token: string | undefined, previous?: string, next = NEW_PASSWORD) {
    return pool.cognito.send(
      new ChangePasswordCommand({
        AccessToken: token,
        PreviousPassword: previous,
        ProposedPassword: next,
      }),
    );
  }

  test("change-password: replaces the password that the user knows", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const token = (await signIn(pool, clientId)).AuthenticationResult?.AccessToken;
    for (const wrong of ["Wr0ng-One", undefined]) {
      await expect(change(pool, token, wrong)).rejects.toMatchObject({
        name: "NotAuthorizedException",
        message: "Incorrect username or password.",
      });
    }
    await expect(change(pool, token, PASSWORD, "short")).rejects.toMatchObject({
      name: "InvalidPasswordException",
    });
    await change(pool, token, PASSWORD);
    await signIn(pool, clientId, { password: NEW_PASSWORD });
  });

  test("attempt-limits: changes a password only so often in an hour", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    await aUser(pool);
    const token = (await signIn(pool, clientId)).AuthenticationResult?.AccessToken;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(change(pool, token, "Wr0ng-One")).rejects.toMatchObject({
        name: "NotAuthorizedException",
      });
    }
    await expect(change(pool, token, PASSWORD)).rejects.toMatchObject({ name: "LimitExceededException" });
  });

  test("change-password: gives a first one to a user who has none", async () => {
    await using pool = await aPool();
    const clientId = await aClientId(pool);
    const user = await aUser(pool);
    const token = (await signIn(pool, clientId)).AuthenticationResult?.AccessToken;
    user.credential = undefined;
    await change(pool, token);
    await signIn(pool, clientId, { password: NEW_PASSWORD });
  });
});
