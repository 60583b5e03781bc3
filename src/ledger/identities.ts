import type { Database, SqlValue } from "./database.ts";
import type { Claimant, IdentityLedger } from "./ledger.ts";
import { countOf, withoutNulls } from "./reading.ts";
import { usersWhere } from "./users.ts";

// SignUp answers with the sub, and who may not be looked up has none; nor has whom a sync has passed over, as nobody was made.
const LACKS_SUB = `outcome IN ('imported', 'skipped') AND route NOT IN ('none', 'sign-up') AND sub IS NULL
  AND coalesce(reason, '') NOT IN ('gone-from-pool', 'withheld')`;

/** Who of the run in a database is who in the pool. */
export function identityLedger(database: Database): IdentityLedger {
  return {
    async claimantOf(comparedName) {
      const row = await database.get<Record<string, SqlValue>>(
        `SELECT seq, route, part, sent_at AS "sentAt", refusal, outcome, sub FROM users
          WHERE claim_username = ? AND route <> 'none'`,
        [comparedName],
      );
      return row === undefined ? undefined : (withoutNulls(row) as Claimant);
    },
    countWithoutSub: () => countOf(database, `SELECT count(*) AS count FROM users WHERE ${LACKS_SUB}`),
    usersWithoutSub: () => usersWhere(database, LACKS_SUB),
    async recordIdentities(identities) {
      await database.runMany(
        "UPDATE users SET sub = ? WHERE seq = ?",
        identities.map(({ seq, sub }) => [sub, seq]),
      );
    },
  };
}
