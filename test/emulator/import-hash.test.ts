import { AdminGetUserCommand, DescribeUserPoolCommand } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import type { RuleSettings } from "../../emulator/index.ts";
import {
  aPool,
  aRow,
  createJob,
  csvOf,
  describeJob,
  headerOf,
  importRows,
  resultLines,
  startJob,
  upload,
  usersOf,
  waitForJob,
  type Row,
  type TestPool,
} from "./support/pool.ts";

const BCRYPT = "$2b$10$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const ARGON2ID = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

type Algorithm = "BCRYPT" | "SCRYPT" | "ARGON2ID" | "PBKDF2_SHA256";

/** Imports rows with the pool's columns and password_hash, which its header may have already. */
async function importHashes(pool: TestPool, rows: readonly Row[], algorithm?: Algorithm) {
  const header = [...new Set([...(await headerOf(pool)), "password_hash"])];
  const lines = rows.map((row) => header.map((name) => row[name] ?? "").join(","));
  const settings = algorithm === undefined ? {} : { PasswordHashingAlgorithm: algorithm };
  const created = await createJob(pool, "move", settings);
  await upload(created, [header.join(","), ...lines, ""].join("\n"));
  await startJob(pool, created.JobId);
  const job = await waitForJob(pool, created.JobId);
  return { job, lines: await resultLines(pool, job) };
}

function userOf({ emulator, poolId }: TestPool, username = "ann") {
  return emulator.state.pools.get(poolId)?.users.byUsername(username);
}

describe("a job with an algorithm", () => {
  test("job-hash: shows its algorithm, and only if it has one", async () => {
    await using pool = await aPool();
    const job = await createJob(pool, "move", { PasswordHashingAlgorithm: "SCRYPT" });
    expect(job.PasswordHashingAlgorithm).toBe("SCRYPT");
    expect(await describeJob(pool, job.JobId)).toEqual(job);
    expect(await createJob(pool)).not.toHaveProperty("PasswordHashingAlgorithm");
  });

  test("job-hash: refuses an algorithm that AWS does not have", async () => {
    await using pool = await aPool();
    const job = createJob(pool, "move", { PasswordHashingAlgorithm: "MD5" as Algorithm });
    await expect(job).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test.each(["OperationNotEnabledException", "InvalidParameterException"])(
    "hash-eligible: refuses hashes in a pool that takes none, as a %s",
    async (hashNotEligibleError) => {
      await using pool = await aPool({}, { rules: { hashEligible: false, hashNotEligibleError } });
      const job = createJob(pool, "move", { PasswordHashingAlgorithm: "BCRYPT" });
      await expect(job).rejects.toMatchObject({ name: hashNotEligibleError });
      expect((await createJob(pool)).Status).toBe("Created");
    },
  );

  test("hash-column: fails as a whole without the column", async () => {
    await using pool = await aPool();
    const created = await createJob(pool, "move", { PasswordHashingAlgorithm: "BCRYPT" });
    await upload(created, await csvOf(pool, [aRow()]));
    await startJob(pool, created.JobId);
    expect(await waitForJob(pool, created.JobId)).toMatchObject({
      Status: "Failed",
      ImportedUsers: 0,
      FailedUsers: 0,
      CompletionMessage: expect.stringContaining("no password_hash column"),
    });
  });

  test("hash-column: is the one that GetCSVHeader lists, where it does", async () => {
    await using pool = await aPool({}, { rules: { headerListsPasswordHash: true } });
    expect(await headerOf(pool)).toContain("password_hash");
    const { job } = await importHashes(pool, [aRow({ password_hash: BCRYPT })], "BCRYPT");
    expect(job.ImportedUsers).toBe(1);
  });
});

describe("a row's hash", () => {
  test("row-hash: lets its user in at once, and keeps the hash", async () => {
    await using pool = await aPool();
    const { job, lines } = await importHashes(pool, [aRow({ password_hash: BCRYPT })], "BCRYPT");
    expect(job.Status).toBe("Succeeded");
    expect(lines).toEqual(["[SUCCEEDED] Line Number 2 - The import succeeded."]);
    expect(await usersOf(pool)).toMatchObject([{ Username: "ann", UserStatus: "CONFIRMED" }]);
    expect(userOf(pool)?.credential).toEqual({ kind: "hash", algorithm: "BCRYPT", hash: BCRYPT });
  });

  test("row-hash: may have commas behind backslashes", async () => {
    await using pool = await aPool();
    const hash = ARGON2ID.replaceAll(",", String.raw`\,`);
    await importHashes(pool, [aRow({ password_hash: hash })], "ARGON2ID");
    expect(userOf(pool)?.credential).toEqual({ kind: "hash", algorithm: "ARGON2ID", hash: ARGON2ID });
  });

  test("row-hash-empty: a user without one must reset its password", async () => {
    await using pool = await aPool();
    await importHashes(pool, [aRow()], "BCRYPT");
    expect(userOf(pool)).toMatchObject({ status: "RESET_REQUIRED", credential: undefined });
  });

  test.each([
    ["malformed", "secret", "a malformed password_hash"],
    ["above the maxima", BCRYPT.replace("$10$", "$13$"), "out of bounds"],
    ["another algorithm's", `16384$8$1$00$00`, "of another algorithm"],
  ])("row-hash-refused: a hash that is %s fails its row alone", async (_, hash, words) => {
    await using pool = await aPool();
    const bob = { "cognito:username": "bob", email: "bob@example.com", password_hash: BCRYPT };
    const { job, lines } = await importHashes(pool, [aRow({ password_hash: hash }), aRow(bob)], "BCRYPT");
    expect(job).toMatchObject({ Status: "Succeeded", ImportedUsers: 1, FailedUsers: 1 });
    expect(lines[0]).toMatch(/^\[FAILED\] Line Number 2 - /);
    expect(lines[0]).toContain(words);
    expect(userOf(pool)).toBeUndefined();
    expect(userOf(pool, "bob")?.status).toBe("CONFIRMED");
  });

  test("row-hash-refused: the words are settings", async () => {
    await using pool = await aPool({}, { rules: { texts: { hashMalformed: "No hash." } } });
    const { lines } = await importHashes(pool, [aRow({ password_hash: "x" })], "BCRYPT");
    expect(lines).toEqual(["[FAILED] Line Number 2 - No hash."]);
  });

  test.each([
    [["dot"], "Succeeded"],
    [["plus"], "Failed"],
  ] as const)(
    "hash-base64: with %s alone, a hash in passlib's base64 ends %s",
    async (pbkdf2Base64, status) => {
      await using pool = await aPool({}, { rules: { pbkdf2Base64 } });
      const hash = "$pbkdf2-sha256$29000$ab.d$abcd";
      expect((await importHashes(pool, [aRow({ password_hash: hash })], "PBKDF2_SHA256")).job.Status).toBe(
        status,
      );
    },
  );
});

describe("hash-unasked", () => {
  const imported = async (rules: RuleSettings) => {
    const pool = await aPool({}, { rules });
    await using _pool = pool;
    const { job, lines } = await importHashes(pool, [aRow({ password_hash: BCRYPT })]);
    return { status: job.Status, message: job.CompletionMessage, lines, user: userOf(pool) };
  };

  test("hash-unasked: a job without an algorithm finds the column unexpected", async () => {
    expect(await imported({})).toMatchObject({
      status: "Failed",
      message: expect.stringContaining("header"),
      user: undefined,
    });
  });

  test("hash-unasked: where GetCSVHeader lists the column, a value in it fails the job", async () => {
    expect(await imported({ headerListsPasswordHash: true })).toMatchObject({
      status: "Failed",
      message: expect.stringContaining("no password hashing algorithm"),
      user: undefined,
    });
  });

  test.each([true, false])(
    "hash-unasked: fails the row alone where the settings say so (listed: %s)",
    async (headerListsPasswordHash) => {
      const rules = { headerListsPasswordHash, hashWithoutAlgorithm: "fails-the-row" } as const;
      expect((await imported(rules)).lines).toEqual([
        expect.stringMatching(/^\[FAILED\] Line Number 2 - .*no password hashing algorithm/),
      ]);
    },
  );

  test("hash-unasked: is ignored where the settings say so", async () => {
    expect(await imported({ hashWithoutAlgorithm: "ignored" })).toMatchObject({
      status: "Succeeded",
      user: { status: "RESET_REQUIRED", credential: undefined },
    });
  });
});

describe("a passwordless pool", () => {
  const policies = (...factors: ("PASSWORD" | "EMAIL_OTP" | "SMS_OTP")[]) => ({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: factors } },
  });
  const phone = { phone_number: "+4917012345", phone_number_verified: "true", email: "", email_verified: "" };

  test.each([
    ["a verified e-mail and EMAIL_OTP", policies("PASSWORD", "EMAIL_OTP"), {}, "CONFIRMED"],
    ["a verified e-mail and SMS_OTP", policies("PASSWORD", "SMS_OTP"), {}, "RESET_REQUIRED"],
    ["a verified phone and SMS_OTP", policies("PASSWORD", "SMS_OTP"), phone, "CONFIRMED"],
    ["a verified phone and EMAIL_OTP", policies("PASSWORD", "EMAIL_OTP"), phone, "RESET_REQUIRED"],
    ["a verified e-mail and passwords", policies("PASSWORD"), {}, "RESET_REQUIRED"],
  ])("row-passwordless: with %s a user is %s", async (_, settings, values, status) => {
    await using pool = await aPool({ AutoVerifiedAttributes: ["email", "phone_number"], ...settings });
    await importRows(pool, [aRow(values)]);
    expect(userOf(pool)).toMatchObject({ status, credential: undefined });
  });

  test("row-passwordless: users come in for a reset where the settings say so", async () => {
    await using pool = await aPool(policies("EMAIL_OTP"), { rules: { passwordlessConfirmed: false } });
    await importRows(pool, [aRow()]);
    expect(userOf(pool)?.status).toBe("RESET_REQUIRED");
  });
});

describe("cognito:mfa_enabled", () => {
  const withPhone = { phone_number: "+4917012345" };
  const mfaOf = async ({ cognito, poolId }: TestPool) => {
    const user = await cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: "ann" }));
    return { list: user.UserMFASettingList, preferred: user.PreferredMfaSetting };
  };
  const SMS = { list: ["SMS_MFA"], preferred: "SMS_MFA" };
  const NONE = { list: undefined, preferred: undefined };

  test.each([
    ["true with a phone number", "OPTIONAL", { ...withPhone, "cognito:mfa_enabled": "TRUE" }, {}, SMS],
    ["blank in a pool that asks for it", "ON", withPhone, {}, SMS],
    ["true without a phone number", "OPTIONAL", { "cognito:mfa_enabled": "true" }, {}, NONE],
    ["false", "OPTIONAL", { ...withPhone, "cognito:mfa_enabled": "false" }, {}, NONE],
    ["blank in a pool that does not ask", "OPTIONAL", withPhone, {}, NONE],
    [
      "true, with the setting off",
      "ON",
      { ...withPhone, "cognito:mfa_enabled": "true" },
      { mfaColumnKept: false },
      NONE,
    ],
  ] as const)("row-mfa-kept: %s", async (_, MfaConfiguration, values, rules, expected) => {
    await using pool = await aPool({ MfaConfiguration }, { rules });
    await importRows(pool, [aRow(values)]);
    expect(await mfaOf(pool)).toEqual(expected);
    const { UserPool } = await pool.cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool.poolId }));
    expect(UserPool?.EstimatedNumberOfUsers).toBe(1);
  });
});
