import type Database from "better-sqlite3";
import { FerryError } from "../core/ferry-error.ts";
import type { ReportLedger, RunState } from "./ledger.ts";

/** The numbers of a run, which stay when its users are erased. */
export type KeptCounts = {
  readonly [
    Count in "counts" | "issueCounts" | "reasonCounts" | "activeUsers" | "followUpCounts" | "undoCounts"
  ]: ReturnType<ReportLedger[Count]>;
};

/** What is kept of a run that is purged: what it was, when that ended, and its numbers. */
export interface Kept extends KeptCounts {
  readonly was: RunState;
  /** When the purge began, ISO 8601. */
  readonly at: string;
}

/** The numbers of a ledger as they stand, without Cognito's words, which may name a user. */
export function countsToKeep(ledger: ReportLedger): KeptCounts {
  return {
    counts: ledger.counts(),
    issueCounts: ledger.issueCounts(),
    reasonCounts: ledger.reasonCounts().map((reason) => ({ ...reason, example: undefined })),
    activeUsers: ledger.activeUsers(),
    followUpCounts: ledger.followUpCounts(),
    undoCounts: ledger.undoCounts(),
  };
}

/** Empties every table but that of the facts; within a transaction. */
export function eraseRows(database: Database.Database): void {
  // Jobs name their parts, whichever of the two goes first.
  database.pragma("defer_foreign_keys = ON");
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'fact'")
    .pluck()
    .all();
  for (const table of tables) database.prepare(`DELETE FROM ${table}`).run();
}

/**
 * Writes the file anew with nothing in it but what is still there, and does away with the files beside it. Throws
 * RUN_BUSY while another process reads the ledger, as the old pages are then still there for it.
 */
export function rewriteFile(database: Database.Database): void {
  database.exec("VACUUM");
  const [{ busy }] = database.pragma("wal_checkpoint(TRUNCATE)") as [{ busy: number }];
  if (busy === 0 && leaveWal(database)) return;
  throw new FerryError("RUN_BUSY", "Another process reads this run, so its ledger cannot be written anew", {
    hint: "Repeat the purge once that has ended",
  });
}

/** Whether there is no write-ahead log any more. */
function leaveWal(database: Database.Database): boolean {
  try {
    return database.pragma("journal_mode = DELETE", { simple: true }) === "delete";
  } catch (error) {
    if ((error as { readonly code?: string }).code?.startsWith("SQLITE_BUSY") === true) return false;
    throw error;
  }
}
