import { CHANGE_KINDS } from "../core/change.ts";
import type { Dialect } from "../ledger/database.ts";

/** The layout below; a sync of another layout is refused. */
export const SYNC_VERSION = 1;

const oneOf = (column: string, words: readonly string[]): string =>
  `CHECK (${column} IN (${words.map((word) => `'${word}'`).join(", ")}))`;

/** What tells whether there is a sync at all: it is there before everything else. */
export const factTable = ({ text, keyedTable }: Dialect): string =>
  `CREATE TABLE IF NOT EXISTS sync_fact (key ${text} PRIMARY KEY, value ${text} NOT NULL) ${keyedTable}`;

/** What stays from one sync to the next beside the facts, made where it is not there yet. Attributes and groups are JSON. */
export const syncSchemaOf = ({ integer, numberedKey, text, table, keyedTable }: Dialect): string => `
  CREATE TABLE IF NOT EXISTS managed (
    key          ${text} PRIMARY KEY,
    sub          ${text},
    username     ${text} NOT NULL,
    origin       ${text} NOT NULL ${oneOf("origin", ["created", "adopted"])},
    attributes   ${text} NOT NULL,
    member_of    ${text} NOT NULL,
    is_disabled  ${integer} NOT NULL,
    absent_since ${integer},
    unlisted_since ${integer}
  ) ${table};
  CREATE UNIQUE INDEX IF NOT EXISTS managed_by_sub ON managed (sub);

  CREATE TABLE IF NOT EXISTS sync_user (
    id           ${numberedKey},
    key          ${text} NOT NULL,
    seq          ${integer},
    sub          ${text} NOT NULL,
    username     ${text} NOT NULL,
    origin       ${text} NOT NULL ${oneOf("origin", ["created", "adopted"])},
    old_key      ${text},
    attributes   ${text} NOT NULL,
    member_of    ${text} NOT NULL,
    is_disabled  ${integer} NOT NULL,
    absent_since ${integer},
    unlisted_since ${integer},
    replaced     ${text} NOT NULL
  ) ${table};

  CREATE INDEX IF NOT EXISTS sync_user_by_sub ON sync_user (sub);

  CREATE TABLE IF NOT EXISTS forgotten (key ${text} PRIMARY KEY) ${keyedTable};

  CREATE TABLE IF NOT EXISTS change (
    id      ${numberedKey},
    sync_user ${integer} NOT NULL,
    kind    ${text} NOT NULL ${oneOf("kind", CHANGE_KINDS)},
    change  ${text} NOT NULL,
    is_harmless ${integer} NOT NULL,
    sent_at ${integer},
    state   ${text} NOT NULL DEFAULT 'pending' ${oneOf("state", ["pending", "withheld", "done", "failed"])},
    reason  ${text},
    message ${text}
  ) ${table};
  CREATE INDEX IF NOT EXISTS change_pending ON change (kind, id) WHERE state = 'pending';
  CREATE INDEX IF NOT EXISTS change_of_user ON change (sync_user);

  CREATE TABLE IF NOT EXISTS conflict (
    id       ${numberedKey},
    key      ${text} NOT NULL,
    username ${text} NOT NULL,
    sub      ${text},
    kind     ${text} NOT NULL,
    what     ${text} NOT NULL,
    is_overruled ${integer} NOT NULL
  ) ${table};

  CREATE TABLE IF NOT EXISTS sync_run (
    id         ${text} PRIMARY KEY,
    cause      ${text} NOT NULL,
    kind       ${text} NOT NULL,
    started_at ${integer} NOT NULL,
    ended_at   ${integer},
    summary    ${text}
  ) ${table};
  CREATE INDEX IF NOT EXISTS sync_run_by_start ON sync_run (started_at);

  CREATE TABLE IF NOT EXISTS tick (at ${integer} PRIMARY KEY) ${keyedTable};
`;

/** What one sync looks at; made anew by each, and of no use afterwards. */
export const scratchSchemaOf = ({ integer, text, keyedTable, createScratch }: Dialect): string => `
  DROP TABLE IF EXISTS wanted;
  DROP TABLE IF EXISTS gone;
  DROP TABLE IF EXISTS had;
  DROP TABLE IF EXISTS had_name;
  DROP TABLE IF EXISTS had_group;
  ${createScratch} wanted (key ${text} PRIMARY KEY, times ${integer} NOT NULL) ${keyedTable};
  ${createScratch} gone (key ${text} PRIMARY KEY) ${keyedTable};
  ${createScratch} had (sub ${text} PRIMARY KEY, username ${text} NOT NULL, attributes ${text} NOT NULL, is_enabled ${integer}, is_confirmed ${integer} NOT NULL) ${keyedTable};
  ${createScratch} had_name (name ${text} PRIMARY KEY, sub ${text} NOT NULL) ${keyedTable};
  ${createScratch} had_group (sub ${text} NOT NULL, name ${text} NOT NULL, PRIMARY KEY (sub, name)) ${keyedTable};
`;
