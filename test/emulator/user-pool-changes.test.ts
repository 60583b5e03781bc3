import {
  AddCustomAttributesCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolCommand,
  GetUserPoolMfaConfigCommand,
  ListUserPoolsCommand,
  SetUserPoolMfaConfigCommand,
  UpdateUserPoolCommand,
  type SchemaAttributeType,
  type SetUserPoolMfaConfigCommandInput,
  type UpdateUserPoolCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import {
  aPool,
  aRow,
  createJob,
  csvOf,
  headerOf,
  startJob,
  upload,
  waitForJob,
  type TestPool,
} from "./support/pool.ts";
import { addUser, change, getAttributes } from "./support/user.ts";

async function describePool({ cognito, poolId }: TestPool) {
  return (await cognito.send(new DescribeUserPoolCommand({ UserPoolId: poolId }))).UserPool;
}

async function update({ cognito, poolId }: TestPool, request: Partial<UpdateUserPoolCommandInput> = {}) {
  return cognito.send(new UpdateUserPoolCommand({ UserPoolId: poolId, ...request }));
}

async function removePool({ cognito, poolId }: TestPool) {
  return cognito.send(new DeleteUserPoolCommand({ UserPoolId: poolId }));
}

async function addAttributes({ cognito, poolId }: TestPool, CustomAttributes: SchemaAttributeType[]) {
  return cognito.send(new AddCustomAttributesCommand({ UserPoolId: poolId, CustomAttributes }));
}

async function setMfa({ cognito, poolId }: TestPool, request: Partial<SetUserPoolMfaConfigCommandInput>) {
  const command = new SetUserPoolMfaConfigCommand({ UserPoolId: poolId, ...request });
  const { $metadata: _, ...config } = await cognito.send(command);
  return config;
}

async function getMfa({ cognito, poolId }: TestPool) {
  const command = new GetUserPoolMfaConfigCommand({ UserPoolId: poolId });
  const { $metadata: _, ...config } = await cognito.send(command);
  return config;
}

describe("ListUserPools", () => {
  test("pool-list: lists pools in the order of creation, while others come and go", async () => {
    await using pool = await aPool({ PoolName: "p0", LambdaConfig: { PreSignUp: LAMBDA } });
    const ids = [pool.poolId];
    for (const PoolName of ["p1", "p2", "p3", "p4"]) {
      const { UserPool } = await pool.cognito.send(new CreateUserPoolCommand({ PoolName }));
      ids.push(UserPool?.Id ?? "");
    }
    const first = await pool.cognito.send(new ListUserPoolsCommand({ MaxResults: 2 }));
    expect(first.UserPools?.[0]).toEqual({
      Id: pool.poolId,
      Name: "p0",
      LambdaConfig: { PreSignUp: LAMBDA },
      CreationDate: expect.any(Date),
      LastModifiedDate: expect.any(Date),
    });
    for (const place of [1, 2]) await removePool({ ...pool, poolId: ids[place] ?? "" });
    const { NextToken } = first;
    const second = await pool.cognito.send(new ListUserPoolsCommand({ MaxResults: 2, NextToken }));
    expect(second.UserPools?.map(({ Name }) => Name)).toEqual(["p3", "p4"]);
    expect(second.NextToken).toBeUndefined();
  });

  test.each([0, 61])("pool-list: refuses a page of %d", async (MaxResults) => {
    await using pool = await aPool();
    const refused = pool.cognito.send(new ListUserPoolsCommand({ MaxResults }));
    await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";

const SMS = { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "x" };

describe("UpdateUserPool", () => {
  test("pool-update: what is left out goes back to its default", async () => {
    await using plain = await aPool({ AutoVerifiedAttributes: undefined });
    await using pool = await aPool({
      DeletionProtection: "ACTIVE",
      MfaConfiguration: "OPTIONAL",
      SmsConfiguration: SMS,
      LambdaConfig: { PreSignUp: LAMBDA },
      Policies: { PasswordPolicy: { MinimumLength: 6 } },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UserPoolTags: { team: "identity" },
      UserPoolTier: "PLUS",
      EmailConfiguration: { EmailSendingAccount: "DEVELOPER", From: "a@example.com" },
    });
    await update(pool);
    const {
      Id: _,
      Arn: __,
      CreationDate: ___,
      LastModifiedDate: ____,
      ...shown
    } = (await describePool(pool)) ?? {};
    expect(await describePool(plain)).toMatchObject(shown);
    expect(Object.keys(shown).length + 4).toBe(Object.keys((await describePool(plain)) ?? {}).length);
    expect(shown).toMatchObject({ Name: "people", MfaConfiguration: "OFF", DeletionProtection: "INACTIVE" });
    await removePool(pool);
  });

  test("pool-update: changes what is given, and what it acts on", async () => {
    let now = 1_700_000_000_000;
    await using pool = await aPool({}, { clock: () => now });
    now += 60_000;
    const settings: Partial<UpdateUserPoolCommandInput> = {
      AutoVerifiedAttributes: ["email"],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
      Policies: { PasswordPolicy: { MinimumLength: 20, RequireSymbols: true } },
      DeletionProtection: "ACTIVE",
    };
    await update(pool, { PoolName: "users", ...settings });
    expect(await describePool(pool)).toMatchObject({
      Name: "users",
      LastModifiedDate: new Date(now),
      CreationDate: new Date(now - 60_000),
      ...settings,
    });
    const ann = { email: "ann@example.com", email_verified: "true" };
    await addUser(pool, "ann", ann);
    await change(pool, { email: "new@example.com" });
    expect(await getAttributes(pool)).toEqual(ann);
    await expect(removePool(pool)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("pool-update: schema, aliases and case stay, and users with them", async () => {
    const forever = { AliasAttributes: ["email" as const], UsernameConfiguration: { CaseSensitive: false } };
    await using pool = await aPool({ ...forever, Schema: [{ Name: "x" }] });
    await addUser(pool, "ann", { "custom:x": "1" });
    await update(pool);
    expect(await describePool(pool)).toMatchObject({ ...forever, EstimatedNumberOfUsers: 1 });
    expect((await describePool(pool))?.SchemaAttributes).toHaveLength(21);
    expect(await getAttributes(pool, "ANN")).toEqual({ "custom:x": "1" });
  });

  test("pool-update-verify: only what is verified automatically can be verified before an update", async () => {
    await using pool = await aPool();
    const refused = update(pool, {
      AutoVerifiedAttributes: ["phone_number"],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
    });
    await expect(refused).rejects.toMatchObject({
      name: "InvalidParameterException",
      message:
        "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
    });
    expect(await describePool(pool)).toMatchObject({ AutoVerifiedAttributes: ["email"] });
  });
});

describe("DeleteUserPool", () => {
  test("pool-delete: a deleted pool is gone for every operation", async () => {
    await using pool = await aPool();
    await removePool(pool);
    for (const refused of [describePool(pool), update(pool), removePool(pool), getMfa(pool)]) {
      await expect(refused).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: `User pool ${pool.poolId} does not exist.`,
      });
    }
  });

  test("pool-delete: a protected pool stays until it is protected no more", async () => {
    await using pool = await aPool({ DeletionProtection: "ACTIVE" });
    await expect(removePool(pool)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message:
        "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
    });
    await update(pool, { DeletionProtection: "INACTIVE" });
    await removePool(pool);
  });
});

describe("AddCustomAttributes", () => {
  test("pool-add: adds attributes behind the others, to the import's columns too", async () => {
    await using pool = await aPool({ Schema: [{ Name: "a" }] });
    await addAttributes(pool, [
      { Name: "b", AttributeDataType: "Number", Mutable: true },
      { Name: "a", DeveloperOnlyAttribute: true },
      { Name: "email" },
    ]);
    const { SchemaAttributes = [] } = (await describePool(pool)) ?? {};
    expect(SchemaAttributes.slice(20).map(({ Name }) => Name)).toEqual([
      "custom:a",
      "custom:b",
      "dev:custom:a",
      "custom:email",
    ]);
    expect(await headerOf(pool)).toContain("custom:b");
    await addUser(pool, "ann", { "custom:b": "7" });
    await change(pool, { "custom:b": "8" });
    expect(await getAttributes(pool)).toEqual({ "custom:b": "8" });
  });

  test.each<[string, SchemaAttributeType[], string]>([
    ["one that is there", [{ Name: "a" }], "custom:a: Existing attribute already has name custom:a."],
    [
      "one that is given twice",
      [
        { Name: "c", DeveloperOnlyAttribute: true },
        { Name: "c", DeveloperOnlyAttribute: true },
      ],
      "custom:c: Existing attribute already has name dev:custom:c.",
    ],
    [
      "a required one",
      [{ Name: "c", Required: true }],
      "Required custom attributes are not supported currently.",
    ],
    ["one without a name", [{ AttributeDataType: "String" }], "Schema attributes need a name."],
  ])("pool-add: refuses %s, and all others with it", async (_, attributes, message) => {
    await using pool = await aPool({ Schema: [{ Name: "a" }] });
    const refused = addAttributes(pool, [{ Name: "b" }, ...attributes]);
    await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message });
    expect((await describePool(pool))?.SchemaAttributes).toHaveLength(21);
  });

  test("pool-add-quota: a call adds 25, and a pool has 50", async () => {
    await using pool = await aPool();
    const named = (prefix: string, length: number) => {
      return Array.from({ length }, (_, place) => ({ Name: `${prefix}${place}` }));
    };
    await expect(addAttributes(pool, named("a", 26))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining("customAttributes"),
    });
    for (const prefix of ["a", "b"]) await addAttributes(pool, named(prefix, 25));
    await expect(addAttributes(pool, named("c", 1))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: DEFAULT_RULES.texts.tooManyCustomAttributes,
    });
  });

  test("pool-add-quota: the settings can say another number", async () => {
    await using pool = await aPool({}, { rules: { customAttributesInPool: 1 } });
    await addAttributes(pool, [{ Name: "a", DeveloperOnlyAttribute: true }]);
    await expect(addAttributes(pool, [{ Name: "b" }])).rejects.toMatchObject({
      message: DEFAULT_RULES.texts.tooManyCustomAttributes,
    });
  });
});

describe("while an import job is on its way", () => {
  const slow = { jobStartDelayMs: 60_000 };

  const rows = Array.from({ length: 40 }, (_, place) => aRow({ "cognito:username": `user${place}` }));

  async function startImport(pool: TestPool) {
    const job = await createJob(pool);
    await upload(job, await csvOf(pool, rows));
    await startJob(pool, job.JobId);
    return job.JobId ?? "";
  }

  test("pool-busy: its pool is not changed or deleted", async () => {
    await using pool = await aPool({}, { rules: slow });
    await createJob(pool);
    await update(pool, { AutoVerifiedAttributes: ["email"] });
    await startImport(pool);
    for (const refused of [update(pool), addAttributes(pool, [{ Name: "a" }]), removePool(pool)]) {
      await expect(refused).rejects.toMatchObject({
        name: "UserImportInProgressException",
        message: DEFAULT_RULES.texts.importInProgress,
      });
    }
  });

  test("pool-busy: is over when the job is", async () => {
    await using pool = await aPool();
    await waitForJob(pool, await startImport(pool));
    await addAttributes(pool, [{ Name: "a" }]);
    await removePool(pool);
  });

  test.each([
    ["that waits", { jobStartDelayMs: 50 }, "Pending"],
    ["that runs", { jobStartDelayMs: 0, jobRowDelayMs: 50 }, "InProgress"],
  ] as const)(
    "job-pool-deleted, pool-busy: a job %s fails with its pool, where the settings let it go",
    async (_, pace, status) => {
      await using pool = await aPool({}, { rules: { ...pace, poolChangesDuringImport: "allowed" } });
      const jobId = await startImport(pool);
      const job = pool.emulator.state.pools.get(pool.poolId)?.jobs.get(jobId);
      await expect.poll(() => job?.status, { interval: 1 }).toBe(status);
      await removePool(pool);
      await expect.poll(() => job?.status).toBe("Failed");
      if (status === "InProgress") expect(job?.counts.imported).toBeLessThan(rows.length);
      expect(job?.completionMessage).toBe(DEFAULT_RULES.texts.poolDeleted);
    },
  );
});

describe("the pool's second factors", () => {
  const token = { SoftwareTokenMfaConfiguration: { Enabled: true } };
  const sms = { SmsMfaConfiguration: { SmsAuthenticationMessage: "Code: {####}", SmsConfiguration: SMS } };
  const email = { EmailMfaConfiguration: { Message: "Code: {####}", Subject: "Code" } };

  test("pool-mfa: are off at first, can be set one by one, and are what DescribeUserPool shows", async () => {
    await using pool = await aPool();
    expect(await getMfa(pool)).toEqual({ MfaConfiguration: "OFF" });
    expect(await setMfa(pool, { MfaConfiguration: "OPTIONAL", ...token })).toEqual({
      MfaConfiguration: "OPTIONAL",
      ...token,
    });
    const all = { MfaConfiguration: "OPTIONAL", ...token, ...sms, ...email };
    expect(await setMfa(pool, { ...sms, ...email })).toEqual(all);
    expect(await getMfa(pool)).toEqual(all);
    expect(await describePool(pool)).toMatchObject({ MfaConfiguration: "OPTIONAL", SmsConfiguration: SMS });
    expect(await setMfa(pool, { MfaConfiguration: "OFF" })).toMatchObject({ MfaConfiguration: "OFF" });
    expect(await describePool(pool)).toMatchObject({ MfaConfiguration: "OFF" });
  });

  test.each<[string, Partial<SetUserPoolMfaConfigCommandInput>, string]>([
    [
      "MFA without a factor",
      { MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: false } },
      "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
    ],
    [
      "a factor without MFA",
      { MfaConfiguration: "OFF", ...token },
      "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    ],
  ])("pool-mfa-words: refuses %s", async (_, request, message) => {
    await using pool = await aPool();
    await expect(setMfa(pool, request)).rejects.toMatchObject({ name: "InvalidParameterException", message });
    expect(await getMfa(pool)).toEqual({ MfaConfiguration: "OFF" });
  });

  test("pool-mfa-tier: e-mails are not for the LITE plan", async () => {
    await using pool = await aPool({ UserPoolTier: "LITE" });
    await expect(setMfa(pool, { MfaConfiguration: "ON", ...email })).rejects.toMatchObject({
      name: "FeatureUnavailableInTierException",
      message: expect.stringMatching(/LITE pricing tier configured: Email MFA$/),
    });
    await update(pool, { UserPoolTier: "ESSENTIALS" });
    await setMfa(pool, { MfaConfiguration: "ON", ...email });
  });

  test("pool-mfa-create: CreateUserPool takes MFA without a factor", async () => {
    await using pool = await aPool({ MfaConfiguration: "ON" });
    await update(pool, { MfaConfiguration: "OPTIONAL" });
    expect(await getMfa(pool)).toEqual({ MfaConfiguration: "OPTIONAL" });
  });
});
