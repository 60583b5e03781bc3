import { FOLLOW_UP_KINDS, type FollowUpKind } from "../core/follow-up.ts";
import { ISSUES, type IssueCode } from "../core/issue.ts";
import { OUTCOMES, type OutcomeKind } from "../core/outcome.ts";
import { ROUTES } from "../core/route.ts";
import { countActiveUsers } from "./active-users.ts";
import { clashingUsers } from "./clashes.ts";
import type { SqlValue, Statements } from "./database.ts";
import { readFact, requireFact } from "./facts.ts";
import { toFollowUp, type CheckedFollowUp } from "./follow-up-row.ts";
import type {
  FollowUpCount,
  IssueCount,
  ReasonCount,
  ReportedFollowUp,
  ReportedIdentity,
  ReportedUser,
  ReportedWarning,
  ReportLedger,
  RunCounts,
  RunFacts,
  SampleLedger,
} from "./ledger.ts";
import { sampleLedger } from "./samples.ts";
import { PAGE_ROWS, pages, withoutNulls } from "./reading.ts";
import type { UserCount } from "./plan-tally.ts";
import { sourceRowReader } from "./source-rows.ts";
import { undoAction, undoCounts } from "./undoing.ts";

/** What is told of the run in a database. Of one that was purged it is what the purge has kept. */
export function reportLedger(
  statements: Statements,
  facts: RunFacts,
  tallied: () => readonly UserCount[] | undefined = () => undefined,
): Omit<ReportLedger, "countWorkers"> & SampleLedger {
  const kept = () => readFact(statements, "kept");
  const users = async (): Promise<readonly UserCount[]> => tallied() ?? (await countUsers(statements));
  return {
    ...sampleLedger(statements),
    facts,
    state: () => requireFact(statements, "state"),
    source: () => readFact(statements, "source"),
    forecast: () => readFact(statements, "forecast"),
    async purged() {
      const left = await kept();
      return left === undefined ? undefined : { was: left.was, at: left.at };
    },
    counts: async () => (await kept())?.counts ?? sumUp(await users()),
    issueCounts: async () => (await kept())?.issueCounts ?? (await countIssues(statements)),
    reasonCounts: async () => (await kept())?.reasonCounts ?? (await countReasons(statements)),
    activeUsers: async () =>
      (await kept())?.activeUsers ?? (await countActiveUsers(statements, await users())),
    followUpCounts: async () => (await kept())?.followUpCounts ?? (await countFollowUps(statements)),
    undoAction: () => undoAction(statements),
    async undoCounts() {
      const left = await kept();
      return left === undefined ? undoCounts(statements) : left.undoCounts;
    },
    failedFollowUps: () => failedFollowUps(statements),
    identities: () => identities(statements),
    usersWithOutcome: (kind) => usersWithOutcome(statements, kind),
    clashes: () => clashingUsers(statements),
    warnings: () => warnings(statements),
  };
}

function countUsers(statements: Statements): Promise<readonly UserCount[]> {
  return statements.all<UserCount>(
    `SELECT route, outcome, hash_algorithm AS algorithm, own_password AS "hasPassword", count(*) AS count
       FROM users GROUP BY route, outcome, hash_algorithm, own_password`,
  );
}

function sumUp(rows: readonly UserCount[]): RunCounts {
  const sum = (of: (row: UserCount) => boolean): number => total(rows.filter(of));
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
    withHash: total(created.filter(({ algorithm }) => algorithm !== null)),
    withPassword: total(created.filter(({ hasPassword }) => hasPassword === 1)),
    withTemporary: total(
      created.filter(({ route, hasPassword }) => route === "admin-create" && hasPassword === 0),
    ),
    created: total(created),
    flows: [...Map.groupBy(rows, ({ route, outcome }) => `${route} ${outcome ?? ""}`)]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, [first, ...others]]) => ({
        route: first?.route ?? "none",
        outcome: first?.outcome ?? undefined,
        count: (first?.count ?? 0) + total(others),
      })),
  };
}

function total(rows: readonly UserCount[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

async function countIssues(statements: Statements): Promise<readonly IssueCount[]> {
  const rows = await statements.all<{ readonly code: IssueCode; readonly count: number }>(
    "SELECT code, count(DISTINCT seq) AS count FROM issue GROUP BY code ORDER BY count DESC, code",
  );
  return rows.map(({ code, count }) => ({ code, severity: ISSUES[code].severity, count }));
}

function countReasons(statements: Statements): Promise<readonly ReasonCount[]> {
  return statements.all<ReasonCount>(
    `SELECT outcome AS kind, reason, min(message) AS example, count(*) AS count FROM users
      WHERE outcome IS NOT NULL AND reason IS NOT NULL GROUP BY outcome, reason
     UNION ALL
     SELECT 'imported', 'follow-up-failed', min(kind || ': ' || message), count(DISTINCT seq) FROM follow_up
      WHERE state = 'failed' HAVING count(*) > 0
     ORDER BY count DESC, reason`,
  );
}

async function countFollowUps(
  statements: Statements,
): Promise<Readonly<Record<FollowUpKind, FollowUpCount>>> {
  const rows = await statements.all<FollowUpCount & { readonly kind: FollowUpKind }>(
    `SELECT kind, count(*) FILTER (WHERE outcome IS NULL OR outcome = 'imported') AS planned,
            count(*) FILTER (WHERE outcome = 'skipped') AS untouched,
            count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed
       FROM follow_up JOIN users USING (seq) GROUP BY kind`,
  );
  return Object.fromEntries(
    FOLLOW_UP_KINDS.map((kind) => {
      const found = rows.find((row) => row.kind === kind);
      const { planned = 0, untouched = 0, done = 0, failed = 0 } = found ?? {};
      return [kind, { planned, untouched, done, failed }];
    }),
  ) as Record<FollowUpKind, FollowUpCount>;
}

interface FailedRecord extends CheckedFollowUp {
  readonly id: number;
  readonly line: number | null;
  readonly sourceId: string | null;
  readonly username: string;
  readonly sub: string | null;
  readonly message: string;
}

async function* failedFollowUps(statements: Statements): AsyncIterable<ReportedFollowUp> {
  const sql = `SELECT id, follow_up.seq, line, source_id AS "sourceId", username, sub, kind, target, subject,
      follow_up.checksum, follow_up.message
    FROM follow_up CROSS JOIN users
   WHERE users.seq = follow_up.seq AND state = 'failed' AND (follow_up.seq, id) > (?, ?)
   ORDER BY follow_up.seq, id LIMIT ?`;
  const read = pages(({ seq, id }) => statements.all<FailedRecord>(sql, [seq, id, PAGE_ROWS]));
  for await (const page of read) {
    for (const record of page) {
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
}

interface IdentityRecord {
  readonly seq: number;
  readonly sourceId: string | null;
  readonly username: string;
  readonly sub: string | null;
}

async function* identities(statements: Statements): AsyncIterable<ReportedIdentity> {
  const anybody = "SELECT seq FROM users WHERE outcome IN ('imported', 'updated', 'skipped') LIMIT 1";
  if ((await statements.get(anybody)) === undefined) return;
  // Nearly everyone: to go through them all is quicker than any index, which coalesce leaves aside.
  const sql = `SELECT seq, source_id AS "sourceId", username, sub FROM users
    WHERE coalesce(outcome, '') IN ('imported', 'updated', 'skipped')
      AND (outcome <> 'skipped' OR sub IS NOT NULL) AND seq > ? ORDER BY seq LIMIT ?`;
  for await (const page of pages(({ seq }) => statements.all<IdentityRecord>(sql, [seq, PAGE_ROWS])))
    for (const { sourceId, username, sub } of page)
      yield { sourceId: sourceId ?? undefined, username, sub: sub ?? undefined };
}

type Columns = Readonly<Record<string, SqlValue>> & { readonly seq: number; readonly id?: number };

async function* usersWithOutcome(statements: Statements, kind: OutcomeKind): AsyncIterable<ReportedUser> {
  const sql = `SELECT seq, line, source_id AS "sourceId", username, sub, reason,
      message || CASE WHEN row_failure IS NULL OR row_failure = message THEN ''
                      ELSE '; before that: ' || row_failure END AS message
    FROM users WHERE outcome = ? AND seq > ? ORDER BY seq LIMIT ?`;
  const sourceRowOf = sourceRowReader(statements);
  for await (const page of pages(({ seq }) => statements.all<Columns>(sql, [kind, seq, PAGE_ROWS]))) {
    for (const row of page)
      yield {
        ...(withoutNulls(row) as Omit<ReportedUser, "sourceRow">),
        sourceRow: await sourceRowOf(row.seq),
      };
  }
}

async function* warnings(statements: Statements): AsyncIterable<ReportedWarning> {
  const sql = `SELECT issue.id, issue.seq, users.line, users.source_id AS "sourceId", users.username, users.outcome,
      code, attribute, issue.message
    FROM issue JOIN users ON users.seq = issue.seq
   WHERE (users.outcome IS NULL OR users.outcome <> 'rejected') AND (issue.seq, issue.id) > (?, ?)
   ORDER BY issue.seq, issue.id LIMIT ?`;
  const read = pages(({ seq, id }) => statements.all<Columns>(sql, [seq, id, PAGE_ROWS]));
  for await (const page of read)
    for (const { id: _id, ...row } of page) yield withoutNulls(row) as ReportedWarning;
}
