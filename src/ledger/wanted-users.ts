import type Database from "better-sqlite3";
import type { FollowUpKind } from "../core/follow-up.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { Attributes } from "../core/planned-user.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { WantedUser } from "./ledger.ts";

/** Users read at a time. */
const PAGE_ROWS = 500;

interface WantedRecord extends Omit<CheckedRecord, "username"> {
  readonly source_id: string | null;
  readonly username: string | null;
  readonly outcome: OutcomeKind | null;
  readonly reason: string | null;
  readonly sub: string | null;
}

interface FollowUpRecord {
  readonly seq: number;
  readonly kind: FollowUpKind;
  readonly target: string | null;
}

/** All users of a plan, in the order of the source, page by page: the ledger may be written between two of them. */
export async function* wantedUsers(database: Database.Database): AsyncIterable<readonly WantedUser[]> {
  const page = database.prepare<[number, number], WantedRecord>(
    `SELECT seq, source_id, username, attributes, sms_mfa, checksum, outcome, reason, sub FROM user
      WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const followUps = database.prepare<[number, number], FollowUpRecord>(
    `SELECT seq, kind, target FROM follow_up
      WHERE seq > ? AND seq <= ? AND kind IN ('disable', 'set-attributes', 'add-to-group') ORDER BY id`,
  );
  for (let last = 0; ;) {
    const users = page.all(last, PAGE_ROWS);
    const end = users.at(-1)?.seq;
    if (end === undefined) return;
    const bySeq = Map.groupBy(followUps.all(last, end), ({ seq }) => seq);
    yield users.map((user) => toWanted(user, bySeq.get(user.seq) ?? []));
    last = end;
  }
}

function toWanted(record: WantedRecord, followUps: readonly FollowUpRecord[]): WantedUser {
  const { seq, source_id, username, outcome, reason, sub } = record;
  return {
    seq,
    sourceId: source_id ?? undefined,
    username: username ?? undefined,
    attributes: [
      ...attributesOf(record as CheckedRecord),
      ...followUps
        .filter(({ kind }) => kind === "set-attributes")
        .flatMap(({ target }) => JSON.parse(target ?? "[]") as Attributes),
    ],
    groups: followUps.filter(({ kind }) => kind === "add-to-group").map(({ target }) => target ?? ""),
    isDisabled: followUps.some(({ kind }) => kind === "disable"),
    outcome: outcome ?? undefined,
    reason: reason ?? undefined,
    sub: sub ?? undefined,
  };
}
