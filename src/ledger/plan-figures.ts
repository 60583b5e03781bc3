import { CLAIM_KINDS, DUPLICATE_CODE } from "../core/clash.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import { VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";
import type { Statements } from "./database.ts";
import type { DuplicateExample, PlanFigures, SignInFigures } from "./ledger.ts";

/** Users of a plan who are to be sent. */
const SENT = "outcome IS NULL AND route <> 'none'";

/** Examples of each claim that several users have. */
const EXAMPLES = 3;

/** What a forecast needs of a plan beside the numbers of reports; after clashes were rejected. */
export async function planFigures(statements: Statements, pool: Pool): Promise<PlanFigures> {
  const jobs = await statements.all<{ readonly algorithm: HashAlgorithm | null; readonly users: number }>(
    `SELECT hash_algorithm AS algorithm, count(*) AS users FROM users WHERE ${SENT} AND route = 'import-job'
      GROUP BY hash_algorithm ORDER BY hash_algorithm NULLS FIRST`,
  );
  return {
    jobUsers: jobs.map(({ algorithm, users }) => ({ algorithm: algorithm ?? undefined, users })),
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
    signIn: await signInFigures(statements, pool),
  };
}

async function count(statements: Statements, sql: string): Promise<number> {
  return (await statements.get<{ readonly count: number }>(sql))?.count ?? 0;
}

/** Letters beyond ASCII are not compared: neither database folds their case in our texts. */
const CASING_TWINS = `SELECT CAST(coalesce(sum(twins), 0) AS BIGINT) AS count FROM (
  SELECT count(*) AS twins FROM users WHERE ${SENT} AND claim_username IS NOT NULL
   GROUP BY lower(claim_username) HAVING count(*) > 1) AS alike`;

/**
 * Whether a user has an attribute, as a condition on its JSON: a quote within a value stands escaped in it, so this is found in no
 * value.
 */
const has = (name: string): string => `attributes LIKE '%["${name}","%'`;
const isTrue = (name: string): string => `attributes LIKE '%["${name}","true"]%'`;
const isVerified = (contact: Contact): string => `(${has(contact)} AND ${isTrue(VERIFIED_FLAG[contact])})`;

async function signInFigures(statements: Statements, pool: Pool): Promise<SignInFigures> {
  const { aliasAttributes, usernameAttributes } = pool;
  const aliases = aliasAttributes.map((name) =>
    name === "email" || name === "phone_number" ? isVerified(name) : has(name),
  );
  const isByNameAlone = aliasAttributes.length === 0 && usernameAttributes.length === 0;
  const counts: Record<keyof SignInFigures, string> = {
    withoutPhone: `NOT ${has("phone_number")}`,
    phoneOnly: `NOT ${isVerified("email")} AND ${isVerified("phone_number")}`,
    withoutAlias: aliases.length === 0 ? "FALSE" : `NOT (${aliases.join(" OR ")})`,
    otherName: isByNameAlone ? `${has("email")} AND username NOT LIKE '%@%'` : "FALSE",
  };
  const columns = Object.entries(counts).map(
    ([name, condition]) => `count(*) FILTER (WHERE ${condition}) AS "${name}"`,
  );
  const found = await statements.get<SignInFigures>(`SELECT ${columns.join(", ")} FROM users WHERE ${SENT}`);
  return found ?? { withoutPhone: 0, phoneOnly: 0, withoutAlias: 0, otherName: 0 };
}

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
