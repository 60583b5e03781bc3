import { rm } from "node:fs/promises";
import { FerryError } from "../core/ferry-error.ts";
import { dropPostgresRun } from "../ledger/postgres-ledger.ts";
import type { SyncStore } from "../sync/sync-store.ts";
import type { Environment } from "./client-secret.ts";
import { removeLedger, runFolderAt, type RunFolder } from "./run-folder.ts";
import { hasLedger, joinRun, ledgerAddress } from "./run-ledger.ts";
import { removeLeftovers } from "./sync-folder.ts";

/** The run of one sync. Its ledger is in its folder, or in the sync's database, and goes with the sync. */
export interface RunOfSync {
  readonly runId: string;
  readonly runDir: string;
  readonly syncDir: string;
  readonly store: SyncStore;
  readonly options: {
    readonly ledger?: string | undefined;
    readonly environment?: Environment | undefined;
  };
}

/** The folder of the run. */
export function folderOf({ runDir, options }: Pick<RunOfSync, "runDir" | "options">): RunFolder {
  return runFolderAt(runDir, options.environment);
}

/** Notes where the ledger of the run is going to be, so that whatever happens to this process it is not forgotten. */
export async function noteLedger({ store, options, runId }: RunOfSync): Promise<void> {
  if (options.ledger === undefined) return;
  await store.setFact("ledgers", [...((await store.fact("ledgers")) ?? []), runId]);
}

/** Has the folder name the ledger in the database, where another computer has begun the run. */
export async function takeOverRun(run: RunOfSync): Promise<void> {
  const { ledger } = run.options;
  const folder = folderOf(run);
  if (ledger !== undefined && !hasLedger(folder)) await joinRun(folder, { ledger, runId: run.runId });
}

/** Deletes the run, of which nothing was sent; what a database that is away keeps of it goes with the next sync. */
export async function removeUnsentRun(run: RunOfSync): Promise<void> {
  const folder = folderOf(run);
  if (hasLedger(folder)) {
    await removeLedger(folder).catch((error: unknown) => {
      if (!(error instanceof FerryError)) throw error;
    });
  }
  await rm(run.runDir, { recursive: true, force: true });
}

/**
 * Deletes what killed syncs and dry runs have left of their ledgers, in the folder and in the database; the ledger of the run
 * that is `kept` stays.
 */
export async function removeOtherLedgers(
  { store, syncDir, options }: Pick<RunOfSync, "store" | "syncDir" | "options">,
  kept: string | undefined,
): Promise<void> {
  await removeLeftovers(syncDir, kept);
  const { ledger, environment } = options;
  if (ledger === undefined) return;
  for (const id of (await store.fact("ledgers")) ?? [])
    if (id !== kept) await dropPostgresRun(ledgerAddress(ledger, environment), id);
  await store.setFact("ledgers", kept === undefined ? undefined : [kept]);
}
