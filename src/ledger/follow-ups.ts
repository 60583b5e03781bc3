import { afterCreate, type AfterCreate } from "../core/after-create.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import type { Route } from "../core/route.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { Database, Statements } from "./database.ts";
import type { Division } from "./division.ts";
import { ADD_FOLLOW_UP, followUpValues, toFollowUp, type CheckedFollowUp } from "./follow-up-row.ts";
import type { FollowUpLedger, FollowUpResult, FollowUpTurn, PendingFollowUp, RunFacts } from "./ledger.ts";
import { countOf, PAGE_ROWS, pages } from "./reading.ts";
import { addIssues, unsealed } from "./users.ts";

interface PendingRecord extends CheckedFollowUp {
  readonly id: number;
  readonly sent_at: number | null;
  readonly is_taken_over: number;
  readonly username: string;
  readonly sub: string | null;
  readonly password: string | null;
}

/** The follow-ups of the run in a database, as the process of this division does them. */
export function followUpLedger(
  database: Database,
  { facts, division }: { readonly facts: RunFacts; readonly division: Division },
): FollowUpLedger {
  const count = (of: string): Promise<number> => countOf(database, `SELECT count(*) AS count ${of}`);
  const ofMine = (turn: FollowUpTurn): string => `${ofTurn(turn, facts)}${division.doing(turn)}`;
  return {
    countPendingFollowUps: (turn) => count(ofTurn(turn, facts)),
    async takeFollowUps(turn) {
      await division.takeFollowUps(database, turn, ofTurn(turn, facts));
      return count(ofMine(turn));
    },
    pendingFollowUps: (turn) => pendingFollowUps(database, ofMine(turn), division),
    async noteFollowUpSent(id, sentAt) {
      await database.run("UPDATE follow_up SET sent_at = coalesce(sent_at, ?) WHERE id = ?", [sentAt, id]);
    },
    async settleFollowUps(results, settledAt) {
      if (results.length === 0) return;
      await database.transaction(async (statements) => {
        for (const result of results) await settle(statements, result, { settledAt, facts });
      });
    },
  };
}

// CROSS makes SQLite begin with the follow-ups, which are few beside the users.
const FOLLOW_UPS_OF_IMPORTED = `FROM follow_up CROSS JOIN users
  WHERE users.seq = follow_up.seq AND outcome = 'imported' AND state = 'pending'`;

const NEEDS_NO_DISABLING = `NOT EXISTS
  (SELECT 1 FROM follow_up AS first WHERE first.seq = users.seq AND first.state = 'pending' AND first.kind = 'disable')`;

function ofTurn(turn: FollowUpTurn, { pool }: RunFacts): string {
  switch (turn) {
    case "disable":
      return `${FOLLOW_UPS_OF_IMPORTED} AND kind = 'disable'`;
    case "early": {
      const needsSub = pool.usernameAttributes.length > 0;
      return `${FOLLOW_UPS_OF_IMPORTED} AND kind <> 'disable' AND ${NEEDS_NO_DISABLING}${needsSub ? " AND (kind <> 'link-provider' OR sub IS NOT NULL)" : ""}`;
    }
    case "rest":
      return `${FOLLOW_UPS_OF_IMPORTED} AND kind <> 'disable'`;
  }
}

async function* pendingFollowUps(
  statements: Statements,
  of: string,
  { isTakenOver }: Division,
): AsyncIterable<PendingFollowUp> {
  const sql = `SELECT id, follow_up.seq, kind, target, subject, follow_up.checksum, follow_up.sent_at,
      ${isTakenOver} AS is_taken_over, username, sub, password
    ${of} AND (follow_up.seq, id) > (?, ?) ORDER BY follow_up.seq, id LIMIT ?`;
  const read = pages(({ seq, id }) => statements.all<PendingRecord>(sql, [seq, id, PAGE_ROWS]));
  for await (const page of read) {
    for (const record of page) {
      const { id, seq, username, sub, sent_at } = record;
      const ofUser = { username, sub: sub ?? undefined, password: unsealed(record) };
      const done = { sentAt: sent_at ?? undefined, isTakenOver: record.is_taken_over === 1 };
      yield { id, seq, ...ofUser, ...done, followUp: toFollowUp(record) };
    }
  }
}

interface Settling {
  readonly settledAt: number;
  readonly facts: RunFacts;
}

async function settle(
  statements: Statements,
  { id, state, ...more }: FollowUpResult,
  { settledAt, facts }: Settling,
): Promise<void> {
  const message = "message" in more ? more.message : null;
  const settled = await statements.get<{ readonly seq: number; readonly kind: FollowUpKind }>(
    "UPDATE follow_up SET state = ?, message = ?, settled_at = ? WHERE id = ? AND state = 'pending' RETURNING seq, kind",
    [state, message, settledAt, id],
  );
  if (settled?.kind === "set-own-password") await endOwnPassword(statements, settled.seq, { state, facts });
  if (settled?.kind === "disable" && state === "failed") await holdBack(statements, settled.seq, settledAt);
}

/** Erases a password that was set or refused; who was created and lacks it now is as one who never had any. */
async function endOwnPassword(
  statements: Statements,
  seq: number,
  { state, facts }: { readonly state: FollowUpResult["state"]; readonly facts: RunFacts },
): Promise<void> {
  const user = await statements.get<CheckedRecord & { readonly route: Route }>(
    "UPDATE users SET password = NULL WHERE seq = ? RETURNING seq, username, attributes, sms_mfa, checksum, route",
    [seq],
  );
  if (user === undefined || state === "done" || user.route !== "admin-create") return;
  const without = { hasHash: false, smsMfa: false, isDisabled: false, hasPassword: false };
  const after = afterCreate({ ...without, attributes: attributesOf(user) }, facts.policies);
  await addAfterCreate(statements, seq, after);
}

/** Nothing more is done for a user who may not sign in and still can. */
async function holdBack(statements: Statements, seq: number, settledAt: number): Promise<void> {
  await statements.run(
    "UPDATE follow_up SET state = 'failed', message = ?, settled_at = ? WHERE seq = ? AND state = 'pending'",
    ["not done, as the user could not be disabled", settledAt, seq],
  );
  await statements.run("UPDATE users SET password = NULL WHERE seq = ?", [seq]);
}

/** Adds what is to follow the creation of a user. */
export async function addAfterCreate(
  statements: Statements,
  seq: number,
  { followUps, issues }: AfterCreate,
): Promise<void> {
  await addIssues(
    statements,
    issues.map(({ code, message }) => ({ seq, code, message })),
  );
  await statements.runMany(
    ADD_FOLLOW_UP,
    followUps.map((followUp) => followUpValues(seq, followUp)),
  );
}

/** Throws {@link BrokenRow} unless every follow-up that is to be done is as it was planned. */
export async function requireWholeFollowUps(statements: Statements): Promise<void> {
  const sql = `SELECT id, seq, kind, target, subject, checksum FROM follow_up
    WHERE state = 'pending' AND id > ? ORDER BY id LIMIT ?`;
  const read = pages(({ id }) =>
    statements.all<CheckedFollowUp & { readonly id: number }>(sql, [id, PAGE_ROWS]),
  );
  for await (const page of read) for (const record of page) toFollowUp(record);
}
