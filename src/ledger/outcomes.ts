import { afterCreate } from "../core/after-create.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import { SINGLE_ROUTES } from "../core/route.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { Database, SqlValue, Statements } from "./database.ts";
import { addAfterCreate } from "./follow-ups.ts";
import type { FailureCause, OutcomeLedger, RunFacts } from "./ledger.ts";
import { countOf, PAGE_ROWS, pages } from "./reading.ts";
import { UNSETTLED, unsettledOf } from "./unsettled.ts";
import { addIssues, SETTLED, TO_IMPORT } from "./users.ts";

/** A user whose row an import job refused. */
interface RefusedRecord extends CheckedRecord {
  readonly hash_algorithm: string | null;
  readonly is_disabled: number;
  readonly has_password: number;
}

/** Until the user is in the pool, it is not disabled either. */
const REFUSED = `SELECT seq, username, attributes, sms_mfa, checksum, hash_algorithm,
    CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password,
    CASE WHEN EXISTS (
      SELECT 1 FROM follow_up WHERE follow_up.seq = users.seq AND kind = 'disable' AND state = 'pending'
    ) THEN 1 ELSE 0 END AS is_disabled
  FROM users`;

/** Those whom an import job is to bring are nearly all: by indexes alone, they are who is left of all without the others. */
const UNSETTLED_OF_JOBS = [UNSETTLED, ...SINGLE_ROUTES.map(unsettledOf)].join(" - ");

/** Why a user is created instead of imported. */
interface Refusal {
  readonly message: string;
  readonly startedAt: number | undefined;
  readonly policies: LoadPolicies;
}

/** The outcomes of the run in a database. */
export function outcomeLedger(database: Database, { policies }: RunFacts): OutcomeLedger {
  return {
    async settleLines(part, outcomes) {
      await database.runMany(
        `UPDATE users SET ${SETTLED}
          WHERE part = ? AND part_line = ? AND ${TO_IMPORT} AND (sent_at IS NULL OR ? <> 'skipped')`,
        outcomes.map(({ line, kind, reason, message }) => [
          kind,
          reason ?? null,
          message ?? null,
          kind,
          part,
          line,
          kind,
        ]),
      );
    },
    spoolAgain: (part, failures, how) =>
      database.transaction(async (statements) => {
        const hash = how.keepHash ? "" : ", hash_algorithm = NULL, password_hash = NULL";
        const sql = `UPDATE users SET part = NULL, part_line = NULL, sent_at = coalesce(sent_at, ?), row_failure = ?${hash}
          WHERE part = ? AND part_line = ? AND row_failure IS NULL AND ${TO_IMPORT} RETURNING seq`;
        for (const { line, message } of failures) {
          const values = [how.startedAt ?? null, message, part, line];
          const user = await statements.get<{ readonly seq: number }>(sql, values);
          if (user === undefined || how.keepHash) continue;
          await addIssues(statements, [{ seq: user.seq, code: "password-hash-refused", message }]);
        }
      }),
    createInstead: (part, failures) =>
      database.transaction(async (statements) => {
        const sql = `${REFUSED} WHERE part = ? AND part_line = ? AND ${TO_IMPORT}`;
        for (const { line, message } of failures) {
          const user = await statements.get<RefusedRecord>(sql, [part, line]);
          if (user !== undefined)
            await createInstead(statements, user, { message, startedAt: undefined, policies });
        }
      }),
    createRestInstead: (part, message, startedAt) =>
      database.transaction(async (statements) => {
        const sql = `${REFUSED} WHERE part = ? AND ${TO_IMPORT} AND seq > ? ORDER BY seq LIMIT ?`;
        const read = pages(({ seq }) => statements.all<RefusedRecord>(sql, [part, seq, PAGE_ROWS]));
        for await (const page of read)
          for (const user of page) await createInstead(statements, user, { message, startedAt, policies });
      }),
    async settle(outcomes) {
      await database.runMany(
        `UPDATE users SET ${SETTLED}, sub = coalesce(?, sub) WHERE seq = ? AND outcome IS NULL`,
        outcomes.map(({ seq, kind, reason, message, sub }) => [
          kind,
          reason ?? null,
          message ?? null,
          kind,
          sub ?? null,
          seq,
        ]),
      );
    },
    async settleRest(part, { kind, reason, message }) {
      const values: readonly SqlValue[] = [kind, reason ?? null, message ?? null, kind, part];
      await database.run(`UPDATE users SET ${SETTLED} WHERE part = ? AND ${TO_IMPORT}`, values);
    },
    hasUnsettled: async () =>
      (await database.get("SELECT seq FROM users WHERE outcome IS NULL LIMIT 1")) !== undefined,
    countUnsettledOfRoute: (route) =>
      countOf(database, `SELECT ${route === "import-job" ? UNSETTLED_OF_JOBS : unsettledOf(route)} AS count`),
    async countCreated(route) {
      const counted = await database.get<{ readonly settled: number; readonly failed: number }>(
        `SELECT count(*) AS settled, count(*) FILTER (WHERE outcome = 'failed') AS failed FROM users
          WHERE route = '${route}' AND row_failure IS NULL AND outcome IS NOT NULL`,
      );
      return counted ?? { settled: 0, failed: 0 };
    },
    failureCauses: () =>
      database.all<FailureCause>(
        `SELECT coalesce(row_failure, message, '') AS message, count(*) AS count FROM users
          WHERE row_failure IS NOT NULL OR outcome = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3`,
      ),
  };
}

async function createInstead(
  statements: Statements,
  { is_disabled, has_password, ...record }: RefusedRecord,
  { message, startedAt, policies }: Refusal,
): Promise<void> {
  const { seq, hash_algorithm, sms_mfa } = record;
  const attributes = attributesOf(record);
  await statements.run(
    `UPDATE users SET route = 'admin-create', hash_algorithm = NULL, password_hash = NULL,
            sent_at = coalesce(sent_at, ?), row_failure = ? WHERE seq = ?`,
    [startedAt ?? null, message, seq],
  );
  await addIssues(statements, [{ seq, code: "row-refused", message }]);
  const user = {
    attributes,
    smsMfa: sms_mfa === 1,
    hasHash: hash_algorithm !== null,
    isDisabled: is_disabled === 1,
    hasPassword: has_password === 1,
  };
  await addAfterCreate(statements, seq, afterCreate(user, policies));
}
