import { FerryError } from "../core/ferry-error.ts";
import { explainLedgerDamage } from "../ledger/sqlite-ledger.ts";
import { runFolderAt } from "./run-folder.ts";

const TROUBLES: Readonly<Record<string, string>> = {
  EACCES: "may not be written",
  EPERM: "may not be written",
  // What Linux says of a folder to be made in /proc.
  ENOENT: "cannot be made, or is gone",
  EROFS: "is on a read-only disk",
  ENOSPC: "is on a full disk",
  EDQUOT: "is over its disk quota",
  ENOTDIR: "is not a folder",
  EEXIST: "is not a folder",
  EIO: "is on a disk that fails",
  SQLITE_FULL: "is on a full disk",
  SQLITE_READONLY: "may not be written",
  SQLITE_READONLY_DIRECTORY: "may not be written",
  SQLITE_CANTOPEN: "may not be written",
  SQLITE_IOERR_WRITE: "is on a disk that fails or is full",
  SQLITE_IOERR_FSYNC: "is on a disk that fails",
};

/**
 * Turns trouble with the disk under a run folder into DISK_UNUSABLE, and what a damaged ledger in it has led to into
 * LEDGER_UNREADABLE; anything else comes back as it is.
 */
export function explainDiskError(thrown: unknown, runDir: string): unknown {
  const error = explainLedgerDamage(thrown, runFolderAt(runDir).ledgerPath);
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const trouble = TROUBLES[code];
  if (trouble === undefined) return error;
  return new FerryError("DISK_UNUSABLE", `The run folder ${runDir} ${trouble} (${code})`, {
    hint: "Free or mend it, or name another folder with --run-dir",
    cause: error,
  });
}
