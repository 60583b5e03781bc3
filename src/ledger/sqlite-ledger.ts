import SQLite from "better-sqlite3";
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { FerryError } from "../core/ferry-error.ts";
import { checkBeside } from "./check-beside.ts";
import { BrokenRow } from "./checksum.ts";
import { requireFact } from "./facts.ts";
import type { Ledger, RunFacts } from "./ledger.ts";
import { loadIndexes, SCHEMA_VERSION } from "./schema.ts";
import { createTables, openTables, type Upkeep } from "./sql-ledger.ts";
import { configure, SqliteDatabase } from "./sqlite-database.ts";

/** Below this a check of all is over in some tenths of a second, and nothing need go on before it is. */
const BYTES_CHECKED_AT_ONCE = 32_000_000;

/** Marks the file as ours ("ferr"), so that another SQLite file is not taken for a ledger. */
const APPLICATION_ID = 0x66657272;

/** Makes a new ledger file (0600) for a run in state `planning`. The file must not exist. */
export async function createSqliteLedger(path: string, facts: RunFacts): Promise<Ledger> {
  // Opened by us first: SQLite would make it readable to others, if only for a moment.
  closeSync(openSync(path, "wx", 0o600));
  const connection = new SQLite(path);
  return ledgerOn(connection, "plan", async (database) => {
    configure(connection, dirname(path));
    // A plan that a power cut ends is made again, so it need not wait for the disk: it becomes durable in finishPlan.
    database.beginBulk();
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    connection.pragma(`user_version = ${SCHEMA_VERSION}`);
    await database.transaction((statements) => createTables(statements, facts));
  });
}

/**
 * What a ledger is opened for: to be worked on or to be read, with a look at the whole file first; to be loaded, which begins
 * with {@link Ledger.requireWhole} or {@link Ledger.checkBeside}; or for a glance at its facts, which have their checksums.
 */
export type LedgerMode = "write" | "read" | "load" | "glance";

/** Opens the ledger of a run. Throws RUN_NOT_FOUND, or LEDGER_UNREADABLE for a file that is damaged or no ledger. */
export async function openSqliteLedger(path: string, mode: LedgerMode = "write"): Promise<Ledger> {
  const isWritten = mode === "write" || mode === "load";
  if (!existsSync(path)) {
    throw new FerryError("RUN_NOT_FOUND", `There is no run at ${path}`, {
      hint: "Check --run-dir, or make a plan first",
    });
  }
  try {
    if (!isWritten) rollBackKilled(path);
    const connection = new SQLite(path, { readonly: !isWritten, fileMustExist: true });
    return await ledgerOn(connection, "load", async (database) => {
      if (isWritten) configure(connection, dirname(path));
      requireOurs(connection, path);
      if (mode === "write" || mode === "read") requireReadable(connection, path);
      if (mode === "write" && (await requireFact(database, "state")) !== "planning")
        await database.script(loadIndexes(database.dialect));
    });
  } catch (error) {
    throw isDamage(error) ? damaged(path, error) : error;
  }
}

/** Takes back what a plan was writing when it was killed, which those who only look cannot. */
function rollBackKilled(path: string): void {
  if (!existsSync(`${path}-journal`) || statSync(`${path}-journal`).size === 0) return;
  // Nothing happens where the process that writes it is still there: then it has a lock.
  const connection = new SQLite(path, { fileMustExist: true });
  try {
    connection.pragma("schema_version");
  } finally {
    connection.close();
  }
}

/** The ledger over a connection that is made ready first, and closed where that fails. */
async function ledgerOn(
  connection: SQLite.Database,
  use: "plan" | "load",
  makeReady: (database: SqliteDatabase) => Promise<void>,
): Promise<Ledger> {
  const database = new SqliteDatabase(connection);
  try {
    await makeReady(database);
    return await openTables(database, upkeepOf(connection, database), { use });
  } catch (error) {
    connection.close();
    throw error;
  }
}

function requireOurs(connection: SQLite.Database, path: string): void {
  if (connection.pragma("application_id", { simple: true }) !== APPLICATION_ID) {
    throw new FerryError("LEDGER_UNREADABLE", `${path} is not a poolferry ledger`, {
      hint: "Check --run-dir",
    });
  }
  const version = connection.pragma("user_version", { simple: true });
  if (version !== SCHEMA_VERSION) {
    throw new FerryError(
      "LEDGER_UNREADABLE",
      `${path} has layout ${String(version)}; this version reads ${SCHEMA_VERSION}`,
      {
        hint: "Finish the run with the version of poolferry that began it",
      },
    );
  }
}

function requireReadable(connection: SQLite.Database, path: string): void {
  const check = connection.pragma("quick_check(1)", { simple: true });
  if (check !== "ok") throw damaged(path, undefined);
}

/**
 * Turns what a damaged ledger has led to into LEDGER_UNREADABLE, where SQLite or a checksum says that it is damaged; of an
 * error that says nothing the whole ledger is asked. Anything else comes back as it is.
 */
export function explainLedgerDamage(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  return isDamage(error) || (isUnexplained(error) && !isWhole(path)) ? damaged(path, error) : error;
}

/** Whether an error says that a ledger is damaged. */
export function isDamage(error: unknown): boolean {
  if (error instanceof BrokenRow) return true;
  return (
    error instanceof SQLite.SqliteError &&
    /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|IOERR_READ|CANTOPEN_ISDIR)/.test(error.code)
  );
}

/** Whether an error has no code of the system, the disk or SQLite: a bug of ours, or what damage unseen made of our code. */
function isUnexplained(error: Error): boolean {
  return !("code" in error);
}

/** Whether SQLite finds nothing wrong with any table or index. */
function isWhole(path: string): boolean {
  if (!existsSync(path)) return true;
  const connection = new SQLite(path, { readonly: true });
  try {
    return connection.pragma("integrity_check(1)", { simple: true }) === "ok";
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  } finally {
    connection.close();
  }
}

function damaged(path: string, cause: unknown): FerryError {
  return new FerryError("LEDGER_UNREADABLE", `The ledger ${path} is damaged`, {
    hint: "Restore it from a copy; without it, plan again: users who are in the pool already come out as skipped",
    cause,
  });
}

/** What keeps a file of SQLite as a ledger wants it. */
function upkeepOf(connection: SQLite.Database, database: SqliteDatabase): Upkeep {
  return {
    // An index that lacks a user, or has another one, is seen by no smaller check, and only once somebody was sent.
    async requireSound() {
      const check = connection.pragma("integrity_check(1)", { simple: true });
      if (check !== "ok") throw new BrokenRow(String(check));
    },
    checkBeside: () =>
      statSync(connection.name).size < BYTES_CHECKED_AT_ONCE ? undefined : checkBeside(connection.name),
    endReading: () => database.endBulk(),
    indexPlan: async () => undefined,
    indexForLoading: () => database.script(loadIndexes(database.dialect)),
    // With the next commit, everything before it is on the disk too.
    async endPlanning() {
      await database.endBulk();
      connection.pragma("synchronous = FULL");
    },
    forgetSecrets: async () => void connection.pragma("wal_checkpoint(TRUNCATE)"),
    countWorkers: async () => undefined,
    rewrite: async () => rewriteFile(connection),
  };
}

/**
 * Writes the file anew with nothing in it but what is still there, and does away with the files beside it. Throws
 * RUN_BUSY while another process reads the ledger, as the old pages are then still there for it.
 */
function rewriteFile(connection: SQLite.Database): void {
  connection.exec("VACUUM");
  const [{ busy }] = connection.pragma("wal_checkpoint(TRUNCATE)") as [{ busy: number }];
  if (busy === 0 && leaveWal(connection)) return;
  throw new FerryError("RUN_BUSY", "Another process reads this run, so its ledger cannot be written anew", {
    hint: "Repeat the purge once that has ended",
  });
}

/** Whether there is no write-ahead log any more. */
function leaveWal(connection: SQLite.Database): boolean {
  try {
    return connection.pragma("journal_mode = DELETE", { simple: true }) === "delete";
  } catch (error) {
    if ((error as { readonly code?: string }).code?.startsWith("SQLITE_BUSY") === true) return false;
    throw error;
  }
}
