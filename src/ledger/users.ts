import type { PlannedUser } from "../core/planned-user.ts";
import { attributesOf, seal, unseal, userChecksum, type CheckedRecord } from "./checksum.ts";
import type { Database, Insert, SqlValue, Statements } from "./database.ts";
import { ADD_FOLLOW_UP, followUpValues } from "./follow-up-row.ts";
import type { UserToCreate, UserToLoad } from "./ledger.ts";
import { PAGE_ROWS, pages } from "./reading.ts";
import { ADD_SOURCE_ROWS, blocksOf } from "./source-rows.ts";

/** The columns of a user on the way to the pool. */
export const USER_TO_LOAD = "seq, username, attributes, sms_mfa, checksum, password_hash";

/** Those whom an import job is still to bring. */
export const TO_IMPORT = "outcome IS NULL AND route = 'import-job'";

/** What a user's row becomes with an outcome, given that as kind, reason, message, and kind once more. */
export const SETTLED = `outcome = ?, reason = ?, message = ?, password_hash = NULL,
  password = CASE WHEN route <> 'sign-up' AND ? = 'imported' THEN password ELSE NULL END`;

interface UserRecord extends CheckedRecord {
  readonly password_hash: string | null;
}

/** A row of {@link USER_TO_LOAD} with the columns of a user who is made alone. */
export interface CreationRecord extends UserRecord {
  readonly password: string | null;
  readonly sent_at: number | null;
}

const ADD_ISSUE = "INSERT INTO issue (seq, code, attribute, message) VALUES (?, ?, ?, ?)";

const OF_EVERYBODY = "seq, line, source_id, username, attributes, route, sms_mfa, checksum, claim_username";

/** Most users have nothing but this, and each value that is bound takes its time. */
const ADD_PLAIN_USER = `INSERT INTO users (${OF_EVERYBODY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const ADD_USER = `INSERT INTO users (${OF_EVERYBODY}, hash_algorithm, password_hash, password, own_password,
    claim_email, claim_phone, claim_preferred_username, changed_at, outcome, reason, message)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Adds what was decided of users, with their rows of the source, issues and follow-ups. */
export function addUsers(database: Database, users: readonly PlannedUser[]): Promise<void> {
  return database.append([
    ...userInserts(users),
    { sql: ADD_SOURCE_ROWS, rows: blocksOf(users) },
    { sql: ADD_ISSUE, rows: issuesOf(users) },
    { sql: ADD_FOLLOW_UP, rows: followUpsOf(users) },
  ]);
}

// In the order of the source, as rows that are appended are written once.
function* userInserts(users: readonly PlannedUser[]): Iterable<Insert> {
  for (let first = 0; first < users.length;) {
    const isPlain = hasNothingElse(users[first]);
    let end = first + 1;
    while (end < users.length && hasNothingElse(users[end]) === isPlain) end += 1;
    const alike = users.slice(first, end);
    yield isPlain
      ? { sql: ADD_PLAIN_USER, rows: mapped(alike, valuesOfEverybody) }
      : { sql: ADD_USER, rows: mapped(alike, valuesOf) };
    first = end;
  }
}

function hasNothingElse(user: PlannedUser | undefined): boolean {
  if (user === undefined) return false;
  const { claims, passwordHash, password, notSent, changedAt } = user;
  return (
    passwordHash === undefined &&
    password === undefined &&
    notSent === undefined &&
    changedAt === undefined &&
    claims?.email === undefined &&
    claims?.phone === undefined &&
    claims?.preferredUsername === undefined
  );
}

// One at a time: a whole batch of them would outlive the young generation.
function* mapped<From, To>(items: readonly From[], to: (item: From) => To): Iterable<To> {
  for (const item of items) yield to(item);
}

function valuesOfEverybody(user: PlannedUser): SqlValue[] {
  const { seq, username = null, route } = user;
  const attributes = JSON.stringify(user.attributes);
  const smsMfa = user.smsMfa ? 1 : 0;
  const checksum = userChecksum({ seq, username, attributes, sms_mfa: smsMfa });
  const { line = null, sourceId = null, claims } = user;
  return [seq, line, sourceId, username, attributes, route, smsMfa, checksum, claims?.username ?? null];
}

function valuesOf(user: PlannedUser): readonly SqlValue[] {
  const { seq, claims, notSent, passwordHash, password } = user;
  return [
    ...valuesOfEverybody(user),
    passwordHash?.algorithm ?? null,
    passwordHash === undefined ? null : seal(seq, passwordHash.value),
    password === undefined ? null : seal(seq, password),
    password === undefined ? 0 : 1,
    claims?.email ?? null,
    claims?.phone ?? null,
    claims?.preferredUsername ?? null,
    user.changedAt ?? null,
    notSent?.kind ?? null,
    notSent?.causes[0]?.code ?? null,
    notSent?.causes.map(({ message }) => message).join("; ") ?? null,
  ];
}

function* issuesOf(users: readonly PlannedUser[]): Iterable<readonly SqlValue[]> {
  for (const { seq, issues } of users)
    for (const { code, attribute, message } of issues) yield [seq, code, attribute ?? null, message];
}

function* followUpsOf(users: readonly PlannedUser[]): Iterable<readonly SqlValue[]> {
  for (const { seq, followUps } of users)
    for (const followUp of followUps) yield followUpValues(seq, followUp);
}

/** Adds issues to users, with what they are about: a code and a message. */
export async function addIssues(
  statements: Statements,
  issues: readonly { readonly seq: number; readonly code: string; readonly message: string }[],
): Promise<void> {
  await statements.runMany(
    ADD_ISSUE,
    issues.map(({ seq, code, message }) => [seq, code, null, message]),
  );
}

/** Users on the way to the pool for whom a condition on the table of users holds, in the order of the source. */
export async function* usersWhere(
  statements: Statements,
  condition: string,
  parameters: readonly SqlValue[] = [],
): AsyncIterable<UserToLoad> {
  const sql = `SELECT ${USER_TO_LOAD} FROM users WHERE ${condition} AND seq > ? ORDER BY seq LIMIT ?`;
  for await (const page of pages(({ seq }) =>
    statements.all<UserRecord>(sql, [...parameters, seq, PAGE_ROWS]),
  ))
    for (const record of page) yield toUser(record);
}

/** The same of users of a part, in the order of its lines. */
export async function* usersByLine(
  statements: Statements,
  part: number,
  condition: string,
): AsyncIterable<UserToLoad> {
  const sql = `SELECT ${USER_TO_LOAD}, part_line AS id FROM users
    WHERE part = ? AND part_line > ? AND ${condition} ORDER BY part_line LIMIT ?`;
  const read = pages(({ id }) =>
    statements.all<UserRecord & { readonly id: number }>(sql, [part, id, PAGE_ROWS]),
  );
  for await (const page of read) for (const record of page) yield toUser(record);
}

/** Throws {@link BrokenRow} unless every user with something to be sent is as it was planned. */
export async function requireWholeUsers(statements: Statements): Promise<void> {
  const sql = `SELECT ${USER_TO_LOAD}, password, sent_at FROM users
    WHERE (password IS NOT NULL OR (outcome IS NULL AND route <> 'none')) AND seq > ? ORDER BY seq LIMIT ?`;
  for await (const page of pages(({ seq }) => statements.all<CreationRecord>(sql, [seq, PAGE_ROWS])))
    for (const record of page) toUserToCreate(record);
}

function toUser(record: UserRecord): UserToLoad {
  const { seq, username, sms_mfa, password_hash } = record;
  return {
    seq,
    username,
    attributes: attributesOf(record),
    smsMfa: sms_mfa === 1,
    passwordHash: password_hash === null ? undefined : unseal(seq, password_hash),
  };
}

/** A user who is made alone, from its row. Throws {@link BrokenRow}. */
export function toUserToCreate(record: CreationRecord): UserToCreate {
  return { ...toUser(record), password: unsealed(record), sentAt: record.sent_at ?? undefined };
}

/** The password in plain text of a user, where it has one still. */
export function unsealed({
  seq,
  password,
}: {
  readonly seq: number;
  readonly password: string | null;
}): string | undefined {
  return password === null ? undefined : unseal(seq, password);
}
