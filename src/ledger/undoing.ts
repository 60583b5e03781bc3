import type Database from "better-sqlite3";
import { UNDO_RESULTS, type UndoResult } from "../core/undo.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { UndoCandidate, UndoCounts, Undoing, UndoneUser, UndoSettlement } from "./ledger.ts";

/** What an undo was about to do to users, when by the service's clock, and what came of it. */
export const UNDO_SCHEMA = `
  CREATE TABLE undo (
    seq     INTEGER PRIMARY KEY,
    action  TEXT,
    sub     TEXT,
    at      INTEGER,
    result  TEXT,
    message TEXT
  ) STRICT;
`;

/** The fact that says when a session of the run last ended. */
const WRITTEN = "written";

/** When the run last wrote, at the latest; of a session that was killed, as far as the ledger knows. */
const LAST_WROTE_AT = `
  SELECT max(at) FROM (
    SELECT value + 0 AS at FROM fact WHERE key = '${WRITTEN}'
    UNION ALL SELECT max(ended_at) FROM job
    UNION ALL SELECT max(settled_at) FROM follow_up
    UNION ALL SELECT max(sent_at) FROM user)`;

/**
 * Follow-ups are settled some at a time, so of a session that was killed the last of them were done without a word in
 * the ledger; this is how long, in milliseconds, that may have taken (our guess).
 */
const UNSETTLED_MS = 10_000;

/**
 * What a session looks for lies in temporary tables in the run's folder, so that memory does not grow with the run. A
 * job may have created users of its part as soon as it was about to be started.
 */
const SESSION = `
  DROP TABLE IF EXISTS temp.undo_candidate;
  CREATE TEMP TABLE undo_candidate (
    seq          INTEGER PRIMARY KEY,
    name         TEXT,
    sub          TEXT,
    is_imported  INTEGER NOT NULL,
    since        INTEGER,
    has_password INTEGER NOT NULL,
    wrote_at     INTEGER,
    action       TEXT,
    is_seen      INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO temp.undo_candidate (seq, name, sub, is_imported, since, has_password, wrote_at, action)
    SELECT user.seq, claim_username, coalesce(undo.sub, user.sub), outcome IS NOT NULL,
           coalesce(sent_at, begun.at), hash_algorithm IS NOT NULL OR coalesce(done.confirms, 0),
           CASE WHEN undo.at IS NULL THEN done.at ELSE max(undo.at, coalesce(done.at, 0)) END, undo.action
      FROM user
      LEFT JOIN undo ON undo.seq = user.seq
      LEFT JOIN (SELECT part, min(started_at) AS at FROM job
                  WHERE state IN ('starting', 'started', 'ended') GROUP BY part) AS begun ON begun.part = user.part
      LEFT JOIN (SELECT seq, max(coalesce(settled_at, (${LAST_WROTE_AT}) + ${UNSETTLED_MS})) AS at,
                        max(kind IN ('set-own-password', 'set-password', 'confirm')) AS confirms
                   FROM follow_up GROUP BY seq) AS done ON done.seq = user.seq
     WHERE (outcome = 'imported'
            OR (outcome IS NULL AND (sent_at IS NOT NULL OR (route = 'import-job' AND begun.part IS NOT NULL))))
       AND route <> 'none' AND undo.result IS NOT 'deleted';
  CREATE INDEX temp.undo_candidate_by_sub ON undo_candidate (sub) WHERE sub IS NOT NULL;
  CREATE INDEX temp.undo_candidate_by_name ON undo_candidate (name) WHERE sub IS NULL;
  CREATE INDEX temp.undo_candidate_left ON undo_candidate (seq) WHERE is_seen = 0;
`;

const CANDIDATE = `
  SELECT seq, username, attributes, sms_mfa, checksum, route, found.sub AS sub, is_imported, since, has_password, wrote_at
    FROM temp.undo_candidate AS found JOIN user USING (seq)`;

/** Candidates read at a time, as the ledger is written in between. */
const PAGE_ROWS = 1_000;

interface CandidateRecord extends CheckedRecord {
  readonly route: UndoCandidate["route"];
  readonly sub: string | null;
  readonly is_imported: number;
  readonly since: number | null;
  readonly has_password: number;
  readonly wrote_at: number | null;
}

/** A session of an undo over the ledger of this database. */
export class SqliteUndoing implements Undoing {
  readonly lastWroteAt: number | undefined;
  readonly #database: Database.Database;
  readonly #bySub: Database.Statement;
  readonly #byName: Database.Statement;
  readonly #left: Database.Statement;
  readonly #see: Database.Statement;
  readonly #isSeen: Database.Statement;
  readonly #begin: Database.Statement;
  readonly #identify: Database.Statement;
  readonly #settle: Database.Statement;

  constructor(database: Database.Database) {
    this.#database = database;
    database.exec(SESSION);
    this.lastWroteAt = (database.prepare(LAST_WROTE_AT).pluck().get() as number | null) ?? undefined;
    this.#bySub = database.prepare(`${CANDIDATE} WHERE found.sub = ?`);
    this.#byName = database.prepare(`${CANDIDATE} WHERE name = ? AND found.sub IS NULL`);
    this.#left = database.prepare(
      `${CANDIDATE} WHERE is_seen = 0 AND seq > ? ORDER BY seq LIMIT ${PAGE_ROWS}`,
    );
    this.#see = database.prepare("UPDATE temp.undo_candidate SET is_seen = 1 WHERE seq = ?");
    this.#isSeen = database
      .prepare("SELECT 1 FROM temp.undo_candidate WHERE seq = ? AND is_seen = 1")
      .pluck();
    this.#begin = database.prepare(
      `INSERT INTO undo (seq, action, sub, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (seq) DO UPDATE SET action = excluded.action, sub = excluded.sub, at = excluded.at`,
    );
    this.#identify = database.prepare("UPDATE temp.undo_candidate SET sub = ?, action = ? WHERE seq = ?");
    this.#settle = database.prepare(
      // Who was just disabled was changed by that and nobody else: until now, as requests wait for their turns.
      `INSERT INTO undo (seq, result, message) VALUES (?, ?, ?)
       ON CONFLICT (seq) DO UPDATE SET result = excluded.result, message = excluded.message,
         at = CASE WHEN excluded.result = 'disabled' AND excluded.message IS NULL THEN max(at, ?) ELSE at END`,
    );
  }

  count(): { readonly created: number; readonly uncertain: number } {
    return this.#database
      .prepare(
        `SELECT count(*) FILTER (WHERE is_imported) AS created, count(*) FILTER (WHERE NOT is_imported) AS uncertain
           FROM temp.undo_candidate`,
      )
      .get() as { created: number; uncertain: number };
  }

  candidateWithSub(sub: string): UndoCandidate | undefined {
    return toCandidate(this.#bySub.get(sub) as CandidateRecord | undefined);
  }

  candidateNamed(comparedName: string): UndoCandidate | undefined {
    return toCandidate(this.#byName.get(comparedName) as CandidateRecord | undefined);
  }

  countLeft(): number {
    const sql = "SELECT count(*) AS count FROM temp.undo_candidate WHERE is_seen = 0";
    return (this.#database.prepare(sql).get() as { count: number }).count;
  }

  *left(): Iterable<UndoCandidate> {
    for (let last = 0; ;) {
      const records = this.#left.all(last) as CandidateRecord[];
      for (const record of records) {
        const candidate = toCandidate(record);
        if (candidate !== undefined) yield candidate;
      }
      const end = records.at(-1);
      if (end === undefined) return;
      last = end.seq;
    }
  }

  wasSeen(seq: number): boolean {
    return this.#isSeen.get(seq) !== undefined;
  }

  pass(seq: number): void {
    this.#see.run(seq);
  }

  begin(seq: number, { action, sub, at }: Parameters<Undoing["begin"]>[1]): void {
    this.#begin.run(seq, action, sub, at);
    // From now on nobody else is taken for this user by the name.
    this.#identify.run(sub, action, seq);
  }

  settle(settlements: readonly UndoSettlement[], settledAt: number): void {
    this.#transaction(() => {
      for (const { seq, result, message } of settlements) {
        this.#settle.run(seq, result, message ?? null, settledAt);
        this.#see.run(seq);
      }
    });
  }

  settleAbsent(): void {
    this.#transaction(() => {
      this.#database.exec(`
        INSERT INTO undo (seq, result)
          SELECT seq, iif(action = 'delete', 'deleted', 'absent') FROM temp.undo_candidate
           WHERE is_seen = 0 AND (is_imported OR action IS NOT NULL)
        ON CONFLICT (seq) DO UPDATE SET result = excluded.result, message = NULL`);
    });
  }

  #transaction(work: () => void): void {
    this.#database.transaction(work).immediate();
  }
}

function toCandidate(record: CandidateRecord | undefined): UndoCandidate | undefined {
  if (record === undefined) return undefined;
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
export function noteWritten(database: Database.Database, at: number): void {
  database
    .prepare(
      `INSERT INTO fact (key, value, checksum) VALUES ('${WRITTEN}', ?, 0)
       ON CONFLICT (key) DO UPDATE SET value = max(value + 0, excluded.value + 0)`,
    )
    .run(String(at));
}

/** How many users have each result; undefined when an undo has come to none. */
export function undoCounts(database: Database.Database): UndoCounts | undefined {
  const rows = database
    .prepare("SELECT result, count(*) AS count FROM undo WHERE result IS NOT NULL GROUP BY result")
    .all() as { result: UndoResult; count: number }[];
  if (rows.length === 0) return undefined;
  const counts = new Map(rows.map(({ result, count }) => [result, count]));
  return Object.fromEntries(UNDO_RESULTS.map((result) => [result, counts.get(result) ?? 0])) as UndoCounts;
}

/** Users with a result, in the order of the source; the ledger cannot be written until all were taken. */
export function* undoneUsers(database: Database.Database): Iterable<UndoneUser> {
  const rows = database
    .prepare<[], Record<string, string | number | null>>(
      `SELECT undo.seq, line, source_id AS sourceId, username, coalesce(undo.sub, user.sub) AS sub, result, undo.message
         FROM undo JOIN user ON user.seq = undo.seq WHERE result IS NOT NULL ORDER BY undo.seq`,
    )
    .iterate();
  for (const row of rows) {
    const defined = Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined]));
    yield defined as unknown as UndoneUser;
  }
}
