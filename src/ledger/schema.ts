import { FOLLOW_UP_KINDS } from "../core/follow-up.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { ROUTES } from "../core/route.ts";
import { CLASH_SCHEMA, USERNAME_INDEX } from "./clashes.ts";
import type { JobState } from "./ledger.ts";
import { UNDO_SCHEMA } from "./undoing.ts";

/** The layout below; a ledger of another layout is refused. */
export const SCHEMA_VERSION = 9;

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

/**
 * What is not covered by a checksum and steers a run is one of a few words: SQLite's own check finds another one.
 *
 * One row a user, appended in the order of the source under an integer key: the fastest insert there is. Indexes that
 * only a later phase needs are made when that phase begins.
 */
export const SCHEMA = `
  CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE user (
    seq        INTEGER PRIMARY KEY,
    line       INTEGER,
    source_id  TEXT,
    username   TEXT,
    attributes TEXT NOT NULL,
    source_row TEXT NOT NULL,
    route      TEXT NOT NULL ${oneOf("route", ROUTES)},
    sms_mfa    INTEGER NOT NULL,
    checksum   INTEGER NOT NULL,
    hash_algorithm TEXT,
    password_hash  TEXT,
    password   TEXT,
    own_password INTEGER NOT NULL,
    claim_username TEXT,
    claim_email    TEXT,
    claim_phone    TEXT,
    claim_preferred_username TEXT,
    changed_at REAL,
    part       INTEGER,
    part_line  INTEGER,
    sent_at    INTEGER,
    refusal    TEXT,
    row_failure TEXT,
    outcome    TEXT ${oneOf("outcome", OUTCOMES)},
    reason     TEXT,
    message    TEXT,
    sub        TEXT
  ) STRICT;

  CREATE TABLE issue (
    seq       INTEGER NOT NULL,
    code      TEXT NOT NULL,
    attribute TEXT,
    message   TEXT NOT NULL
  ) STRICT;

  CREATE TABLE follow_up (
    id      INTEGER PRIMARY KEY,
    seq     INTEGER NOT NULL,
    kind    TEXT NOT NULL ${oneOf("kind", FOLLOW_UP_KINDS)},
    target  TEXT,
    subject TEXT,
    checksum INTEGER NOT NULL,
    sent_at INTEGER,
    state   TEXT NOT NULL DEFAULT 'pending' ${oneOf("state", ["pending", "done", "failed"])},
    message TEXT,
    settled_at INTEGER
  ) STRICT;

  CREATE TABLE part (
    id     INTEGER PRIMARY KEY,
    state  TEXT NOT NULL ${oneOf("state", ["spooling", "spooled", "settled", "split"])},
    algorithm TEXT,
    rows   INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    ended  INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE job (
    id       INTEGER PRIMARY KEY,
    part     INTEGER NOT NULL REFERENCES part,
    name     TEXT NOT NULL UNIQUE,
    state    TEXT NOT NULL ${oneOf("state", JOB_STATES)},
    job_id   TEXT,
    status   TEXT,
    completion_message TEXT,
    imported INTEGER NOT NULL DEFAULT 0,
    skipped  INTEGER NOT NULL DEFAULT 0,
    failed   INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER,
    ended_at INTEGER
  ) STRICT;

  ${CLASH_SCHEMA}
  ${UNDO_SCHEMA}
`;

/** Made when the plan is finished: loading finds its users by route, part and line. */
export const LOAD_INDEXES = `
  CREATE INDEX user_by_part ON user (part, part_line) WHERE part IS NOT NULL;
  CREATE INDEX user_to_spool ON user (hash_algorithm, seq) WHERE part IS NULL AND outcome IS NULL AND route = 'import-job';
  ${USERNAME_INDEX};
  CREATE INDEX user_created ON user (outcome) WHERE route = 'admin-create' AND row_failure IS NULL;
  CREATE INDEX user_to_create ON user (seq) WHERE outcome IS NULL AND route = 'admin-create';
  CREATE INDEX user_signed_up ON user (outcome) WHERE route = 'sign-up';
  CREATE INDEX user_to_sign_up ON user (seq) WHERE outcome IS NULL AND route = 'sign-up';
  CREATE INDEX follow_up_disable ON follow_up (seq) WHERE state = 'pending' AND kind = 'disable';
  CREATE INDEX follow_up_rest ON follow_up (seq) WHERE state = 'pending' AND kind <> 'disable';
  CREATE INDEX follow_up_by_user ON follow_up (seq, id);
  CREATE INDEX follow_up_failed ON follow_up (seq) WHERE state = 'failed';
  CREATE INDEX user_by_outcome ON user (outcome, seq);
`;
