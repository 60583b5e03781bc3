import type { SingleRoute } from "../core/route.ts";
import type { Database } from "./database.ts";
import type { Division } from "./division.ts";
import type { CreationLedger, InQuestion, Taking, UserToCreate } from "./ledger.ts";
import { countOf } from "./reading.ts";
import { toUserToCreate, USER_TO_LOAD, usersWhere } from "./users.ts";

// The route stands in the text, as an index of some rows only serves a condition that is known beforehand.
const toCreate = (route: SingleRoute): string => `outcome IS NULL AND route = '${route}'`;

const inQuestion = (route: SingleRoute, which: InQuestion = "all"): string =>
  `${toCreate(route)} AND ${which === "all" ? "(sent_at IS NOT NULL OR refusal IS NOT NULL)" : "refusal IS NOT NULL"}`;

/** The users of the run in a database who are made one by one, by the process of this division. */
export function creationLedger(database: Database, division: Division): CreationLedger {
  const { mine } = division;
  const countInQuestion = (route: SingleRoute, which?: InQuestion): Promise<number> =>
    countOf(database, `SELECT count(*) AS count FROM users WHERE ${inQuestion(route, which)} AND ${mine}`);
  return {
    takeToCreate: (route, taking) => takeToCreate(database, route, { division, taking }),
    async noteRefusal(seq, refusal, sent) {
      const unsent = sent === "first" ? ", sent_at = NULL" : "";
      await database.run(`UPDATE users SET refusal = ?${unsent} WHERE seq = ? AND ${mine}`, [refusal, seq]);
    },
    async takeInQuestion(route) {
      await division.takeOver(database, inQuestion(route));
      return countInQuestion(route);
    },
    countInQuestion,
    usersInQuestion: (route, which) => usersWhere(database, `${inQuestion(route, which)} AND ${mine}`),
    settleRefused({ kind, reason }, route, sent) {
      const when = sent === undefined ? "" : ` AND sent_at IS ${sent === "first" ? "" : "NOT "}NULL`;
      return database.run(
        `UPDATE users SET outcome = ?, reason = ?, message = refusal, password = NULL
          WHERE ${toCreate(route)} AND refusal IS NOT NULL AND ${mine}${when}`,
        [kind, reason ?? null],
      );
    },
  };
}

async function takeToCreate(
  database: Database,
  route: SingleRoute,
  { division, taking }: { readonly division: Division; readonly taking: Taking },
): Promise<readonly UserToCreate[]> {
  const { behind, most, sentAt } = taking;
  const records = await division.takeToCreate(database, {
    columns: `${USER_TO_LOAD}, password, sent_at`,
    where: `${toCreate(route)} AND refusal IS NULL AND ${division.free} AND seq > ? ORDER BY seq LIMIT ?`,
    values: [behind, most],
    sentAt,
  });
  return records.map(toUserToCreate);
}
