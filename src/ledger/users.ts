import type { PlannedUser } from "../core/planned-user.ts";
import { attributesOf, checksumOf, seal, unseal, type CheckedRecord } from "./checksum.ts";
import type { SqlValue, Statements } from "./database.ts";
import { ADD_FOLLOW_UP, followUpValues } from "./follow-up-row.ts";
import type { UserToCreate, UserToLoad } from "./ledger.ts";
import { PAGE_ROWS, pages } from "./reading.ts";

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

const ADD_USER = `INSERT INTO users (seq, line, source_id, username, attributes, source_row, route, sms_mfa, checksum,
    hash_algorithm, password_hash, password, own_password, claim_username, claim_email, claim_phone,
    claim_preferred_username, changed_at, outcome, reason, message)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const ADD_ISSUE = "INSERT INTO issue (seq, code, attribute, message) VALUES (?, ?, ?, ?)";

/** Writes what was decided of users, with their issues and follow-ups; within a transaction. */
export async function addUsers(statements: Statements, users: readonly PlannedUser[]): Promise<void> {
  await statements.runMany(ADD_USER, valuesOf(users));
  await statements.runMany(ADD_ISSUE, issuesOf(users));
  await statements.runMany(ADD_FOLLOW_UP, followUpsOf(users));
}

// One at a time: a whole batch of them would outlive the young generation.
function* valuesOf(users: readonly PlannedUser[]): Iterable<readonly SqlValue[]> {
  for (const user of users) {
    const { seq, claims, notSent, passwordHash, password } = user;
    const username = user.username ?? null;
    const attributes = JSON.stringify(user.attributes);
    const smsMfa = user.smsMfa ? 1 : 0;
    yield [
      seq,
      user.line ?? null,
      user.sourceId ?? null,
      username,
      attributes,
      user.sourceRow === "" ? "" : seal(seq, user.sourceRow),
      user.route,
      smsMfa,
      checksumOf([seq, username, attributes, smsMfa]),
      passwordHash?.algorithm ?? null,
      passwordHash === undefined ? null : seal(seq, passwordHash.value),
      password === undefined ? null : seal(seq, password),
      password === undefined ? 0 : 1,
      claims?.username ?? null,
      claims?.email ?? null,
      claims?.phone ?? null,
      claims?.preferredUsername ?? null,
      user.changedAt ?? null,
      notSent?.kind ?? null,
      notSent?.causes[0]?.code ?? null,
      notSent?.causes.map(({ message }) => message).join("; ") ?? null,
    ];
  }
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
