import type Database from "better-sqlite3";
import type { FollowUp } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { ExpectedUser, Finding, Verification, VerificationCounts } from "./ledger.ts";

/**
 * What is found of a run's users goes into temporary tables, which lie in the run's folder under no name and end with
 * the connection: memory does not grow with the pool, and the ledger itself stays as it is.
 */
const SCHEMA = `
  DROP TABLE IF EXISTS temp.verified_sub;
  DROP TABLE IF EXISTS temp.verified_name;
  DROP TABLE IF EXISTS temp.verified_follow_up;
  DROP TABLE IF EXISTS temp.verified_user;
  DROP TABLE IF EXISTS temp.verified_member;
  DROP TABLE IF EXISTS temp.verified_odd_group;
  CREATE TEMP TABLE verified_sub (sub TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE verified_name (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE verified_follow_up (
    seq INTEGER NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT, subject TEXT, PRIMARY KEY (seq, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE verified_user (
    seq         INTEGER PRIMARY KEY,
    by_sub      INTEGER NOT NULL,
    differences TEXT NOT NULL,
    modified_at INTEGER
  ) STRICT;
  CREATE TEMP TABLE verified_member (seq INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (seq, name)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE verified_odd_group (seq INTEGER NOT NULL, name TEXT NOT NULL, is_member INTEGER NOT NULL, PRIMARY KEY (seq, name)) STRICT, WITHOUT ROWID;
`;

/** Those who are in the pool: created by the run, or there before it. */
const IS_EXPECTED = "(outcome IN ('imported', 'updated') OR (outcome = 'skipped' AND route <> 'none'))";

const IS_MISSING = `${IS_EXPECTED} AND seq NOT IN (SELECT seq FROM temp.verified_user)`;

const EXPECTED_COLUMNS = "seq, username, attributes, sms_mfa, checksum, route, outcome, sub, hash_algorithm";

/** One user's result, by what was found; `agrees` for those of whom nothing is to be said. */
const RESULTS = `
  SELECT user.seq AS seq,
         CASE WHEN ${IS_EXPECTED} AND found.seq IS NULL THEN 'missing'
              WHEN ${IS_EXPECTED} AND (found.differences <> '[]' OR odd.seq IS NOT NULL) THEN 'differs'
              WHEN NOT ${IS_EXPECTED} AND found.differences <> '[]' THEN 'unexpected'
              ELSE 'agrees' END AS result,
         coalesce(found.differences, '[]') AS differences,
         odd.lacking AS lacking, odd.extra AS extra, found.modified_at AS modifiedAt
    FROM user
    LEFT JOIN temp.verified_user AS found ON found.seq = user.seq
    LEFT JOIN (SELECT seq, json_group_array(name) FILTER (WHERE NOT is_member) AS lacking,
                      json_group_array(name) FILTER (WHERE is_member) AS extra
                 FROM temp.verified_odd_group GROUP BY seq) AS odd ON odd.seq = user.seq`;

interface ExpectedRecord extends CheckedRecord {
  readonly route: ExpectedUser["route"];
  readonly outcome: ExpectedUser["outcome"];
  readonly sub: string | null;
  readonly hash_algorithm: string | null;
}

/** A verification over the ledger of this database. */
export class SqliteVerification implements Verification {
  readonly #database: Database.Database;
  readonly #bySub: Database.Statement;
  readonly #byName: Database.Statement;
  readonly #followUps: Database.Statement;
  readonly #noteFound: Database.Statement;
  readonly #noteMember: Database.Statement;

  constructor(database: Database.Database, pool: Pool) {
    this.#database = database;
    database.exec(SCHEMA);
    database.function("compared_name", { deterministic: true }, (name) => comparedName(String(name), pool));
    database.exec(`
      INSERT OR IGNORE INTO temp.verified_sub SELECT sub, seq FROM user WHERE sub IS NOT NULL ORDER BY sub;
      INSERT OR IGNORE INTO temp.verified_name
        SELECT compared_name(username), seq FROM user WHERE claim_username IS NULL AND username IS NOT NULL;
      INSERT INTO temp.verified_follow_up
        SELECT seq, id, kind, target, subject FROM follow_up
         WHERE kind IN ('disable', 'confirm', 'set-attributes', 'link-provider', 'reset-password') OR (kind = 'set-own-password' AND state = 'done')`);
    this.#bySub = database.prepare(
      `SELECT ${EXPECTED_COLUMNS} FROM user WHERE seq = (SELECT seq FROM temp.verified_sub WHERE sub = ?)`,
    );
    this.#byName = database.prepare(
      `SELECT ${EXPECTED_COLUMNS} FROM user WHERE claim_username = ?
       UNION ALL
       SELECT ${EXPECTED_COLUMNS} FROM user WHERE seq IN (SELECT seq FROM temp.verified_name WHERE name = ?)`,
    );
    this.#followUps = database.prepare(
      "SELECT kind, target, subject FROM temp.verified_follow_up WHERE seq = ?",
    );
    this.#noteFound = database.prepare(
      `INSERT INTO temp.verified_user (seq, by_sub, differences, modified_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (seq) DO UPDATE SET by_sub = excluded.by_sub, differences = excluded.differences, modified_at = excluded.modified_at
        WHERE excluded.by_sub >= by_sub`,
    );
    this.#noteMember = database.prepare(
      "INSERT OR IGNORE INTO temp.verified_member (seq, name) VALUES (?, ?)",
    );
  }

  get beganAt(): number | undefined {
    const { beganAt } = this.#database
      .prepare(
        "SELECT min(at) AS beganAt FROM (SELECT min(started_at) AS at FROM job UNION ALL SELECT min(sent_at) FROM user)",
      )
      .get() as { beganAt: number | null };
    return beganAt ?? undefined;
  }

  userWithSub(sub: string): ExpectedUser | undefined {
    const record = this.#bySub.get(sub) as ExpectedRecord | undefined;
    return record === undefined ? undefined : this.#toExpected(record);
  }

  usersNamed(name: string): readonly ExpectedUser[] {
    return (this.#byName.all(name, name) as ExpectedRecord[]).map((record) => this.#toExpected(record));
  }

  groups(): readonly string[] {
    const rows = this.#database
      .prepare(
        "SELECT DISTINCT target FROM follow_up JOIN user USING (seq) WHERE kind = 'add-to-group' AND outcome = 'imported' ORDER BY target",
      )
      .all() as { target: string }[];
    return rows.map(({ target }) => target);
  }

  noteFound(seq: number, { by, differences, modifiedAt }: Parameters<Verification["noteFound"]>[1]): void {
    this.#noteFound.run(seq, by === "sub" ? 1 : 0, JSON.stringify(differences), modifiedAt ?? null);
  }

  noteMember(seq: number, group: string): void {
    this.#noteMember.run(seq, group);
  }

  compareGroups(): void {
    // Who is not there at all is missing, and not from groups too.
    const users = "JOIN user USING (seq) JOIN temp.verified_user USING (seq) WHERE outcome = 'imported'";
    const planned = `SELECT seq, target AS name FROM follow_up ${users} AND kind = 'add-to-group'`;
    const members = `SELECT seq, name FROM temp.verified_member ${users}`;
    this.#database.exec(`
      DELETE FROM temp.verified_odd_group;
      INSERT INTO temp.verified_odd_group SELECT seq, name, 0 FROM (${planned} EXCEPT ${members});
      INSERT INTO temp.verified_odd_group SELECT seq, name, 1 FROM (${members} EXCEPT ${planned})`);
  }

  countMissing(): number {
    const sql = `SELECT count(*) AS count FROM user WHERE ${IS_MISSING}`;
    return (this.#database.prepare(sql).get() as { count: number }).count;
  }

  missingSubs(): readonly string[] {
    const sql = `SELECT sub FROM user WHERE ${IS_MISSING} AND sub IS NOT NULL ORDER BY seq`;
    return this.#database.prepare(sql).pluck().all() as string[];
  }

  counts(): VerificationCounts {
    const rows = this.#database
      .prepare(`SELECT result, count(*) AS count FROM (${RESULTS}) GROUP BY result`)
      .all() as { result: string; count: number }[];
    const count = (result: string): number => rows.find((row) => row.result === result)?.count ?? 0;
    const differences = this.#database
      .prepare(
        `SELECT what, count(*) AS count FROM (
           SELECT value AS what FROM (${RESULTS}) AS found, json_each(found.differences) WHERE result = 'differs'
           UNION ALL SELECT 'groups' FROM (SELECT DISTINCT seq FROM temp.verified_odd_group)
         ) GROUP BY what ORDER BY count DESC, what`,
      )
      .all() as VerificationCounts["differences"];
    return {
      agreeing: count("agrees"),
      differing: count("differs"),
      missing: count("missing"),
      unexpected: count("unexpected"),
      differences,
    };
  }

  *findings(): Iterable<Finding> {
    const rows = this.#database
      .prepare<[], Record<string, string | number | null>>(
        `SELECT user.seq, line, source_id AS sourceId, username, sub, outcome, results.*
           FROM (${RESULTS}) AS results JOIN user USING (seq) WHERE result <> 'agrees' ORDER BY seq`,
      )
      .iterate();
    for (const { differences, lacking, extra, ...row } of rows) {
      const defined = Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, value ?? undefined]),
      );
      yield {
        ...(defined as unknown as Omit<Finding, "differences" | "lackingGroups" | "extraGroups">),
        differences: namesIn(differences),
        lackingGroups: namesIn(lacking),
        extraGroups: namesIn(extra),
      };
    }
  }

  #toExpected(record: ExpectedRecord): ExpectedUser {
    const { seq, username, route, outcome, sub, hash_algorithm } = record;
    const followUps = this.#followUps.all(seq) as {
      kind: FollowUp["kind"];
      target: string | null;
      subject: string | null;
    }[];
    return {
      seq,
      username,
      route,
      outcome,
      attributes: [
        ...attributesOf(record),
        ...followUps
          .filter(({ kind }) => kind === "set-attributes")
          .flatMap(({ target }) => JSON.parse(target ?? "[]") as Attributes),
      ],
      sub: sub ?? undefined,
      hasHash: hash_algorithm !== null,
      isConfirmed: followUps.some(({ kind }) => kind === "confirm"),
      isDisabled: followUps.some(({ kind }) => kind === "disable"),
      hasPassword: followUps.some(({ kind }) => kind === "set-own-password"),
      isReset: followUps.some(({ kind }) => kind === "reset-password"),
      identities: followUps
        .filter(({ kind }) => kind === "link-provider")
        .map(({ target, subject }) => ({ provider: target ?? "", subject: subject ?? "" })),
    };
  }
}

function namesIn(list: string | number | null | undefined): readonly string[] {
  return typeof list === "string" ? (JSON.parse(list) as string[]) : [];
}
