import type { IssueCode } from "../core/issue.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { Database, SqlValue, Statements } from "./database.ts";
import type { Part, PartCounts, PartLedger } from "./ledger.ts";
import { countOf } from "./reading.ts";
import { TO_IMPORT, usersByLine, usersWhere } from "./users.ts";

const TO_SPOOL = `part IS NULL AND ${TO_IMPORT}`;

const LEAVE_PART = "UPDATE users SET part = NULL, part_line = NULL WHERE part = ?";

/** The parts of the run in a database. */
export function partLedger(database: Database): PartLedger {
  return {
    // Each in words of its own, as PostgreSQL finds nothing by IS NOT DISTINCT FROM in an index.
    usersToSpool: (algorithm) =>
      algorithm === undefined
        ? usersWhere(database, `${TO_SPOOL} AND hash_algorithm IS NULL`)
        : usersWhere(database, `${TO_SPOOL} AND hash_algorithm = ?`, [algorithm]),
    usersOfPart: (part) => usersByLine(database, part, "TRUE"),
    unsettledOfPart: (part) => usersByLine(database, part, TO_IMPORT),
    countUnsettledOfPart: (part) =>
      countOf(database, `SELECT count(*) AS count FROM users WHERE part = ? AND ${TO_IMPORT}`, [part]),

    beginPart: (algorithm) =>
      database.transaction(async (statements) => {
        await forgetUnfinished(statements);
        const begun = await statements.get<{ readonly id: number }>(
          `INSERT INTO part (id, state, algorithm, rows, bytes, sha256)
           SELECT coalesce(max(id), 0) + 1, 'spooling', ?, 0, 0, '' FROM part RETURNING id`,
          [algorithm ?? null],
        );
        if (begun === undefined) throw new Error("no part was begun");
        return begun.id;
      }),
    forgetUnfinishedParts: () => database.transaction(forgetUnfinished),
    addToPart: (part, seqs) => database.transaction((statements) => addToPart(statements, part, seqs)),

    async finishPart(part, { rows, bytes, sha256 }) {
      const changed = await database.run(
        "UPDATE part SET state = 'spooled', bytes = ?, sha256 = ? WHERE id = ? AND state = 'spooling' AND rows = ?",
        [bytes, sha256, part, rows],
      );
      const [finished] = changed === 1 ? await partsWhere(database, "id = ?", [part]) : [];
      if (finished === undefined) throw new Error(`part ${part} has not the ${rows} users of its file`);
      return finished;
    },
    parts: () => partsWhere(database, "state <> 'spooling'"),
    settlePart: (part, counts) => endPart(database, part, { state: "settled", counts }),
    splitPart: (part, counts, startedAt) =>
      database.transaction((statements) => splitPart(statements, part, { counts, startedAt })),
    notePartSent: (part, startedAt) => notePartSent(database, part, startedAt),

    dropHashes: ({ id, algorithm = null }, message) =>
      database.transaction(async (statements) => {
        const code: IssueCode = "password-hash-refused";
        await splitPart(statements, id, { counts: { ended: 0, failed: 0 }, startedAt: undefined });
        const dropped = await statements.run(
          `INSERT INTO issue (seq, code, message)
           SELECT seq, ?, ? FROM users WHERE ${TO_IMPORT} AND hash_algorithm = ? ORDER BY seq`,
          [code, message, algorithm],
        );
        await statements.run(
          `UPDATE users SET hash_algorithm = NULL, password_hash = NULL WHERE ${TO_IMPORT} AND hash_algorithm = ?`,
          [algorithm],
        );
        return dropped;
      }),
  };
}

async function forgetUnfinished(statements: Statements): Promise<readonly number[]> {
  const forgotten = await statements.all<{ readonly id: number }>(
    "DELETE FROM part WHERE state = 'spooling' RETURNING id",
  );
  const ids = forgotten.map(({ id }) => id);
  for (const id of ids) await statements.run(LEAVE_PART, [id]);
  return ids;
}

async function addToPart(statements: Statements, part: number, seqs: readonly number[]): Promise<void> {
  const counted = await statements.get<{ readonly rows: number }>(
    "UPDATE part SET rows = rows + ? WHERE id = ? AND state = 'spooling' RETURNING rows",
    [seqs.length, part],
  );
  if (counted === undefined) throw new Error(`part ${part} takes no users`);
  const before = counted.rows - seqs.length;
  const added = await statements.runMany(
    `UPDATE users SET part = ?, part_line = ? WHERE seq = ? AND ${TO_SPOOL}`,
    seqs.map((seq, place) => [part, before + place + 1, seq]),
  );
  if (added === seqs.length) return;
  for (const [place, seq] of seqs.entries()) {
    const sql = "SELECT seq FROM users WHERE seq = ? AND part = ? AND part_line = ?";
    if ((await statements.get(sql, [seq, part, before + place + 1])) === undefined)
      throw new Error(`user ${seq} is not to be spooled`);
  }
}

interface PartRecord extends Omit<Part, "algorithm"> {
  readonly algorithm: HashAlgorithm | null;
}

async function partsWhere(
  statements: Statements,
  condition: string,
  parameters: readonly SqlValue[] = [],
): Promise<readonly Part[]> {
  const records = await statements.all<PartRecord>(
    `SELECT id, state, algorithm, rows, bytes, sha256, ended, failed FROM part WHERE ${condition} ORDER BY id`,
    parameters,
  );
  return records.map((record) => ({ ...record, algorithm: record.algorithm ?? undefined }));
}

async function splitPart(
  statements: Statements,
  part: number,
  { counts, startedAt }: { readonly counts: PartCounts; readonly startedAt: number | undefined },
): Promise<void> {
  await notePartSent(statements, part, startedAt);
  await statements.run(`${LEAVE_PART} AND outcome IS NULL`, [part]);
  await endPart(statements, part, { state: "split", counts });
}

async function notePartSent(
  statements: Statements,
  part: number,
  startedAt: number | undefined,
): Promise<void> {
  await statements.run(`UPDATE users SET sent_at = coalesce(sent_at, ?) WHERE part = ? AND ${TO_IMPORT}`, [
    startedAt ?? null,
    part,
  ]);
}

async function endPart(
  statements: Statements,
  part: number,
  { state, counts }: { readonly state: Part["state"]; readonly counts: PartCounts },
): Promise<void> {
  const { ended, failed } = counts;
  await statements.run("UPDATE part SET state = ?, ended = ?, failed = ? WHERE id = ?", [
    state,
    ended,
    failed,
    part,
  ]);
}
