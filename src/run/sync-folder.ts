import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { removeLedger, runFolderAt } from "./run-folder.ts";

/** Where a pool's sync lies. */
export function syncDirOf({
  syncDir,
  userPoolId,
}: {
  readonly syncDir?: string | undefined;
  readonly userPoolId: string;
}): string {
  return resolve(syncDir ?? join("poolferry-sync", userPoolId));
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
 * Deletes what killed syncs and dry runs have left of their ledgers in the folder: users of the source, and perhaps their
 * passwords. The ledger of the run that is `kept` stays.
 */
export async function removeLeftovers(syncDir: string, kept: string | undefined): Promise<void> {
  const names = (await runsIn(syncDir)).filter((name) => name !== kept).map((name) => join("runs", name));
  for (const name of [...names, DRY_RUN]) {
    const folder = runFolderAt(join(syncDir, name));
    if (existsSync(folder.ledgerPath)) await removeLedger(folder);
  }
}
