import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget, type Target } from "../support/target.ts";

const EXAMPLE = /^## An example\n([^]*?)^## /m.exec(readFileSync("docs/configuration.md", "utf8"))?.[1] ?? "";

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(EXAMPLE)?.[1] ?? "";
}

/** The example's files in a folder of their own, for a pool. */
function anExample(userPoolId: string): string {
  const folder = aFolder();
  writeFileSync(join(folder, "kunden.csv"), block("csv"));
  writeFileSync(join(folder, "ferry.yaml"), block("yaml").replace("eu-central-1_AbCd12345", userPoolId));
  return folder;
}

function cognitoOf({ emulator }: Target): CognitoIdentityProvider {
  const cognito = new CognitoIdentityProvider({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => cognito.destroy());
  return cognito;
}

test("the example's customers arrive as its table says", async () => {
  const target = await aTarget();
  const { emulator, userPoolId: UserPoolId } = target;
  const folder = anExample(UserPoolId);
  const flags = ["--config", "ferry.yaml", "--run-dir", "run", "--yes", "--json"];
  const result = await runCli(["migrate", ...flags, "--endpoint-url", emulator.url], { cwd: folder });
  expect(jsonOf(result)).toMatchObject({
    routes: { "import-job": 3, "admin-create": 1 },
    outcomes: { imported: 4, failed: 0, rejected: 0, skipped: 0 },
  });
  expect(target.users("email", "phone_number", "birthdate")).toEqual([
    {
      username: "kunde-2001",
      email: "lene.weber@example.com",
      phone_number: "+4915155501230",
      birthdate: "1981-12-24",
    },
    {
      username: "kunde-2002",
      email: "jakob.huber@example.com",
      phone_number: "+436645550123",
      birthdate: "1990-03-07",
    },
    ...["maja.bieri", "ole.klein"].map((name, index) => ({
      username: `kunde-${2003 + index}`,
      email: `${name}@example.com`,
      phone_number: undefined,
      birthdate: undefined,
    })),
  ]);
  const cognito = cognitoOf(target);
  const statusOf = async (Username: string) => {
    const { UserStatus, Enabled } = await cognito.adminGetUser({ UserPoolId, Username });
    return `${UserStatus}${Enabled === true ? "" : ", disabled"}`;
  };
  const numbers = ["2001", "2002", "2003", "2004"];
  expect(await Promise.all(numbers.map(async (number) => statusOf(`kunde-${number}`)))).toEqual([
    "CONFIRMED",
    "FORCE_CHANGE_PASSWORD",
    "RESET_REQUIRED, disabled",
    "RESET_REQUIRED",
  ]);
  const { Groups } = await cognito.adminListGroupsForUser({ UserPoolId, Username: "kunde-2001" });
  expect(Groups?.map(({ GroupName }) => GroupName).sort()).toEqual(["customers", "editors"]);

  const { UserPoolClient } = await cognito.createUserPoolClient({
    UserPoolId,
    ClientName: "web",
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
  });
  const signedIn = await cognito.initiateAuth({
    ClientId: UserPoolClient?.ClientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: "kunde-2001", PASSWORD: "correct horse" },
  });
  expect(signedIn.AuthenticationResult?.AccessToken).toBeDefined();
});

test("init proposes the example's rules for what it can tell", async () => {
  const folder = anExample("eu-central-1_AbCd12345");
  const { stdout } = await runCli(["init", "kunden.csv", "--skip-lines", "2"], { cwd: folder });
  for (const line of [
    "source: { type: csv, path: kunden.csv, skipLines: 2 }",
    "\n  sourceId: Kunden-Nr.\n",
    "\n  passwordHash: Passwort-Hash\n",
    '# groups: { split: Rollen, at: "|" }',
    "email_verified: { lookup: E-Mail bestätigt, table: { ja: true, nein: false } }",
    "# phone_number: { phone: Mobil, country: Land }",
    "# birthdate: { date: Geburtsdatum",
  ])
    expect(stdout).toContain(line);
});

test("a user created by AdminCreateUser cannot use forgot password until an administrator acts, as docs/passwords.md says", async () => {
  const target = await aTarget();
  const { emulator, userPoolId: UserPoolId } = target;
  const folder = anExample(UserPoolId);
  const flags = ["--config", "ferry.yaml", "--run-dir", "run", "--yes", "--json"];
  await runCli(["migrate", ...flags, "--endpoint-url", emulator.url], { cwd: folder });
  const cognito = cognitoOf(target);
  const { UserPoolClient } = await cognito.createUserPoolClient({ UserPoolId, ClientName: "web" });
  const user = { UserPoolId, Username: "kunde-2002" };
  const forgot = () =>
    cognito.forgotPassword({ ClientId: UserPoolClient?.ClientId, Username: user.Username });
  await expect(forgot()).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: expect.stringContaining("User password cannot be reset in the current state") as string,
  });
  expect(emulator.control.outbox).toEqual([]);

  await cognito.adminCreateUser({ ...user, MessageAction: "RESEND", DesiredDeliveryMediums: ["EMAIL"] });
  expect(emulator.control.outbox).toMatchObject([
    { kind: "invitation", destination: "jakob.huber@example.com" },
  ]);

  await cognito.adminUpdateUserAttributes({
    ...user,
    UserAttributes: [
      { Name: "email", Value: "jakob.huber@example.com" },
      { Name: "email_verified", Value: "true" },
    ],
  });
  await cognito.adminSetUserPassword({ ...user, Password: "Not-known-to-anyone-1", Permanent: true });
  await forgot();
  expect(emulator.control.outbox.at(-1)).toMatchObject({ kind: "reset-password" });
});
