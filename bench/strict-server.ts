// A service that is less kind than a token bucket: it accepts no more than so many requests of an operation in any
// sliding second. For bench/limiter.ts, as a process of its own; it knows the answers that the limiter's calls need.
//
//   node bench/strict-server.ts
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";

interface Settings {
  /** The most requests of each operation in any sliding second; all others are free. */
  rates: Readonly<Record<string, number>>;
  /** How long an answer takes, in milliseconds. */
  replyMs: number;
}

interface Counted {
  requests: number;
  refused: number;
  /** When the last requests were accepted, in milliseconds, at most a second's worth. */
  readonly accepted: number[];
}

let settings: Settings = { rates: {}, replyMs: 0 };
let counted = new Map<string, Counted>();

function isAccepted(operation: string): boolean {
  const nowMs = performance.now();
  const count = counted.get(operation) ?? { requests: 0, refused: 0, accepted: [] };
  counted.set(operation, count);
  count.requests += 1;
  while ((count.accepted[0] ?? nowMs) <= nowMs - 1000) count.accepted.shift();
  if (count.accepted.length >= (settings.rates[operation] ?? Number.POSITIVE_INFINITY)) {
    count.refused += 1;
    return false;
  }
  count.accepted.push(nowMs);
  return true;
}

function answerTo(operation: string, category: string): object {
  if (operation !== "GetProvisionedLimit") return {};
  return { Limit: { ProvisionedLimitValue: settings.rates[OPERATION_BY_CATEGORY[category] ?? ""] ?? 1_000 } };
}

const OPERATION_BY_CATEGORY: Readonly<Record<string, string>> = {
  UserCreation: "AdminCreateUser",
  UserUpdate: "AdminAddUserToGroup",
  UserList: "ListUsers",
};

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/stats") {
    const operations = [...counted].map(([name, { requests, refused }]) => [name, { requests, refused }]);
    response.end(JSON.stringify(Object.fromEntries(operations)));
    return;
  }
  if (request.url === "/settings") {
    settings = (await bodyOf(request)) as Settings;
    counted = new Map();
    response.end("{}");
    return;
  }
  const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
  // Counted when it comes, before its body was read.
  const isTaken = isAccepted(operation);
  const body = (await bodyOf(request)) as {
    LimitDefinition?: { Attributes?: { Category?: string } };
  };
  const category = body.LimitDefinition?.Attributes?.Category ?? "";
  const answer = isTaken
    ? answerTo(operation, category)
    : { __type: "TooManyRequestsException", message: "Rate exceeded" };
  setTimeout(() => {
    response.writeHead(isTaken ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer));
  }, settings.replyMs);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => response.destroy(error as Error));
});

server.listen(0, "127.0.0.1", () => {
  // oxlint-disable-next-line no-console
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port} `);
});
