import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, test } from "vitest";

import { startEmulator } from "../support/emulator.ts";
import { aPool, CREDENTIALS } from "./support/pool.ts";
import { callCognito, callRaw } from "./support/raw.ts";

const PREFIX = "AWSCognitoIdentityProviderService";

describe("framing", () => {
  test("wire-frame, wire-headers: answers with the JSON protocol's content type and a request id", async () => {
    await using emulator = await startEmulator();
    const answer = await callCognito(emulator, "CreateUserPool", { PoolName: "p" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("wire-frame, wire-headers: answers an error with its type and message in the body and in the headers", async () => {
    await using emulator = await startEmulator();
    const answer = await callCognito(emulator, "DescribeUserPool", { UserPoolId: "us-east-1_none" });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      __type: "ResourceNotFoundException",
      message: "User pool us-east-1_none does not exist.",
    });
    expect(answer.headers.get("x-amzn-errortype")).toBe("ResourceNotFoundException:");
    expect(answer.headers.get("x-amzn-errormessage")).toBe("User pool us-east-1_none does not exist.");
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ["an operation that AWS does not have", `${PREFIX}.MakeCoffee`],
    ["an unknown service", "Coffee_2026.DescribeUserPool"],
    ["no target", ""],
    ["a name that every object has", `${PREFIX}.constructor`],
  ])("answers UnknownOperationException to %s", async (_, target) => {
    await using emulator = await startEmulator();
    expect((await callRaw(emulator, target)).body["__type"]).toBe("UnknownOperationException");
  });

  test("answers UnknownOperationException to another content type", async () => {
    await using emulator = await startEmulator();
    const answer = await callRaw(
      emulator,
      `${PREFIX}.DescribeUserPool`,
      {},
      { "content-type": "text/plain" },
    );
    expect(answer.body["__type"]).toBe("UnknownOperationException");
  });

  test.each(["a signature", "none"])(
    "says by name which of AWS's operations it does not have, with %s",
    async (kind) => {
      await using emulator = await startEmulator();
      const headers = kind === "none" ? { authorization: "" } : {};
      const target = "AWSCognitoIdentityProviderService.AssociateSoftwareToken";
      const answer = await callRaw(emulator, target, {}, headers);
      expect(answer.status).toBe(501);
      expect(answer.body["message"]).toContain("AssociateSoftwareToken");
    },
  );

  test.each(["{", '"a', "[1,"])("answers SerializationException to the malformed body %s", async (body) => {
    await using emulator = await startEmulator();
    const answer = await callRaw(emulator, `${PREFIX}.DescribeUserPool`, body);
    expect(answer).toMatchObject({ status: 400, body: { __type: "SerializationException" } });
  });

  test("wire-limit: refuses a body above the limit", async () => {
    await using emulator = await startEmulator({ rules: { bytesInRequest: 100 } });
    const ofLength = (bytes: number) => '{"PoolName": "people"}'.padEnd(bytes);
    expect((await callCognito(emulator, "CreateUserPool", ofLength(100))).status).toBe(200);
    const answer = await callCognito(emulator, "CreateUserPool", ofLength(101));
    expect(answer).toMatchObject({ status: 413, body: { __type: "RequestEntityTooLarge" } });
  });
});

describe("signatures", () => {
  test("wire-signature: asks for a signature when there is none", async () => {
    await using emulator = await startEmulator();
    const response = await fetch(emulator.url, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${PREFIX}.DescribeUserPool` },
      body: "{}",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
  });

  test("refuses an Authorization header of another form", async () => {
    await using emulator = await startEmulator();
    const answer = await callRaw(emulator, `${PREFIX}.DescribeUserPool`, {}, { authorization: "Bearer abc" });
    expect(answer.body["__type"]).toBe("IncompleteSignatureException");
  });

  test.each([
    [
      "a wrong secret",
      { secretAccessKey: "wrong" },
      "us-east-1",
      "InvalidSignatureException",
      /does not match the signature/,
    ],
    [
      "an unknown key",
      { accessKeyId: "AKIDUNKNOWN" },
      "us-east-1",
      "UnrecognizedClientException",
      /security token included/,
    ],
    ["another region", {}, "eu-west-1", "InvalidSignatureException", /valid region, not 'eu-west-1'/],
  ])("wire-signature: refuses %s", async (_, credentials, region, name, message) => {
    await using emulator = await startEmulator({ credentials: CREDENTIALS });
    const client = new CognitoIdentityProviderClient({
      endpoint: emulator.url,
      region,
      credentials: { ...CREDENTIALS, ...credentials },
      maxAttempts: 1,
    });
    const refused = client.send(new DescribeUserPoolCommand({ UserPoolId: "us-east-1_none" }));
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    client.destroy();
  });

  test("refuses a signature made for another service", async () => {
    await using emulator = await startEmulator({ credentials: CREDENTIALS });
    const answer = await callRaw(
      emulator,
      "Logs_20140328.DescribeLogGroups",
      {},
      {
        authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
      },
    );
    expect(answer.body["message"]).toBe("Credential should be scoped to correct service: 'logs'.");
  });

  test("takes the AWS client's own signatures for both services", async () => {
    await using pool = await aPool();
    const { UserPool } = await pool.cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool.poolId }));
    expect(UserPool?.Name).toBe("people");
    const { logGroups } = await pool.logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toEqual([]);
  });

  test("takes any well-formed signature when it was given no credentials", async () => {
    await using emulator = await startEmulator();
    const client = new CloudWatchLogsClient({
      endpoint: emulator.url,
      region: "eu-north-1",
      credentials: { accessKeyId: "any", secretAccessKey: "thing" },
    });
    expect((await client.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
    client.destroy();
  });
});

describe("validation against the API's shapes", () => {
  const POOL = "us-east-1_AAAAAAAAA";
  const one = "1 validation error detected: ";

  test.each([
    [
      "DescribeUserPool",
      {},
      `${one}Value null at 'userPoolId' failed to satisfy constraint: Member must not be null`,
    ],
    [
      "DescribeUserPool",
      { UserPoolId: null },
      `${one}Value null at 'userPoolId' failed to satisfy constraint: Member must not be null`,
    ],
    [
      "AdminGetUser",
      { UserPoolId: POOL },
      `${one}Value at 'username' failed to satisfy constraint: Member must not be null`,
    ],
    [
      "DescribeUserPool",
      { UserPoolId: "nothing like it" },
      `${one}Value 'nothing like it' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+`,
    ],
    [
      "ListUsers",
      { UserPoolId: POOL, Limit: 61 },
      `${one}Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60`,
    ],
    [
      "ListUserImportJobs",
      { UserPoolId: POOL, MaxResults: 0 },
      `${one}Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    ],
    [
      "AdminCreateUser",
      { UserPoolId: POOL, Username: "a", MessageAction: "SHOUT" },
      `${one}Value 'SHOUT' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]`,
    ],
    [
      "AdminCreateUser",
      { UserPoolId: POOL, Username: "a", UserAttributes: [{ Name: "x" }, { Name: "n".repeat(33) }] },
      `${one}Value '${"n".repeat(33)}' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must have length less than or equal to 32`,
    ],
    [
      "CreateUserPool",
      { PoolName: "p", Schema: [] },
      `${one}Value '[]' at 'schema' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    ],
    [
      "CreateUserPool",
      { PoolName: "p", Schema: [{ Name: "phone_number_verified" }] },
      `${one}Value 'phone_number_verified' at 'schema.1.member.name' failed to satisfy constraint: Member must have length less than or equal to 20`,
    ],
    [
      "CreateUserPool",
      { PoolName: "p", UserPoolTags: { a: "v".repeat(257) } },
      `${one}Value '${"v".repeat(257)}' at 'userPoolTags.a.member' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ],
    [
      "CreateUserPool",
      {
        PoolName: "p",
        AdminCreateUserConfig: { InviteMessageTemplate: { SMSMessage: "line\nfeed and more" } },
      },
      undefined,
    ],
  ])("wire-shapes, wire-words: checks %s %j", async (operation, body, message) => {
    await using emulator = await startEmulator();
    const answer = await callCognito(emulator, operation, body);
    if (message === undefined) expect(answer.status).toBe(200);
    else expect(answer.body).toEqual({ __type: "InvalidParameterException", message });
  });

  test("wire-words: never repeats a sensitive value, and reports every error at once", async () => {
    await using emulator = await startEmulator();
    const { body } = await callCognito(emulator, "AdminCreateUser", {
      UserPoolId: POOL,
      Username: "secret name",
      TemporaryPassword: "hush hush",
    });
    expect(body["message"]).toBe(
      "2 validation errors detected: Value at 'temporaryPassword' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [\\S]+; Value at 'username' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
    );
  });

  test.each([
    ["a number for a string", "DescribeUserPool", { UserPoolId: 5 }],
    ["an object for a string", "DescribeUserPool", { UserPoolId: {} }],
    ["a string for a number", "ListUsers", { UserPoolId: POOL, Limit: "5" }],
    [
      "a string for a flag",
      "AdminCreateUser",
      { UserPoolId: POOL, Username: "a", ForceAliasCreation: "yes" },
    ],
    ["an object for a list", "AdminCreateUser", { UserPoolId: POOL, Username: "a", UserAttributes: {} }],
    ["a list for an object", "DescribeUserPool", []],
  ])("wire-type: answers SerializationException to %s", async (_, operation, body) => {
    await using emulator = await startEmulator();
    const answer = await callCognito(emulator, operation, body);
    expect(answer).toMatchObject({ status: 400, body: { __type: "SerializationException" } });
  });

  test("wire-unknown: ignores members that the API does not know", async () => {
    await using emulator = await startEmulator();
    const unknown = { Coffee: true, EmailConfiguration: { Sugar: 2, EmailSendingAccount: null } };
    const { status, body } = await callCognito(emulator, "CreateUserPool", { PoolName: "p", ...unknown });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/Coffee|Sugar|null/);
  });
});

test("wire-pages: answers a page's preflight request, and lets it read answers and errors", async () => {
  await using emulator = await startEmulator();
  const origin = "https://app.example.com";
  const asked = "content-type,x-amz-target,x-amz-user-agent";
  const preflight = await fetch(emulator.url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked,
    },
  });
  expect(preflight.status).toBe(200);
  expect(preflight.headers.get("access-control-allow-headers")).toBe(asked);
  const answer = await callCognito(
    emulator,
    "DescribeUserPool",
    { UserPoolId: "us-east-1_nothing00" },
    { origin },
  );
  expect(answer.body["__type"]).toBe("ResourceNotFoundException");
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("access-control-expose-headers")).toContain("x-amzn-ErrorType");
  const controls = await fetch(`${emulator.url}/_emulator/stats`, { headers: { origin } });
  expect([controls.status, controls.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});
