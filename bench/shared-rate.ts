// Measures how much of one quota several workers use that share it by PostgreSQL, how many requests are refused, and how
// many statements that takes; beside one worker that has the quota for itself, and beside as many workers that do not
// know of each other, in the same run. The local Cognito, PostgreSQL and each worker are processes of their own.
// docs/decisions/0009-one-rate-for-many-workers.md says what the figures mean.
//
//   npm run bench:shared-rate -- [--users 20000] [--workers 3] [--rps 400]
import { parseArgs } from "node:util";
import { startPostgres, type TestPostgres } from "../test/support/postgres.ts";
import { startRateWorker } from "../test/support/rate-workers.ts";
import { creationsOf, setQuotas, startLocalPool } from "./local-pool.ts";
import { Watch } from "./watch.ts";

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "20000" },
    workers: { type: "string", default: "3" },
    rps: { type: "string", default: "400" },
  },
});
const [users, workers, rps] = [flags.users, flags.workers, flags.rps].map(Number) as [number, number, number];

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
  using service = await startLocalPool();
  await setQuotas(service, { UserCreation: rps }, burstSeconds);
  await database?.run("DROP TABLE IF EXISTS poolferry.request_rate");
  const watch = new Watch(() => creationsOf(service));
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
  await watch.stop();
  const { accepted, refused } = await creationsOf(service);
  const used = (100 * accepted) / (rps * watch.seconds);
  const statements = reports.reduce((sum, report) => sum + (report?.statements ?? 0), 0);
  const created = reports.map((report) => report?.created ?? 0).join(" + ");
  console.log(title);
  console.log(
    `  ${used.toFixed(2)} % of ${rps} a second in ${watch.seconds.toFixed(1)} s, ${refused} refused, ` +
      `${watch.most.toFixed(0)} at most in a second; ${created} users; ${(statements / accepted).toFixed(3)} statements a user`,
  );
  return used;
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
