import { FOLLOW_UP_KINDS } from "../core/follow-up.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { ROUTES } from "../core/route.ts";
import { clashSchema, usernameIndex } from "./clashes.ts";
import type { Dialect } from "./database.ts";
import type { JobState } from "./ledger.ts";
import { sourceRowsSchema } from "./source-rows.ts";
import { undoSchema } from "./undoing.ts";

/** The layout below; a ledger of another layout is refused. */
export const SCHEMA_VERSION = 13;

const JOB_STATES: readonly JobState[] = [
  "creating",
  "created",
  "uploaded",
  "starting",
  "started",
  "ended",
  "abandoned",
];

const oneOf = (column: string, words: readonly string[]): string =>
  `CHECK (${column} IN (${words.map((word) => `'${word}'`).join(", ")}))`;

/** The tables that hold users and what was noted of them, those first that others are named by. */
export const USER_TABLES = [
  "job",
  "part",
  "undo",
  "clash_group",
  "clash_member",
  "clash",
  "follow_up",
  "issue",
  "source_rows",
  "users",
] as const;

/**
 * What is not covered by a checksum and steers a run is one of a few words: the database's own check finds another one.
 *
 * One row a user, appended in the order of the source under an integer key: the fastest insert there is. Indexes that
 * only a later phase needs are made when that phase begins.
 */
export function schema(dialect: Dialect): string {
  const { numberedKey, integer, real, text, table, keyedTable } = dialect;
  return `
  CREATE TABLE fact (key ${text} PRIMARY KEY, value ${text} NOT NULL, checksum ${integer} NOT NULL) ${keyedTable};

  CREATE TABLE users (
    seq        ${integer} PRIMARY KEY,
    line       ${integer},
    source_id  ${text},
    username   ${text},
    attributes ${text} NOT NULL,
    route      ${text} NOT NULL ${oneOf("route", ROUTES)},
    sms_mfa    ${integer} NOT NULL,
    checksum   ${integer} NOT NULL,
    hash_algorithm ${text},
    password_hash  ${text},
    password   ${text},
    own_password ${integer} NOT NULL DEFAULT 0,
    claim_username ${text},
    claim_email    ${text},
    claim_phone    ${text},
    claim_preferred_username ${text},
    changed_at ${real},
    part       ${integer},
    part_line  ${integer},
    sent_at    ${integer},
    refusal    ${text},
    row_failure ${text},
    outcome    ${text} ${oneOf("outcome", OUTCOMES)},
    reason     ${text},
    message    ${text},
    sub        ${text}
  ) ${table};

  ${sourceRowsSchema(dialect)}
  CREATE TABLE issue (
    id        ${numberedKey},
    seq       ${integer} NOT NULL,
    code      ${text} NOT NULL,
    attribute ${text},
    message   ${text} NOT NULL
  ) ${table};

  CREATE TABLE follow_up (
    id      ${numberedKey},
    seq     ${integer} NOT NULL,
    kind    ${text} NOT NULL ${oneOf("kind", FOLLOW_UP_KINDS)},
    target  ${text},
    subject ${text},
    checksum ${integer} NOT NULL,
    sent_at ${integer},
    state   ${text} NOT NULL DEFAULT 'pending' ${oneOf("state", ["pending", "done", "failed"])},
    message ${text},
    settled_at ${integer}
  ) ${table};

  CREATE TABLE part (
    id     ${integer} PRIMARY KEY,
    state  ${text} NOT NULL ${oneOf("state", ["spooling", "spooled", "settled", "split"])},
    algorithm ${text},
    rows   ${integer} NOT NULL,
    bytes  ${integer} NOT NULL,
    sha256 ${text} NOT NULL,
    ended  ${integer} NOT NULL DEFAULT 0,
    failed ${integer} NOT NULL DEFAULT 0
  ) ${table};

  CREATE TABLE job (
    id       ${numberedKey},
    part     ${integer} NOT NULL REFERENCES part,
    name     ${text} NOT NULL UNIQUE,
    state    ${text} NOT NULL ${oneOf("state", JOB_STATES)},
    job_id   ${text},
    status   ${text},
    completion_message ${text},
    imported ${integer} NOT NULL DEFAULT 0,
    skipped  ${integer} NOT NULL DEFAULT 0,
    failed   ${integer} NOT NULL DEFAULT 0,
    started_at ${integer},
    ended_at ${integer}
  ) ${table};

  CREATE TABLE sample (
    id       ${numberedKey},
    session  ${text} NOT NULL,
    taken_at ${integer} NOT NULL,
    interval_ms ${integer} NOT NULL,
    settled  ${integer} NOT NULL,
    in_jobs  ${integer} NOT NULL,
    sent     ${integer} NOT NULL,
    rates    ${text} NOT NULL
  ) ${table};

  ${clashSchema(dialect)}
  ${undoSchema(dialect)}
  ${SPARSE_INDEXES}
`;
}

/**
 * Those of few users when a plan is made, so that they cost next to nothing while users are added and need no look at all of
 * them afterwards. Where an index is of those without an outcome alone, SQLite takes it only if it begins with the outcome all
 * the same.
 */
const SPARSE_INDEXES = `
  CREATE INDEX user_by_part ON users (part, part_line) WHERE part IS NOT NULL;
  CREATE INDEX user_created ON users (outcome) WHERE route = 'admin-create' AND row_failure IS NULL;
  CREATE INDEX user_to_create ON users (outcome, seq) WHERE outcome IS NULL AND route = 'admin-create';
  CREATE INDEX user_signed_up ON users (outcome) WHERE route = 'sign-up';
  CREATE INDEX user_to_sign_up ON users (outcome, seq) WHERE outcome IS NULL AND route = 'sign-up';
  CREATE INDEX user_settled ON users (outcome, seq) WHERE outcome IS NOT NULL;
`;

/** Made when the plan is finished: reports tell of issues and follow-ups by user. */
export const reportIndexes = `
  CREATE INDEX issue_by_user ON issue (seq, id);
  CREATE INDEX follow_up_disable ON follow_up (seq) WHERE state = 'pending' AND kind = 'disable';
  CREATE INDEX follow_up_rest ON follow_up (seq) WHERE state = 'pending' AND kind <> 'disable';
  CREATE INDEX follow_up_by_user ON follow_up (seq, id);
  CREATE INDEX follow_up_failed ON follow_up (seq) WHERE state = 'failed';
`;

/**
 * Those of nearly all users, which only loading needs: it finds users by what they are to be spooled by, by name and by
 * outcome. Made once a plan is to be carried out, as many a plan never is. Nothing happens where they are there.
 */
export const loadIndexes = (dialect: Dialect): string => `
  CREATE INDEX IF NOT EXISTS user_to_spool ON users (hash_algorithm, seq)
    WHERE part IS NULL AND outcome IS NULL AND route = 'import-job';
  ${usernameIndex(dialect)};
  CREATE INDEX IF NOT EXISTS user_by_outcome ON users (outcome, seq);
  DROP INDEX IF EXISTS user_settled;
`;
