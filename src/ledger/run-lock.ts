import Database from "better-sqlite3";
import { closeSync, existsSync, openSync } from "node:fs";
import { FerryError } from "../core/ferry-error.ts";

/** What is held, in the words of its operator. */
export interface Held {
  readonly name: "run" | "sync";
  /** What to do while another process holds it, beside waiting. */
  readonly meanwhile: string;
  /** The option that names its folder. */
  readonly option: string;
}

/** Whoever only looks whether a lock is held is in its way for a moment; this is waited for, in milliseconds. */
const LOOK_MS = 200;

const RUN: Held = {
  name: "run",
  meanwhile: "look at it with: poolferry status",
  option: "--run-dir",
};

/**
 * Holds a run, or what else is said, for this process; the operating system lets go of it when the process ends, however it
 * ends. Throws RUN_BUSY when another process holds it.
 */
export function lockRun(path: string, held = RUN): Disposable {
  closeSync(openSync(path, "a", 0o600));
  const database = new Database(path, { timeout: LOOK_MS });
  try {
    // An exclusive SQLite transaction is a lock that no crash can leave behind, on every platform.
    database.pragma("journal_mode = DELETE");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith("SQLITE_BUSY"))
      throw damagedLock(path, held, error);
    throw new FerryError("RUN_BUSY", `Another process is working on this ${held.name}`, {
      hint: `Wait for it, or ${held.meanwhile}`,
      cause: error,
    });
  }
  return { [Symbol.dispose]: () => database.close() };
}

/** Whether a process, be it this one, holds what {@link lockRun} holds; it is not taken. */
export function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const database = new Database(path, { readonly: true, timeout: 0 });
    try {
      database.pragma("schema_version");
    } finally {
      database.close();
    }
    return false;
  } catch (error) {
    return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
  }
}

function damagedLock(path: string, { option }: Held, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_NOTADB") return error;
  return new FerryError("LEDGER_UNREADABLE", `${path} is not a lock of poolferry`, {
    hint: `Check ${option}`,
    cause: error,
  });
}
