import type Database from "better-sqlite3";
import { CLAIM_KINDS, DUPLICATE_CODE, type ClaimKind, type DuplicatesPolicy } from "../core/clash.ts";
import { MAX_LISTED_ROWS, rowList } from "../core/row-list.ts";
import { ClashGroups } from "./clash-groups.ts";
import { ClashVerdicts, type Contender } from "./clash-verdicts.ts";
import type { ClashingUser, SharedClaim } from "./ledger.ts";

/**
 * The tables of clashes. A clash is one claim that several users have; its id counts from 1, claim by claim. They hold
 * row numbers only. `clash_group` says which users hang together, be it through others.
 */
export const CLASH_SCHEMA = `
  CREATE TABLE clash (
    id        INTEGER PRIMARY KEY,
    claim     TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    size      INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE clash_member (
    seq   INTEGER NOT NULL,
    clash INTEGER NOT NULL,
    PRIMARY KEY (seq, clash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE clash_group (seq INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
`;

/** Finds users by their name, for clashes and while loading. */
export const USERNAME_INDEX =
  "CREATE INDEX IF NOT EXISTS user_by_claim ON user (claim_username) WHERE claim_username IS NOT NULL";

interface ClaimColumn {
  readonly column: string;
  readonly what: string;
  /** Made before the search for clashes, and dropped after it when `isKept` is false. */
  readonly index: { readonly name: string; readonly sql: string; readonly isKept: boolean };
}

const CLAIM_COLUMNS: Readonly<Record<ClaimKind, ClaimColumn>> = {
  username: {
    column: "claim_username",
    what: "the username",
    index: { name: "user_by_claim", sql: USERNAME_INDEX, isKept: true },
  },
  email: passing("claim_email", "the e-mail address"),
  phone: passing("claim_phone", "the phone number"),
  preferredUsername: passing("claim_preferred_username", "the preferred username"),
};

function passing(column: string, what: string): ClaimColumn {
  const name = `user_by_${column}`;
  const sql = `CREATE INDEX ${name} ON user (${column}) WHERE ${column} IS NOT NULL`;
  return { column, what, index: { name, sql, isKept: false } };
}

/**
 * Finds every group of users that clash, and rejects all of them but those that the policy keeps. SQLite sorts the
 * claims, on disk once they are many; in memory stands nothing of them but a few bytes a row, and only when there are
 * clashes. Nothing but the users and their order decides, so that the same source always gets the same plan.
 */
export function rejectClashes(database: Database.Database, policy: DuplicatesPolicy): void {
  if (!findClashes(database)) return;
  const { lastSeq, lastClash } = extent(database);
  groupClashes(database, lastSeq);
  const verdicts = new ClashVerdicts(lastSeq, lastClash);
  decide(database, verdicts, policy);
  rejectUnkept(database, verdicts);
  // One pass over all of them, as nothing leads from a user to its follow-ups.
  database.exec(
    "DELETE FROM follow_up WHERE (SELECT outcome FROM user WHERE user.seq = follow_up.seq) = 'rejected'",
  );
}

/** Fills the tables of clashes and their members; whether there are any. */
function findClashes(database: Database.Database): boolean {
  const claimed = claimedKinds(database).map((kind) => ({ kind, ...CLAIM_COLUMNS[kind] }));
  for (const { kind, column, index } of claimed) {
    database.exec(index.sql);
    database
      .prepare(
        `INSERT INTO clash (claim, first_seq, size)
         SELECT ?, min(seq), count(*) FROM user WHERE ${column} IS NOT NULL
          GROUP BY ${column} HAVING count(*) > 1 ORDER BY min(seq)`,
      )
      .run(kind);
  }
  if (claimed.length > 0) {
    const members = claimed.map(
      ({ kind, column }) =>
        `SELECT other.seq, clash.id FROM clash CROSS JOIN user AS one CROSS JOIN user AS other
          WHERE clash.claim = '${kind}' AND one.seq = clash.first_seq AND other.${column} = one.${column}`,
    );
    database.exec(`INSERT INTO clash_member (seq, clash) ${members.join(" UNION ALL ")} ORDER BY 1, 2`);
    database.exec("CREATE INDEX clash_member_by_clash ON clash_member (clash, seq)");
  }
  for (const { index } of claimed) if (!index.isKept) database.exec(`DROP INDEX ${index.name}`);
  return database.prepare("SELECT 1 FROM clash LIMIT 1").get() !== undefined;
}

/** The claims that anyone has: most pools have usernames only, and an index takes its time. */
function claimedKinds(database: Database.Database): readonly ClaimKind[] {
  const counts = CLAIM_KINDS.map((kind) => `count(${CLAIM_COLUMNS[kind].column}) AS ${kind}`);
  const row = database.prepare(`SELECT ${counts.join(", ")} FROM user`).get() as Record<ClaimKind, number>;
  return CLAIM_KINDS.filter((kind) => row[kind] > 0);
}

function extent(database: Database.Database): { readonly lastSeq: number; readonly lastClash: number } {
  return database
    .prepare(
      "SELECT (SELECT max(seq) FROM clash_member) AS lastSeq, (SELECT max(id) FROM clash) AS lastClash",
    )
    .get() as { lastSeq: number; lastClash: number };
}

function groupClashes(database: Database.Database, lastSeq: number): void {
  const groups = new ClashGroups(lastSeq);
  const links = database
    .prepare("SELECT first_seq, seq FROM clash_member JOIN clash ON clash.id = clash_member.clash")
    .raw()
    .iterate() as Iterable<[number, number]>;
  for (const [first, seq] of links) groups.join(first, seq);
  const add = database.prepare("INSERT INTO clash_group (seq, number) VALUES (?, ?)");
  inPages(database, groups.members(), ({ seq, group }) => add.run(seq, group));
}

function decide(database: Database.Database, verdicts: ClashVerdicts, policy: DuplicatesPolicy): void {
  switch (policy) {
    case "reject-all":
      return;
    case "first":
      return verdicts.decide(contenders(database, "clash_member.seq", "ASC"));
    case "newest":
      noteUnknown(database, verdicts);
      return verdicts.decide(contenders(database, "user.changed_at", "DESC NULLS LAST"));
  }
}

/** Those whom nothing else keeps from being sent. */
const CONTENDERS = "FROM clash_member JOIN user ON user.seq = clash_member.seq WHERE user.outcome IS NULL";

function noteUnknown(database: Database.Database, verdicts: ClashVerdicts): void {
  const clashes = database
    .prepare(`SELECT clash ${CONTENDERS} AND user.changed_at IS NULL`)
    .pluck()
    .iterate() as Iterable<number>;
  for (const clash of clashes) verdicts.noteUnknown(clash);
}

function* contenders(
  database: Database.Database,
  rank: string,
  order: "ASC" | "DESC NULLS LAST",
): Iterable<Contender> {
  const rows = database
    .prepare(
      `SELECT clash_member.seq, ${rank}, clash ${CONTENDERS} ORDER BY ${rank} ${order}, clash_member.seq, clash`,
    )
    .raw()
    .iterate() as Iterable<[number, number | null, number]>;
  let last: { seq: number; rank: number | undefined; clashes: number[] } | undefined;
  for (const [seq, value, clash] of rows) {
    if (last?.seq === seq) {
      last.clashes.push(clash);
      continue;
    }
    if (last !== undefined) yield last;
    last = { seq, rank: value ?? undefined, clashes: [clash] };
  }
  if (last !== undefined) yield last;
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
  "SELECT seq, clash, claim, size FROM clash_member JOIN clash ON clash.id = clash_member.clash";

/** Gives everyone who is not kept an issue for each claim that is not its own alone. */
function rejectUnkept(database: Database.Database, verdicts: ClashVerdicts): void {
  const page = database.prepare<[number, number], Membership>(
    `${MEMBERSHIPS} WHERE seq > ? ORDER BY seq, clash LIMIT ?`,
  );
  const reject = database.prepare(
    `UPDATE user SET route = 'none', hash_algorithm = NULL, password_hash = NULL, password = NULL, own_password = 0, outcome = 'rejected', reason = coalesce(reason, ?),
            message = coalesce(message || '; ', '') || ? WHERE seq = ?`,
  );
  const addIssue = database.prepare(
    "INSERT INTO issue (seq, code, attribute, message) VALUES (?, ?, NULL, ?)",
  );
  const firstOf = firstMembers(database);
  let after = 0;
  for (;;) {
    const members = page.all(after, PAGE_MEMBERS);
    // A full page can end in the middle of its last user.
    const cut = members.length < PAGE_MEMBERS ? undefined : members.at(-1)?.seq;
    const whole = cut === undefined ? members : members.filter(({ seq }) => seq !== cut);
    database.transaction(() => {
      for (const member of whole) {
        const { seq, claim } = member;
        const verdict = verdicts.verdictOn(seq);
        if (verdict === "kept") continue;
        const keeper = verdicts.keeperOf(member.clash);
        const message =
          keeper === undefined
            ? sharedMessage(member, firstOf(member.clash), verdict === "undecided")
            : `${CLAIM_COLUMNS[claim].what} is also that of row ${keeper}, which is kept`;
        reject.run(DUPLICATE_CODE[claim], message, seq);
        addIssue.run(seq, DUPLICATE_CODE[claim], message);
      }
    })();
    const last = whole.at(-1);
    if (last === undefined || cut === undefined) return;
    after = last.seq;
  }
}

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
function firstMembers(database: Database.Database): (clash: number) => readonly number[] {
  const read = database
    .prepare<[number, number], number>("SELECT seq FROM clash_member WHERE clash = ? ORDER BY seq LIMIT ?")
    .pluck();
  const known = new Map<number, readonly number[]>();
  return (clash) => {
    const before = known.get(clash);
    if (before !== undefined) return before;
    if (known.size >= MAX_KNOWN_CLASHES) known.clear();
    const first = read.all(clash, MAX_LISTED_ROWS + 1);
    known.set(clash, first);
    return first;
  };
}

/** A clash of many users is asked for again and again. */
const MAX_KNOWN_CLASHES = 10_000;

/** Every user of a group of clashing users, the groups in the order of their first users. */
export function* clashingUsers(database: Database.Database): Iterable<ClashingUser> {
  const users = database
    .prepare(
      `SELECT clash_group.number AS "group", user.seq, line, source_id AS sourceId, username, outcome
         FROM clash_group JOIN user ON user.seq = clash_group.seq ORDER BY clash_group.number, user.seq`,
    )
    .iterate() as Iterable<UserRecord>;
  const memberships = database.prepare<[number], Membership>(`${MEMBERSHIPS} WHERE seq = ? ORDER BY clash`);
  const firstOf = firstMembers(database);
  for (const { outcome, line, sourceId, username, ...rest } of users) {
    yield {
      ...rest,
      line: line ?? undefined,
      sourceId: sourceId ?? undefined,
      username: username ?? undefined,
      isKept: outcome !== "rejected",
      shared: memberships.all(rest.seq).map((member) => toShared(member, firstOf(member.clash))),
    };
  }
}

interface UserRecord {
  readonly group: number;
  readonly seq: number;
  readonly line: number | null;
  readonly sourceId: string | null;
  readonly username: string | null;
  readonly outcome: string | null;
}

function toShared({ seq, claim, size }: Membership, first: readonly number[]): SharedClaim {
  const others = first.filter((other) => other !== seq).slice(0, MAX_LISTED_ROWS);
  return { claim, others, count: size - 1 };
}

function inPages<T>(database: Database.Database, items: Iterable<T>, write: (item: T) => void): void {
  const writePage = database.transaction((page: readonly T[]) => page.forEach(write));
  let page: T[] = [];
  for (const item of items) {
    page.push(item);
    if (page.length < PAGE_MEMBERS) continue;
    writePage(page);
    page = [];
  }
  writePage(page);
}
