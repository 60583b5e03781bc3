import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { ReportLedger, SampleLedger } from "../../src/ledger/ledger.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";
import { SOME_SOURCE, someFacts } from "./builders.ts";
import { aFolder } from "./files.ts";

/** A finished run of so many users, of whom some have failed and some were rejected; the others are imported. */
export interface ReportedRunSettings {
  readonly users: number;
  readonly failed?: number;
  readonly rejected?: number;
}

const GIVEN = ["ada", "bjorn", "chen.li", "diego", "eve", "farid", "grace", "hana", "ivan", "kofi", "lucia"];
const HOSTS = ["example.com", "mail.example.org", "customers.example.net"];
const REASONS = [
  ["import-failed", "The email address is not valid: it has no host"],
  ["user-refused", "InvalidParameterException: Username should be an email."],
  ["alias-exists", "AliasExistsException: An account with the email already exists."],
] as const;

/** Numbers that look like any, and are the same every time. */
function scatter(seq: number): number {
  return Math.imul(seq ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
}

/** The name of a user of these runs. */
export function nameOf(seq: number): string {
  const number = scatter(seq);
  return `${GIVEN[number % GIVEN.length]}.${number.toString(36)}@${HOSTS[number % HOSTS.length]}`;
}

function planned(seq: number, rejected: number): PlannedUser {
  const user = aPlannedUser(seq, { username: nameOf(seq), sourceId: `auth0|${scatter(seq).toString(16)}` });
  if (seq > rejected) return user;
  const cause = {
    code: "phone-not-e164",
    attribute: "phone_number",
    message: `the number has no country code, in row ${seq}`,
  } as const;
  return {
    ...user,
    route: "none",
    issues: [cause],
    notSent: { kind: "rejected", causes: [cause] },
    claims: undefined,
  };
}

const BATCH = 1_000;

/** Makes its ledger, as a run would have left it, in a new folder. */
export async function aReportedRun({ users, failed = 0, rejected = 0 }: ReportedRunSettings): Promise<{
  readonly ledger: ReportLedger & AsyncDisposable;
  readonly runDir: string;
}> {
  const runDir = join(aFolder(), "run");
  mkdirSync(runDir, { mode: 0o700 });
  const ledger = await createSqliteLedger(join(runDir, "ledger.db"), someFacts());
  const batches = Array.from({ length: Math.ceil(users / BATCH) }, (_, batch) =>
    Array.from({ length: Math.min(BATCH, users - batch * BATCH) }, (_, place) => batch * BATCH + place + 1),
  );
  for (const seqs of batches) await ledger.addUsers(seqs.map((seq) => planned(seq, rejected)));
  await ledger.finishPlan({ ...SOME_SOURCE, fields: ["username"] });
  await ledger.setState("applying");
  for (const seqs of batches)
    await ledger.settle(seqs.filter((seq) => seq > rejected).map((seq) => outcomeOf(seq, users - failed)));
  await addSamples(ledger, users);
  await ledger.setState("done");
  return { ledger, runDir };
}

function outcomeOf(seq: number, lastImported: number): Outcome {
  if (seq <= lastImported) return { seq, kind: "imported", reason: undefined, message: undefined };
  const [reason, message] = REASONS[seq % REASONS.length] ?? REASONS[0];
  return { seq, kind: "failed", reason, message };
}

const SAMPLES = 90;
const INTERVAL_MS = 20_000;
const BEGUN_AT = Date.UTC(2026, 0, 1, 0, 5);

/** What a session notes of half an hour in which a request was refused once, as one too many. */
async function addSamples(ledger: SampleLedger, users: number): Promise<void> {
  for (let place = 0; place <= SAMPLES; place += 1) {
    const limit = place < 30 ? 40 : 20 + Math.min(20, (place - 30) / 2);
    await ledger.addSample({
      session: "first",
      at: BEGUN_AT + place * INTERVAL_MS,
      intervalMs: place === 0 ? 0 : INTERVAL_MS,
      settled: Math.round((users * place) / SAMPLES),
      underWay: { inJobs: 0, sent: 0 },
      rates:
        place === 0
          ? []
          : [
              { category: "UserCreation", requests: (limit * 0.9 * INTERVAL_MS) / 1000, limit },
              { category: "UserUpdate", requests: ((place % 7) + 2) * 20, limit: 20 },
            ],
    });
  }
}
