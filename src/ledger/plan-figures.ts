import { CLAIM_KINDS, DUPLICATE_CODE } from "../core/clash.ts";
import type { Pool } from "../core/pool.ts";
import type { Statements } from "./database.ts";
import type { DuplicateExample, PlanFigures } from "./ledger.ts";

/** Users of a plan who are to be sent. */
const SENT = "outcome IS NULL AND route <> 'none'";

/** Examples of each claim that several users have. */
const EXAMPLES = 3;

/** What a forecast needs of a plan beside the numbers of reports, with what was tallied; after clashes were rejected. */
export async function planFigures(
  statements: Statements,
  pool: Pool,
  tallied: Pick<PlanFigures, "jobUsers" | "signIn">,
): Promise<PlanFigures> {
  return {
    ...tallied,
    groups: await count(
      statements,
      `SELECT count(DISTINCT target) AS count FROM follow_up JOIN users USING (seq)
        WHERE kind = 'add-to-group' AND ${SENT}`,
    ),
    duplicates: {
      users: await count(statements, "SELECT count(*) AS count FROM clash_group"),
      groups: await count(statements, "SELECT count(DISTINCT number) AS count FROM clash_group"),
    },
    duplicateExamples: await duplicateExamples(statements),
    casingTwins: pool.caseSensitive ? await count(statements, CASING_TWINS) : 0,
    nothingVerified: await count(
      statements,
      `SELECT count(DISTINCT seq) AS count FROM issue JOIN users USING (seq)
        WHERE code IN ('nothing-verified', 'no-contact') AND ${SENT}`,
    ),
  };
}

async function count(statements: Statements, sql: string): Promise<number> {
  return (await statements.get<{ readonly count: number }>(sql))?.count ?? 0;
}

/** Letters beyond ASCII are not compared: neither database folds their case in our texts. */
const CASING_TWINS = `SELECT CAST(coalesce(sum(twins), 0) AS BIGINT) AS count FROM (
  SELECT count(*) AS twins FROM users WHERE ${SENT} AND claim_username IS NOT NULL
   GROUP BY lower(claim_username) HAVING count(*) > 1) AS alike`;

async function duplicateExamples(statements: Statements): Promise<readonly DuplicateExample[]> {
  const found: DuplicateExample[] = [];
  for (const kind of CLAIM_KINDS) {
    const rows = await statements.all<{
      readonly seq: number;
      readonly line: number | null;
      readonly username: string | null;
    }>(
      `SELECT users.seq, line, username FROM clash JOIN clash_member ON clash_member.clash = clash.id
         JOIN users ON users.seq = clash_member.seq
        WHERE clash.claim = ? AND users.outcome = 'rejected' ORDER BY clash.id, users.seq LIMIT ?`,
      [kind, EXAMPLES],
    );
    for (const { seq, line, username } of rows)
      found.push({
        code: DUPLICATE_CODE[kind],
        seq,
        line: line ?? undefined,
        username: username ?? undefined,
      });
  }
  return found;
}
