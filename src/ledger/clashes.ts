import { DUPLICATE_CODE, type ClaimKind, type DuplicatesPolicy } from "../core/clash.ts";
import { MAX_LISTED_ROWS, rowList } from "../core/row-list.ts";
import type { Attributes } from "../core/planned-user.ts";
import { ClashGroups } from "./clash-groups.ts";
import { ClashVerdicts } from "./clash-verdicts.ts";
import type { Database, Dialect, SqlValue, Statements } from "./database.ts";
import type { ClashingUser, SharedClaim } from "./ledger.ts";
import type { PlanTally, TalliedUser } from "./plan-tally.ts";
import { PAGE_ROWS, pages } from "./reading.ts";

/**
 * The tables of clashes. A clash is one claim that several users have; its id counts from 1, claim by claim. They hold
 * row numbers only. `clash_group` says which users hang together, be it through others.
 */
export function clashSchema({ numberedKey, integer, text, table, keyedTable }: Dialect): string {
  return `
  CREATE TABLE clash (
    id        ${numberedKey},
    claim     ${text} NOT NULL,
    first_seq ${integer} NOT NULL,
    size      ${integer} NOT NULL
  ) ${table};

  CREATE TABLE clash_member (
    seq   ${integer} NOT NULL,
    clash ${integer} NOT NULL,
    PRIMARY KEY (seq, clash)
  ) ${keyedTable};

  CREATE TABLE clash_group (seq ${integer} PRIMARY KEY, number ${integer} NOT NULL) ${table};
`;
}

/** Finds users by their name, for clashes and while loading. */
export const usernameIndex = ({ textIndex }: Dialect): string =>
  `CREATE INDEX IF NOT EXISTS user_by_claim ON users ${textIndex("claim_username")} WHERE claim_username IS NOT NULL`;

interface ClaimColumn {
  readonly column: string;
  readonly what: string;
  /** Made before the search for clashes, and dropped after it when `isKept` is false. */
  readonly index: {
    readonly name: string;
    readonly sql: (dialect: Dialect) => string;
    readonly isKept: boolean;
  };
}

const CLAIM_COLUMNS: Readonly<Record<ClaimKind, ClaimColumn>> = {
  username: {
    column: "claim_username",
    what: "the username",
    index: { name: "user_by_claim", sql: usernameIndex, isKept: true },
  },
  email: passing("claim_email", "the e-mail address"),
  phone: passing("claim_phone", "the phone number"),
  preferredUsername: passing("claim_preferred_username", "the preferred username"),
};

function passing(column: string, what: string): ClaimColumn {
  const name = `user_by_${column}`;
  const sql = ({ textIndex }: Dialect): string =>
    `CREATE INDEX ${name} ON users ${textIndex(column)} WHERE ${column} IS NOT NULL`;
  return { column, what, index: { name, sql, isKept: false } };
}

/**
 * Finds every group of users that clash, and rejects all of them but those that the policy keeps. The database sorts the
 * claims, on disk once they are many; in memory stands nothing of them but a few bytes a row, and only when there are
 * clashes. Nothing but the users and their order decides, so that the same source always gets the same plan.
 */
export async function rejectClashes(
  database: Database,
  policy: DuplicatesPolicy,
  tally: PlanTally,
): Promise<void> {
  if (!(await findClashes(database, tally.claimedKinds()))) return;
  const { lastSeq, lastClash } = await extent(database);
  await groupClashes(database, lastSeq);
  const verdicts = new ClashVerdicts(lastSeq, lastClash);
  await decide(database, verdicts, policy);
  await rejectUnkept(database, verdicts, tally);
  // One pass over all of them, as nothing leads from a user to its follow-ups.
  await database.run(
    "DELETE FROM follow_up WHERE (SELECT outcome FROM users WHERE users.seq = follow_up.seq) = 'rejected'",
  );
}

/** Fills the tables of clashes and their members; whether there are any. */
async function findClashes(database: Database, kinds: readonly ClaimKind[]): Promise<boolean> {
  const claimed = kinds.map((kind) => ({ kind, ...CLAIM_COLUMNS[kind] }));
  for (const { kind, column, index } of claimed) {
    await database.script(index.sql(database.dialect));
    await database.run(
      `INSERT INTO clash (claim, first_seq, size)
       SELECT ?, min(seq), count(*) FROM users WHERE ${column} IS NOT NULL
        GROUP BY ${column} HAVING count(*) > 1 ORDER BY min(seq)`,
      [kind],
    );
  }
  const hasClashes = (await database.get("SELECT id FROM clash LIMIT 1")) !== undefined;
  if (hasClashes) {
    const members = claimed.map(
      ({ kind, column }) =>
        `SELECT other.seq, clash.id FROM clash CROSS JOIN users AS one CROSS JOIN users AS other
          WHERE clash.claim = '${kind}' AND one.seq = clash.first_seq AND other.${column} = one.${column}`,
    );
    await database.script(`
      INSERT INTO clash_member (seq, clash) ${members.join(" UNION ALL ")} ORDER BY 1, 2;
      CREATE INDEX clash_member_by_clash ON clash_member (clash, seq);
      ${database.dialect.analyse("clash_member")}`);
  }
  for (const { index } of claimed) if (!index.isKept) await database.script(`DROP INDEX ${index.name}`);
  return hasClashes;
}

interface Extent {
  readonly lastSeq: number;
  readonly lastClash: number;
}

async function extent(statements: Statements): Promise<Extent> {
  const found = await statements.get<Extent>(
    `SELECT (SELECT max(seq) FROM clash_member) AS "lastSeq", (SELECT max(id) FROM clash) AS "lastClash"`,
  );
  return found ?? { lastSeq: 0, lastClash: 0 };
}

/** Members of clashes, page by page; `columns` are those of their rows beside `seq` and `id`, which is the clash. */
function members<Row extends { readonly seq: number; readonly id: number }>(
  statements: Statements,
  columns: string,
  from: string,
): AsyncIterable<readonly Row[]> {
  const sql = `SELECT clash_member.seq, clash_member.clash AS id${columns} FROM clash_member ${from}
    (clash_member.seq, clash_member.clash) > (?, ?) ORDER BY clash_member.seq, clash_member.clash LIMIT ?`;
  return pages(({ seq, id }) => statements.all<Row>(sql, [seq, id, PAGE_ROWS]));
}

async function groupClashes(database: Database, lastSeq: number): Promise<void> {
  const groups = new ClashGroups(lastSeq);
  const links = members<{ readonly seq: number; readonly id: number; readonly first_seq: number }>(
    database,
    ", first_seq",
    "JOIN clash ON clash.id = clash_member.clash WHERE",
  );
  for await (const page of links) for (const { first_seq, seq } of page) groups.join(first_seq, seq);
  for (const page of batchesOf(groups.members(), PAGE_MEMBERS))
    await database.runMany("INSERT INTO clash_group (seq, number) VALUES (?, ?)", page);
  await database.script(`
    CREATE INDEX clash_group_by_number ON clash_group (number, seq);
    ${database.dialect.analyse("clash_group")}`);
}

function* batchesOf(
  items: Iterable<{ readonly seq: number; readonly group: number }>,
  size: number,
): Iterable<readonly (readonly SqlValue[])[]> {
  let batch: (readonly SqlValue[])[] = [];
  for (const { seq, group } of items) {
    batch.push([seq, group]);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function decide(database: Database, verdicts: ClashVerdicts, policy: DuplicatesPolicy): Promise<void> {
  switch (policy) {
    case "reject-all":
      return;
    case "first":
      return decideInOrder(verdicts, firstContenders(database));
    case "newest":
      await noteUnknown(database, verdicts);
      return decideInOrder(verdicts, newestContenders(database));
  }
}

/** Those whom nothing else keeps from being sent. */
const CONTENDERS = "CROSS JOIN users WHERE users.seq = clash_member.seq AND users.outcome IS NULL";

async function noteUnknown(database: Database, verdicts: ClashVerdicts): Promise<void> {
  const unknown = members(database, "", `${CONTENDERS} AND users.changed_at IS NULL AND`);
  for await (const page of unknown) for (const { id } of page) verdicts.noteUnknown(id);
}

/** One clash that a user has a part in; those of one user come together. */
interface Contention {
  readonly seq: number;
  readonly rank: number | null;
  readonly clash: number;
}

async function* firstContenders(database: Database): AsyncIterable<readonly Contention[]> {
  for await (const page of members(database, "", `${CONTENDERS} AND`))
    yield page.map(({ seq, id }) => ({ seq, rank: seq, clash: id }));
}

/** Sorted once, into a table of their own, as no index has this order. */
async function* newestContenders(database: Database): AsyncIterable<readonly Contention[]> {
  const { createScratch, numberedKey, integer, real, table } = database.dialect;
  await database.script(`
    DROP TABLE IF EXISTS contender;
    ${createScratch} contender (
      place ${numberedKey}, seq ${integer} NOT NULL, rank ${real}, clash ${integer} NOT NULL
    ) ${table};
    INSERT INTO contender (seq, rank, clash)
      SELECT clash_member.seq, users.changed_at, clash FROM clash_member ${CONTENDERS}
       ORDER BY users.changed_at DESC NULLS LAST, clash_member.seq, clash`);
  const sql = "SELECT place AS id, seq, rank, clash FROM contender WHERE place > ? ORDER BY place LIMIT ?";
  yield* pages(({ id }) => database.all<Contention & { readonly id: number }>(sql, [id, PAGE_ROWS]));
  await database.script("DROP TABLE contender");
}

async function decideInOrder(
  verdicts: ClashVerdicts,
  contentions: AsyncIterable<readonly Contention[]>,
): Promise<void> {
  const deciding = verdicts.begin();
  let last:
    | { readonly seq: number; readonly rank: number | undefined; readonly clashes: number[] }
    | undefined;
  for await (const page of contentions) {
    for (const { seq, rank, clash } of page) {
      if (last?.seq === seq) {
        last.clashes.push(clash);
        continue;
      }
      if (last !== undefined) deciding.add(last);
      last = { seq, rank: rank ?? undefined, clashes: [clash] };
    }
  }
  if (last !== undefined) deciding.add(last);
  deciding.end();
}

/** Members read at a time; the users of one page become durable in one transaction. */
const PAGE_MEMBERS = 5_000;

interface Membership {
  readonly seq: number;
  readonly clash: number;
  readonly claim: ClaimKind;
  readonly size: number;
}

const MEMBERSHIPS =
  "SELECT seq, clash_member.clash, claim, size FROM clash_member JOIN clash ON clash.id = clash_member.clash";

/** Gives everyone who is not kept an issue for each claim that is not its own alone. */
async function rejectUnkept(database: Database, verdicts: ClashVerdicts, tally: PlanTally): Promise<void> {
  const firstOf = firstMembers(database);
  let after = 0;
  for (;;) {
    const page = await database.all<Membership>(
      `${MEMBERSHIPS} WHERE seq > ? ORDER BY seq, clash_member.clash LIMIT ?`,
      [after, PAGE_MEMBERS],
    );
    // A full page can end in the middle of its last user.
    const cut = page.length < PAGE_MEMBERS ? undefined : page.at(-1)?.seq;
    const whole = cut === undefined ? page : page.filter(({ seq }) => seq !== cut);
    const rejected = new Map<number, { readonly reason: string; readonly messages: string[] }>();
    const issues: SqlValue[][] = [];
    for (const member of whole) {
      const { seq, claim, clash } = member;
      const verdict = verdicts.verdictOn(seq);
      if (verdict === "kept") continue;
      const keeper = verdicts.keeperOf(clash);
      const message =
        keeper === undefined
          ? sharedMessage(member, await firstOf(clash), verdict === "undecided")
          : `${CLAIM_COLUMNS[claim].what} is also that of row ${keeper}, which is kept`;
      const reason = DUPLICATE_CODE[claim];
      const user = rejected.get(seq) ?? { reason, messages: [] };
      user.messages.push(message);
      rejected.set(seq, user);
      issues.push([seq, reason, null, message]);
    }
    await database.transaction(async (statements) => {
      const users = [...rejected].map(([seq, { reason, messages }]) => [reason, messages.join("; "), seq]);
      for (const { seq, ...user } of await membersBetween(statements, after, whole.at(-1)?.seq ?? after))
        if (rejected.has(seq)) tally.reject(user);
      await statements.runMany(REJECT, users);
      await statements.runMany(
        "INSERT INTO issue (seq, code, attribute, message) VALUES (?, ?, ?, ?)",
        issues,
      );
    });
    const last = whole.at(-1);
    if (last === undefined || cut === undefined) return;
    after = last.seq;
  }
}

/** The users of clashes behind one row of the source and up to another, as they were decided. */
async function membersBetween(
  statements: Statements,
  after: number,
  last: number,
): Promise<readonly (TalliedUser & { readonly seq: number })[]> {
  type Stored = Omit<TalliedUser, "attributes"> & { readonly seq: number; readonly attributes: string };
  const users = await statements.all<Stored>(
    `SELECT seq, route, outcome, hash_algorithm AS algorithm, own_password AS "hasPassword", username, attributes
       FROM users WHERE seq IN (SELECT seq FROM clash_member WHERE seq > ? AND seq <= ?)`,
    [after, last],
  );
  return users.map((user) => ({ ...user, attributes: JSON.parse(user.attributes) as Attributes }));
}

const REJECT = `UPDATE users SET route = 'none', hash_algorithm = NULL, password_hash = NULL, password = NULL,
    own_password = 0, outcome = 'rejected', reason = coalesce(reason, ?), message = coalesce(message || '; ', '') || ?
  WHERE seq = ?`;

function sharedMessage(
  { seq, claim, size }: Membership,
  first: readonly number[],
  isUndecided: boolean,
): string {
  const others = first.filter((other) => other !== seq);
  const rows = `${size === 2 ? "row" : "rows"} ${rowList(others, size - 1)}`;
  const why = isUndecided ? "; which of them is the newest cannot be told, so none is kept" : "";
  return `${CLAIM_COLUMNS[claim].what} is also that of ${rows}${why}`;
}

/** The first few members of a clash: one more than are shown, since a member is not listed among the others. */
function firstMembers(statements: Statements): (clash: number) => Promise<readonly number[]> {
  const known = new Map<number, readonly number[]>();
  return async (clash) => {
    const before = known.get(clash);
    if (before !== undefined) return before;
    if (known.size >= MAX_KNOWN_CLASHES) known.clear();
    const rows = await statements.all<{ readonly seq: number }>(
      "SELECT seq FROM clash_member WHERE clash = ? ORDER BY seq LIMIT ?",
      [clash, MAX_LISTED_ROWS + 1],
    );
    const first = rows.map(({ seq }) => seq);
    known.set(clash, first);
    return first;
  };
}

/** A clash of many users is asked for again and again. */
const MAX_KNOWN_CLASHES = 10_000;

/** Every user of a group of clashing users, the groups in the order of their first users. */
export async function* clashingUsers(statements: Statements): AsyncIterable<ClashingUser> {
  const sql = `SELECT clash_group.number AS seq, users.seq AS id, line, source_id AS "sourceId", username, outcome
    FROM clash_group JOIN users ON users.seq = clash_group.seq
   WHERE (clash_group.number, clash_group.seq) > (?, ?) ORDER BY clash_group.number, clash_group.seq LIMIT ?`;
  const firstOf = firstMembers(statements);
  const read = pages(({ seq, id }) => statements.all<UserRecord>(sql, [seq, id, PAGE_ROWS]));
  for await (const page of read) {
    for (const { seq: group, id: seq, outcome, line, sourceId, username } of page) {
      const memberships = await statements.all<Membership>(
        `${MEMBERSHIPS} WHERE seq = ? ORDER BY clash_member.clash`,
        [seq],
      );
      const shared: SharedClaim[] = [];
      for (const member of memberships) shared.push(toShared(member, await firstOf(member.clash)));
      yield {
        group,
        seq,
        line: line ?? undefined,
        sourceId: sourceId ?? undefined,
        username: username ?? undefined,
        isKept: outcome !== "rejected",
        shared,
      };
    }
  }
}

/** Told apart by group and then by user. */
interface UserRecord {
  readonly seq: number;
  readonly id: number;
  readonly line: number | null;
  readonly sourceId: string | null;
  readonly username: string | null;
  readonly outcome: string | null;
}

function toShared({ seq, claim, size }: Membership, first: readonly number[]): SharedClaim {
  const others = first.filter((other) => other !== seq).slice(0, MAX_LISTED_ROWS);
  return { claim, others, count: size - 1 };
}
