import Database from "better-sqlite3";
import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { ActivityCause } from "../core/activity-cause.ts";
import { afterCreate, type AfterCreate } from "../core/after-create.ts";
import type { DuplicatesPolicy } from "../core/clash.ts";
import { FerryError } from "../core/ferry-error.ts";
import { FOLLOW_UP_KINDS, type FollowUp, type FollowUpKind } from "../core/follow-up.ts";
import { ISSUES, type IssueCode } from "../core/issue.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import { OUTCOMES, type Outcome, type OutcomeKind } from "../core/outcome.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { Attributes, PlannedUser } from "../core/planned-user.ts";
import { ROUTES, type Route, type SingleRoute } from "../core/route.ts";
import { countActiveUsers } from "./active-users.ts";
import { clashingUsers, rejectClashes } from "./clashes.ts";
import type {
  Claimant,
  ClashingUser,
  FailureCause,
  FollowUpCount,
  FollowUpResult,
  FollowUpTurn,
  IssueCount,
  Job,
  JobChange,
  JobState,
  Ledger,
  LineOutcome,
  Part,
  PartCounts,
  PartFile,
  PendingFollowUp,
  PoolIdentity,
  Purged,
  ReasonCount,
  ReportedFollowUp,
  ReportedIdentity,
  ReportedUser,
  ReportedWarning,
  RowFailure,
  RunCounts,
  RunFacts,
  RunState,
  SourceFacts,
  UndoCounts,
  UndoneUser,
  Undoing,
  UserToCreate,
  UserToLoad,
  Verification,
  WantedUser,
} from "./ledger.ts";
import { countsToKeep, eraseRows, rewriteFile, type Kept } from "./purging.ts";
import { noteWritten, SqliteUndoing, undoCounts, undoneUsers } from "./undoing.ts";
import {
  attributesOf,
  BrokenRow,
  checksumOf,
  requireWhole,
  seal,
  unseal,
  type CheckedRecord,
} from "./checksum.ts";
import { SqliteVerification } from "./verification.ts";
import { wantedUsers } from "./wanted-users.ts";
import { LOAD_INDEXES, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** Marks the file as ours ("ferr"), so that another SQLite file is not taken for a ledger. */
const APPLICATION_ID = 0x66657272;

/** Makes a new ledger file (0600) for a run in state `planning`. The file must not exist. */
export function createSqliteLedger(path: string, facts: RunFacts): Ledger {
  // Opened by us first: SQLite would make it readable to others, if only for a moment.
  closeSync(openSync(path, "wx", 0o600));
  const database = new Database(path);
  configure(database, dirname(path));
  // A plan that a power cut ends is made again, so it need not wait for the disk: it becomes durable in finishPlan.
  database.pragma("synchronous = NORMAL");
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
  database.exec(SCHEMA);
  const ledger = new SqliteLedger(database, path);
  ledger.begin(facts);
  return ledger;
}

/** Opens the ledger of a run. Throws RUN_NOT_FOUND, or LEDGER_UNREADABLE for a file that is damaged or no ledger. */
export function openSqliteLedger(path: string, mode: "write" | "read" = "write"): Ledger {
  if (!existsSync(path)) {
    throw new FerryError("RUN_NOT_FOUND", `There is no run at ${path}`, {
      hint: "Check --run-dir, or make a plan first",
    });
  }
  try {
    const database = new Database(path, { readonly: mode === "read", fileMustExist: true });
    if (mode === "write") configure(database, dirname(path));
    requireOurs(database, path);
    return new SqliteLedger(database, path);
  } catch (error) {
    throw isDamage(error) ? damaged(path, error) : error;
  }
}

function configure(database: Database.Database, folder: string): void {
  database.pragma("journal_mode = WAL");
  // A settled outcome that a power cut forgets would be sent twice; ten thousand such commits a second are enough.
  database.pragma("synchronous = FULL");
  // Users are appended, and sorted by temporary files: a larger cache, and the sorter takes as much again, is only memory.
  database.pragma("cache_size = -2048");
  // What is erased is overwritten, so that no password hash stays in a free corner of the file.
  database.pragma("secure_delete = ON");
  database.pragma("busy_timeout = 5000");
  // What is too large to be sorted in memory goes to disk: to the run's own folder, as it is personal data, and as a full
  // disk is then the run's. SQLite makes such files 0600 and takes their names away at once, so that no crash leaves
  // one. The setting is the process's; with two runs in one process the files may lie in the other one's folder.
  database.pragma("temp_store = FILE");
  database.pragma(`temp_store_directory = '${folder.replaceAll("'", "''")}'`);
}

function requireOurs(database: Database.Database, path: string): void {
  if (database.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
    throw new FerryError("LEDGER_UNREADABLE", `${path} is not a poolferry ledger`, {
      hint: "Check --run-dir",
    });
  }
  const version = database.pragma("user_version", { simple: true });
  if (version !== SCHEMA_VERSION) {
    throw new FerryError(
      "LEDGER_UNREADABLE",
      `${path} has layout ${String(version)}; this version reads ${SCHEMA_VERSION}`,
      {
        hint: "Finish the run with the version of poolferry that began it",
      },
    );
  }
  const check = database.pragma("quick_check(1)", { simple: true });
  if (check !== "ok") throw damaged(path, undefined);
}

/**
 * Turns what a damaged ledger has led to into LEDGER_UNREADABLE, where SQLite or a checksum says that it is damaged; of an
 * error that says nothing the whole ledger is asked. Anything else comes back as it is.
 */
export function explainLedgerDamage(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  return isDamage(error) || (isUnexplained(error) && !isWhole(path)) ? damaged(path, error) : error;
}

function isDamage(error: unknown): boolean {
  if (error instanceof BrokenRow) return true;
  return (
    error instanceof Database.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|IOERR_READ|CANTOPEN_ISDIR)/.test(error.code)
  );
}

/** Whether an error has no code of the system, the disk or SQLite: a bug of ours, or what damage unseen made of our code. */
function isUnexplained(error: Error): boolean {
  return !("code" in error);
}

/** Whether SQLite finds nothing wrong with any table or index. */
function isWhole(path: string): boolean {
  if (!existsSync(path)) return true;
  const database = new Database(path, { readonly: true });
  try {
    return database.pragma("integrity_check(1)", { simple: true }) === "ok";
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  } finally {
    database.close();
  }
}

function damaged(path: string, cause: unknown): FerryError {
  return new FerryError("LEDGER_UNREADABLE", `The ledger ${path} is damaged`, {
    hint: "Restore it from a copy; without it, plan again: users who are in the pool already come out as skipped",
    cause,
  });
}

interface UserRecord extends CheckedRecord {
  readonly password_hash: string | null;
  readonly password?: string | null;
  readonly sent_at: number | null;
}

/** A user whose row an import job refused. */
interface RefusedRecord extends CheckedRecord {
  readonly hash_algorithm: string | null;
  readonly is_disabled: number;
  readonly has_password: number;
}

/** Why a user is created instead of imported. */
interface Refusal {
  readonly message: string;
  readonly startedAt: number | undefined;
  readonly policies: LoadPolicies;
}

interface FollowUpRecord {
  readonly id: number;
  readonly seq: number;
  readonly kind: FollowUpKind;
  readonly target: string | null;
  readonly subject: string | null;
  readonly checksum: number;
  readonly sent_at: number | null;
  readonly username: string;
  readonly sub: string | null;
  readonly password: string | null;
}

type CheckedFollowUp = Pick<FollowUpRecord, "seq" | "kind" | "target" | "subject" | "checksum">;

interface JobRecord {
  readonly id: number;
  readonly part: number;
  readonly name: string;
  readonly state: JobState;
  readonly job_id: string | null;
  readonly status: string | null;
  readonly completion_message: string | null;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

const JOB_COLUMNS: Readonly<Record<keyof JobChange, string>> = {
  state: "state",
  jobId: "job_id",
  status: "status",
  completionMessage: "completion_message",
  imported: "imported",
  skipped: "skipped",
  failed: "failed",
  startedAt: "started_at",
  endedAt: "ended_at",
};

class SqliteLedger implements Ledger {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Database.Statement>();
  #facts: RunFacts | undefined;

  constructor(database: Database.Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  begin(facts: RunFacts): void {
    this.#setFact("run", facts);
    this.#setFact("state", "planning" satisfies RunState);
  }

  /** Written once, by {@link begin}, and asked for with every user: so read once. */
  get facts(): RunFacts {
    this.#facts ??= (this.#fact("run") as RunFacts | undefined) ?? this.#missingFact("run");
    return this.#facts;
  }

  get state(): RunState {
    return (this.#fact("state") as RunState | undefined) ?? this.#missingFact("state");
  }

  get source(): SourceFacts | undefined {
    return this.#fact("source") as SourceFacts | undefined;
  }

  setState(state: RunState): void {
    this.#setFact("state", state);
  }

  addUsers(users: readonly PlannedUser[]): void {
    const addUser = this.#prepare(
      `INSERT INTO user (seq, line, source_id, username, attributes, source_row, route, sms_mfa, checksum, hash_algorithm, password_hash, password, own_password, claim_username, claim_email, claim_phone, claim_preferred_username, changed_at, outcome, reason, message)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const addIssue = this.#prepare("INSERT INTO issue (seq, code, attribute, message) VALUES (?, ?, ?, ?)");
    this.#transaction(() => {
      for (const user of users) {
        const { seq, claims, notSent, passwordHash, password } = user;
        const username = user.username ?? null;
        const attributes = JSON.stringify(user.attributes);
        const smsMfa = user.smsMfa ? 1 : 0;
        addUser.run(
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
        );
        for (const { code, attribute, message } of user.issues)
          addIssue.run(seq, code, attribute ?? null, message);
        for (const followUp of user.followUps) this.#addFollowUp(seq, followUp);
      }
    });
  }

  rejectClashes(policy: DuplicatesPolicy): void {
    rejectClashes(this.#database, policy);
    // Nobody writes to a user who is not sent after all, and the plan says how many are written to.
    const ofRejected = "seq IN (SELECT seq FROM user WHERE outcome = 'rejected')";
    this.#prepare(`DELETE FROM issue WHERE code = ? AND ${ofRejected}`).run("code-sent" satisfies IssueCode);
  }

  finishPlan(source: SourceFacts): void {
    this.#database.exec(LOAD_INDEXES);
    // With the next commit, everything before it is on the disk too.
    this.#database.pragma("synchronous = FULL");
    this.#transaction(() => {
      this.#setFact("source", source);
      this.#setFact("state", "planned" satisfies RunState);
    });
  }

  requireWhole(): void {
    const users = this.#database.prepare<[], UserRecord>(
      `SELECT ${USER_TO_LOAD}, password FROM user WHERE password IS NOT NULL OR (outcome IS NULL AND route <> 'none')`,
    );
    for (const user of users.iterate()) {
      toUser(user);
      unsealed(user);
    }
    const followUps = this.#database.prepare<[], CheckedFollowUp>(
      "SELECT seq, kind, target, subject, checksum FROM follow_up WHERE state = 'pending'",
    );
    for (const followUp of followUps.iterate()) toFollowUp(followUp);
  }

  *usersToSpool(algorithm: HashAlgorithm | undefined): Iterable<UserToLoad> {
    yield* this.#users(
      `SELECT ${USER_TO_LOAD} FROM user WHERE ${TO_SPOOL} AND hash_algorithm IS ? AND seq > ? ORDER BY seq LIMIT ?`,
      [algorithm ?? null],
    );
  }

  *usersOfPart(part: number): Iterable<UserToLoad> {
    yield* this.#usersByLine(part, "TRUE");
  }

  beginPart(algorithm: HashAlgorithm | undefined): number {
    return this.#transaction(() => {
      this.forgetUnfinishedParts();
      const { lastInsertRowid } = this.#prepare(
        "INSERT INTO part (state, algorithm, rows, bytes, sha256) VALUES ('spooling', ?, 0, 0, '')",
      ).run(algorithm ?? null);
      return Number(lastInsertRowid);
    });
  }

  forgetUnfinishedParts(): readonly number[] {
    return this.#transaction(() => {
      const forget = this.#prepare("DELETE FROM part WHERE state = 'spooling' RETURNING id");
      const ids = (forget.all() as { id: number }[]).map(({ id }) => id);
      for (const id of ids)
        this.#prepare("UPDATE user SET part = NULL, part_line = NULL WHERE part = ?").run(id);
      return ids;
    });
  }

  addToPart(part: number, seqs: readonly number[]): void {
    const add = this.#prepare(`UPDATE user SET part = ?, part_line = ? WHERE seq = ? AND ${TO_SPOOL}`);
    const count = this.#prepare(
      "UPDATE part SET rows = rows + ? WHERE id = ? AND state = 'spooling' RETURNING rows",
    );
    this.#transaction(() => {
      const counted = count.get(seqs.length, part) as { rows: number } | undefined;
      if (counted === undefined) throw new Error(`part ${part} takes no users`);
      for (const [place, seq] of seqs.entries()) {
        const { changes } = add.run(part, counted.rows - seqs.length + place + 1, seq);
        if (changes !== 1) throw new Error(`user ${seq} is not to be spooled`);
      }
    });
  }

  finishPart(part: number, { rows, bytes, sha256 }: PartFile): Part {
    const { changes } = this.#prepare(
      "UPDATE part SET state = 'spooled', bytes = ?, sha256 = ? WHERE id = ? AND state = 'spooling' AND rows = ?",
    ).run(bytes, sha256, part, rows);
    if (changes !== 1) throw new Error(`part ${part} has not the ${rows} users of its file`);
    return this.#parts("id = ?", [part])[0] as Part;
  }

  parts(): readonly Part[] {
    return this.#parts("state <> 'spooling'", []);
  }

  #parts(condition: string, parameters: readonly number[]): readonly Part[] {
    const rows = this.#prepare(
      `SELECT id, state, algorithm, rows, bytes, sha256, ended, failed FROM part WHERE ${condition} ORDER BY id`,
    ).all(...parameters);
    return (rows as Record<string, string | number | null>[]).map((row) => {
      const { algorithm, ...part } = row;
      return { ...part, algorithm: algorithm ?? undefined } as Part;
    });
  }

  settlePart(part: number, counts: PartCounts): void {
    this.#endPart(part, "settled", counts);
  }

  splitPart(part: number, counts: PartCounts, startedAt: number | undefined): void {
    this.#transaction(() => {
      this.notePartSent(part, startedAt);
      this.#prepare("UPDATE user SET part = NULL, part_line = NULL WHERE part = ? AND outcome IS NULL").run(
        part,
      );
      this.#endPart(part, "split", counts);
    });
  }

  notePartSent(part: number, startedAt: number | undefined): void {
    this.#prepare(`UPDATE user SET sent_at = coalesce(sent_at, ?) WHERE part = ? AND ${TO_IMPORT}`).run(
      startedAt ?? null,
      part,
    );
  }

  #endPart(part: number, state: Part["state"], { ended, failed }: PartCounts): void {
    this.#prepare("UPDATE part SET state = ?, ended = ?, failed = ? WHERE id = ?").run(
      state,
      ended,
      failed,
      part,
    );
  }

  dropHashes({ id, algorithm }: Part, message: string): number {
    const code: IssueCode = "password-hash-refused";
    return this.#transaction(() => {
      this.splitPart(id, { ended: 0, failed: 0 }, undefined);
      const { changes } = this.#prepare(
        `INSERT INTO issue (seq, code, message) SELECT seq, ?, ? FROM user WHERE ${TO_IMPORT} AND hash_algorithm = ?`,
      ).run(code, message, algorithm);
      this.#prepare(
        `UPDATE user SET hash_algorithm = NULL, password_hash = NULL WHERE ${TO_IMPORT} AND hash_algorithm = ?`,
      ).run(algorithm);
      return changes;
    });
  }

  eraseSecrets(): void {
    this.#prepare(
      "UPDATE user SET password_hash = NULL, password = NULL WHERE password_hash IS NOT NULL OR password IS NOT NULL",
    ).run();
    this.#database.pragma("wal_checkpoint(TRUNCATE)");
  }

  addJob(part: number, name: string): Job {
    const { lastInsertRowid } = this.#prepare(
      "INSERT INTO job (part, name, state) VALUES (?, ?, 'creating')",
    ).run(part, name);
    return this.#job(Number(lastInsertRowid));
  }

  changeJob(id: number, change: JobChange): Job {
    const entries = Object.entries(change) as [keyof JobChange, string | number | undefined][];
    const assignments = entries.map(([key]) => `${JOB_COLUMNS[key]} = ?`).join(", ");
    this.#prepare(`UPDATE job SET ${assignments} WHERE id = ?`).run(
      ...entries.map(([, value]) => value ?? null),
      id,
    );
    return this.#job(id);
  }

  jobsOf(part: number): readonly Job[] {
    return (this.#prepare("SELECT * FROM job WHERE part = ? ORDER BY id").all(part) as JobRecord[]).map(
      toJob,
    );
  }

  settleLines(part: number, outcomes: readonly LineOutcome[]): void {
    const settle = this.#prepare(
      `UPDATE user SET ${SETTLED}
        WHERE part = ? AND part_line = ? AND ${TO_IMPORT} AND (sent_at IS NULL OR ? <> 'skipped')`,
    );
    this.#transaction(() => {
      for (const { line, kind, reason, message } of outcomes)
        settle.run(kind, reason ?? null, message ?? null, kind, part, line, kind);
    });
  }

  spoolAgain(
    part: number,
    failures: readonly RowFailure[],
    { keepHash, startedAt }: { readonly keepHash: boolean; readonly startedAt: number | undefined },
  ): void {
    const hash = keepHash ? "" : ", hash_algorithm = NULL, password_hash = NULL";
    const release = this.#prepare(
      `UPDATE user SET part = NULL, part_line = NULL, sent_at = coalesce(sent_at, ?), row_failure = ?${hash}
        WHERE part = ? AND part_line = ? AND row_failure IS NULL AND ${TO_IMPORT} RETURNING seq`,
    );
    this.#transaction(() => {
      for (const { line, message } of failures) {
        const user = release.get(startedAt ?? null, message, part, line) as { seq: number } | undefined;
        if (user !== undefined && !keepHash) this.#addIssue(user.seq, "password-hash-refused", message);
      }
    });
  }

  createInstead(part: number, failures: readonly RowFailure[]): void {
    const find = this.#prepare(
      `SELECT ${REFUSED} FROM user WHERE part = ? AND part_line = ? AND ${TO_IMPORT}`,
    );
    const { policies } = this.facts;
    this.#transaction(() => {
      for (const { line, message } of failures) {
        const user = find.get(part, line) as RefusedRecord | undefined;
        if (user !== undefined) this.#createInstead(user, { message, startedAt: undefined, policies });
      }
    });
  }

  createRestInstead(part: number, message: string, startedAt: number | undefined): void {
    const find = this.#prepare(
      `SELECT ${REFUSED} FROM user WHERE part = ? AND ${TO_IMPORT} AND seq > ? ORDER BY seq LIMIT ?`,
    );
    const { policies } = this.facts;
    this.#transaction(() => {
      for (const user of pages(({ seq }) => find.all(part, seq, PAGE_ROWS) as RefusedRecord[]))
        this.#createInstead(user, { message, startedAt, policies });
    });
  }

  #createInstead(
    { is_disabled, has_password, ...record }: RefusedRecord,
    { message, startedAt, policies }: Refusal,
  ): void {
    const { seq, hash_algorithm, sms_mfa } = record;
    const attributes = attributesOf(record);
    this.#prepare(
      `UPDATE user SET route = 'admin-create', hash_algorithm = NULL, password_hash = NULL,
              sent_at = coalesce(sent_at, ?), row_failure = ? WHERE seq = ?`,
    ).run(startedAt ?? null, message, seq);
    this.#addIssue(seq, "row-refused", message);
    const user = {
      attributes,
      smsMfa: sms_mfa === 1,
      hasHash: hash_algorithm !== null,
      isDisabled: is_disabled === 1,
      hasPassword: has_password === 1,
    };
    this.#addAfterCreate(seq, afterCreate(user, policies));
  }

  #addAfterCreate(seq: number, { followUps, issues }: AfterCreate): void {
    for (const { code, message } of issues) this.#addIssue(seq, code, message);
    for (const followUp of followUps) this.#addFollowUp(seq, followUp);
  }

  #addFollowUp(seq: number, followUp: FollowUp): void {
    const values = [seq, followUp.kind, ...targetOf(followUp)];
    this.#prepare("INSERT INTO follow_up (seq, kind, target, subject, checksum) VALUES (?, ?, ?, ?, ?)").run(
      ...values,
      checksumOf(values),
    );
  }

  #addIssue(seq: number, code: IssueCode, message: string): void {
    this.#prepare("INSERT INTO issue (seq, code, message) VALUES (?, ?, ?)").run(seq, code, message);
  }

  settle(outcomes: readonly Outcome[]): void {
    const settle = this.#prepare(
      `UPDATE user SET ${SETTLED}, sub = coalesce(?, sub) WHERE seq = ? AND outcome IS NULL`,
    );
    this.#transaction(() => {
      for (const { seq, kind, reason, message, sub } of outcomes)
        settle.run(kind, reason ?? null, message ?? null, kind, sub ?? null, seq);
    });
  }

  settleRest(part: number, { kind, reason, message }: Omit<Outcome, "seq">): void {
    this.#prepare(`UPDATE user SET ${SETTLED} WHERE part = ? AND ${TO_IMPORT}`).run(
      kind,
      reason ?? null,
      message ?? null,
      kind,
      part,
    );
  }

  countUnsettledOfPart(part: number): number {
    return this.#count(`SELECT count(*) AS count FROM user WHERE part = ? AND ${TO_IMPORT}`, [part]);
  }

  countCreated(route: SingleRoute): { readonly settled: number; readonly failed: number } {
    return this.#prepare(
      `SELECT count(*) AS settled, count(*) FILTER (WHERE outcome = 'failed') AS failed FROM user INDEXED BY ${SETTLED_INDEX[route]}
        WHERE route = '${route}' AND row_failure IS NULL AND outcome IS NOT NULL`,
    ).get() as { settled: number; failed: number };
  }

  failureCauses(): readonly FailureCause[] {
    return this.#prepare(
      `SELECT coalesce(row_failure, message, '') AS message, count(*) AS count FROM user
        WHERE row_failure IS NOT NULL OR outcome = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3`,
    ).all() as FailureCause[];
  }

  countUnsettledOfRoute(route: Route): number {
    // In words of its own, as an index for one route is of no use to a parameter.
    return this.#count(`SELECT count(*) AS count FROM user WHERE outcome IS NULL AND route = '${route}'`);
  }

  *unsettledOfPart(part: number): Iterable<UserToLoad> {
    yield* this.#usersByLine(part, TO_IMPORT);
  }

  *usersToCreate(route: SingleRoute): Iterable<UserToCreate> {
    const page = this.#prepare(
      `SELECT ${USER_TO_LOAD}, password, sent_at FROM user WHERE ${toCreate(route)} AND refusal IS NULL AND seq > ? ORDER BY seq LIMIT ?`,
    );
    for (const user of pages(({ seq }) => page.all(seq, PAGE_ROWS) as UserRecord[]))
      yield { ...toUser(user), password: unsealed(user), sentAt: user.sent_at ?? undefined };
  }

  noteSent(seqs: readonly number[], sentAt: number): void {
    const note = this.#prepare("UPDATE user SET sent_at = coalesce(sent_at, ?) WHERE seq = ?");
    this.#transaction(() => {
      for (const seq of seqs) note.run(sentAt, seq);
    });
  }

  noteRefusal(seq: number, refusal: string, sent: "first" | "again"): void {
    const sql =
      sent === "first"
        ? "UPDATE user SET refusal = ?, sent_at = NULL WHERE seq = ?"
        : "UPDATE user SET refusal = ? WHERE seq = ?";
    this.#prepare(sql).run(refusal, seq);
  }

  countInQuestion(route: SingleRoute): number {
    return this.#count(`SELECT count(*) AS count FROM user WHERE ${inQuestion(route)}`);
  }

  *usersInQuestion(route: SingleRoute): Iterable<UserToLoad> {
    yield* this.#users(
      `SELECT ${USER_TO_LOAD} FROM user WHERE ${inQuestion(route)} AND seq > ? ORDER BY seq LIMIT ?`,
    );
  }

  settleRefused(
    { kind, reason }: Omit<Outcome, "seq" | "message">,
    route: SingleRoute,
    sent?: "first" | "again",
  ): number {
    const when = sent === undefined ? "" : ` AND sent_at IS ${sent === "first" ? "" : "NOT "}NULL`;
    return this.#prepare(
      `UPDATE user SET outcome = ?, reason = ?, message = refusal, password = NULL
        WHERE ${toCreate(route)} AND refusal IS NOT NULL${when}`,
    ).run(kind, reason ?? null).changes;
  }

  countPendingFollowUps(turn: FollowUpTurn): number {
    return this.#count(`SELECT count(*) AS count ${this.#toFollowUp(turn)}`);
  }

  *pendingFollowUps(turn: FollowUpTurn): Iterable<PendingFollowUp> {
    const page = this.#prepare(
      `SELECT id, seq, kind, target, subject, follow_up.checksum, follow_up.sent_at, username, sub, password ${this.#toFollowUp(turn)} AND (seq, id) > (?, ?) ORDER BY seq, id LIMIT ?`,
    );
    const rows = pages((last) => page.all(last.seq, last.id, PAGE_ROWS) as FollowUpRecord[]);
    for (const record of rows) {
      const { id, seq, username, sub, sent_at } = record;
      const followUp = toFollowUp(record);
      const ofUser = { username, sub: sub ?? undefined, password: unsealed(record) };
      yield { id, seq, ...ofUser, sentAt: sent_at ?? undefined, followUp };
    }
  }

  noteFollowUpSent(id: number, sentAt: number): void {
    this.#prepare("UPDATE follow_up SET sent_at = coalesce(sent_at, ?) WHERE id = ?").run(sentAt, id);
  }

  #toFollowUp(turn: FollowUpTurn): string {
    switch (turn) {
      case "disable":
        return `${FOLLOW_UPS_OF_IMPORTED} AND kind = 'disable'`;
      case "early": {
        const needsSub = this.facts.pool.usernameAttributes.length > 0;
        return `${FOLLOW_UPS_OF_IMPORTED} AND kind <> 'disable' AND ${NEEDS_NO_DISABLING}${needsSub ? " AND (kind <> 'link-provider' OR sub IS NOT NULL)" : ""}`;
      }
      case "rest":
        return `${FOLLOW_UPS_OF_IMPORTED} AND kind <> 'disable'`;
    }
  }

  settleFollowUps(results: readonly FollowUpResult[], settledAt: number): void {
    const settle = this.#prepare(
      "UPDATE follow_up SET state = ?, message = ?, settled_at = ? WHERE id = ? AND state = 'pending' RETURNING seq, kind",
    );
    this.#transaction(() => {
      for (const { id, state, ...more } of results) {
        const message = "message" in more ? more.message : null;
        const settled = settle.get(state, message, settledAt, id) as
          | Pick<FollowUpRecord, "seq" | "kind">
          | undefined;
        if (settled?.kind === "set-own-password") this.#endOwnPassword(settled.seq, state);
        if (settled?.kind === "disable" && state === "failed") this.#holdBack(settled.seq, settledAt);
      }
    });
  }

  /** Erases a password that was set or refused; who was created and lacks it now is as one who never had any. */
  #endOwnPassword(seq: number, state: FollowUpResult["state"]): void {
    const user = this.#prepare(
      "UPDATE user SET password = NULL WHERE seq = ? RETURNING seq, username, attributes, sms_mfa, checksum, route",
    ).get(seq) as CheckedRecord & { route: Route };
    if (state === "done" || user.route !== "admin-create") return;
    const without = { hasHash: false, smsMfa: false, isDisabled: false, hasPassword: false };
    this.#addAfterCreate(
      seq,
      afterCreate({ ...without, attributes: attributesOf(user) }, this.facts.policies),
    );
  }

  /** Nothing more is done for a user who may not sign in and still can. */
  #holdBack(seq: number, settledAt: number): void {
    this.#prepare(
      "UPDATE follow_up SET state = 'failed', message = ?, settled_at = ? WHERE seq = ? AND state = 'pending'",
    ).run("not done, as the user could not be disabled", settledAt, seq);
    this.#prepare("UPDATE user SET password = NULL WHERE seq = ?").run(seq);
  }

  claimantOf(comparedName: string): Claimant | undefined {
    const sql =
      "SELECT seq, route, part, sent_at AS sentAt, refusal, outcome, sub FROM user WHERE claim_username = ? AND route <> 'none'";
    const row = this.#prepare(sql).get(comparedName) as Record<string, string | number | null> | undefined;
    return row === undefined ? undefined : (withoutNulls(row) as unknown as Claimant);
  }

  countWithoutSub(): number {
    return this.#count(`SELECT count(*) AS count FROM user WHERE ${LACKS_SUB}`);
  }

  *usersWithoutSub(): Iterable<UserToLoad> {
    yield* this.#users(
      `SELECT ${USER_TO_LOAD} FROM user WHERE ${LACKS_SUB} AND seq > ? ORDER BY seq LIMIT ?`,
    );
  }

  recordIdentities(identities: readonly PoolIdentity[]): void {
    const record = this.#prepare("UPDATE user SET sub = ? WHERE seq = ?");
    this.#transaction(() => {
      for (const { seq, sub } of identities) record.run(sub, seq);
    });
  }

  /** What a purge has left of the numbers. */
  get #kept(): Kept | undefined {
    return this.#fact("kept") as Kept | undefined;
  }

  get purged(): Purged | undefined {
    const kept = this.#kept;
    return kept === undefined ? undefined : { was: kept.was, at: kept.at };
  }

  eraseUsers(at: string): void {
    if (this.#kept !== undefined) return;
    this.#transaction(() => {
      this.#setFact("kept", { was: this.state, at, ...countsToKeep(this) } satisfies Kept);
      this.#setFact("state", "purging" satisfies RunState);
      // Where lines above a header were not skipped, the fields are a user's; so can a cursor be; checksums are of everybody.
      const withoutData = { files: [], starts: [], cursor: "", fields: [], unusedFields: [] };
      if (this.source !== undefined) this.#setFact("source", { ...this.source, ...withoutData });
      eraseRows(this.#database);
    });
  }

  rewrite(): void {
    rewriteFile(this.#database);
  }

  counts(): RunCounts {
    const kept = this.#kept;
    if (kept !== undefined) return kept.counts;
    const rows = this.#prepare(
      "SELECT route, outcome, count(*) AS count, count(hash_algorithm) AS hashes, sum(own_password) AS passwords FROM user GROUP BY route, outcome",
    ).all() as {
      route: Route;
      outcome: OutcomeKind | null;
      count: number;
      hashes: number;
      passwords: number;
    }[];
    const sum = (of: (row: (typeof rows)[number]) => boolean): number =>
      rows.filter(of).reduce((total, { count }) => total + count, 0);
    const created = rows.filter(
      ({ route, outcome }) => route !== "none" && (outcome ?? "imported") === "imported",
    );
    return {
      rows: sum(() => true),
      routes: Object.fromEntries(
        ROUTES.map((route) => [route, sum((row) => row.route === route)]),
      ) as RunCounts["routes"],
      outcomes: Object.fromEntries(
        OUTCOMES.map((kind) => [kind, sum((row) => row.outcome === kind)]),
      ) as RunCounts["outcomes"],
      unsettled: sum((row) => row.outcome === null),
      withHash: created.reduce((total, { hashes }) => total + hashes, 0),
      withPassword: created.reduce((total, { passwords }) => total + passwords, 0),
      withTemporary: created
        .filter(({ route }) => route === "admin-create")
        .reduce((total, { count, passwords }) => total + count - passwords, 0),
      created: created.reduce((total, { count }) => total + count, 0),
    };
  }

  issueCounts(): readonly IssueCount[] {
    const kept = this.#kept;
    if (kept !== undefined) return kept.issueCounts;
    const rows = this.#prepare(
      "SELECT code, count(DISTINCT seq) AS count FROM issue GROUP BY code ORDER BY count DESC, code",
    ).all() as { code: IssueCode; count: number }[];
    return rows.map(({ code, count }) => ({ code, severity: ISSUES[code].severity, count }));
  }

  reasonCounts(): readonly ReasonCount[] {
    const kept = this.#kept;
    if (kept !== undefined) return kept.reasonCounts;
    return this.#prepare(
      `SELECT outcome AS kind, reason, min(message) AS example, count(*) AS count FROM user
        WHERE outcome IS NOT NULL AND reason IS NOT NULL GROUP BY outcome, reason
       UNION ALL
       SELECT 'imported', 'follow-up-failed', min(kind || ': ' || message), count(DISTINCT seq) FROM follow_up
        WHERE state = 'failed' HAVING count(*) > 0
       ORDER BY count DESC, reason`,
    ).all() as ReasonCount[];
  }

  activeUsers(): Readonly<Record<ActivityCause, number>> {
    return this.#kept?.activeUsers ?? countActiveUsers(this.#database);
  }

  followUpCounts(): Readonly<Record<FollowUpKind, FollowUpCount>> {
    const kept = this.#kept;
    if (kept !== undefined) return kept.followUpCounts;
    const rows = this.#prepare(
      `SELECT kind, sum(outcome IS NULL OR outcome = 'imported') AS planned, sum(outcome IS 'skipped') AS untouched,
              sum(state = 'done') AS done, sum(state = 'failed') AS failed
         FROM follow_up JOIN user USING (seq) GROUP BY kind`,
    ).all() as (FollowUpCount & { kind: FollowUpKind })[];
    return Object.fromEntries(
      FOLLOW_UP_KINDS.map((kind) => {
        const found = rows.find((row) => row.kind === kind);
        const { planned = 0, untouched = 0, done = 0, failed = 0 } = found ?? {};
        return [kind, { planned, untouched, done, failed }];
      }),
    ) as Record<FollowUpKind, FollowUpCount>;
  }

  *failedFollowUps(): Iterable<ReportedFollowUp> {
    const rows = this.#database
      .prepare<
        [],
        Omit<FollowUpRecord, "sent_at" | "password"> & {
          line: number | null;
          sourceId: string | null;
          message: string;
        }
      >(
        `SELECT id, seq, line, source_id AS sourceId, username, sub, kind, target, subject, follow_up.checksum, follow_up.message
           FROM follow_up JOIN user USING (seq) WHERE state = 'failed' ORDER BY seq, id`,
      )
      .iterate();
    for (const record of rows) {
      const { seq, line, sourceId, username, sub, message } = record;
      yield {
        seq,
        line: line ?? undefined,
        sourceId: sourceId ?? undefined,
        username,
        sub: sub ?? undefined,
        followUp: toFollowUp(record),
        message,
      };
    }
  }

  *identities(): Iterable<ReportedIdentity> {
    const rows = this.#database
      .prepare<[], { sourceId: string | null; username: string; sub: string | null }>(
        `SELECT source_id AS sourceId, username, sub FROM user
          WHERE outcome IN ('imported', 'updated') OR (outcome = 'skipped' AND sub IS NOT NULL) ORDER BY seq`,
      )
      .iterate();
    for (const { sourceId, username, sub } of rows)
      yield { sourceId: sourceId ?? undefined, username, sub: sub ?? undefined };
  }

  *usersWithOutcome(kind: OutcomeKind): Iterable<ReportedUser> {
    const rows = this.#database
      .prepare<[string], Record<string, string | number | null>>(
        `SELECT seq, line, source_id AS sourceId, username, sub, reason, source_row AS sourceRow,
                message || iif(row_failure IS NULL OR row_failure = message, '', '; before that: ' || row_failure) AS message
           FROM user WHERE outcome = ? ORDER BY seq`,
      )
      .iterate(kind);
    for (const row of rows) {
      const user = withoutNulls(row) as unknown as ReportedUser;
      const { seq, sourceRow } = user;
      yield sourceRow === "" ? user : { ...user, sourceRow: unseal(seq, sourceRow) };
    }
  }

  *clashes(): Iterable<ClashingUser> {
    yield* clashingUsers(this.#database);
  }

  *warnings(): Iterable<ReportedWarning> {
    const rows = this.#database
      .prepare<[], Record<string, string | number | null>>(
        `SELECT issue.seq, user.line, user.source_id AS sourceId, user.username, user.outcome, code, attribute, issue.message
           FROM issue JOIN user ON user.seq = issue.seq
          WHERE user.outcome IS NULL OR user.outcome NOT IN ('rejected') ORDER BY issue.seq, issue.rowid`,
      )
      .iterate();
    for (const row of rows) yield withoutNulls(row) as unknown as ReportedWarning;
  }

  beginVerification(): Verification {
    return new SqliteVerification(this.#database, this.facts.pool);
  }

  noteWritten(at: number): void {
    noteWritten(this.#database, at);
  }

  beginUndo(): Undoing {
    return new SqliteUndoing(this.#database);
  }

  undoCounts(): UndoCounts | undefined {
    const kept = this.#kept;
    return kept === undefined ? undoCounts(this.#database) : kept.undoCounts;
  }

  async *wantedUsers(): AsyncIterable<readonly WantedUser[]> {
    yield* wantedUsers(this.#database);
  }

  *undoneUsers(): Iterable<UndoneUser> {
    yield* undoneUsers(this.#database);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Pages through users by seq, so that the ledger can be written between two of them. */
  *#users(sql: string, parameters: readonly (string | number | null)[] = []): Iterable<UserToLoad> {
    const page = this.#prepare(sql);
    for (const row of pages(({ seq }) => page.all(...parameters, seq, PAGE_ROWS) as UserRecord[]))
      yield toUser(row);
  }

  *#usersByLine(part: number, condition: string): Iterable<UserToLoad> {
    const page = this.#prepare(
      `SELECT ${USER_TO_LOAD}, part_line AS id FROM user WHERE part = ? AND part_line > ? AND ${condition} ORDER BY part_line LIMIT ?`,
    );
    const rows = pages(({ id }) => page.all(part, id, PAGE_ROWS) as (UserRecord & { readonly id: number })[]);
    for (const row of rows) yield toUser(row);
  }

  #count(sql: string, parameters: readonly number[] = []): number {
    return (this.#prepare(sql).get(...parameters) as { count: number }).count;
  }

  #job(id: number): Job {
    return toJob(this.#prepare("SELECT * FROM job WHERE id = ?").get(id) as JobRecord);
  }

  #fact(key: string): unknown {
    const row = this.#prepare("SELECT value, checksum FROM fact WHERE key = ?").get(key) as
      | { value: string; checksum: number }
      | undefined;
    if (row === undefined) return undefined;
    requireWhole(`the fact ${key}`, [key, row.value], row.checksum);
    return JSON.parse(row.value);
  }

  #missingFact(key: string): never {
    throw damaged(this.#path, new Error(`no fact ${key}`));
  }

  #setFact(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#prepare(
      "INSERT INTO fact (key, value, checksum) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum",
    ).run(key, text, checksumOf([key, text]));
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #transaction<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }
}

/** Rows read at a time where the ledger is written in between. */
const PAGE_ROWS = 1_000;

const USER_TO_LOAD = "seq, username, attributes, sms_mfa, checksum, password_hash";

/** A password is still to be set for whoever was imported, but for those who signed up with it. */
const SETTLED = `outcome = ?, reason = ?, message = ?, password_hash = NULL,
  password = iif(route <> 'sign-up' AND ? = 'imported', password, NULL)`;

const TO_IMPORT = "outcome IS NULL AND route = 'import-job'";

/** Until the user is in the pool, it is not disabled either. */
const REFUSED = `seq, username, attributes, sms_mfa, checksum, hash_algorithm, password IS NOT NULL AS has_password,
  EXISTS (SELECT 1 FROM follow_up WHERE seq = user.seq AND kind = 'disable' AND state = 'pending') AS is_disabled`;

const TO_SPOOL = `part IS NULL AND ${TO_IMPORT}`;

// The route stands in the text, as an index of some rows only serves a condition that is known beforehand.
const toCreate = (route: SingleRoute): string => `outcome IS NULL AND route = '${route}'`;

const inQuestion = (route: SingleRoute): string =>
  `${toCreate(route)} AND (sent_at IS NOT NULL OR refusal IS NOT NULL)`;

const SETTLED_INDEX: Readonly<Record<SingleRoute, string>> = {
  "admin-create": "user_created",
  "sign-up": "user_signed_up",
};

// CROSS makes SQLite begin with the follow-ups, which are few beside the users.
const FOLLOW_UPS_OF_IMPORTED =
  "FROM follow_up CROSS JOIN user USING (seq) WHERE outcome = 'imported' AND state = 'pending'";

const NEEDS_NO_DISABLING = `NOT EXISTS
  (SELECT 1 FROM follow_up AS first WHERE first.seq = user.seq AND first.state = 'pending' AND first.kind = 'disable')`;

// SignUp answers with the sub, and who may not be looked up has none.
const LACKS_SUB = "outcome IN ('imported', 'skipped') AND route NOT IN ('none', 'sign-up') AND sub IS NULL";

/** To whom or what a follow-up goes, as its row keeps it. */
function targetOf(followUp: FollowUp): readonly [target: string | null, subject: string | null] {
  switch (followUp.kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "set-mfa":
    case "reset-password":
      return [null, null];
    case "set-attributes":
      return [JSON.stringify(followUp.attributes), null];
    case "add-to-group":
      return [followUp.group, null];
    case "link-provider":
      return [followUp.provider, followUp.subject];
  }
}

function toFollowUp({ seq, kind, target, subject, checksum }: CheckedFollowUp): FollowUp {
  requireWhole(`a follow-up of user ${seq}`, [seq, kind, target, subject], checksum);
  switch (kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "set-mfa":
    case "reset-password":
      return { kind };
    case "set-attributes":
      return { kind, attributes: JSON.parse(target ?? "[]") as Attributes };
    case "add-to-group":
      return { kind, group: target ?? "" };
    case "link-provider":
      return { kind, provider: target ?? "", subject: subject ?? "" };
  }
}

/** Reads page after page, each from behind the last row of the one before, so that rows may change meanwhile. */
function* pages<Row extends { readonly seq: number; readonly id?: number }>(
  read: (last: { readonly seq: number; readonly id: number }) => readonly Row[],
): Iterable<Row> {
  let last = { seq: 0, id: 0 };
  for (;;) {
    const rows = read(last);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE_ROWS) return;
    last = { seq: end.seq, id: end.id ?? 0 };
  }
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

/** The password in plain text of a user, where it has one still. */
function unsealed({
  seq,
  password,
}: {
  readonly seq: number;
  readonly password?: string | null;
}): string | undefined {
  return password === null || password === undefined ? undefined : unseal(seq, password);
}

function toJob({ job_id, completion_message, started_at, ended_at, status, ...rest }: JobRecord): Job {
  return {
    ...rest,
    jobId: job_id ?? undefined,
    status: status ?? undefined,
    completionMessage: completion_message ?? undefined,
    startedAt: started_at ?? undefined,
    endedAt: ended_at ?? undefined,
  };
}

function withoutNulls(
  row: Record<string, string | number | null>,
): Record<string, string | number | undefined> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined]));
}
