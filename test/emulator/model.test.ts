import { expect, test } from "vitest";

import { startEmulator, type Emulator } from "../support/emulator.ts";
import { OPERATIONS } from "../../emulator/operations/table.ts";
import { APIS, type Api, type Shape } from "../../emulator/wire/api.ts";
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
  return answers;
}

test("answers every operation in the shapes of AWS's API model", async () => {
  await using emulator = await startEmulator({ rules: { stoppableStatuses: ["Created"] } });
  const answers = await callEverything(emulator);
  expect([...answers.keys()].sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const api of APIS) {
    for (const [operation, { output = "" }] of Object.entries(api.operations)) {
      expect([operation, ...violations(api, output, answers.get(operation))]).toEqual([operation]);
    }
  }
});

test("has a file for every operation in its API files, and no operation beside", () => {
  const inApis = APIS.flatMap(({ operations }) => Object.keys(operations));
  expect(inApis.sort()).toEqual(Object.keys(OPERATIONS).sort());
  for (const { operations, otherOperations } of APIS) {
    expect(otherOperations.filter((name) => name in operations)).toEqual([]);
    expect(otherOperations.length).toBeGreaterThan(50);
  }
});
