import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FerryError } from "../core/ferry-error.ts";
import { openSqliteDatabase } from "../ledger/sqlite-database.ts";
import { SyncStore } from "../sync/sync-store.ts";
import { removeLedger, runFolderAt } from "./run-folder.ts";

/** What says where a pool's sync lies. */
interface SyncPlace {
  /** The folder of the sync; `poolferry-sync/` and the pool's id when undefined. */
  readonly syncDir?: string | undefined;
  readonly userPoolId: string;
}

/** Where a pool's sync lies. */
export function syncDirOf({ syncDir, userPoolId }: SyncPlace): string {
  return resolve(syncDir ?? join("poolferry-sync", userPoolId));
}

/** Opens the sync in a folder, or begins one there. */
export async function openOrBeginSync(syncDir: string): Promise<SyncStore> {
  await mkdir(syncDir, { recursive: true, mode: 0o700 });
  return SyncStore.open(openSqliteDatabase(join(syncDir, "sync.db")));
}

/** Opens the sync of a folder for those who only look. Throws SYNC_NOT_FOUND. */
export async function openExistingSync(syncDir: string): Promise<SyncStore> {
  requireSync(syncDir);
  return openOrBeginSync(syncDir);
}

/** Throws SYNC_NOT_FOUND where nothing was ever synced. */
export function requireSync(syncDir: string): void {
  if (existsSync(join(syncDir, "sync.db"))) return;
  throw new FerryError("SYNC_NOT_FOUND", `There is no sync in ${syncDir}`, {
    hint: "Check --sync-dir, or sync first",
  });
}

/** The folder of the last dry run, in that of the sync. */
export const DRY_RUN = "dry-run";

/** Deletes the folders of syncs long past, with the personal data that they hold: all but so many, and that of this run. */
export async function removeOldRuns(
  syncDir: string,
  { keepRuns, runId }: { readonly keepRuns: number; readonly runId: string },
): Promise<void> {
  // Ids begin with their time; a clock may have been put back.
  const names = (await runsIn(syncDir)).toSorted((one, other) => (one < other ? 1 : -1));
  for (const name of names.filter((each) => each !== runId).slice(keepRuns - 1))
    await rm(join(syncDir, "runs", name), { recursive: true, force: true });
}

async function runsIn(syncDir: string): Promise<readonly string[]> {
  return readdir(join(syncDir, "runs")).catch((): string[] => []);
}

/**
 * Deletes what killed syncs and dry runs have left of their ledgers: users of the source, and perhaps their passwords. The
 * ledger of the run that is `kept` stays.
 */
export async function removeLeftovers(syncDir: string, kept: string | undefined): Promise<void> {
  const names = (await runsIn(syncDir)).filter((name) => name !== kept).map((name) => join("runs", name));
  for (const name of [...names, DRY_RUN]) {
    const folder = runFolderAt(join(syncDir, name));
    if (existsSync(folder.ledgerPath)) await removeLedger(folder);
  }
}
