import type { SingleRoute } from "../core/route.ts";
import type { Database } from "./database.ts";
import type { CreationLedger, UserToCreate } from "./ledger.ts";
import { countOf, PAGE_ROWS, pages } from "./reading.ts";
import { toUserToCreate, USER_TO_LOAD, usersWhere, type CreationRecord } from "./users.ts";

// The route stands in the text, as an index of some rows only serves a condition that is known beforehand.
const toCreate = (route: SingleRoute): string => `outcome IS NULL AND route = '${route}'`;

const inQuestion = (route: SingleRoute): string =>
  `${toCreate(route)} AND (sent_at IS NOT NULL OR refusal IS NOT NULL)`;

/** The users of the run in a database who are made one by one. */
export function creationLedger(database: Database): CreationLedger {
  return {
    usersToCreate: (route) => usersToCreate(database, route),
    async noteSent(seqs, sentAt) {
      await database.runMany(
        "UPDATE users SET sent_at = coalesce(sent_at, ?) WHERE seq = ?",
        seqs.map((seq) => [sentAt, seq]),
      );
    },
    async noteRefusal(seq, refusal, sent) {
      const unsent = sent === "first" ? ", sent_at = NULL" : "";
      await database.run(`UPDATE users SET refusal = ?${unsent} WHERE seq = ?`, [refusal, seq]);
    },
    countInQuestion: (route) =>
      countOf(database, `SELECT count(*) AS count FROM users WHERE ${inQuestion(route)}`),
    usersInQuestion: (route) => usersWhere(database, inQuestion(route)),
    settleRefused({ kind, reason }, route, sent) {
      const when = sent === undefined ? "" : ` AND sent_at IS ${sent === "first" ? "" : "NOT "}NULL`;
      return database.run(
        `UPDATE users SET outcome = ?, reason = ?, message = refusal, password = NULL
          WHERE ${toCreate(route)} AND refusal IS NOT NULL${when}`,
        [kind, reason ?? null],
      );
    },
  };
}

async function* usersToCreate(database: Database, route: SingleRoute): AsyncIterable<UserToCreate> {
  const sql = `SELECT ${USER_TO_LOAD}, password, sent_at FROM users
    WHERE ${toCreate(route)} AND refusal IS NULL AND seq > ? ORDER BY seq LIMIT ?`;
  for await (const page of pages(({ seq }) => database.all<CreationRecord>(sql, [seq, PAGE_ROWS])))
    for (const record of page) yield toUserToCreate(record);
}
