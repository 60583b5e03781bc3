import type { FollowUpKind } from "../core/follow-up.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { Attributes } from "../core/planned-user.ts";
import { attributesOf, type CheckedRecord } from "./checksum.ts";
import type { Statements } from "./database.ts";
import type { WantedUser } from "./ledger.ts";
import { PAGE_ROWS, pages } from "./reading.ts";

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
export async function* wantedUsers(statements: Statements): AsyncIterable<readonly WantedUser[]> {
  const users = pages(({ seq }) =>
    statements.all<WantedRecord>(
      `SELECT seq, source_id, username, attributes, sms_mfa, checksum, outcome, reason, sub FROM users
        WHERE seq > ? ORDER BY seq LIMIT ?`,
      [seq, PAGE_ROWS],
    ),
  );
  let last = 0;
  for await (const page of users) {
    const end = page.at(-1)?.seq ?? last;
    const followUps = await statements.all<FollowUpRecord>(
      `SELECT seq, kind, target FROM follow_up
        WHERE seq > ? AND seq <= ? AND kind IN ('disable', 'set-attributes', 'add-to-group') ORDER BY seq, id`,
      [last, end],
    );
    const issues = await statements.all<{ readonly seq: number; readonly attribute: string }>(
      "SELECT seq, attribute FROM issue WHERE seq > ? AND seq <= ? AND attribute IS NOT NULL",
      [last, end],
    );
    const doubtful = Map.groupBy(issues, ({ seq }) => seq);
    const bySeq = Map.groupBy(followUps, ({ seq }) => seq);
    yield page.map((user) => ({
      ...toWanted(user, bySeq.get(user.seq) ?? []),
      doubtful: (doubtful.get(user.seq) ?? []).map(({ attribute }) => attribute),
    }));
    last = end;
  }
}

function toWanted(record: WantedRecord, followUps: readonly FollowUpRecord[]): Omit<WantedUser, "doubtful"> {
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
