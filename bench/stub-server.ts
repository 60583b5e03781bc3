// A service that answers AdminCreateUser at once and without a look at it, at any rate, as a process of its own. Whatever
// else it is asked goes to the local Cognito at the given URL. Whoever asks without an operation is told how many users it
// was asked to create, and when each operation was asked for first since a DELETE.
//
//   node bench/stub-server.ts URL
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const [, , behind = ""] = process.argv;

/** Requests a second that the account is said to have: far above what one client can ask for. */
const ANY_RATE = 1_000_000;

const HEADERS = { "content-type": "application/x-amz-json-1.1" };
let created = 0;

/** By operation, in milliseconds since the epoch. */
let firstMs: Record<string, number> = {};

/** Undefined for what the service behind it is to answer. */
function answerTo(operation: string): object | undefined {
  switch (operation) {
    case "AdminCreateUser":
      created += 1;
      return { User: userOf(`00000000-0000-4000-8000-${created.toString(16).padStart(12, "0")}`) };
    case "GetProvisionedLimit":
      return { Limit: { ProvisionedLimitValue: ANY_RATE } };
    case "":
      return { created, firstMs };
    default:
      return undefined;
  }
}

function userOf(sub: string): object {
  return {
    Username: sub,
    Attributes: [{ Name: "sub", Value: sub }],
    Enabled: true,
    UserCreateDate: 1_795_000_000,
    UserLastModifiedDate: 1_795_000_000,
    UserStatus: "FORCE_CHANGE_PASSWORD",
  };
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = ask(`${behind}${request.url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", (error) => response.destroy(error));
  request.pipe(onward);
}

const server = createServer((request, response) => {
  const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
  if (request.method === "DELETE") firstMs = {};
  if (operation !== "") firstMs[operation] ??= Date.now();
  const answer = answerTo(operation);
  if (answer === undefined) {
    passOn(request, response);
    return;
  }
  request.resume().on("end", () => {
    const text = JSON.stringify(answer);
    response.writeHead(200, { ...HEADERS, "content-length": text.length });
    response.end(text);
  });
});

// A client that is busy for longer than the default of five seconds would lose a connection that it is about to use.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  // oxlint-disable-next-line no-console
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port} `);
});
