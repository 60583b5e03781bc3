import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { startEmulator, type Emulator, type EmulatorOptions } from "../support/emulator.ts";
import {
  aPool,
  aRow,
  CREDENTIALS,
  csvOf,
  importCsv,
  importRows,
  ROLE,
  type TestPool,
} from "./support/pool.ts";
import { callQuery, textAt } from "./support/query.ts";

const NAME = "Cognito-UserImport-Role";

const TRUST = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "cognito-idp.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
};

/** The policy that AWS's documentation gives. */
const LOGS = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/cognito/*"],
    },
  ],
};

async function createRole(emulator: Emulator, trust: unknown = TRUST, more: Record<string, string> = {}) {
  const AssumeRolePolicyDocument = typeof trust === "string" ? trust : JSON.stringify(trust);
  return callQuery(emulator, "iam", {
    Action: "CreateRole",
    RoleName: NAME,
    AssumeRolePolicyDocument,
    ...more,
  });
}

async function putPolicy(emulator: Emulator, policy: unknown = LOGS, PolicyName = "logs") {
  const PolicyDocument = typeof policy === "string" ? policy : JSON.stringify(policy);
  return callQuery(emulator, "iam", { Action: "PutRolePolicy", RoleName: NAME, PolicyName, PolicyDocument });
}

function getRole(emulator: Emulator, RoleName = NAME) {
  return callQuery(emulator, "iam", { Action: "GetRole", RoleName });
}

describe("query-wire", () => {
  test("query-wire, caller-identity: answers in XML with the request's id", async () => {
    await using emulator = await startEmulator();
    const { status, headers, xml, root } = await callQuery(emulator, "sts", { Action: "GetCallerIdentity" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/xml");
    expect(xml).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">/,
    );
    expect(textAt(root, "ResponseMetadata", "RequestId")).toBe(headers.get("x-amzn-requestid"));
    expect(textAt(root, "GetCallerIdentityResult", "Account")).toBe("123456789012");
    expect([...emulator.requestCounts]).toEqual([["GetCallerIdentity", 1]]);
  });

  test.each([
    [
      "sts",
      { Action: "Nothing" },
      400,
      "InvalidAction",
      "Could not find operation Nothing for version 2011-06-15",
    ],
    ["iam", { Action: "GetRole", Version: "2000-01-01" }, 400, "InvalidAction", /for version 2000-01-01/],
    ["iam", { Action: "ListRoles" }, 501, "NotImplementedByEmulator", /ListRoles/],
    // Cognito has one, but this is IAM's.
    ["iam", { Action: "ListUsers" }, 501, "NotImplementedByEmulator", /ListUsers/],
    [
      "iam",
      { Action: "GetRole" },
      400,
      "ValidationError",
      /^1 validation error detected: Value null at 'roleName'/,
    ],
    ["iam", { Action: "GetRole", RoleName: "a b" }, 400, "ValidationError", /regular expression pattern/],
    [
      "iam",
      { Action: "CreateRole", RoleName: "a", AssumeRolePolicyDocument: "{}", MaxSessionDuration: "1h" },
      400,
      "MalformedInput",
      /Integer/,
    ],
    ["iam", { Action: "GetRole", RoleName: "<a>&b" }, 400, "ValidationError", /'<a>&b'/],
  ] as const)("query-error: %s %j is %i %s", async (service, form, expectedStatus, code, message) => {
    await using emulator = await startEmulator();
    const { status, root } = await callQuery(emulator, service, form);
    expect([status, root.name, textAt(root, "Error", "Code")]).toEqual([
      expectedStatus,
      "ErrorResponse",
      code,
    ]);
    const words = textAt(root, "Error", "Message") ?? "";
    if (typeof message === "string") expect(words).toBe(message);
    else expect(words).toMatch(message);
    expect(textAt(root, "Error", "Type")).toBe(expectedStatus === 501 ? "Receiver" : "Sender");
    expect(textAt(root, "RequestId")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ["no signature", { authorization: undefined }, 403, "MissingAuthenticationToken"],
    ["half a signature", { authorization: "AWS4-HMAC-SHA256 x" }, 400, "IncompleteSignature"],
    ["an unknown key", {}, 403, "InvalidClientTokenId"],
    ["a wrong region", signedFor("eu-west-1", "iam"), 403, "SignatureDoesNotMatch"],
    ["another service", signedFor("us-east-1", "sts"), 403, "SignatureDoesNotMatch"],
    ["a wrong signature", signedFor("us-east-1", "iam"), 403, "SignatureDoesNotMatch"],
  ])("query-signature: %s is refused", async (_, headers, expectedStatus, code) => {
    await using emulator = await startEmulator({ credentials: CREDENTIALS });
    const form = { Action: "GetRole", RoleName: NAME };
    const { status, root } = await callQuery(emulator, "iam", form, headers);
    expect([status, textAt(root, "Error", "Code")]).toEqual([expectedStatus, code]);
  });

  test("query-wire: hooks can spoil a request", async () => {
    const hooks: EmulatorOptions["hooks"] = {
      beforeEffect: ({ operation, number }) =>
        operation === "CreateRole" && number === 1
          ? { kind: "error", status: 500, type: "ServiceFailure", message: "no" }
          : undefined,
      afterEffect: ({ operation }) => (operation === "PutRolePolicy" ? { kind: "drop" } : undefined),
    };
    await using emulator = await startEmulator({ hooks });
    const { status, root } = await createRole(emulator);
    expect([status, textAt(root, "Error", "Code")]).toEqual([500, "ServiceFailure"]);
    expect((await getRole(emulator)).status).toBe(404);
    expect((await createRole(emulator)).status).toBe(200);
    await expect(putPolicy(emulator)).rejects.toThrow();
    expect(emulator.state.roles.find(NAME)?.policies.size).toBe(1);
  });

  test("query-wire: a request that is too large is refused", async () => {
    await using emulator = await startEmulator({ rules: { bytesInRequest: 100 } });
    const { status, root } = await createRole(emulator);
    expect(root.name).toBe("ErrorResponse");
    expect(status).toBeGreaterThanOrEqual(400);
  });
});

function signedFor(region: string, service: string): Record<string, string> {
  const scope = `${CREDENTIALS.accessKeyId}/20260101/${region}/${service}/aws4_request`;
  const signature = "0".repeat(64);
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${signature}`,
  };
}

describe("roles", () => {
  test("role-members: a role is shown as it was created", async () => {
    await using emulator = await startEmulator();
    const { root } = await createRole(emulator, TRUST, {
      Path: "/service-role/",
      Description: "a < b & c",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "accounts",
    });
    const role = (name: string) => textAt(root, "CreateRoleResult", "Role", name);
    expect(role("Arn")).toBe(`arn:aws:iam::123456789012:role/service-role/${NAME}`);
    expect(role("RoleId")).toMatch(/^AROA[A-Z0-9]{17}$/);
    expect(role("CreateDate")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(role("Description")).toBe("a < b & c");
    expect(decodeURIComponent(role("AssumeRolePolicyDocument") ?? "")).toBe(JSON.stringify(TRUST));
    expect(textAt(root, "CreateRoleResult", "Role", "Tags", "member", "Key")).toBe("team");
    const shown = await getRole(emulator, NAME.toUpperCase());
    expect(textAt(shown.root, "GetRoleResult", "Role", "RoleId")).toBe(role("RoleId"));
    expect(textAt(shown.root, "GetRoleResult", "Role", "MaxSessionDuration")).toBe("3600");
  });

  test.each([
    [
      "a second one of a name",
      409,
      "EntityAlreadyExists",
      `Role with name ${NAME} already exists.`,
      createRole,
    ],
    [
      "a trust that is no JSON",
      400,
      "MalformedPolicyDocument",
      "This policy contains invalid Json",
      (emulator: Emulator) => createRole(emulator, "{", { RoleName: "other" }),
    ],
    [
      "a policy that is none",
      400,
      "MalformedPolicyDocument",
      "Syntax errors in policy.",
      (emulator: Emulator) => putPolicy(emulator, "[]"),
    ],
    [
      "an unknown role",
      404,
      "NoSuchEntity",
      "The role with name other cannot be found.",
      (emulator: Emulator) => getRole(emulator, "other"),
    ],
  ] as const)("role-errors: refuses %s", async (_, expectedStatus, code, message, call) => {
    await using emulator = await startEmulator();
    await createRole(emulator);
    const { status, root } = await call(emulator);
    expect([status, textAt(root, "Error", "Code"), textAt(root, "Error", "Message")]).toEqual([
      expectedStatus,
      code,
      message,
    ]);
  });
});

test("role-errors: a role goes once its policies are gone, and other roles are not there", async () => {
  await using emulator = await startEmulator();
  await createRole(emulator);
  await putPolicy(emulator);
  const call = async (Action: string, more: Record<string, string> = {}) => {
    const answer = await callQuery(emulator, "iam", { Action, RoleName: NAME, ...more });
    return [answer.status, textAt(answer.root, "Error", "Code"), textAt(answer.root, "Error", "Message")];
  };
  const ok = [200, undefined, undefined];
  const absent = [404, "NoSuchEntity", "The role policy with name none cannot be found."];
  expect(await call("DeleteRole")).toEqual([
    409,
    "DeleteConflict",
    "Cannot delete entity, must delete policies first.",
  ]);
  expect(await call("DeleteRolePolicy", { PolicyName: "none" })).toEqual(absent);
  expect(await call("GetRolePolicy", { PolicyName: "none" })).toEqual(absent);
  expect(await call("UpdateAssumeRolePolicy", { PolicyDocument: "{" })).toEqual([
    400,
    "MalformedPolicyDocument",
    "This policy contains invalid Json",
  ]);
  expect(await call("UpdateAssumeRolePolicy", { PolicyDocument: '{"Statement":[]}' })).toEqual(ok);
  expect(emulator.state.roles.find(NAME)).toMatchObject({ trust: '{"Statement":[]}' });
  expect(await call("DeleteRolePolicy", { PolicyName: "logs" })).toEqual(ok);
  expect(await call("DeleteRole")).toEqual(ok);
  expect((await call("GetRole")).slice(0, 2)).toEqual([404, "NoSuchEntity"]);
});

test("role-policies: their names come a page at a time", async () => {
  await using emulator = await startEmulator();
  await createRole(emulator);
  for (const name of ["a", "b", "c"]) await putPolicy(emulator, LOGS, name);
  const page = async (more: Record<string, string>) => {
    const { root } = await callQuery(emulator, "iam", {
      Action: "ListRolePolicies",
      RoleName: NAME,
      MaxItems: "2",
      ...more,
    });
    const result = root.children[0];
    const names = result?.children.find(({ name }) => name === "PolicyNames")?.children ?? [];
    return [names.map(({ text }) => text), textAt(root, "ListRolePoliciesResult", "Marker")];
  };
  expect(await page({})).toEqual([["a", "b"], "2"]);
  expect(await page({ Marker: "2" })).toEqual([["c"], undefined]);
});

test("simulate-policy: every action is allowed on every resource that is asked for", async () => {
  await using emulator = await startEmulator();
  const { root } = await callQuery(emulator, "iam", {
    Action: "SimulatePrincipalPolicy",
    PolicySourceArn: "arn:aws:iam::123456789012:user/emulator",
    "ActionNames.member.1": "cognito-idp:ListUsers",
    "ActionNames.member.2": "iam:PassRole",
    "ResourceArns.member.1": "arn:aws:a",
    "ResourceArns.member.2": "arn:aws:b",
  });
  const results = root.children[0]?.children.find(({ name }) => name === "EvaluationResults")?.children;
  expect(results?.map(({ children }) => children.map(({ text }) => text))).toEqual([
    ["cognito-idp:ListUsers", "arn:aws:a", "allowed"],
    ["cognito-idp:ListUsers", "arn:aws:b", "allowed"],
    ["iam:PassRole", "arn:aws:a", "allowed"],
    ["iam:PassRole", "arn:aws:b", "allowed"],
  ]);
});

const allow = (Action: unknown, Resource: unknown, Effect = "Allow") => ({ Effect, Action, Resource });
const OK = allow("logs:*", "*");

describe("log-role", () => {
  test("log-role: any ARN will do unless the settings say otherwise", async () => {
    await using pool = await aPool();
    expect((await importRows(pool, [aRow()])).job).toMatchObject({
      Status: "Succeeded",
      CloudWatchLogsRoleArn: ROLE,
    });
  });

  const outcome = async (pool: TestPool) => (await importRows(pool, [aRow()])).job;
  // The forms below are not signed.
  const strict = { rules: { logRole: "must-exist" }, credentials: undefined } as const;

  test("log-role: without the role the job fails as a whole", async () => {
    await using pool = await aPool({}, { rules: { logRole: "must-exist" } });
    const { Status, ImportedUsers, CompletionMessage } = await jobWithoutLog(pool);
    expect([Status, ImportedUsers]).toEqual(["Failed", 0]);
    expect(CompletionMessage).toBe("The CloudWatch Logs role could not be used to write the import's log.");
    expect(pool.emulator.state.logs.groups.size).toBe(0);
  });

  test("log-role: with AWS's own policies the job succeeds", async () => {
    await using pool = await aPool({}, strict);
    await createRole(pool.emulator);
    await putPolicy(pool.emulator);
    expect((await outcome(pool)).Status).toBe("Succeeded");
  });

  const trusting = (principal: unknown, effect = "Allow", action: unknown = "sts:AssumeRole") => ({
    Statement: { Effect: effect, Principal: principal, Action: action },
  });
  const group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/cognito";

  test.each([
    ["every action on everything", TRUST, [allow("*", "*")], true],
    ["wildcards", TRUST, [allow("logs:*", `${group}/userpools/*`)], true],
    [
      "actions in several statements",
      TRUST,
      [allow("logs:Create*", "*"), allow(["logs:Put*", "LOGS:describe*"], "*")],
      true,
    ],
    ["a list of services", trusting({ Service: ["a", "cognito-idp.amazonaws.com"] }), [OK], true],
    ["everybody", trusting("*"), [OK], true],
    ["no policy", TRUST, [], false],
    ["one action less", TRUST, [allow(["logs:Create*", "logs:DescribeLogStreams"], "*")], false],
    [
      "another group",
      TRUST,
      [allow("logs:*", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/*")],
      false,
    ],
    [
      "another region",
      TRUST,
      [allow("logs:*", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/cognito/*")],
      false,
    ],
    ["a refusal", TRUST, [OK, allow("logs:PutLogEvents", "*", "Deny")], false],
    ["another service's trust", trusting({ Service: "lambda.amazonaws.com" }), [OK], false],
    ["an account's trust", trusting({ AWS: "arn:aws:iam::123456789012:root" }), [OK], false],
    ["a trust that refuses", trusting({ Service: "*" }, "Deny"), [OK], false],
    ["a trust of another action", trusting({ Service: "*" }, "Allow", "sts:TagSession"), [OK], false],
  ])("log-role, role-policies: with %s the job can go on or not", async (_, trust, Statement, isUsable) => {
    await using pool = await aPool({}, strict);
    await createRole(pool.emulator, trust);
    if (Statement.length > 0) await putPolicy(pool.emulator, { Statement });
    const { Status } = isUsable ? await outcome(pool) : await jobWithoutLog(pool);
    expect(Status).toBe(isUsable ? "Succeeded" : "Failed");
  });
});

/** A job that writes no log. */
async function jobWithoutLog(pool: TestPool) {
  return importCsv(pool, await csvOf(pool, [aRow()]));
}

const run = promisify(execFile);

function environment({ region }: Emulator): NodeJS.ProcessEnv {
  return {
    ...process.env,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
}

const hasAws = spawnSync("aws", ["--version"]).status === 0;
if (!hasAws) console.warn("skipped: the AWS CLI's roles need aws");

test.skipIf(!hasAws).each(["us-east-1", "eu-central-1"])(
  "query-signature: the AWS CLI makes a role and asks who it is, in %s",
  { timeout: 60_000 },
  async (region) => {
    await using emulator = await startEmulator({ credentials: CREDENTIALS, region });
    const aws = async (...words: readonly string[]) => {
      const all = ["--endpoint-url", emulator.url, "--output", "json", ...words];
      const { stdout } = await run("aws", all, { env: environment(emulator) });
      return (stdout === "" ? {} : JSON.parse(stdout)) as Record<string, unknown>;
    };
    const named = ["--role-name", NAME];
    const trust = ["--assume-role-policy-document", JSON.stringify(TRUST)];
    expect(await aws("sts", "get-caller-identity")).toEqual({
      UserId: expect.any(String),
      Account: "123456789012",
      Arn: "arn:aws:iam::123456789012:user/emulator",
    });
    const created = await aws("iam", "create-role", ...named, ...trust, "--tags", "Key=a,Value=b c");
    expect(created["Role"]).toMatchObject({
      Arn: ROLE,
      AssumeRolePolicyDocument: TRUST,
      Tags: [{ Key: "a", Value: "b c" }],
    });
    const policy = ["--policy-name", "logs", "--policy-document", JSON.stringify(LOGS)];
    await aws("iam", "put-role-policy", ...named, ...policy);
    expect((await aws("iam", "get-role", ...named))["Role"]).toMatchObject({
      RoleName: NAME,
      AssumeRolePolicyDocument: TRUST,
      RoleLastUsed: {},
    });
    await expect(aws("iam", "get-role", "--role-name", "other")).rejects.toMatchObject({
      stderr: expect.stringContaining(
        "(NoSuchEntity) when calling the GetRole operation: The role with name other cannot be found.",
      ),
    });
    expect(emulator.state.roles.find(NAME)?.policies.get("logs")).toBe(JSON.stringify(LOGS));
  },
);

const hasBoto = spawnSync("python3", ["-c", "import boto3"]).status === 0;
if (!hasBoto) console.warn("skipped: boto3's roles need python3 with boto3");

const BOTO = `
import boto3, json, sys
make = lambda name: boto3.client(name, endpoint_url=sys.argv[1])
iam = make("iam")
role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=sys.argv[2], MaxSessionDuration=7200)["Role"]
iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=sys.argv[3])
shown = iam.get_role(RoleName="r")["Role"]
try:
    iam.put_role_policy(RoleName="s", PolicyName="p", PolicyDocument="{}")
except iam.exceptions.NoSuchEntityException as error:
    missing = error.response["Error"]["Message"]
print(json.dumps({
    "same": role == {key: value for key, value in shown.items() if key != "RoleLastUsed"},
    "trust": shown["AssumeRolePolicyDocument"],
    "session": shown["MaxSessionDuration"],
    "year": shown["CreateDate"].year,
    "account": make("sts").get_caller_identity()["Account"],
    "missing": missing,
}))
`;

test.skipIf(!hasBoto)("query-wire: boto3 makes a role and asks who it is", { timeout: 60_000 }, async () => {
  await using emulator = await startEmulator({ credentials: CREDENTIALS });
  const words = ["-c", BOTO, emulator.url, JSON.stringify(TRUST), JSON.stringify(LOGS)];
  const { stdout } = await run("python3", words, { env: environment(emulator) });
  expect(JSON.parse(stdout)).toEqual({
    same: true,
    trust: TRUST,
    session: 7200,
    year: new Date().getUTCFullYear(),
    account: "123456789012",
    missing: "The role with name s cannot be found.",
  });
});
