// A worker that shares a rate with others, as a process of its own: it creates users as fast as it is let. Its argument is
// a RateWorkerOptions in JSON; from stdin it takes "stall MS", for which its event loop stands still, and "stop". It
// prints "ready" when it has begun, and at its end a RateWorkerReport in JSON.
import { AdminCreateUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import pg from "pg";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { Cognito } from "../../src/cognito/cognito.ts";
import { PostgresRate } from "../../src/ledger/postgres-rate.ts";

/** What a worker is told. */
export interface RateWorkerOptions {
  readonly name: string;
  readonly endpointUrl: string;
  readonly userPoolId: string;
  /** The PostgreSQL that the rate is shared by; without it the worker has the rate for itself. */
  readonly databaseUrl?: string | undefined;
  readonly share: number;
  /** After so many users it ends. */
  readonly users: number;
}

/** What a worker has done. */
export interface RateWorkerReport {
  readonly created: number;
  /** Requests that were refused as too many. */
  readonly throttled: number;
  /** How often it was told to slow down. */
  readonly slowedDown: number;
  /** Statements that PostgreSQL was asked. */
  readonly statements: number;
}

const { name, endpointUrl, userPoolId, databaseUrl, share, users } = JSON.parse(
  process.argv[2] ?? "",
) as RateWorkerOptions;
process.env["AWS_ACCESS_KEY_ID"] = "local";
process.env["AWS_SECRET_ACCESS_KEY"] = "local";
process.env["NO_PROXY"] = "*";

const report = { created: 0, throttled: 0, slowedDown: 0, statements: 0 };
const stop = new AbortController();

const pool = new pg.Pool({ connectionString: databaseUrl, application_name: "poolferry", max: 3 });
// A connection that is lost between two statements.
pool.on("error", () => undefined);
const rate = new PostgresRate(async (text, values) => {
  report.statements += 1;
  return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
});

const cognito = new Cognito(
  { region: "us-east-1", profile: undefined, endpointUrl, logsEndpointUrl: undefined },
  (event) => {
    if (event.kind === "slowed-down") report.slowedDown += 1;
    if (event.kind === "call-repeated" && event.error === "TooManyRequestsException") report.throttled += 1;
  },
  share,
  databaseUrl === undefined
    ? {}
    : { sharedQuotas: { rate, account: "123456789012", region: "us-east-1", userPoolId } },
);

let begun = 0;

async function createUsers(): Promise<void> {
  while (begun < users && !stop.signal.aborted) {
    begun += 1;
    const Username = `${name}-${begun}`;
    const command = new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username,
      MessageAction: "SUPPRESS",
      TemporaryPassword: "Password1!",
      UserAttributes: [{ Name: "email", Value: `${Username}@example.com` }],
    });
    await cognito.call("AdminCreateUser", (client, abort) => client.send(command, abort), {
      repeat: "safe",
      signal: stop.signal,
    });
    report.created += 1;
  }
}

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const [word, ms] = line.split(" ");
  if (word === "stop") stop.abort();
  if (word !== "stall") return;
  const endMs = performance.now() + Number(ms);
  while (performance.now() < endMs);
});

console.log("ready");
// As many as a run's lane has under way.
const callers = Array.from({ length: cognito.inFlight("AdminCreateUser") * 8 }, createUsers);
try {
  await Promise.all(callers);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  await Promise.allSettled(callers);
}
await cognito[Symbol.asyncDispose]();
await pool.end();
input.close();
console.log(JSON.stringify(report));
