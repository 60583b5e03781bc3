import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminLinkProviderForUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserMFAPreferenceCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  GetGroupCommand,
  GetUserCommand,
  ForgotPasswordCommand,
  ConfirmForgotPasswordCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";

import { startEmulator } from "../support/emulator.ts";
import { aClientId, aUser, begin, NEW_PASSWORD, respond, signIn } from "./support/auth.ts";
import { callControl } from "./support/control.ts";
import {
  aPool,
  aRow,
  createJob,
  CREDENTIALS,
  csvOf,
  importRows,
  logLines,
  startJob,
  upload,
  waitForJob,
  type TestPool,
  ROLE,
} from "./support/pool.ts";
import { callQuery } from "./support/query.ts";

/** The pool as another emulator holds it, which was given a dump over HTTP. */
async function moveOver(pool: TestPool): Promise<TestPool> {
  const dump = await callControl(pool.emulator, "GET", "dump");
  const emulator = await startEmulator({ quotas: "off", credentials: CREDENTIALS });
  await callControl(emulator, "PUT", "dump", dump);
  // What comes over comes over whole.
  expect(await callControl(emulator, "GET", "dump")).toBe(dump);
  const place = { endpoint: emulator.url, region: emulator.region, credentials: CREDENTIALS, maxAttempts: 1 };
  const cognito = new CognitoIdentityProviderClient(place);
  const logs = new CloudWatchLogsClient(place);
  const dispose = async () => {
    cognito.destroy();
    logs.destroy();
    await emulator.close();
  };
  return { emulator, cognito, logs, poolId: pool.poolId, [Symbol.asyncDispose]: dispose };
}

const verified = (email: string) => ({ attributes: { email, email_verified: "true" } });

test("sign-ins go on after a dump: tokens, challenges, hashes, second factors, codes and lock-outs", async () => {
  await using pool = await aPool(
    { MfaConfiguration: "OPTIONAL" },
    { rules: { signInAttempts: 1, firstLockOutMs: 600_000, longestLockOutMs: 600_000 } },
  );
  const clientId = await aClientId(pool, { GenerateSecret: false });
  await aUser(pool);
  await aUser(pool, { username: "bob", status: "FORCE_CHANGE_PASSWORD", ...verified("bob@example.com") });
  await aUser(pool, { username: "cid", ...verified("cid@example.com") });
  await aUser(pool, { username: "dan", ...verified("dan@example.com") });
  await pool.cognito.send(
    new AdminSetUserMFAPreferenceCommand({
      UserPoolId: pool.poolId,
      Username: "cid",
      EmailMfaSettings: { Enabled: true, PreferredMfa: true },
    }),
  );
  const tokens = (await signIn(pool, clientId)).AuthenticationResult;
  const newPassword = await signIn(pool, clientId, { username: "bob" });
  const code = await signIn(pool, clientId, { username: "cid" });
  await pool.cognito.send(new ForgotPasswordCommand({ ClientId: clientId, Username: "ann" }));
  await expect(signIn(pool, clientId, { username: "dan", password: "Wr0ng-One" })).rejects.toThrow(
    "Incorrect",
  );

  await using moved = await moveOver(pool);
  moved.emulator.control.changeRules(pool.emulator.control.rules);
  const parameters = { REFRESH_TOKEN: tokens?.RefreshToken ?? "" };
  // The old access token is genuine only under the old key.
  const shown = await moved.cognito.send(new GetUserCommand({ AccessToken: tokens?.AccessToken }));
  expect(shown.Username).toBe("ann");
  const fresh = await begin(moved, clientId, "REFRESH_TOKEN_AUTH", parameters);
  expect(fresh.AuthenticationResult?.TokenType).toBe("Bearer");
  const signedIn = await respond(moved, clientId, newPassword, { USERNAME: "bob", NEW_PASSWORD });
  expect(signedIn.AuthenticationResult?.TokenType).toBe("Bearer");
  const [sent, reset] = moved.emulator.control.outbox;
  const passed = await respond(moved, clientId, code, {
    USERNAME: "cid",
    EMAIL_OTP_CODE: sent?.secret ?? "",
  });
  expect(passed.AuthenticationResult?.TokenType).toBe("Bearer");
  await moved.cognito.send(
    new ConfirmForgotPasswordCommand({
      ClientId: clientId,
      Username: "ann",
      ConfirmationCode: reset?.secret,
      Password: NEW_PASSWORD,
    }),
  );
  await signIn(moved, clientId, { password: NEW_PASSWORD });
  await expect(signIn(moved, clientId, { username: "dan" })).rejects.toThrow("Password attempts exceeded");
  await expect(respond(moved, clientId, code, { USERNAME: "cid", EMAIL_OTP_CODE: "0" })).rejects.toThrow(
    "session can only be used once",
  );
});

test("jobs go on after a dump: what was uploaded is imported, logs and linked users are there", async () => {
  await using pool = await aPool(
    {},
    { credentials: undefined, rules: { logLostShare: 0.5, logDoubledShare: 0.2 } },
  );
  const rows = Array.from({ length: 9 }, (_, place) =>
    aRow({ "cognito:username": `user${place}`, email: `user${place}@example.com` }),
  );
  const { job: done } = await importRows(pool, rows);
  const later = await createJob(pool, "later");
  await upload(later, await csvOf(pool, [aRow()]));
  await pool.cognito.send(
    new AdminLinkProviderForUserCommand({
      UserPoolId: pool.poolId,
      DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: "user1" },
      SourceUser: {
        ProviderName: "Google",
        ProviderAttributeName: "Cognito_Subject",
        ProviderAttributeValue: "1",
      },
    }),
  );
  const role = { RoleName: "import", PolicyName: "logs" };
  const policy = '{"Statement":[]}';
  await callQuery(pool.emulator, "iam", { Action: "CreateRole", ...role, AssumeRolePolicyDocument: policy });
  await callQuery(pool.emulator, "iam", { Action: "PutRolePolicy", ...role, PolicyDocument: policy });
  await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.poolId, Username: "user2" }));
  await using moved = await moveOver(pool);
  expect(await logLines(moved, done)).toEqual(await logLines(pool, done));
  await startJob(moved, later.JobId);
  expect(await waitForJob(moved, later.JobId)).toMatchObject({ Status: "Succeeded", ImportedUsers: 1 });
  const get = (from: TestPool, Username = "user1") =>
    from.cognito.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username }));
  expect((await get(moved)).UserAttributes).toEqual((await get(pool)).UserAttributes);
  expect((await get(moved, "user2")).Enabled).toBe(false);
  expect(moved.emulator.state.roles.find("import")?.policies.get("logs")).toBe(policy);
});

test("lists go on after a dump, in the same order and by the same tokens", async () => {
  await using pool = await aPool();
  const names = ["ann", "bob", "cid", "dan", "eve"];
  for (const username of names) await aUser(pool, { username, ...verified(`${username}@example.com`) });
  const { poolId: UserPoolId } = pool;
  for (const GroupName of ["staff", "board"]) {
    await pool.cognito.send(
      new CreateGroupCommand({
        UserPoolId,
        GroupName,
        Description: `The ${GroupName}`,
        Precedence: 7,
        RoleArn: ROLE,
      }),
    );
    for (const Username of names.toReversed()) {
      await pool.cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, GroupName, Username }));
    }
  }
  for (const Username of ["ann", "eve"]) {
    await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username }));
  }
  const list = async ({ cognito }: TestPool, PaginationToken?: string) => {
    return cognito.send(new ListUsersCommand({ UserPoolId, Limit: 1, PaginationToken }));
  };
  const members = async ({ cognito }: TestPool, NextToken?: string) => {
    return cognito.send(new ListUsersInGroupCommand({ UserPoolId, GroupName: "staff", Limit: 1, NextToken }));
  };
  const groups = async ({ cognito }: TestPool, NextToken?: string) => {
    return cognito.send(
      new AdminListGroupsForUserCommand({ UserPoolId, Username: "bob", Limit: 1, NextToken }),
    );
  };
  const [users, inGroup, ofUser] = [await list(pool), await members(pool), await groups(pool)];
  expect([users.Users?.[0]?.Username, inGroup.Users?.[0]?.Username]).toEqual(["bob", "dan"]);

  await using moved = await moveOver(pool);
  const [second, third] = [await list(moved, users.PaginationToken), await members(moved, inGroup.NextToken)];
  expect([second.Users?.[0]?.Username, third.Users?.[0]?.Username]).toEqual(["cid", "cid"]);
  expect((await groups(moved, ofUser.NextToken)).Groups?.[0]?.GroupName).toBe("board");
  const { Group } = await moved.cognito.send(new GetGroupCommand({ UserPoolId, GroupName: "staff" }));
  expect(Group).toMatchObject({ Description: "The staff", Precedence: 7, RoleArn: ROLE });
});
