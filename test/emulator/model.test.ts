import { expect, test } from "vitest";

import { startEmulator, type Emulator } from "../support/emulator.ts";
import { OPERATIONS } from "../../emulator/operations/table.ts";
import { APIS, type Api, type Shape } from "../../emulator/wire/api.ts";
import { callQuery, elementAt, toValue } from "./support/query.ts";
import { callRaw } from "./support/raw.ts";

/** AWS's own samples break these shapes, so they hold no answer to account. */
const KNOWN_WRONG = new Set(["CompletionMessageType", "CustomAttributeNameType"]);

/** Every place where an answer is not what the API model says. */
function violations(api: Api, shapeName: string, value: unknown, path = ""): readonly string[] {
  const shape = api.shapes[shapeName];
  if (shape === undefined) return [`${path}: unknown shape ${shapeName}`];
  switch (shape.type) {
    case "structure":
      return structureViolations(api, shape, value, path);
    case "list":
      if (!Array.isArray(value)) return [`${path}: no list`];
      return value.flatMap((item, index) => violations(api, shape.member ?? "", item, `${path}[${index}]`));
    case "map":
      return Object.entries(value as object).flatMap(([key, item]) =>
        violations(api, shape.value ?? "", item, `${path}.${key}`),
      );
    case "string":
      return typeof value === "string"
        ? stringViolations(shapeName, shape, value, path)
        : [`${path}: no string`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path}: no flag`];
    case "integer":
    case "long":
      return Number.isInteger(value) ? [] : [`${path}: no whole number`];
    case "timestamp":
      // Epoch seconds with milliseconds: anything else would be off by a factor of a thousand.
      return typeof value === "number" && Math.abs(value - Date.now() / 1000) < 3600
        ? []
        : [`${path}: no epoch seconds`];
    default:
      return [`${path}: unknown type ${shape.type}`];
  }
}

function structureViolations(api: Api, shape: Shape, value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: no structure`];
  const members = shape.members ?? {};
  const missing = (shape.required ?? []).filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${path}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const member = members[name];
      return member === undefined
        ? [`${path}.${name}: unknown`]
        : violations(api, member, item, `${path}.${name}`);
    }),
  ];
}

function stringViolations(name: string, shape: Shape, value: string, path: string): readonly string[] {
  if (KNOWN_WRONG.has(name)) return [];
  const isTooLong = value.length > (shape.max ?? Infinity) || value.length < (shape.min ?? 0);
  const isOtherwiseWrong =
    shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(value);
  const isOutsideEnum = shape.enum !== undefined && !shape.enum.includes(value);
  return isTooLong || isOtherwiseWrong || isOutsideEnum ? [`${path}: '${value}'`] : [];
}

const ROLE = "arn:aws:iam::123456789012:role/Cognito-UserImport-Role";

/** One successful request of every operation, in an order in which they can succeed; all answers by operation. */
async function callEverything(emulator: Emulator): Promise<Map<string, Record<string, unknown>>> {
  const answers = new Map<string, Record<string, unknown>>();
  const call = async (operation: string, request: object) => {
    const api = APIS.find(({ operations }) => operation in operations);
    const { status, body, headers } = await callRaw(emulator, `${api?.targetPrefix}.${operation}`, request);
    expect(`${operation} ${status} ${JSON.stringify(body)}`).toMatch(new RegExp(`^${operation} 200 `));
    expect(headers.get("content-type")).toBe("application/x-amz-json-1.1");
    answers.set(operation, body);
    return body as Record<string, Record<string, string>>;
  };
  const callForm = async (service: "sts" | "iam", operation: string, form: Record<string, string>) => {
    const api = APIS.find(({ operations }) => operation in operations);
    const { status, xml, root } = await callQuery(emulator, service, { Action: operation, ...form });
    expect(`${operation} ${status} ${xml}`).toMatch(new RegExp(`^${operation} 200 `));
    const output = api?.operations[operation]?.output;
    const result = elementAt(root, `${operation}Result`);
    const answer =
      api === undefined || output === undefined || result === undefined ? {} : toValue(api, output, result);
    answers.set(operation, answer as Record<string, unknown>);
  };
  const created = await call("CreateUserPool", {
    PoolName: "people",
    AutoVerifiedAttributes: ["email"],
    UsernameConfiguration: { CaseSensitive: false },
    Schema: [{ Name: "x" }, { Name: "y", AttributeDataType: "Number", DeveloperOnlyAttribute: true }],
    Policies: { PasswordPolicy: { MinimumLength: 6 } },
  });
  const UserPoolId = created["UserPool"]?.["Id"] ?? "";
  await call("DescribeUserPool", { UserPoolId });
  const { CSVHeader } = await call("GetCSVHeader", { UserPoolId });
  const started = await call("CreateUserImportJob", {
    UserPoolId,
    JobName: "move",
    CloudWatchLogsRoleArn: ROLE,
  });
  const { JobId = "", PreSignedUrl = "" } = started["UserImportJob"] ?? {};
  const headers = { "x-amz-server-side-encryption": "aws:kms" };
  const columns = CSVHeader as unknown as string[];
  const row = columns.map(
    (name) => ({ "cognito:username": "bob", email: "b@c.de", email_verified: "true" })[name] ?? "",
  );
  await fetch(PreSignedUrl, { method: "PUT", headers, body: `${columns.join(",")}\n${row.join(",")}` });
  await call("StartUserImportJob", { UserPoolId, JobId });
  await expect
    .poll(
      async () => (await call("DescribeUserImportJob", { UserPoolId, JobId }))["UserImportJob"]?.["Status"],
    )
    .toBe("Succeeded");
  await call("AdminCreateUser", {
    UserPoolId,
    Username: "ann",
    UserAttributes: [{ Name: "email", Value: "a@b.cd" }],
  });
  await call("AdminGetUser", { UserPoolId, Username: "ANN" });
  await call("ListUsers", { UserPoolId, Limit: 1 });
  const second = await call("CreateUserImportJob", {
    UserPoolId,
    JobName: "again",
    CloudWatchLogsRoleArn: ROLE,
  });
  const secondId = second["UserImportJob"]?.["JobId"] ?? "";
  await call("StopUserImportJob", { UserPoolId, JobId: secondId });
  await call("ListUserImportJobs", { UserPoolId, MaxResults: 1 });
  const logGroupName = `/aws/cognito/userpools/${UserPoolId}/people`;
  await call("DescribeLogGroups", {});
  await call("DescribeLogStreams", { logGroupName });
  await call("GetLogEvents", { logGroupName, logStreamName: `${JobId}/move` });
  await call("GetProvisionedLimit", {
    LimitDefinition: { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } },
  });
  await call("FilterLogEvents", { logGroupName, filterPattern: "SUCCEEDED" });
  await callForm("sts", "GetCallerIdentity", {});
  const RoleName = "Cognito-UserImport-Role";
  const Statement = {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: "cognito-idp.amazonaws.com" },
  };
  await callForm("iam", "CreateRole", {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ Statement }),
    "Tags.member.1.Key": "a",
    "Tags.member.1.Value": "b",
  });
  await callForm("iam", "PutRolePolicy", {
    RoleName,
    PolicyName: "logs",
    PolicyDocument: '{"Statement":[]}',
  });
  await callForm("iam", "GetRole", { RoleName });
  const PolicySourceArn = "arn:aws:iam::123456789012:user/emulator";
  const asked = { "ActionNames.member.1": "cognito-idp:ListUsers", "ResourceArns.member.1": "*" };
  await callForm("iam", "SimulatePrincipalPolicy", { PolicySourceArn, ...asked });
  await callForm("iam", "ListAttachedRolePolicies", { RoleName });
  await callForm("iam", "ListRolePolicies", { RoleName });
  await callForm("iam", "GetRolePolicy", { RoleName, PolicyName: "logs" });
  await callForm("iam", "DeleteRolePolicy", { RoleName, PolicyName: "logs" });
  await callForm("iam", "UpdateAssumeRolePolicy", {
    RoleName,
    PolicyDocument: JSON.stringify({ Statement }),
  });
  await callForm("iam", "DeleteRole", { RoleName });
  await signInEverywhere(call, { emulator, UserPoolId });
  await changeEverything(emulator, call, UserPoolId);
  return answers;
}

/** The changes of users, groups and pools, up to the end of the pool. */
async function changeEverything(
  emulator: Emulator,
  call: (operation: string, request: object) => Promise<unknown>,
  UserPoolId: string,
): Promise<void> {
  const ann = { UserPoolId, Username: "ann" };
  const staff = { UserPoolId, GroupName: "staff" };
  await call("CreateGroup", { ...staff, Description: "All", RoleArn: ROLE, Precedence: 1 });
  await call("UpdateGroup", { ...staff, Precedence: 2 });
  await call("GetGroup", staff);
  await call("CreateGroup", { UserPoolId, GroupName: "other" });
  await call("ListGroups", { UserPoolId, Limit: 1 });
  for (const GroupName of ["staff", "other"]) await call("AdminAddUserToGroup", { ...ann, GroupName });
  await call("AdminAddUserToGroup", { ...staff, Username: "bob" });
  await call("AdminListGroupsForUser", { ...ann, Limit: 1 });
  await call("ListUsersInGroup", { ...staff, Limit: 1 });
  await call("AdminRemoveUserFromGroup", { ...staff, Username: "bob" });
  await call("DeleteGroup", staff);
  await call("AdminUpdateUserAttributes", { ...ann, UserAttributes: [{ Name: "name", Value: "Ann" }] });
  await call("AdminDeleteUserAttributes", { ...ann, UserAttributeNames: ["name"] });
  await call("AdminSetUserMFAPreference", {
    ...ann,
    EmailMfaSettings: { Enabled: true, PreferredMfa: true },
  });
  await call("AdminLinkProviderForUser", {
    UserPoolId,
    DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: "ann" },
    SourceUser: {
      ProviderName: "Google",
      ProviderAttributeName: "Cognito_Subject",
      ProviderAttributeValue: "1",
    },
  });
  await call("AdminGetUser", ann);
  const user = emulator.state.pools.get(UserPoolId)?.users.byUsername("ann");
  if (user !== undefined) user.status = "UNCONFIRMED";
  await call("AdminConfirmSignUp", ann);
  await call("AdminDisableUser", ann);
  await call("AdminEnableUser", ann);
  await call("AdminDeleteUser", ann);
  await call("AddCustomAttributes", { UserPoolId, CustomAttributes: [{ Name: "z" }] });
  await call("SetUserPoolMfaConfig", {
    UserPoolId,
    MfaConfiguration: "OPTIONAL",
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  await call("GetUserPoolMfaConfig", { UserPoolId });
  await call("UpdateUserPool", { UserPoolId, PoolName: "users" });
  await call("ListUserPools", { MaxResults: 1 });
  await call("DeleteUserPool", { UserPoolId });
}

type Call = (operation: string, request: object) => Promise<Record<string, Record<string, string>>>;

/** The walk's part with app clients: users who sign up, sign in and reset their passwords. */
async function signInEverywhere(
  call: Call,
  { emulator, UserPoolId }: { readonly emulator: Emulator; readonly UserPoolId: string },
): Promise<void> {
  const code = () => emulator.state.outbox.at(-1)?.secret ?? "";
  const made = await call("CreateUserPoolClient", {
    UserPoolId,
    ClientName: "web",
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    TokenValidityUnits: { RefreshToken: "hours" },
  });
  const ClientId = made["UserPoolClient"]?.["ClientId"] ?? "";
  await call("DescribeUserPoolClient", { UserPoolId, ClientId });
  await call("CreateUserPoolClient", { UserPoolId, ClientName: "server", GenerateSecret: true });
  await call("ListUserPoolClients", { UserPoolId, MaxResults: 1 });
  const Username = "eve";
  const Password = "Passw0rd!";
  const parameters = { USERNAME: Username, PASSWORD: Password };
  const UserAttributes = [{ Name: "email", Value: "eve@b.cd" }];
  await call("SignUp", { ClientId, Username, Password, UserAttributes });
  await call("ResendConfirmationCode", { ClientId, Username });
  await call("ConfirmSignUp", { ClientId, Username, ConfirmationCode: code() });
  const byUser = { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters };
  const byServer = { ...byUser, UserPoolId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" };
  for (const [begin, respond, request] of [
    ["InitiateAuth", "RespondToAuthChallenge", byUser],
    ["AdminInitiateAuth", "AdminRespondToAuthChallenge", byServer],
  ] as const) {
    await call("AdminSetUserPassword", { UserPoolId, Username, Password });
    const { Session, ChallengeName } = await call(begin, request);
    const ChallengeResponses = { USERNAME: Username, NEW_PASSWORD: Password };
    const { AuthFlow: _, AuthParameters: __, ...place } = request;
    await call(respond, { ...place, Session, ChallengeName, ChallengeResponses });
  }
  const { AuthenticationResult: tokens } = await call("InitiateAuth", byUser);
  const AccessToken = tokens?.["AccessToken"];
  await call("GetUser", { AccessToken });
  await call("ChangePassword", { AccessToken, PreviousPassword: Password, ProposedPassword: Password });
  await call("AdminResetUserPassword", { UserPoolId, Username });
  await call("ForgotPassword", { ClientId, Username });
  await call("ConfirmForgotPassword", { ClientId, Username, ConfirmationCode: code(), Password });
}

test("answers every operation in the shapes of AWS's API model", async () => {
  await using emulator = await startEmulator({ rules: { stoppableStatuses: ["Created"] } });
  const answers = await callEverything(emulator);
  expect([...answers.keys()].sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const api of APIS) {
    for (const [operation, { output }] of Object.entries(api.operations)) {
      const answer = answers.get(operation);
      const found = output === undefined ? Object.keys(answer ?? {}) : violations(api, output, answer);
      expect([operation, ...found]).toEqual([operation]);
    }
  }
});

test("has a file for every operation in its API files, and no operation beside", () => {
  const inApis = APIS.flatMap(({ operations }) => Object.keys(operations));
  expect(inApis.sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const { operations, otherOperations } of APIS) {
    expect(otherOperations.filter((name) => name in operations)).toEqual([]);
    expect(otherOperations.length).toBeGreaterThan(5);
  }
});
