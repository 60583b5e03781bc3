import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserImportJobCommand,
  DescribeUserImportJobCommand,
  GetCSVHeaderCommand,
  InitiateAuthCommand,
  StartUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { pbkdf2Sync, scryptSync } from "node:crypto";
import { argon2id, bcrypt } from "hash-wasm";
import { expect, onTestFinished, test, vi } from "vitest";

import type { PasswordHash } from "../../../src/core/password-hash.ts";
import { startEmulator } from "../../support/emulator.ts";
import { convertValue, hashOf } from "./support.ts";

const PASSWORD = "Correct-horse-7";
const SALT = Buffer.from("5f1be07a9c44d3228ba6e0c1d7f39e54", "hex");

async function aPool() {
  const emulator = await startEmulator({ quotas: "off" });
  onTestFinished(() => emulator.close());
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const cognito = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials,
  });
  onTestFinished(() => cognito.destroy());
  const created = await cognito.send(
    new CreateUserPoolCommand({ PoolName: "people", AutoVerifiedAttributes: ["email"] }),
  );
  return { cognito, UserPoolId: created.UserPool?.Id ?? "" };
}

type Pool = Awaited<ReturnType<typeof aPool>>;

/** Imports users u0, u1, … with these hashes, all of one algorithm, and returns the job as it ended. */
async function importHashes({ cognito, UserPoolId }: Pool, hashes: readonly PasswordHash[]) {
  const [first] = hashes;
  const { CSVHeader = [] } = await cognito.send(new GetCSVHeaderCommand({ UserPoolId }));
  const { UserImportJob: job } = await cognito.send(
    new CreateUserImportJobCommand({
      UserPoolId,
      JobName: "hashes",
      CloudWatchLogsRoleArn: "arn:aws:iam::123456789012:role/import-log",
      PasswordHashingAlgorithm: first?.algorithm,
    }),
  );
  const header = [...CSVHeader, "password_hash"];
  const lines = hashes.map(({ value }, index) => {
    const row: Readonly<Record<string, string>> = {
      "cognito:username": `u${index}`,
      email: `u${index}@example.com`,
      email_verified: "true",
      password_hash: value.replaceAll(",", String.raw`\,`),
    };
    return header.map((name) => row[name] ?? "").join(",");
  });
  await fetch(job?.PreSignedUrl ?? "", {
    method: "PUT",
    body: [header.join(","), ...lines, ""].join("\n"),
    headers: { "x-amz-server-side-encryption": "aws:kms" },
  });
  const JobId = job?.JobId;
  await cognito.send(new StartUserImportJobCommand({ UserPoolId, JobId }));
  return vi.waitFor(
    async () => {
      const { UserImportJob } = await cognito.send(new DescribeUserImportJobCommand({ UserPoolId, JobId }));
      expect(UserImportJob?.CompletionDate).toBeDefined();
      return UserImportJob;
    },
    { timeout: 60_000 },
  );
}

const hex = (bytes: Buffer) => bytes.toString("hex");
const base64 = (bytes: Buffer) => bytes.toString("base64");
const pbkdf2 = (salt: string | Buffer, length = 32) => pbkdf2Sync(PASSWORD, salt, 2000, length, "sha256");
const scrypt = (salt: string | Buffer) => scryptSync(PASSWORD, salt, 64, { N: 1024, r: 8, p: 1 });
const bcryptHash = () => bcrypt({ password: PASSWORD, salt: SALT, costFactor: 5, outputType: "encoded" });
const keycloak = (salt: Buffer) => [
  {
    type: "password",
    secretData: JSON.stringify({ value: base64(pbkdf2(salt, 64)), salt: base64(salt) }),
    credentialData: JSON.stringify({ hashIterations: 2000, algorithm: "pbkdf2-sha256" }),
  },
];

test.each([
  ["BCRYPT", async () => [await bcryptHash(), `bcrypt$${(await bcryptHash()).replace("$2a$", "$2b$")}`]],
  [
    "SCRYPT",
    async () => [
      `scrypt:1024:8:1$sea-salt$${hex(scrypt("sea-salt"))}`,
      `scrypt$1024$seasalt$8$1$${base64(scrypt("seasalt"))}`,
      `$scrypt$ln=10,r=8,p=1$${base64(SALT).replace("==", "")}$${base64(scrypt(SALT)).replace("==", "")}`,
    ],
  ],
  [
    "ARGON2ID",
    async () => [
      `argon2${await argon2id({ password: PASSWORD, salt: SALT, parallelism: 1, iterations: 2, memorySize: 512, hashLength: 32, outputType: "encoded" })}`,
    ],
  ],
  [
    "PBKDF2_SHA256",
    async () => [
      `pbkdf2_sha256$2000$seasalt$${base64(pbkdf2("seasalt"))}`,
      `pbkdf2:sha256:2000$sea$${hex(pbkdf2("sea"))}`,
      keycloak(SALT),
    ],
  ],
] as const)(
  "users with converted %s hashes sign in with their old passwords after an import, and with no other",
  async (algorithm, make) => {
    const pool = await aPool();
    const { cognito, UserPoolId } = pool;
    const hashes = (await make()).map((hash) => hashOf(convertValue(hash)));
    expect(new Set(hashes.map((hash) => hash.algorithm))).toEqual(new Set([algorithm]));
    const job = await importHashes(pool, hashes);
    expect(job).toMatchObject({ Status: "Succeeded", ImportedUsers: hashes.length, FailedUsers: 0 });
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: "web",
        ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      }),
    );
    const signIn = (USERNAME: string, password: string) =>
      cognito.send(
        new InitiateAuthCommand({
          ClientId: UserPoolClient?.ClientId,
          AuthFlow: "USER_PASSWORD_AUTH",
          AuthParameters: { USERNAME, PASSWORD: password },
        }),
      );
    for (const index of hashes.keys()) {
      const user = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username: `u${index}` }));
      expect(user.UserStatus).toBe("CONFIRMED");
      await expect(signIn(`u${index}`, `${PASSWORD}!`)).rejects.toMatchObject({
        name: "NotAuthorizedException",
      });
      const { AuthenticationResult } = await signIn(`u${index}`, PASSWORD);
      expect(AuthenticationResult?.AccessToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    }
  },
);
