import { UNDO_RESULTS, type UndoAction, type UndoResult } from "../core/undo.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { Database, Dialect, SqlValue, Statements } from "./database.ts";
import type { UndoCandidate, UndoCounts, Undoing, UndoneUser } from "./ledger.ts";
import { countOf, PAGE_ROWS, pages, withoutNulls } from "./reading.ts";

/** What an undo was about to do to users, when by the service's clock, and what came of it. */
export function undoSchema({ integer, text, table }: Dialect): string {
  return `
  CREATE TABLE undo (
    seq     ${integer} PRIMARY KEY,
    action  ${text},
    sub     ${text},
    at      ${integer},
    result  ${text},
    message ${text}
  ) ${table};
`;
}

/** The fact that says when a session of the run last ended. */
const WRITTEN = "written";

/** When the run last wrote, at the latest; of a session that was killed, as far as the ledger knows. */
const LAST_WROTE_AT = `
  SELECT max(at) AS at FROM (
    SELECT CAST(value AS BIGINT) AS at FROM fact WHERE key = '${WRITTEN}'
    UNION ALL SELECT max(ended_at) FROM job
    UNION ALL SELECT max(settled_at) FROM follow_up
    UNION ALL SELECT max(sent_at) FROM users) AS written`;

/**
 * Follow-ups are settled some at a time, so of a session that was killed the last of them were done without a word in
 * the ledger; this is how long, in milliseconds, that may have taken (our guess).
 */
const UNSETTLED_MS = 10_000;

const FORGET = "DROP TABLE IF EXISTS undo_candidate;";

/**
 * What a session looks for lies in a table of its own, so that memory does not grow with the run. A job may have created
 * users of its part as soon as it was about to be started.
 */
const sessionTables = ({ createScratch, integer, text, table, textIndex }: Dialect): string => `
  ${FORGET}
  ${createScratch} undo_candidate (
    seq          ${integer} PRIMARY KEY,
    name         ${text},
    sub          ${text},
    is_imported  ${integer} NOT NULL,
    since        ${integer},
    has_password ${integer} NOT NULL,
    wrote_at     ${integer},
    action       ${text},
    is_seen      ${integer} NOT NULL DEFAULT 0
  ) ${table};
  INSERT INTO undo_candidate (seq, name, sub, is_imported, since, has_password, wrote_at, action)
    SELECT users.seq, claim_username, coalesce(undo.sub, users.sub), CASE WHEN outcome IS NULL THEN 0 ELSE 1 END,
           coalesce(sent_at, begun.at), CASE WHEN hash_algorithm IS NOT NULL OR done.confirms = 1 THEN 1 ELSE 0 END,
           CASE WHEN undo.at IS NULL OR done.at > undo.at THEN done.at ELSE undo.at END, undo.action
      FROM users
      LEFT JOIN undo ON undo.seq = users.seq
      LEFT JOIN (SELECT part, min(started_at) AS at FROM job
                  WHERE state IN ('starting', 'started', 'ended') GROUP BY part) AS begun ON begun.part = users.part
      LEFT JOIN (SELECT seq, max(coalesce(settled_at, (${LAST_WROTE_AT}) + ${UNSETTLED_MS})) AS at,
                        max(CASE WHEN kind IN ('set-own-password', 'set-password', 'confirm') THEN 1 ELSE 0 END) AS confirms
                   FROM follow_up GROUP BY seq) AS done ON done.seq = users.seq
     WHERE (outcome = 'imported'
            OR (outcome IS NULL AND (sent_at IS NOT NULL OR (route = 'import-job' AND begun.part IS NOT NULL))))
       AND route <> 'none' AND (undo.result IS NULL OR undo.result <> 'deleted');
  CREATE INDEX undo_candidate_by_sub ON undo_candidate (sub) WHERE sub IS NOT NULL;
  CREATE INDEX undo_candidate_by_name ON undo_candidate ${textIndex("name")} WHERE sub IS NULL;
  CREATE INDEX undo_candidate_left ON undo_candidate (seq) WHERE is_seen = 0;
`;

const CANDIDATE = `
  SELECT found.seq, username, attributes, sms_mfa, checksum, route, found.sub AS sub, is_imported, since, has_password,
         wrote_at
    FROM undo_candidate AS found JOIN users ON users.seq = found.seq`;

interface CandidateRecord extends CheckedRecord {
  readonly route: UndoCandidate["route"];
  readonly sub: string | null;
  readonly is_imported: number;
  readonly since: number | null;
  readonly has_password: number;
  readonly wrote_at: number | null;
}

/** Begins a session of an undo over the ledger of this database. */
export async function beginUndo(database: Database): Promise<Undoing> {
  await database.script(sessionTables(database.dialect));
  await database.script(database.dialect.analyse("undo_candidate"));
  const wrote = await database.get<{ readonly at: number | null }>(LAST_WROTE_AT);
  const find = async (condition: string, value: string): Promise<UndoCandidate | undefined> => {
    const record = await database.get<CandidateRecord>(`${CANDIDATE} WHERE ${condition}`, [value]);
    return record === undefined ? undefined : toCandidate(record);
  };
  return {
    lastWroteAt: wrote?.at ?? undefined,
    async count() {
      const counted = await database.get<{ readonly created: number; readonly uncertain: number }>(
        `SELECT count(*) FILTER (WHERE is_imported = 1) AS created,
                count(*) FILTER (WHERE is_imported = 0) AS uncertain FROM undo_candidate`,
      );
      return counted ?? { created: 0, uncertain: 0 };
    },
    candidateWithSub: (sub) => find("found.sub = ?", sub),
    candidateNamed: (comparedName) => find("name = ? AND found.sub IS NULL", comparedName),
    countLeft: () => countOf(database, "SELECT count(*) AS count FROM undo_candidate WHERE is_seen = 0"),
    left: () => candidatesLeft(database),
    async wasSeen(seq) {
      const sql = "SELECT seq FROM undo_candidate WHERE seq = ? AND is_seen = 1";
      return (await database.get(sql, [seq])) !== undefined;
    },
    async pass(seq) {
      await database.run(SEE, [seq]);
    },
    begin: (seq, { action, sub, at }) =>
      database.transaction(async (statements) => {
        // From now on nobody else is taken for this user by the name.
        const taken = await statements.run(
          "UPDATE undo_candidate SET sub = ?, action = ? WHERE seq = ? AND (sub IS NULL OR sub = ?)",
          [sub, action, seq, sub],
        );
        if (taken === 0) return false;
        await statements.run(
          `INSERT INTO undo (seq, action, sub, at) VALUES (?, ?, ?, ?)
           ON CONFLICT (seq) DO UPDATE SET action = excluded.action, sub = excluded.sub, at = excluded.at`,
          [seq, action, sub, at],
        );
        return true;
      }),
    async settle(settlements, settledAt) {
      // The last word about a user counts.
      const last = [...new Map(settlements.map((settlement) => [settlement.seq, settlement])).values()];
      if (last.length === 0) return;
      await database.transaction(async (statements) => {
        await statements.runMany(
          `INSERT INTO undo (seq, result, message) VALUES (?, ?, ?)
           ON CONFLICT (seq) DO UPDATE SET result = excluded.result, message = excluded.message`,
          last.map(({ seq, result, message }) => [seq, result, message ?? null]),
        );
        // Who was just disabled was changed by that and nobody else: until now, as requests wait for their turns.
        await statements.runMany(
          "UPDATE undo SET at = ? WHERE seq = ? AND result = 'disabled' AND message IS NULL AND at < ?",
          last.map(({ seq }) => [settledAt, seq, settledAt]),
        );
        await statements.runMany(
          SEE,
          last.map(({ seq }) => [seq]),
        );
      });
    },
    async settleAbsent() {
      await database.run(
        `INSERT INTO undo (seq, result)
           SELECT seq, CASE WHEN action = 'delete' THEN 'deleted' ELSE 'absent' END FROM undo_candidate
            WHERE is_seen = 0 AND (is_imported = 1 OR action IS NOT NULL)
         ON CONFLICT (seq) DO UPDATE SET result = excluded.result, message = NULL`,
      );
    },
    async [Symbol.asyncDispose]() {
      // What is left of it is dropped by the next one.
      await database.script(FORGET).catch(() => undefined);
    },
  };
}

const SEE = "UPDATE undo_candidate SET is_seen = 1 WHERE seq = ?";

async function* candidatesLeft(statements: Statements): AsyncIterable<UndoCandidate> {
  const sql = `${CANDIDATE} WHERE is_seen = 0 AND found.seq > ? ORDER BY found.seq LIMIT ?`;
  for await (const page of pages(({ seq }) => statements.all<CandidateRecord>(sql, [seq, PAGE_ROWS])))
    for (const record of page) yield toCandidate(record);
}

function toCandidate(record: CandidateRecord): UndoCandidate {
  const { is_imported, has_password, wrote_at, seq, username, route, sub, since } = record;
  return {
    seq,
    username,
    route,
    attributes: attributesOf(record),
    sub: sub ?? undefined,
    since: since ?? undefined,
    isImported: is_imported === 1,
    hasPassword: has_password === 1,
    wroteAt: wrote_at ?? undefined,
  };
}

/** Notes when the run last wrote. */
export async function noteWritten(statements: Statements, at: number): Promise<void> {
  await statements.run(
    `INSERT INTO fact (key, value, checksum) VALUES ('${WRITTEN}', ?, 0)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value
      WHERE CAST(excluded.value AS BIGINT) > CAST(fact.value AS BIGINT)`,
    [String(at)],
  );
}

/** How many users have each result; undefined when an undo has come to none. */
export async function undoCounts(statements: Statements): Promise<UndoCounts | undefined> {
  const rows = await statements.all<{ readonly result: UndoResult; readonly count: number }>(
    "SELECT result, count(*) AS count FROM undo WHERE result IS NOT NULL GROUP BY result",
  );
  if (rows.length === 0) return undefined;
  const counts = new Map(rows.map(({ result, count }) => [result, count]));
  return Object.fromEntries(UNDO_RESULTS.map((result) => [result, counts.get(result) ?? 0])) as UndoCounts;
}

/** What was last to be done to a user; undefined when an undo has come to none. */
export async function undoAction(statements: Statements): Promise<UndoAction | undefined> {
  const sql = "SELECT action FROM undo WHERE action IS NOT NULL ORDER BY at DESC LIMIT 1";
  const [last] = await statements.all<{ readonly action: UndoAction }>(sql);
  return last?.action;
}

/** Users with a result, in the order of the source. */
export async function* undoneUsers(statements: Statements): AsyncIterable<UndoneUser> {
  const sql = `SELECT undo.seq, line, source_id AS "sourceId", username, coalesce(undo.sub, users.sub) AS sub, result,
      undo.message
    FROM undo JOIN users ON users.seq = undo.seq WHERE result IS NOT NULL AND undo.seq > ? ORDER BY undo.seq LIMIT ?`;
  type Columns = Readonly<Record<string, SqlValue>> & { readonly seq: number };
  for await (const page of pages(({ seq }) =>
    statements.all<Columns & { id?: number }>(sql, [seq, PAGE_ROWS]),
  ))
    for (const row of page) yield withoutNulls(row) as UndoneUser;
}
