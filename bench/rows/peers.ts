import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { peakOf, peakRatio } from "../aims.ts";
import { creationsOf, setQuotas, startLocalPool } from "../local-pool.ts";
import type { Measurement } from "../measure.ts";
import { backupRestoreIn, poolferry, script, type Program } from "../peers/programs.ts";
import type { Aim, Figures, Row, Setting, Size, Trial } from "../row.ts";
import { startService } from "../service.ts";
import { attributesOfUnverified } from "../unverified-users.ts";

/** What npm installs beside it is the newest that it allows, as for anybody who installs it. */
const CBR = "cognito-backup-restore@1.3.2";

/** How many creations a second the service takes where programs are throttled, and of how many users. */
const RPS = 50;
const THROTTLED_USERS: Readonly<Record<Size, number>> = { small: 100, medium: 1_000, full: 1_000 };

/** Far above what one client can ask for; poolferry asks the account for it. */
const ANY_RPS = 1_000_000;

/** How long cognito-backup-restore is watched: it creates one user in two seconds, so nobody waits for all of them. */
const WATCH_MS: Readonly<Record<Size, number>> = { small: 3_000, medium: 30_000, full: 60_000 };

/** Of so many users the third has a name that no pool takes. */
const USERS_WITH_ONE_BAD = 10;

const SPEED = "users a second";
const CREATED_WHEN_THROTTLED = `% created at ${RPS} a second`;
const REFUSED_WHEN_THROTTLED = "requests refused there, a user";
const CREATED_BESIDE_BAD = "% created of nine beside a bad one";

const SPEED_AND_MEMORY: readonly Aim[] = [
  { what: SPEED, unit: "a second", value: moreOf(SPEED) },
  { what: `${SPEED}, poolferry`, unit: "a second", value: (_, reference) => moreOf(SPEED)(reference) },
  {
    what: `${SPEED}, of poolferry's`,
    unit: "times",
    value: (work, reference) => moreOf(SPEED)(work) / moreOf(SPEED)(reference),
  },
  peakOf(),
  peakRatio(),
  { what: "created of nine users beside a bad one", unit: "%", value: moreOf(CREATED_BESIDE_BAD) },
];

/** A script over the SDK, as people write it, beside poolferry: users who are created one by one. */
export const peerScript: Row = {
  name: "peer-script",
  work: "a script over the AWS SDK, AdminCreateUser, 50 at a time",
  reference: "poolferry plan and apply, same users, same service",
  aims: [
    ...SPEED_AND_MEMORY,
    { what: `created where ${RPS} a second are taken`, unit: "%", value: moreOf(CREATED_WHEN_THROTTLED) },
    {
      what: `created where ${RPS} a second are taken, poolferry`,
      unit: "%",
      value: (_, reference) => moreOf(CREATED_WHEN_THROTTLED)(reference),
    },
    { what: "refused there, a user", unit: "requests", value: moreOf(REFUSED_WHEN_THROTTLED) },
  ],
  seconds: (size, rounds) => ({ small: 10, medium: 80 * rounds, full: 200 * rounds })[size],
  prepare: (setting) => besidePoolferry(setting, script),
};

/** cognito-backup-restore from npm, beside poolferry: users who are created one by one. */
export const peerBackupRestore: Row = {
  name: "peer-cognito-backup-restore",
  work: `${CBR} restore`,
  reference: "poolferry plan and apply, same users, same service",
  aims: SPEED_AND_MEMORY,
  seconds: (size, rounds) => ({ small: 25, medium: 20 + 70 * rounds, full: 20 + 160 * rounds })[size],
  async prepare(setting) {
    const modules = join(setting.folder, "peer");
    mkdirSync(modules);
    try {
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", modules];
      await promisify(execFile)("npm", ["install", ...flags, CBR], { cwd: modules });
    } catch (error) {
      return { skipped: `npm could not install ${CBR}: ${String(error)}` };
    }
    return besidePoolferry(setting, backupRestoreIn(modules, WATCH_MS[setting.size]));
  },
};

function moreOf(name: string): (figures: Figures) => number {
  return ({ more = {} }) => more[name] ?? Number.NaN;
}

/** The files that the programs read: without an extension, as CSV and as JSON. */
interface Inputs {
  readonly good: { readonly path: string; readonly users: number };
  /** Undefined beside a program that creates one user in two seconds, and so is never throttled. */
  readonly throttled: { readonly path: string; readonly users: number } | undefined;
  readonly withBad: { readonly path: string };
}

async function besidePoolferry({ size, users, folder }: Setting, program: Program): Promise<Trial> {
  const inputs: Inputs = {
    good: { path: join(folder, "users"), users: Math.ceil(users / 10) },
    throttled:
      program.watchMs === undefined
        ? { path: join(folder, "throttled"), users: THROTTLED_USERS[size] }
        : undefined,
    withBad: { path: join(folder, "with-bad") },
  };
  writeBoth(inputs.good.path, inputs.good.users);
  if (inputs.throttled !== undefined) writeBoth(inputs.throttled.path, inputs.throttled.users);
  writeBoth(inputs.withBad.path, USERS_WITH_ONE_BAD, 3);
  return {
    input: `${inputs.good.users.toLocaleString("en")} users`,
    work: () => figuresOf(program, inputs),
    reference: () => figuresOf(poolferry, inputs),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Throws unless everybody was created, or somebody by a program that was stopped before its end. */
async function figuresOf(program: Program, { good, throttled, withBad }: Inputs): Promise<Figures> {
  const { watchMs } = program;
  const speed = await createFreely(program, good.path);
  if (watchMs === undefined ? speed.accepted !== good.users : speed.accepted === 0)
    throw new Error(`${speed.accepted} of ${good.users} users were created: ${speed.run.stderr}`);
  const trouble = await createIn(program, withBad.path);
  const more = {
    [SPEED]: speed.accepted / speed.run.seconds,
    [CREATED_BESIDE_BAD]: (100 * trouble.accepted) / (USERS_WITH_ONE_BAD - 1),
    ...(throttled === undefined ? {} : await createThrottled(program, throttled)),
  };
  return { ...speed.run, more };
}

async function createThrottled(
  program: Program,
  { path, users }: NonNullable<Inputs["throttled"]>,
): Promise<Readonly<Record<string, number>>> {
  const { accepted, refused } = await createIn(program, path, RPS);
  return {
    [CREATED_WHEN_THROTTLED]: (100 * accepted) / users,
    [REFUSED_WHEN_THROTTLED]: refused / users,
  };
}

interface Created {
  readonly run: Measurement;
  readonly accepted: number;
  readonly refused: number;
}

/** Runs a program, or watches it for its time, against a service that answers at once and looks at nothing. */
async function createFreely(
  { run, watchMs }: Program,
  path: string,
): Promise<Pick<Created, "run" | "accepted">> {
  using pool = await startLocalPool("--no-quotas");
  using stub = await startService("stub-server.ts", pool.url);
  const stop = watchMs === undefined ? undefined : { afterMs: watchMs };
  const result = await run({ url: stub.url, userPoolId: pool.userPoolId, path, stop });
  const { created } = (await (await fetch(stub.url)).json()) as { readonly created: number };
  return { run: result, accepted: created };
}

/** Runs a program to its end against an empty pool of a local Cognito, which takes so many creations a second. */
async function createIn({ run }: Program, path: string, rps = ANY_RPS): Promise<Created> {
  using pool = await startLocalPool();
  await setQuotas(pool, { UserCreation: rps });
  const result = await run({ ...pool, path });
  return { run: result, ...(await creationsOf(pool)) };
}

/** Writes users whom only AdminCreateUser can make, as CSV and as the JSON of ListUsers; `bad` is the number of one with a space in its name. */
function writeBoth(path: string, users: number, bad?: number): void {
  const people = Array.from({ length: users }, (_, index) => ({
    username: index + 1 === bad ? "bad user" : `user${index + 1}`,
    attributes: attributesOfUnverified(index + 1),
  }));
  const names = Object.keys(attributesOfUnverified(0));
  const lines = people.map(({ username, attributes }) => [username, ...Object.values(attributes)].join(","));
  writeFileSync(`${path}.csv`, `${["username", ...names].join(",")}\n${lines.join("\n")}\n`);
  const listed = people.map(({ username: Username, attributes }) => ({
    Username,
    Attributes: Object.entries({ sub: Username, ...attributes }).map(([Name, Value]) => ({ Name, Value })),
  }));
  writeFileSync(`${path}.json`, JSON.stringify(listed));
}
