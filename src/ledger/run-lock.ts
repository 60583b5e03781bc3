import Database from "better-sqlite3";
import { closeSync, openSync } from "node:fs";
import { FerryError } from "../core/ferry-error.ts";

/**
 * Holds a run for this process; the operating system lets go of it when the process ends, however it ends. Throws
 * RUN_BUSY when another process holds it.
 */
export function lockRun(path: string): Disposable {
  closeSync(openSync(path, "a", 0o600));
  const database = new Database(path, { timeout: 0 });
  try {
    // An exclusive SQLite transaction is a lock that no crash can leave behind, on every platform.
    database.pragma("journal_mode = DELETE");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith("SQLITE_BUSY"))
      throw damagedLock(path, error);
    throw new FerryError("RUN_BUSY", "Another process is working on this run", {
      hint: "Wait for it, or look at it with the status command",
      cause: error,
    });
  }
  return { [Symbol.dispose]: () => database.close() };
}

function damagedLock(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_NOTADB") return error;
  return new FerryError("LEDGER_UNREADABLE", `${path} is not a lock of poolferry`, {
    hint: "Check --run-dir",
    cause: error,
  });
}
