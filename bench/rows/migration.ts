import { rmSync } from "node:fs";
import { join } from "node:path";
import { peakOf, peakRatio } from "../aims.ts";
import { setQuotas, startLocalPool } from "../local-pool.ts";
import { applyAll, countOverlapping, planAll, verifyAll, type Migration } from "../migration.ts";
import { countOf, writeMixedUsers, type MixedUsers } from "../mixed-users.ts";
import type { Aim, Figures, Row, Setting, Size } from "../row.ts";
import { CATEGORY_RPS } from "../../src/cognito/quota.ts";

const SEED = 20_261_121;

/** The size beside which the peak at more users is held, or a tenth where there are no more. */
const FEW_USERS = 100_000;

const MIGRATED: Readonly<Record<Size, number>> = { small: 1_000, medium: 20_000, full: 100_000 };

const USERS_IN_PAGE = 60;

const REQUIRED = "required s";
const VERIFY_PEAK = "verify MB";
const PLAN_PEAK = "plan MB";

const OVERLAPPING = "follow-ups while a later part was imported";

const BEYOND_QUOTAS: Aim = {
  what: "of the time required",
  unit: "times",
  value: ({ seconds, more = {} }) => seconds / (more[REQUIRED] ?? Number.NaN),
  bound: { atMost: 1.05 },
};

/** A migration at the rates that Cognito documents, beside the time that these alone require. */
export const migration: Row = {
  name: "migration",
  work: "poolferry plan and apply: import jobs, 2 % by AdminCreateUser, 10 % in groups, 1 % disabled",
  reference: "what the quotas alone require",
  aims: [BEYOND_QUOTAS],
  seconds: (size, rounds) => ({ small: 15, medium: 110 * rounds, full: 500 * rounds })[size],
  async prepare({ size, folder }) {
    const mixed = {
      users: MIGRATED[size],
      seed: SEED,
      oneIn: { unverified: 50, grouped: 10, disabled: 100 },
    };
    const source = join(folder, "users.csv");
    writeMixedUsers(source, mixed);
    return {
      input: `${mixed.users.toLocaleString("en")} users`,
      work: () => migrate(source, mixed),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

/** The peak memory of what follows a plan, beside itself at fewer users, at rates that hold nothing back. */
export const applyMemory: Row = {
  name: "apply-memory",
  work: "poolferry apply and verify, memory",
  reference: "itself at 100,000 users, or a tenth",
  aims: [
    peakRatio(1.3),
    peakOf(200),
    {
      what: "peak memory of verify",
      unit: "MB",
      value: ({ more = {} }) => more[VERIFY_PEAK] ?? Number.NaN,
      bound: { atMost: 200 },
    },
  ],
  seconds: (size, rounds) => ({ small: 15, medium: 5 + 40 * rounds, full: 10 + 330 * rounds })[size],
  async prepare(setting) {
    const few = { ...setting, users: Math.min(FEW_USERS, Math.ceil(setting.users / 10)) };
    const [many, fewer] = [mixedFile(setting), mixedFile(few)];
    return {
      input: `${setting.users.toLocaleString("en")} users`,
      work: () => migrateFreely(many),
      reference: () => migrateFreely(fewer),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

async function migrate(source: string, mixed: MixedUsers): Promise<Figures> {
  using pool = await startLocalPool();
  const planned: Migration = { pool, source, mixed, runDir: emptyRunDir(source) };
  const [plan, apply] = [await planAll(planned), await applyAll(planned, "--quota-share", "1")];
  return {
    seconds: plan.seconds + apply.seconds,
    cpuSeconds: (plan.cpuSeconds ?? Number.NaN) + (apply.cpuSeconds ?? Number.NaN),
    peakMegabytes: apply.peakMegabytes,
    more: { [REQUIRED]: requiredSeconds(mixed) },
  };
}

/** Of the categories, which go on at the same time, the slowest. */
function requiredSeconds(mixed: MixedUsers): number {
  const created = countOf(mixed, "unverified");
  const updates = countOf(mixed, "disabled") + countOf(mixed, "grouped");
  const pages = (mixed.users - created) / USERS_IN_PAGE;
  const { UserCreation, UserUpdate, UserList } = CATEGORY_RPS;
  return Math.max(created / UserCreation, updates / UserUpdate, pages / UserList);
}

interface MixedFile {
  readonly source: string;
  readonly mixed: MixedUsers;
}

/** Users of every class: with hashes of two algorithms, disabled, in groups, without a verified contact, clashing. */
function mixedFile({ users, folder }: Setting): MixedFile {
  const source = join(folder, `${users}.csv`);
  const oneIn = { disabled: 200, unverified: 200, grouped: 100, quoted: 200, duplicate: 1_000 };
  const mixed = { users, seed: SEED, oneIn };
  writeMixedUsers(source, mixed);
  return { source, mixed };
}

/** Plans, applies and verifies; the figures are the apply's. */
async function migrateFreely({ source, mixed }: MixedFile): Promise<Figures> {
  using pool = await startLocalPool();
  const names = Object.keys(CATEGORY_RPS).filter((name) => name !== "Logs");
  await setQuotas(pool, Object.fromEntries(names.map((name) => [name, 100_000])));
  const migrating: Migration = { pool, source, mixed, runDir: emptyRunDir(source) };
  const plan = await planAll(migrating);
  const apply = await applyAll(migrating);
  const verify = await verifyAll(migrating);
  const { peakMegabytes: planPeak = Number.NaN } = plan;
  const { peakMegabytes: verifyPeak = Number.NaN } = verify;
  const more = {
    [PLAN_PEAK]: planPeak,
    [VERIFY_PEAK]: verifyPeak,
    [OVERLAPPING]: countOverlapping(migrating),
  };
  return { ...apply, more };
}

function emptyRunDir(source: string): string {
  const runDir = `${source}-run`;
  rmSync(runDir, { recursive: true, force: true });
  return runDir;
}
