import {
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs } from "../support/target.ts";

test("a migrated user is asked for a reset, resets the password with the mailed code, and signs in", async () => {
  const target = await aTarget();
  const { emulator, userPoolId } = target;
  const migrated = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`)));
  expect(migrated.outcomes).toMatchObject({ imported: 3 });
  expect(emulator.control.stats().monthlyActiveUsers).toEqual({ [userPoolId]: {} });

  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const cognito = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: "us-east-1",
    credentials,
  });
  onTestFinished(() => cognito.destroy());
  const made = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: "web",
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  const ClientId = made.UserPoolClient?.ClientId;
  const signIn = (PASSWORD: string) => {
    const AuthParameters = { USERNAME: "u2", PASSWORD };
    return cognito.send(
      new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters }),
    );
  };
  await expect(signIn("whatever")).rejects.toMatchObject({ name: "PasswordResetRequiredException" });

  await cognito.send(new ForgotPasswordCommand({ ClientId, Username: "u2" }));
  const [mail] = emulator.control.outbox;
  expect(mail).toMatchObject({ medium: "EMAIL", destination: "u2@example.com" });
  const Password = "New-password-1";
  const code = { ClientId, Username: "u2", ConfirmationCode: mail?.secret, Password };
  await cognito.send(new ConfirmForgotPasswordCommand(code));
  const { AuthenticationResult: tokens } = await signIn(Password);
  expect(tokens?.AccessToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(Object.values(emulator.control.stats().monthlyActiveUsers[userPoolId] ?? {})).toEqual([1]);
});
