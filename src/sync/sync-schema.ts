import { CHANGE_KINDS } from "../core/change.ts";
import type { Dialect } from "../ledger/database.ts";

/** The layout below; a sync of another layout is refused. */
export const SYNC_VERSION = 1;

const oneOf = (column: string, words: readonly string[]): string =>
  `CHECK (${column} IN (${words.map((word) => `'${word}'`).join(", ")}))`;

/** What tells whether there is a sync at all: it is there before everything else. */
export const FACT_TABLE = "CREATE TABLE IF NOT EXISTS sync_fact (key TEXT PRIMARY KEY, value TEXT NOT NULL)";

/** What stays from one sync to the next, beside the facts. Attributes and groups are JSON. */
export const syncSchemaOf = ({ integer, numberedKey }: Dialect): string => `
  CREATE TABLE managed (
    key          TEXT PRIMARY KEY,
    sub          TEXT,
    username     TEXT NOT NULL,
    origin       TEXT NOT NULL ${oneOf("origin", ["created", "adopted"])},
    attributes   TEXT NOT NULL,
    member_of    TEXT NOT NULL,
    is_disabled  ${integer} NOT NULL,
    absent_since ${integer}
  );
  CREATE UNIQUE INDEX managed_by_sub ON managed (sub);

  CREATE TABLE sync_user (
    id           ${numberedKey},
    key          TEXT NOT NULL,
    seq          ${integer},
    sub          TEXT NOT NULL,
    username     TEXT NOT NULL,
    origin       TEXT NOT NULL ${oneOf("origin", ["created", "adopted"])},
    old_key      TEXT,
    attributes   TEXT NOT NULL,
    member_of    TEXT NOT NULL,
    is_disabled  ${integer} NOT NULL,
    absent_since ${integer},
    replaced     TEXT NOT NULL
  );

  CREATE INDEX sync_user_by_sub ON sync_user (sub);

  CREATE TABLE forgotten (key TEXT PRIMARY KEY);

  CREATE TABLE change (
    id      ${numberedKey},
    sync_user ${integer} NOT NULL,
    kind    TEXT NOT NULL ${oneOf("kind", CHANGE_KINDS)},
    change  TEXT NOT NULL,
    is_harmless ${integer} NOT NULL,
    sent_at ${integer},
    state   TEXT NOT NULL DEFAULT 'pending' ${oneOf("state", ["pending", "withheld", "done", "failed"])},
    reason  TEXT,
    message TEXT
  );
  CREATE INDEX change_pending ON change (kind, id) WHERE state = 'pending';
  CREATE INDEX change_of_user ON change (sync_user);

  CREATE TABLE conflict (
    id       ${numberedKey},
    key      TEXT NOT NULL,
    username TEXT NOT NULL,
    sub      TEXT,
    kind     TEXT NOT NULL,
    what     TEXT NOT NULL,
    is_overruled ${integer} NOT NULL
  );

  CREATE TABLE sync_run (
    id         TEXT PRIMARY KEY,
    cause      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    started_at ${integer} NOT NULL,
    ended_at   ${integer},
    summary    TEXT
  );
  CREATE INDEX sync_run_by_start ON sync_run (started_at);

  CREATE TABLE tick (at ${integer} PRIMARY KEY);
`;

/** What one sync looks at; made anew by each, and of no use afterwards. */
export const scratchSchemaOf = ({ integer, scratchTable }: Dialect): string => `
  DROP TABLE IF EXISTS wanted;
  DROP TABLE IF EXISTS gone;
  DROP TABLE IF EXISTS had;
  DROP TABLE IF EXISTS had_name;
  DROP TABLE IF EXISTS had_group;
  ${scratchTable} wanted (key TEXT PRIMARY KEY, times ${integer} NOT NULL);
  ${scratchTable} gone (key TEXT PRIMARY KEY);
  ${scratchTable} had (sub TEXT PRIMARY KEY, username TEXT NOT NULL, attributes TEXT NOT NULL, is_enabled ${integer});
  ${scratchTable} had_name (name TEXT PRIMARY KEY, sub TEXT NOT NULL);
  ${scratchTable} had_group (sub TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (sub, name));
`;
