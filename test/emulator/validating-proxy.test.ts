import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type OutgoingHttpHeaders } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, onTestFinished, test } from "vitest";

import { startEmulator } from "../support/emulator.ts";
import { MODELS } from "../support/proxy/api-model.ts";
import { checkExchange, type Exchange } from "../support/proxy/check-exchange.ts";
import type { Violation } from "../support/proxy/check-shape.ts";
import { NO_QUIRKS, QUIRKS } from "../support/proxy/quirks.ts";
import { startValidatingProxy } from "../support/proxy/validating-proxy.ts";
import { callCognito } from "./support/raw.ts";

const POOL = "us-east-1_Ferry0001";

/** What a deliberately wrong server says; unless told otherwise, what Cognito would. */
interface WrongAnswer {
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
  readonly operation?: string;
  readonly request?: object;
}

const RIGHT_HEADERS = {
  "content-type": "application/x-amz-json-1.1",
  "x-amzn-requestid": "b5e9cd7a-0c5c-4d0e-9a6f-0a1b2c3d4e5f",
};

/** The violations that the proxy finds between a client and a server that gives this answer. */
async function violationsOf(answer: WrongAnswer): Promise<readonly Violation[]> {
  const {
    status = 200,
    headers = {},
    body = {},
    operation = "ListUsers",
    request = { UserPoolId: POOL },
  } = answer;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      const framing = "transfer-encoding" in headers ? {} : { "content-length": Buffer.byteLength(text) };
      response.writeHead(status, { ...RIGHT_HEADERS, ...framing, ...headers });
      response.end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const found: Violation[] = [];
  const { port } = server.address() as AddressInfo;
  const proxy = await startValidatingProxy(`http://127.0.0.1:${port}`, {
    report: (violation) => found.push(violation),
  });
  const answered = await fetch(proxy.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      "user-agent": "aws-sdk-js/3",
    },
    body: JSON.stringify(request),
  });
  await answered.text();
  await proxy.close();
  server.close();
  server.closeAllConnections();
  return found;
}

function aUser(over: object): object {
  return { Users: [{ Username: "ada", UserCreateDate: 1736442975.904, Enabled: true, ...over }] };
}

function anError(over: object = {}, header = "UserNotFoundException:"): WrongAnswer {
  const body = { __type: "UserNotFoundException", message: "User does not exist.", ...over };
  const headers = { "x-amzn-errortype": header, "x-amzn-errormessage": "User does not exist." };
  return { status: 400, operation: "AdminGetUser", body, headers };
}

test.each<[string, WrongAnswer]>([
  ["a user", { body: aUser({}) }],
  ["no users", { body: {} }],
  ["an error", anError()],
  ["nothing, where there is nothing to say", { operation: "ListUsers", body: {} }],
])("finds nothing wrong with %s as Cognito would answer it", async (_, answer) => {
  expect(await violationsOf(answer)).toEqual([]);
});

test.each<[string, WrongAnswer, RegExp]>([
  ["type", { body: aUser({ Enabled: "yes" }) }, /answer.Users\[0\].Enabled: "yes" is no boolean/],
  ["type", { body: aUser({ Attributes: {} }) }, /Attributes: {} is no list/],
  ["type", { body: [] }, /answer: \[\] is no structure/],
  ["type", { body: aUser({ UserCreateDate: "2026-01-01T00:00:00Z" }) }, /UserCreateDate/],
  ["timestamp", { body: aUser({ UserCreateDate: 1736442975904 }) }, /UserCreateDate: 1736442975904/],
  ["timestamp", { body: aUser({ UserCreateDate: 1736442975.90412 }) }, /UserCreateDate/],
  ["unknown", { body: { Count: 0 } }, /answer.Count/],
  ["unknown", { request: { UserPoolId: POOL, Coffee: 1 } }, /request.Coffee/],
  ["required", { request: {} }, /request.UserPoolId/],
  ["required", { body: aUser({ Attributes: [{ Value: "a" }] }) }, /Attributes\[0\].Name/],
  ["enum", { body: aUser({ UserStatus: "HAPPY" }) }, /UserStatus: 'HAPPY' of UNCONFIRMED/],
  ["pattern", { body: aUser({ Username: "two words" }) }, /for 'two words'/],
  ["length", { body: aUser({ Username: "a".repeat(129) }) }, /Username: 129 of 1 to 128/],
  ["range", { request: { UserPoolId: POOL, Limit: 61 } }, /request.Limit: 61 of 0 to 60/],
  ["json", { body: '{"Users":[' }, /answer: SyntaxError/],
  ["json", { body: "<html>" }, /answer: SyntaxError/],
  ["status", { status: 204, body: "" }, /204/],
  ["status", { ...anError(), status: 500 }, /500 for UserNotFoundException/],
  ["status", { ...anError(), status: 404 }, /404 for UserNotFoundException/],
  [
    "error-header",
    { ...anError(), headers: { "x-amzn-errortype": "UserNotFoundException:" } },
    /message undefined/,
  ],
  ["content-type", { headers: { "content-type": "application/json" } }, /application\/json/],
  ["content-length", { headers: { "transfer-encoding": "chunked" } }, /chunked/],
  ["request-id", { headers: { "x-amzn-requestid": "1" } }, /1/],
  ["error-header", { headers: { "x-amzn-errortype": "Oops:" } }, /on a success/],
  ["error-header", anError({}, "UserNotFoundException"), /UserNotFoundException for/],
  ["error-body", anError({ message: undefined }), /__type/],
  ["unknown", anError({ code: 1 }), /error.code/],
  [
    "error-type",
    anError({ __type: "GroupExistsException" }, "GroupExistsException:"),
    /GroupExistsException/,
  ],
  ["operation", { operation: "MakeCoffee" }, /accepted, but unknown/],
])("finds the violation: %s (%j)", async (kind, answer, detail) => {
  const found = await violationsOf(answer);
  expect(found.filter((violation) => violation.kind !== kind && kind !== "status")).toEqual([]);
  expect(found).toContainEqual({ kind, detail: expect.stringMatching(detail) });
});

test("finds an answer that is cut short, and lets one be that never came", async () => {
  for (const [said, kinds] of [
    ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", ["cut"]],
    ["", []],
    ["HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n{}", ["http"]],
  ] as const) {
    const found: Violation[] = [];
    const server = createTcpServer((socket) => void socket.once("data", () => socket.end(said)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const proxy = await startValidatingProxy(`http://127.0.0.1:${port}`, {
      report: (violation) => found.push(violation),
    });
    await expect(fetch(proxy.url, { method: "POST", body: "{}" }).then((r) => r.text())).rejects.toThrow();
    await proxy.close();
    server.close();
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
  }
});

/** An exchange of an operation with this answer. */
function anExchange(operation: string, body: object, status = 200): Exchange {
  const { __type: type, message } = body as { readonly __type?: string; readonly message?: string };
  return {
    asked: {
      startLine: "POST / HTTP/1.1",
      headers: new Map([["x-amz-target", `AWSCognitoIdentityProviderService.${operation}`]]),
      framing: "length",
      body: Buffer.from(
        JSON.stringify({ UserPoolId: POOL, PoolName: "p", JobId: "import-1234567890", Username: "a" }),
      ),
    },
    answer: {
      startLine: `HTTP/1.1 ${status} OK`,
      headers: new Map([
        ...Object.entries(RIGHT_HEADERS),
        ...(type === undefined ? [] : [["x-amzn-errortype", `${type}:`] as const]),
        ...(message === undefined ? [] : [["x-amzn-errormessage", message] as const]),
      ]),
      framing: "length",
      body: Buffer.from(JSON.stringify(body)),
    },
  };
}

test.each<[string, Exchange]>([
  [
    "CompletionMessageType",
    anExchange("DescribeUserImportJob", { UserImportJob: { CompletionMessage: "Two words." } }),
  ],
  [
    "CustomAttributeNameType",
    anExchange("CreateUserPool", { UserPool: { SchemaAttributes: [{ Name: "phone_number_verified" }] } }),
  ],
  [
    "AliasExistsException",
    anExchange("AdminCreateUser", { __type: "AliasExistsException", message: "m" }, 400),
  ],
  [
    "UnknownOperationException",
    anExchange("Coffee", { __type: "UnknownOperationException", message: "m" }, 400),
  ],
])("needs the quirk %s, and finds a violation without it", (_, exchange) => {
  expect(checkExchange(exchange, NO_QUIRKS)).not.toEqual([]);
  expect(checkExchange(exchange, QUIRKS)).toEqual([]);
});

const QUERY_MODEL = MODELS.find(({ query }) => query !== undefined);

test.skipIf(QUERY_MODEL === undefined).each([
  ["xml", "<GetCallerIdentityResponse><Oops></GetCallerIdentityResponse>"],
  ["xml", "<GetCallerIdentityResponse/>"],
  ["unknown", "<Coffee>1</Coffee>"],
  ["length", "<Arn>a</Arn>"],
  ["error-type", "<ErrorResponse><Error><Code>Oops</Code></Error></ErrorResponse>"],
])("finds the violation of the Query protocol: %s (%s)", (kind, xml) => {
  const isWhole = /^<(?:Get|Error)/.test(xml);
  const result = `<GetCallerIdentityResult>${xml}</GetCallerIdentityResult><ResponseMetadata/>`;
  const answered = isWhole ? xml : `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`;
  const found = checkExchange({
    asked: {
      startLine: "POST / HTTP/1.1",
      headers: new Map([["content-type", "application/x-www-form-urlencoded"]]),
      framing: "length",
      body: Buffer.from("Action=GetCallerIdentity"),
    },
    answer: {
      startLine: `HTTP/1.1 ${kind === "error-type" ? 400 : 200} OK`,
      headers: new Map([...Object.entries(RIGHT_HEADERS), ["content-type", "text/xml"]]),
      framing: "length",
      body: Buffer.from(answered),
    },
  });
  expect(found.map((violation) => violation.kind)).toContain(kind);
});

test("a test in which the wire went wrong fails, and only that one", { timeout: 60_000 }, async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const args = ["run", "--config", "test/support/proxy/wrong-wire.config.ts", "--reporter", "tap-flat"];
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const failed: unknown = await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: root }).catch(
    (error: unknown) => error,
  );
  const { stdout } = failed as { stdout: string };
  expect(stdout).toMatch(/^not ok 1 .*says something wrong.*is not what AWS's API model says.*^ok 2 /ms);
});

test("hands on what hooks spoil without holding it against the emulator", async () => {
  const fault = { kind: "error", status: 503, type: "Oops", message: "no error of AWS" } as const;
  await using emulator = await startEmulator({
    hooks: { beforeEffect: ({ number }) => (number === 1 ? fault : undefined) },
  });
  expect(await callCognito(emulator, "ListUsers", { UserPoolId: POOL })).toMatchObject({ status: 503 });
  expect(await callCognito(emulator, "ListUsers", { UserPoolId: POOL })).toMatchObject({ status: 400 });
});

test("reads along what comes in single bytes", async () => {
  await using emulator = await startEmulator();
  const { hostname, port, host } = new URL(emulator.url);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ PoolName: "p" });
  const head = `POST / HTTP/1.1\r\nHost: ${host}\r\nX-Amz-Target: AWSCognitoIdentityProviderService.CreateUserPool\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (const byte of `${head}5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`) {
    socket.write(byte);
  }
  let answer = "";
  for await (const bytes of socket) answer += String(bytes);
  // Unsigned, and so refused; the proxy has found nothing wrong with it.
  expect(answer).toMatch(/^HTTP\/1.1 400 .*MissingAuthenticationTokenException/s);
});

/** Test files that start an emulator without the proxy, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "support/emulator.ts": "it puts the proxy before the emulator",
  "emulator/rough-handling.test.ts": "hangs up, and says what AWS never says",
  "e2e/package.test.ts": "starts the installed package's own emulator, far from this code",
};

test("every other test's emulator stands behind the proxy", () => {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const direct =
    /import\s*\{[^}]*\bstartEmulator\b[^}]*\}\s*from\s*"(?:[./]+\/emulator\/(?:index|emulator)\.ts|poolferry\/emulator)"/;
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const found = files.filter((name) => direct.test(readFileSync(join(root, name), "utf8")));
  expect(found.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});
