// Measures the limiter: how much of a service's quotas it uses with several categories at the same time, how many
// requests are refused, and what it does when a quota falls to a third. The services run as processes of their own; the
// requests go through the same door as a migration's. docs/performance.md says what the figures mean.
//
//   npm run bench:limiter -- [--seconds 60] [--only spacing,bucket,writing,small-bucket,strict,slow,drop]
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  CreateGroupCommand,
  ListUsersCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import PQueue from "p-queue";
import { CLOCK } from "../src/cognito/clock.ts";
import { Cognito } from "../src/cognito/cognito.ts";
import { Limiter } from "../src/cognito/limiter.ts";
import type { Operation } from "../src/cognito/quota.ts";
import type { Part } from "../src/ledger/ledger.ts";
import { openSqliteLedger } from "../src/ledger/sqlite-ledger.ts";
import { Spool } from "../src/load/spool.ts";
import { plan } from "../src/run/plan.ts";
import { runFolderAt } from "../src/run/run-folder.ts";
import { countsOf, setQuotas, startLocalPool } from "./local-pool.ts";
import { writeUsers } from "./users.ts";

const STRICT_SERVER = fileURLToPath(new URL("strict-server.ts", import.meta.url));
const USERS_TO_WRITE = 1_000_000;
const USERS_IN_PART = 250_000;

/** The operations that are called at the same time, each of a category of its own, with the rates they are held to. */
const RATES: Readonly<Record<Load, number>> = {
  ListUsers: 25,
  AdminCreateUser: 50,
  AdminAddUserToGroup: 125,
};
const CATEGORIES = {
  ListUsers: "UserList",
  AdminCreateUser: "UserCreation",
  AdminAddUserToGroup: "UserUpdate",
} as const satisfies Record<Load, string>;
const LOADS = ["ListUsers", "AdminCreateUser", "AdminAddUserToGroup"] as const;
type Load = Extract<Operation, "ListUsers" | "AdminCreateUser" | "AdminAddUserToGroup">;

/** Users who are put into a group by turns: each may be written ten times a second. */
const MEMBERS = 100;

type Counts = Readonly<Record<string, { readonly requests: number; readonly refused: number }>>;

interface Server extends Disposable {
  readonly url: string;
  readonly userPoolId: string;
  counts(): Promise<Counts>;
  setRates(rates: Readonly<Record<string, number>>, more?: ServerSettings): Promise<void>;
}

interface ServerSettings {
  /** Of the emulator: how many seconds' worth may come at once. */
  readonly burstSeconds?: number;
  /** Of the strict server: how long an answer takes. */
  readonly replyMs?: number;
}

process.env["AWS_ACCESS_KEY_ID"] = "local";
process.env["AWS_SECRET_ACCESS_KEY"] = "local";
process.env["NO_PROXY"] = "*";

const { values: flags } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    only: { type: "string", default: "spacing,bucket,writing,small-bucket,strict,slow,drop" },
  },
});
const seconds = Number(flags.seconds);
const signal = new AbortController().signal;

async function startEmulator(): Promise<Server> {
  const pool = await startLocalPool();
  const server: Server = {
    ...pool,
    async counts() {
      return Object.fromEntries(
        Object.entries(await countsOf(pool)).map(([name, { requests, refused }]) => [
          name,
          { requests, refused: refused["TooManyRequestsException"] ?? 0 },
        ]),
      );
    },
    async setRates(rates, { burstSeconds } = {}) {
      const categories = Object.fromEntries(LOADS.map((name) => [CATEGORIES[name], rates[name] ?? 1_000]));
      await setQuotas(pool, categories, burstSeconds);
    },
  };
  await addMembers(server);
  return server;
}

async function addMembers(server: Server): Promise<void> {
  await server.setRates({});
  await using cognito = new Cognito(connectionTo(server), undefined, 1);
  const UserPoolId = server.userPoolId;
  const once = { repeat: "once", signal } as const;
  await cognito.call(
    "CreateGroup",
    (client, abort) => client.send(new CreateGroupCommand({ UserPoolId, GroupName: "crew" }), abort),
    once,
  );
  for (let place = 0; place < MEMBERS; place += 1)
    await callOf("AdminCreateUser", server, cognito)(`member${place}`);
}

async function spawnStrictServer(): Promise<readonly [ChildProcess, string]> {
  const child = spawn(process.execPath, [STRICT_SERVER], { stdio: ["ignore", "pipe", "ignore"] });
  let printed = "";
  for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    printed += text;
    const [url] = /http:\S+/.exec(printed) ?? [];
    if (url !== undefined) return [child, url];
  }
  throw new Error(`${STRICT_SERVER} did not start`);
}

async function startStrictServer(): Promise<Server> {
  const [child, url] = await spawnStrictServer();
  return {
    url,
    userPoolId: "us-east-1_Bench0001",
    counts: async () => (await (await fetch(`${url}/stats`)).json()) as Counts,
    async setRates(rates, { replyMs = 0 } = {}) {
      await fetch(`${url}/settings`, { method: "PUT", body: JSON.stringify({ rates, replyMs }) });
    },
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}

function connectionTo({ url }: Server) {
  return { region: "us-east-1", profile: undefined, endpointUrl: url, logsEndpointUrl: undefined };
}

/** Resolves when the limiter knows the server's rates, since it asks for one of them a second. */
async function connect(server: Server, share: number, operations: readonly Load[]): Promise<Cognito> {
  const known = Promise.withResolvers<void>();
  let toRead = operations.length;
  const cognito = new Cognito(
    connectionTo(server),
    (event) => {
      if (event.kind === "quota-assumed") known.reject(new Error(event.error));
      if (event.kind === "quota-read" && (toRead -= 1) === 0) known.resolve();
    },
    share,
  );
  for (const operation of operations) cognito.inFlight(operation);
  await known.promise;
  return cognito;
}

/** One call of an operation, about the user of that name. */
function callOf(
  operation: Load,
  { userPoolId: UserPoolId }: Server,
  cognito: Cognito,
): (name: string) => Promise<unknown> {
  const options = { repeat: "safe", signal } as const;
  switch (operation) {
    case "ListUsers":
      return () =>
        cognito.call(
          operation,
          (client, abort) => client.send(new ListUsersCommand({ UserPoolId, Limit: 1 }), abort),
          options,
        );
    case "AdminCreateUser":
      return (Username) =>
        cognito.call(
          operation,
          (client, abort) =>
            client.send(
              new AdminCreateUserCommand({
                UserPoolId,
                Username,
                MessageAction: "SUPPRESS",
                TemporaryPassword: "Password1!",
                UserAttributes: [{ Name: "email", Value: `${Username}@example.com` }],
              }),
              abort,
            ),
          options,
        );
    case "AdminAddUserToGroup":
      return (Username) =>
        cognito.call(
          operation,
          (client, abort) =>
            client.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: "crew" }), abort),
          options,
        );
  }
}

let names = 0;

/** Calls that are made as fast as the limiter lets them, until they are stopped. */
class Pressure {
  begun = 0;
  answered = 0;
  readonly #workers: readonly Promise<void>[];
  #isStopped = false;

  constructor(operation: Load, server: Server, cognito: Cognito) {
    const call = callOf(operation, server, cognito);
    const work = async (): Promise<void> => {
      while (!this.#isStopped) {
        this.begun += 1;
        const name =
          operation === "AdminCreateUser" ? `user${(names += 1)}` : `member${this.begun % MEMBERS}`;
        await call(name);
        this.answered += 1;
      }
    };
    this.#workers = Array.from({ length: 2 * RATES[operation] + 16 }, work);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }
}

/** Runs all loads at the same time against a server and prints what share of each rate was used. */
async function useRates(
  title: string,
  server: Server,
  { share = 1, ...settings }: ServerSettings & { readonly share?: number } = {},
): Promise<void> {
  await server.setRates(RATES, settings);
  const loopDelay = monitorEventLoopDelay({ resolution: 5 });
  loopDelay.enable();
  await using cognito = await connect(server, share, LOADS);
  const pressures = LOADS.map((operation) => new Pressure(operation, server, cognito));
  const before = await server.counts();
  const startedMs = performance.now();
  await delay(seconds * 1000);
  const after = await server.counts();
  const tookSeconds = (performance.now() - startedMs) / 1000;
  loopDelay.disable();
  await Promise.all(pressures.map((pressure) => pressure.stop()));
  const end = await server.counts();
  console.log(
    `${title} (the client's event loop stood still for ${(loopDelay.max / 1e6).toFixed(0)} ms at the most)`,
  );
  for (const operation of LOADS) {
    const count = (counts: Counts, of: "requests" | "refused"): number => counts[operation]?.[of] ?? 0;
    const accepted =
      count(after, "requests") -
      count(after, "refused") -
      count(before, "requests") +
      count(before, "refused");
    const refused = count(end, "refused") - count(before, "refused");
    const used = (100 * accepted) / (RATES[operation] * tookSeconds);
    console.log(
      `  ${String(RATES[operation]).padStart(4)} a second: ${used.toFixed(2)} % used, ${refused} refused`,
    );
  }
}

/** Spools parts as apply does while other calls go on, into the ledger too; when nobody is left, the last file again and again. */
async function writeParts(server: Server): Promise<AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
  const path = join(folder, "users.csv");
  writeUsers(path, "csv", { users: USERS_TO_WRITE, seed: 1 });
  const runDir = join(folder, "run");
  await server.setRates({});
  const { url: endpointUrl, userPoolId } = server;
  await plan({ source: { type: "csv", path }, userPoolId, endpointUrl, runDir, canaryUsers: 0 });
  const ledger = await openSqliteLedger(runFolderAt(runDir).ledgerPath);
  const spool = new Spool(runDir, ledger.facts.pool);
  const stop = new AbortController();
  let written = 0;
  const writing = (async () => {
    let last: Part | undefined;
    while (!stop.signal.aborted) {
      const part = await spool.next(ledger, { rows: USERS_IN_PART, bytes: 1e8 });
      if (part === undefined && last !== undefined) {
        await spool.remove(last.id);
        await spool.restore(ledger, last);
      }
      last = part ?? last;
      written += last?.rows ?? 0;
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await writing;
      const parts = (await ledger.parts()).length;
      await ledger[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      console.log(`  meanwhile ${parts} parts were spooled, and ${written} users written in all`);
    },
  };
}

/** Lets a rate fall to a third and prints what becomes of it, second by second. */
async function dropRate(title: string, server: Server): Promise<void> {
  const operation = "AdminAddUserToGroup";
  const [high, low] = [RATES[operation], RATES[operation] / 3];
  await server.setRates({ [operation]: high });
  await using cognito = await connect(server, 1, [operation]);
  const pressure = new Pressure(operation, server, cognito);
  await delay(10_000);
  await server.setRates({ [operation]: low });
  let before = (await server.counts())[operation] ?? { requests: 0, refused: 0 };
  const line: string[] = [];
  let [refusedLate, acceptedLate] = [0, 0];
  for (let second = 1; second <= seconds; second += 1) {
    await delay(1000);
    const now = (await server.counts())[operation] ?? before;
    const refused = now.refused - before.refused;
    const accepted = now.requests - before.requests - refused;
    if (second > 10) [refusedLate, acceptedLate] = [refusedLate + refused, acceptedLate + accepted];
    if (second <= 12) line.push(`${accepted}+${refused}`);
    before = now;
  }
  await pressure.stop();
  console.log(title);
  console.log(`  accepted + refused in each second after the fall: ${line.join(" ")}`);
  console.log(
    `  after ten seconds: ${((100 * acceptedLate) / (low * (seconds - 10))).toFixed(1)} % of the lower rate used, ${refusedLate} of ${acceptedLate + refusedLate} refused; ${pressure.begun} calls begun, ${pressure.answered} answered`,
  );
}

/** How many starts come of 125 a second, beside p-queue's own interval in the same process, with stalls or without. */
async function compareSpacing(title: string, stallMs: number): Promise<void> {
  const rps = 125;
  const limiter = new Limiter({ rps, share: 1 }, CLOCK);
  const queue = new PQueue({ interval: 1000 / rps, intervalCap: 1 });
  const stop = new AbortController();
  const starts = { limiter: 0, queue: 0 };
  const press = async (add: (start: () => Promise<void>) => Promise<unknown>, name: keyof typeof starts) => {
    const start = async (): Promise<void> => void (starts[name] += 1);
    while (!stop.signal.aborted) await add(start);
  };
  const stalls = setInterval(() => {
    const endMs = performance.now() + stallMs;
    while (performance.now() < endMs);
  }, 100);
  const turn = { signal, priority: 0 };
  const working = [
    ...Array.from({ length: 8 }, () => press((start) => limiter.run(start, turn), "limiter")),
    ...Array.from({ length: 8 }, () => press((start) => queue.add(start), "queue")),
  ];
  await delay(seconds * 1000);
  const used = (count: number): string => ((100 * count) / (rps * seconds)).toFixed(1);
  console.log(title);
  console.log(`  of 125 a second: limiter ${used(starts.limiter)} %, p-queue ${used(starts.queue)} %`);
  stop.abort();
  clearInterval(stalls);
  await Promise.all(working);
}

async function main(): Promise<void> {
  const only = new Set(flags.only.split(","));
  if (only.has("spacing")) {
    await compareSpacing("starts alone", 0);
    await compareSpacing("starts alone, the event loop stands still for 20 of every 100 ms", 20);
  }
  using emulator = await startEmulator();
  using strict = await startStrictServer();
  if (only.has("bucket")) await useRates("the local Cognito, a bucket of a second's worth", emulator);
  if (only.has("writing")) {
    await using _writing = await writeParts(emulator);
    await useRates("the same, while a part is being written", emulator);
  }
  if (only.has("small-bucket"))
    await useRates("the local Cognito, a bucket of a fifth of a second's worth", emulator, {
      burstSeconds: 0.2,
    });
  if (only.has("strict")) {
    await useRates("no more in any sliding second", strict);
    await useRates("no more in any sliding second, at a share of 0.95", strict, { share: 0.95 });
    await useRates("no more in any sliding second, at a share of 0.8", strict, { share: 0.8 });
  }
  if (only.has("slow"))
    await useRates("the same, with replies of a second", strict, { share: 0.8, replyMs: 1000 });
  if (only.has("drop")) {
    await dropRate("the local Cognito, 125 a second falls to a third", emulator);
    await dropRate("no more in any sliding second, 125 falls to a third", strict);
  }
}

await main();
