import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

/** A pool in which somebody has the address of the user u2 as an alias. */
async function aPoolWithOwner(): Promise<Target> {
  const target = await aTarget({ AliasAttributes: ["email"] }, { rules: { highestFailedShare: 1 } });
  const { url: endpoint, region } = target.emulator;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new CognitoIdentityProviderClient({ endpoint, region, credentials });
  onTestFinished(() => client.destroy());
  await client.send(
    new AdminCreateUserCommand({
      UserPoolId: target.userPoolId,
      Username: "owner",
      MessageAction: "SUPPRESS",
      UserAttributes: [
        { Name: "email", Value: "u2@example.com" },
        { Name: "email_verified", Value: "true" },
      ],
    }),
  );
  return target;
}

function argsFor(target: Target, config: string, csv: string): readonly string[] {
  return [...migrateArgs(target, `csv:${csv}`), "--config", aFile(config, "ferry.yaml")];
}

const OWNERS = { username: "owner", email: "u2@example.com" };
const USERS = { username: "u2", email: "u2@example.com" };
const USER_1 = { username: "u1", email: "u1@example.com", email_verified: "true" };

const aUnsafeCsv = (): string => aUserCsv(2, (_number, cells) => void (cells[3] = `"line\nbreak"`));

test.each([
  ["by AdminCreateUser", aUnsafeCsv],
  ["by an import job, which refuses the row", () => aUserCsv(2)],
])(
  "an alias is not taken from its owner unless the config says so, for a user who goes %s",
  async (_, csv) => {
    const target = await aPoolWithOwner();
    const result = jsonOf(await runCli(argsFor(target, "policies: { unsafeValues: admin-create }", csv())));
    expect(result).toMatchObject({ outcomes: { imported: 1, failed: 1 }, exitCode: 3 });
    expect(result.reasons).toMatchObject([{ reason: "alias-exists", count: 1 }]);
    expect(target.users("email", "email_verified")).toEqual([{ ...OWNERS, email_verified: "true" }, USER_1]);
  },
);

test.each([
  ["by AdminCreateUser", aUnsafeCsv],
  ["by an import job, which refuses the row", () => aUserCsv(2)],
])("with forceAliasCreation it moves to the new user, for a user who goes %s", async (_, csv) => {
  const target = await aPoolWithOwner();
  const config = "policies: { unsafeValues: admin-create, forceAliasCreation: true }";
  const result = jsonOf(await runCli(argsFor(target, config, csv())));
  expect(result).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
  expect(target.users("email", "email_verified")).toEqual([
    { ...OWNERS, email_verified: "false" },
    USER_1,
    { ...USERS, email_verified: "true" },
  ]);
});

test("with forceAliasCreation who has the username already is still left alone", async () => {
  const target = await aPoolWithOwner();
  const csv = aUserCsv(1, (_number, cells) => {
    cells[0] = "owner";
    cells[3] = `"line\nbreak"`;
  });
  const config = "policies: { unsafeValues: admin-create, forceAliasCreation: true }";
  const result = jsonOf(await runCli(argsFor(target, config, csv)));
  expect(result).toMatchObject({ outcomes: { skipped: 1 } });
  expect(target.users("email")).toEqual([OWNERS]);
});

test("the plan says that aliases may be taken", async () => {
  const target = await aPoolWithOwner();
  const plan = async (config: string): Promise<string> => {
    const args = argsFor(target, config, aUserCsv(1)).filter(
      (arg) => !["migrate", "--yes", "--json"].includes(arg),
    );
    return (await runCli(["plan", ...args])).stdout;
  };
  expect(await plan("policies: { forceAliasCreation: true }")).toContain("policies.forceAliasCreation");
  expect(await plan("policies: { forceAliasCreation: false }")).not.toContain("forceAliasCreation");
});
