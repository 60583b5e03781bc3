// Measures how much of one quota several workers use that share it by PostgreSQL, how many requests are refused, and how
// many statements that takes; beside one worker that has the quota for itself, and beside as many workers that do not
// know of each other, in the same run. The local Cognito, PostgreSQL and each worker are processes of their own.
// docs/decisions/0009-one-rate-for-many-workers.md says what the figures mean.
//
//   npm run bench:shared-rate -- [--users 20000] [--workers 3] [--rps 400]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres, type TestPostgres } from "../test/support/postgres.ts";
import { startRateWorker } from "../test/support/rate-workers.ts";

const BIN = fileURLToPath(new URL("../bin/poolferry.cjs", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "20000" },
    workers: { type: "string", default: "3" },
    rps: { type: "string", default: "400" },
  },
});
const [users, workers, rps] = [flags.users, flags.workers, flags.rps].map(Number) as [number, number, number];

interface Counts {
  readonly accepted: number;
  readonly refused: number;
}

interface Service extends AsyncDisposable {
  readonly url: string;
  readonly userPoolId: string;
  counts(): Promise<Counts>;
}

/** Starts a local Cognito that holds creations to the rate, by a bucket of so many seconds' worth. */
async function startService(burstSeconds: number): Promise<Service> {
  const parameters = [BIN, "emulator", "--port", "0", "--pool", "bench"];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "ignore"] });
  let printed = "";
  let found: RegExpExecArray | null = null;
  for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    printed += text;
    found = /emulator (\S+) in [^]*user pool (\S+)\n/.exec(printed);
    if (found !== null) break;
  }
  if (found === null) throw new Error("the local Cognito did not start; is the project built?");
  const [, url = "", userPoolId = ""] = found;
  const quotas = { categories: { UserCreation: rps }, burstSeconds };
  await fetch(`${url}/_emulator/quotas`, { method: "PUT", body: JSON.stringify(quotas) });
  return {
    url,
    userPoolId,
    async counts() {
      const { operations } = (await (await fetch(`${url}/_emulator/stats`)).json()) as {
        operations: Record<string, { requests: number; refused: Record<string, number> }>;
      };
      const { requests = 0, refused = {} } = operations["AdminCreateUser"] ?? {};
      const throttled = refused["TooManyRequestsException"] ?? 0;
      return { accepted: requests - throttled, refused: throttled };
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

interface Trial {
  /** How many workers. */
  readonly count: number;
  /** Where they share the rate. */
  readonly database?: TestPostgres;
  readonly burstSeconds: number;
  readonly users?: number;
}

/** Creates the users by so many workers, and prints what share of the rate was used from the first user to the last. */
async function createUsers(
  title: string,
  { count, database, burstSeconds, users: wanted = users }: Trial,
): Promise<number> {
  await using service = await startService(burstSeconds);
  await database?.run("DROP TABLE IF EXISTS poolferry.request_rate");
  const watch = new Watch(service);
  const names = Array.from({ length: count }, (_, index) => `worker${index + 1}`);
  const started = await Promise.all(
    names.map((name) =>
      startRateWorker({
        name,
        endpointUrl: service.url,
        userPoolId: service.userPoolId,
        databaseUrl: database?.url,
        share: 1,
        users: Math.ceil(wanted / count),
      }),
    ),
  );
  const reports = await Promise.all(started.map(({ report }) => report));
  const most = await watch.stop();
  const { accepted, refused } = await service.counts();
  const used = (100 * accepted) / (rps * watch.seconds);
  const statements = reports.reduce((sum, report) => sum + (report?.statements ?? 0), 0);
  const created = reports.map((report) => report?.created ?? 0).join(" + ");
  console.log(title);
  console.log(
    `  ${used.toFixed(2)} % of ${rps} a second in ${watch.seconds.toFixed(1)} s, ${refused} refused, ` +
      `${most.toFixed(0)} at most in a second; ${created} users; ${(statements / accepted).toFixed(3)} statements a user`,
  );
  return used;
}

/** Looks at a service ten times a second, from its first user on, until it has no more. */
class Watch {
  readonly #service: Service;
  readonly #looks: { readonly atMs: number; readonly accepted: number }[] = [];
  readonly #looking: Promise<void>;
  #isStopped = false;

  constructor(service: Service) {
    this.#service = service;
    this.#looking = this.#look();
  }

  /** From the first look that saw a user to the last that saw more of them. */
  get seconds(): number {
    const last = this.#looks.at(-1);
    const end = this.#looks.find(({ accepted }) => accepted === last?.accepted);
    const first = this.#looks.findLast(({ accepted }) => accepted === 0);
    return ((end?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  }

  /** Returns the most users in a second, by the looks. */
  async stop(): Promise<number> {
    await delay(200);
    this.#isStopped = true;
    await this.#looking;
    return Math.max(
      ...this.#looks.map(({ atMs, accepted }) => {
        const before = this.#looks.findLast((look) => look.atMs <= atMs - 1000);
        if (before === undefined) return 0;
        return ((accepted - before.accepted) * 1000) / (atMs - before.atMs);
      }),
    );
  }

  async #look(): Promise<void> {
    while (!this.#isStopped) {
      const { accepted } = await this.#service.counts();
      this.#looks.push({ atMs: performance.now(), accepted });
      await delay(100);
    }
  }
}

await using database = await startPostgres();
const alone = await createUsers("one worker that has the quota for itself", { count: 1, burstSeconds: 1 });
const shared = await createUsers(`${workers} workers that share it`, {
  count: workers,
  database,
  burstSeconds: 1,
});
await createUsers(`${workers} workers that share it, a bucket of a fifth of a second's worth`, {
  count: workers,
  database,
  burstSeconds: 0.2,
});

await createUsers(`${workers} workers that do not know of each other`, {
  count: workers,
  burstSeconds: 1,
  users: Math.min(users, 4_000),
});
console.log(`shared beside alone: ${(shared / alone).toFixed(3)}`);
