import type { Database, SqlValue, Statements } from "./database.ts";
import type { FollowUpTurn, WorkerLedger } from "./ledger.ts";
import type { CreationRecord } from "./users.ts";

/**
 * Which users and tasks of a run are this process's, as conditions on the tables of the ledger. Where processes share a run,
 * each of them has a division of its own.
 */
export interface Division {
  /** The tasks of the run, and the others at work on it. */
  readonly workers: WorkerLedger;
  /** Of users who are to be made one by one and were not refused: whom it may take. */
  readonly free: string;
  /** Of users who were sent or refused: whom it has. */
  readonly mine: string;
  /**
   * Makes users its own who are selected, and notes that they are about to be sent; a time that was noted before stays. Returns
   * their rows as they were.
   */
  takeToCreate(database: Database, selection: Selection): Promise<readonly CreationRecord[]>;
  /** Makes users for whom a condition holds its own, where the worker that had them is gone. */
  takeOver(statements: Statements, condition: string): Promise<void>;
  /**
   * Makes users its own whose follow-ups nobody does, some at a time, and lets go of those whom it had for this turn. `of` is
   * what selects the follow-ups of the turn.
   */
  takeFollowUps(statements: Statements, turn: FollowUpTurn, of: string): Promise<void>;
  /** Of the follow-ups of a turn: which it does; begins with AND, where it is not all. */
  readonly doing: (turn: FollowUpTurn) => string;
  /** Whether a worker that is gone may have done a follow-up already, as a column of 0 or 1. */
  readonly isTakenOver: string;
}

/** Which users are to be taken. */
interface Selection {
  /** The columns that are wanted. */
  readonly columns: string;
  /** A condition on the table of users, with a `?` for each value; the last is how many they are at the most. */
  readonly where: string;
  readonly values: readonly SqlValue[];
  readonly sentAt: number;
}

/** Of a process that has the run for itself. */
export const UNDIVIDED: Division = {
  workers: {
    otherWorkers: async () => ({ atWork: 0, ever: 0 }),
    takeTask: async () => true,
    releaseTask: async () => undefined,
  },
  free: "TRUE",
  mine: "TRUE",
  takeToCreate: (database, { columns, where, values, sentAt }) =>
    database.transaction(async (statements) => {
      const records = await statements.all<CreationRecord>(
        `SELECT ${columns} FROM users WHERE ${where}`,
        values,
      );
      await statements.runMany(
        "UPDATE users SET sent_at = coalesce(sent_at, ?) WHERE seq = ?",
        records.map(({ seq }) => [sentAt, seq]),
      );
      return records;
    }),
  takeOver: async () => undefined,
  takeFollowUps: async () => undefined,
  doing: () => "",
  isTakenOver: "0",
};
