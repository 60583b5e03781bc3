import {
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  GetCSVHeaderCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import { aPool, headerOf } from "./support/pool.ts";

/** GetCSVHeader's answer in AWS's own sample. */
const SAMPLE_HEADER = [
  "name",
  "given_name",
  "family_name",
  "middle_name",
  "nickname",
  "preferred_username",
  "profile",
  "picture",
  "website",
  "email",
  "email_verified",
  "gender",
  "birthdate",
  "zoneinfo",
  "locale",
  "phone_number",
  "phone_number_verified",
  "address",
  "updated_at",
  "cognito:mfa_enabled",
  "cognito:username",
];

test("pool-id, pool-schema: creates a pool with an id, an ARN and the full standard schema", async () => {
  await using pool = await aPool({}, { region: "eu-west-1", accountId: "111122223333" });
  const { UserPool: shown } = await pool.cognito.send(
    new DescribeUserPoolCommand({ UserPoolId: pool.poolId }),
  );
  expect(shown?.Id).toMatch(/^eu-west-1_[0-9A-Za-z]{9}$/);
  expect(shown?.Arn).toBe(`arn:aws:cognito-idp:eu-west-1:111122223333:userpool/${shown?.Id}`);
  expect(shown?.CreationDate).toBeInstanceOf(Date);
  expect(shown?.EstimatedNumberOfUsers).toBe(0);
  expect(shown?.MfaConfiguration).toBe("OFF");
  expect(shown?.SchemaAttributes).toHaveLength(20);
  expect(shown?.SchemaAttributes?.[0]).toEqual({
    Name: "sub",
    AttributeDataType: "String",
    DeveloperOnlyAttribute: false,
    Mutable: false,
    Required: true,
    StringAttributeConstraints: { MinLength: "1", MaxLength: "2048" },
  });
  const birthdate = shown?.SchemaAttributes?.find(({ Name }) => Name === "birthdate");
  expect(birthdate?.StringAttributeConstraints).toEqual({ MinLength: "10", MaxLength: "10" });
});

test("pool-case: leaves UsernameConfiguration out unless it was set", async () => {
  await using plain = await aPool();
  await using folding = await aPool({ UsernameConfiguration: { CaseSensitive: false } });
  const describePlain = await plain.cognito.send(new DescribeUserPoolCommand({ UserPoolId: plain.poolId }));
  const describeFolding = await folding.cognito.send(
    new DescribeUserPoolCommand({ UserPoolId: folding.poolId }),
  );
  expect(describePlain.UserPool).not.toHaveProperty("UsernameConfiguration");
  expect(describeFolding.UserPool?.UsernameConfiguration).toEqual({ CaseSensitive: false });
});

test("gives back every setting it was created with", async () => {
  const settings = {
    AliasAttributes: ["email", "phone_number"],
    AutoVerifiedAttributes: ["phone_number"],
    MfaConfiguration: "OPTIONAL",
    DeletionProtection: "ACTIVE",
    LambdaConfig: { PreSignUp: "arn:aws:lambda:us-east-1:123456789012:function:f" },
    EmailConfiguration: { EmailSendingAccount: "DEVELOPER", From: "a@example.com" },
    UserPoolTags: { team: "identity" },
    UserPoolTier: "PLUS",
  } as const;
  await using pool = await aPool({
    ...settings,
    AliasAttributes: [...settings.AliasAttributes],
    AutoVerifiedAttributes: [...settings.AutoVerifiedAttributes],
  });
  const { UserPool } = await pool.cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool.poolId }));
  expect(UserPool).toMatchObject(settings);
});

test("has AWS's default password policy, and requires only what a given one names", async () => {
  await using strict = await aPool();
  await using lax = await aPool({ Policies: { PasswordPolicy: { MinimumLength: 6, RequireNumbers: true } } });
  const policyOf = async ({ cognito, poolId }: typeof strict) => {
    const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId: poolId }));
    return UserPool?.Policies?.PasswordPolicy;
  };
  expect(await policyOf(strict)).toMatchObject({
    MinimumLength: 8,
    RequireSymbols: true,
    RequireUppercase: true,
  });
  expect(await policyOf(lax)).toMatchObject({
    MinimumLength: 6,
    RequireNumbers: true,
    RequireSymbols: false,
  });
});

test("pool-custom: adds custom attributes behind the standard ones, with their prefixes", async () => {
  await using pool = await aPool({
    Schema: [
      { Name: "legacy_id", AttributeDataType: "String", StringAttributeConstraints: { MaxLength: "5" } },
      {
        Name: "score",
        AttributeDataType: "Number",
        NumberAttributeConstraints: { MinValue: "1" },
        Mutable: true,
      },
      { Name: "secret", DeveloperOnlyAttribute: true },
      { Name: "email", Required: true },
    ],
  });
  const { UserPool } = await pool.cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool.poolId }));
  const attributes = UserPool?.SchemaAttributes ?? [];
  expect(attributes.slice(20)).toEqual([
    {
      Name: "custom:legacy_id",
      AttributeDataType: "String",
      DeveloperOnlyAttribute: false,
      Mutable: false,
      Required: false,
      StringAttributeConstraints: { MaxLength: "5" },
    },
    {
      Name: "custom:score",
      AttributeDataType: "Number",
      DeveloperOnlyAttribute: false,
      Mutable: true,
      Required: false,
      NumberAttributeConstraints: { MinValue: "1" },
    },
    expect.objectContaining({ Name: "dev:custom:secret", DeveloperOnlyAttribute: true }),
  ]);
  expect(attributes.find(({ Name }) => Name === "email")?.Required).toBe(true);
});

test.each([
  [
    "aliases together with username attributes",
    { AliasAttributes: ["email"], UsernameAttributes: ["email"] },
    /Only one of the aliasAttributes or usernameAttributes/,
  ],
  ["a required custom attribute", { Schema: [{ Name: "x", Required: true }] }, /Required custom attributes/],
  [
    "another type for a standard attribute",
    { Schema: [{ Name: "email", AttributeDataType: "Number" }] },
    /AttributeDataType/,
  ],
  ["an attribute given twice", { Schema: [{ Name: "x" }, { Name: "x" }] }, /custom:x is given twice/],
  ["an attribute without a name", { Schema: [{ AttributeDataType: "String" }] }, /need a name/],
] as const)("pool-signin, pool-schema, pool-custom: refuses a pool with %s", async (_, settings, message) => {
  await using pool = await aPool();
  // The table's literals are read-only, the client's types are not.
  const command = new CreateUserPoolCommand(
    structuredClone({ PoolName: "p", ...settings }) as { PoolName: string },
  );
  await expect(pool.cognito.send(command)).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: expect.stringMatching(message),
  });
});

test("csv-columns: lists the CSV columns of AWS's sample", async () => {
  await using pool = await aPool();
  const answer = await pool.cognito.send(new GetCSVHeaderCommand({ UserPoolId: pool.poolId }));
  expect(answer).toMatchObject({ UserPoolId: pool.poolId, CSVHeader: SAMPLE_HEADER });
});

test("lists custom columns before the two cognito: columns", async () => {
  await using pool = await aPool({ Schema: [{ Name: "a" }, { Name: "b", DeveloperOnlyAttribute: true }] });
  expect((await headerOf(pool)).slice(18)).toEqual([
    "updated_at",
    "custom:a",
    "dev:custom:b",
    "cognito:mfa_enabled",
    "cognito:username",
  ]);
});

test("csv-columns: lists password_hash and leaves developer attributes out where the settings say so", async () => {
  await using pool = await aPool(
    { Schema: [{ Name: "b", DeveloperOnlyAttribute: true }] },
    { rules: { headerListsPasswordHash: true, headerListsDeveloperAttributes: false } },
  );
  expect((await headerOf(pool)).slice(18)).toEqual([
    "updated_at",
    "password_hash",
    "cognito:mfa_enabled",
    "cognito:username",
  ]);
});

test.each(["DescribeUserPool", "GetCSVHeader"] as const)(
  "does not know another pool in %s",
  async (operation) => {
    await using pool = await aPool();
    const request = { UserPoolId: "us-east-1_Absent000" };
    const command =
      operation === "GetCSVHeader" ? new GetCSVHeaderCommand(request) : new DescribeUserPoolCommand(request);
    const sent: Promise<unknown> = pool.cognito.send(command);
    await expect(sent).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "User pool us-east-1_Absent000 does not exist.",
    });
  },
);
