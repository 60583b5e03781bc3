import type { FollowUpKind } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { Database, Dialect, Statements } from "./database.ts";
import type { ExpectedUser, Finding, Verification, VerificationCounts } from "./ledger.ts";
import { countOf, PAGE_ROWS, pages, withoutNulls } from "./reading.ts";

const FORGET = [
  "verified_sub",
  "verified_name",
  "verified_follow_up",
  "verified_user",
  "verified_member",
  "verified_odd_group",
]
  .map((table) => `DROP TABLE IF EXISTS ${table};`)
  .join("\n");

/** What is found of a run's users goes into tables of their own, so that memory does not grow with the pool. */
const sessionTables = ({ createScratch, integer, text, table, keyedTable, textIndex }: Dialect): string => `
  ${FORGET}
  ${createScratch} verified_sub (sub ${text} PRIMARY KEY, seq ${integer} NOT NULL) ${keyedTable};
  ${createScratch} verified_name (name ${text} NOT NULL, seq ${integer} NOT NULL) ${table};
  CREATE INDEX verified_name_by_name ON verified_name ${textIndex("name")};
  ${createScratch} verified_follow_up (
    seq ${integer} NOT NULL, id ${integer} NOT NULL, kind ${text} NOT NULL, target ${text}, subject ${text},
    PRIMARY KEY (seq, id)
  ) ${keyedTable};
  ${createScratch} verified_user (
    seq         ${integer} PRIMARY KEY,
    by_sub      ${integer} NOT NULL,
    differences ${text} NOT NULL,
    modified_at ${integer}
  ) ${table};
  ${createScratch} verified_member (seq ${integer} NOT NULL, name ${text} NOT NULL, PRIMARY KEY (seq, name)) ${keyedTable};
  ${createScratch} verified_odd_group (
    seq ${integer} NOT NULL, name ${text} NOT NULL, is_member ${integer} NOT NULL, PRIMARY KEY (seq, name)
  ) ${keyedTable};
  INSERT INTO verified_sub SELECT sub, seq FROM users WHERE sub IS NOT NULL ORDER BY sub ON CONFLICT DO NOTHING;
  INSERT INTO verified_follow_up
    SELECT seq, id, kind, target, subject FROM follow_up
     WHERE kind IN ('disable', 'confirm', 'set-attributes', 'link-provider', 'reset-password')
        OR (kind = 'set-own-password' AND state = 'done');
`;

/** Those who are in the pool: created by the run, or there before it. */
const IS_EXPECTED = "(outcome IN ('imported', 'updated') OR (outcome = 'skipped' AND route <> 'none'))";

const IS_MISSING = `${IS_EXPECTED} AND NOT EXISTS (SELECT 1 FROM verified_user WHERE verified_user.seq = users.seq)`;

const EXPECTED_COLUMNS = "seq, username, attributes, sms_mfa, checksum, route, outcome, sub, hash_algorithm";

/** Each user's result, by what was found; `agrees` for those of whom nothing is to be said. */
const RESULTS = `
  SELECT users.seq AS seq, line, source_id AS "sourceId", username, sub, outcome,
         CASE WHEN ${IS_EXPECTED} AND found.seq IS NULL THEN 'missing'
              WHEN ${IS_EXPECTED} AND (found.differences <> '[]' OR EXISTS (
                SELECT 1 FROM verified_odd_group AS odd WHERE odd.seq = users.seq)) THEN 'differs'
              WHEN NOT ${IS_EXPECTED} AND found.differences <> '[]' THEN 'unexpected'
              ELSE 'agrees' END AS result,
         coalesce(found.differences, '[]') AS differences, found.modified_at AS "modifiedAt"
    FROM users LEFT JOIN verified_user AS found ON found.seq = users.seq`;

interface ExpectedRecord extends CheckedRecord {
  readonly route: ExpectedUser["route"];
  readonly outcome: ExpectedUser["outcome"];
  readonly sub: string | null;
  readonly hash_algorithm: string | null;
}

/** Begins a verification over the ledger of this database. */
export async function beginVerification(database: Database, pool: Pool): Promise<Verification> {
  await database.script(sessionTables(database.dialect));
  await noteNames(database, pool);
  const { analyse } = database.dialect;
  await database.script(["verified_sub", "verified_name", "verified_follow_up"].map(analyse).join(""));
  const began = await database.get<{ readonly at: number | null }>(
    "SELECT min(at) AS at FROM (SELECT min(started_at) AS at FROM job UNION ALL SELECT min(sent_at) FROM users) AS begun",
  );
  return {
    beganAt: began?.at ?? undefined,
    async userWithSub(sub) {
      const [user] = await expectedUsers(
        database,
        `SELECT ${EXPECTED_COLUMNS} FROM users WHERE seq = (SELECT seq FROM verified_sub WHERE sub = ?)`,
        [sub],
      );
      return user;
    },
    usersNamed: (name) =>
      expectedUsers(
        database,
        `SELECT ${EXPECTED_COLUMNS} FROM users WHERE claim_username = ?
         UNION ALL
         SELECT ${EXPECTED_COLUMNS} FROM users WHERE seq IN (SELECT seq FROM verified_name WHERE name = ?)`,
        [name, name],
      ),
    async groups() {
      const rows = await database.all<{ readonly target: string }>(
        "SELECT DISTINCT target FROM follow_up JOIN users USING (seq) WHERE kind = 'add-to-group' AND outcome = 'imported' ORDER BY target",
      );
      return rows.map(({ target }) => target);
    },
    async noteFound(seq, { by, differences, modifiedAt }) {
      await database.run(
        `INSERT INTO verified_user (seq, by_sub, differences, modified_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (seq) DO UPDATE SET by_sub = excluded.by_sub, differences = excluded.differences, modified_at = excluded.modified_at
          WHERE excluded.by_sub >= verified_user.by_sub`,
        [seq, by === "sub" ? 1 : 0, JSON.stringify(differences), modifiedAt ?? null],
      );
    },
    async noteMember(seq, group) {
      const sql = "INSERT INTO verified_member (seq, name) VALUES (?, ?) ON CONFLICT DO NOTHING";
      await database.run(sql, [seq, group]);
    },
    async compareGroups() {
      // Who is not there at all is missing, and not from groups too.
      const ofFound = "JOIN users USING (seq) JOIN verified_user USING (seq) WHERE outcome = 'imported'";
      const planned = `SELECT seq, target AS name FROM follow_up ${ofFound} AND kind = 'add-to-group'`;
      const members = `SELECT seq, name FROM verified_member ${ofFound}`;
      await database.script(`
        DELETE FROM verified_odd_group;
        INSERT INTO verified_odd_group SELECT seq, name, 0 FROM (${planned} EXCEPT ${members}) AS lacking;
        INSERT INTO verified_odd_group SELECT seq, name, 1 FROM (${members} EXCEPT ${planned}) AS extra`);
    },
    countMissing: () => countOf(database, `SELECT count(*) AS count FROM users WHERE ${IS_MISSING}`),
    async missingSubs() {
      const rows = await database.all<{ readonly sub: string }>(
        `SELECT sub FROM users WHERE ${IS_MISSING} AND sub IS NOT NULL ORDER BY seq`,
      );
      return rows.map(({ sub }) => sub);
    },
    counts: () => countResults(database),
    findings: () => findings(database),
    async [Symbol.asyncDispose]() {
      // What is left of it is dropped by the next one.
      await database.script(FORGET).catch(() => undefined);
    },
  };
}

/** Notes the names of users who were not sent, as the pool compares them. */
async function noteNames(database: Database, pool: Pool): Promise<void> {
  const sql = `SELECT seq, username FROM users
    WHERE claim_username IS NULL AND username IS NOT NULL AND seq > ? ORDER BY seq LIMIT ?`;
  type Named = { readonly seq: number; readonly username: string };
  for await (const page of pages(({ seq }) => database.all<Named>(sql, [seq, PAGE_ROWS])))
    await database.runMany(
      "INSERT INTO verified_name (name, seq) VALUES (?, ?)",
      page.map(({ seq, username }) => [comparedName(username, pool), seq]),
    );
}

interface PlannedRecord {
  readonly kind: FollowUpKind;
  readonly target: string | null;
  readonly subject: string | null;
}

async function expectedUsers(
  statements: Statements,
  sql: string,
  parameters: readonly string[],
): Promise<readonly ExpectedUser[]> {
  const users: ExpectedUser[] = [];
  for (const record of await statements.all<ExpectedRecord>(sql, parameters)) {
    const followUps = await statements.all<PlannedRecord>(
      "SELECT kind, target, subject FROM verified_follow_up WHERE seq = ? ORDER BY id",
      [record.seq],
    );
    users.push(toExpected(record, followUps));
  }
  return users;
}

function toExpected(record: ExpectedRecord, followUps: readonly PlannedRecord[]): ExpectedUser {
  const { seq, username, route, outcome, sub, hash_algorithm } = record;
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

async function countResults(statements: Statements): Promise<VerificationCounts> {
  const rows = await statements.all<{ readonly result: string; readonly count: number }>(
    `SELECT result, count(*) AS count FROM (${RESULTS}) AS results GROUP BY result`,
  );
  const count = (result: string): number => rows.find((row) => row.result === result)?.count ?? 0;
  const notExpected = `SELECT count(*) AS count FROM users WHERE NOT coalesce(${IS_EXPECTED}, false)`;
  return {
    agreeing: count("agrees"),
    notCreated: (await countOf(statements, notExpected)) - count("unexpected"),
    differing: count("differs"),
    missing: count("missing"),
    unexpected: count("unexpected"),
    differences: await countDifferences(statements),
  };
}

async function countDifferences(statements: Statements): Promise<VerificationCounts["differences"]> {
  const sql = `SELECT differences, count(*) AS count FROM (${RESULTS}) AS results
    WHERE result = 'differs' AND differences > ? GROUP BY differences ORDER BY differences LIMIT ?`;
  const counts = new Map<string, number>();
  for (let last: string | undefined = ""; last !== undefined;) {
    const rows: readonly { readonly differences: string; readonly count: number }[] = await statements.all(
      sql,
      [last, PAGE_ROWS],
    );
    for (const { differences, count } of rows)
      for (const what of namesIn(differences)) counts.set(what, (counts.get(what) ?? 0) + count);
    last = rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.differences;
  }
  const groups = await countOf(statements, "SELECT count(DISTINCT seq) AS count FROM verified_odd_group");
  if (groups > 0) counts.set("groups", groups);
  return [...counts]
    .map(([what, count]) => ({ what, count }))
    .sort((one, other) => other.count - one.count || (one.what < other.what ? -1 : 1));
}

interface FindingRecord {
  readonly seq: number;
  readonly differences: string;
  readonly [column: string]: string | number | null;
}

async function* findings(statements: Statements): AsyncIterable<Finding> {
  const sql = `SELECT * FROM (${RESULTS}) AS results WHERE result <> 'agrees' AND seq > ? ORDER BY seq LIMIT ?`;
  const read = pages(({ seq }) =>
    statements.all<FindingRecord & { readonly id?: number }>(sql, [seq, PAGE_ROWS]),
  );
  for await (const page of read) {
    const groups = await oddGroups(statements, page[0]?.seq ?? 0, page.at(-1)?.seq ?? 0);
    for (const record of page) {
      const odd = groups.get(record.seq) ?? [];
      const namesOf = (isMember: number): readonly string[] =>
        odd.filter(({ is_member }) => is_member === isMember).map(({ name }) => name);
      yield {
        ...(withoutNulls(record) as Omit<Finding, "differences" | "lackingGroups" | "extraGroups">),
        differences: namesIn(record.differences),
        lackingGroups: namesOf(0),
        extraGroups: namesOf(1),
      };
    }
  }
}

interface OddGroup {
  readonly seq: number;
  readonly name: string;
  readonly is_member: number;
}

/** The groups that users from one row of the source to another lack, or are in without being wanted there. */
async function oddGroups(
  statements: Statements,
  first: number,
  last: number,
): Promise<ReadonlyMap<number, readonly OddGroup[]>> {
  const rows = await statements.all<OddGroup>(
    "SELECT seq, name, is_member FROM verified_odd_group WHERE seq >= ? AND seq <= ? ORDER BY seq, name",
    [first, last],
  );
  return Map.groupBy(rows, ({ seq }) => seq);
}

function namesIn(list: string): readonly string[] {
  return JSON.parse(list) as string[];
}
