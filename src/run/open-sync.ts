import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FerryError } from "../core/ferry-error.ts";
import { openTogether } from "../core/opened.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import {
  hasPostgresSync,
  holdPostgresSync,
  openPostgresSync,
  type SyncSchema,
} from "../ledger/postgres-sync.ts";
import { lockRun, type Held } from "../ledger/run-lock.ts";
import { openSqliteDatabase } from "../ledger/sqlite-database.ts";
import { makeSyncTables, SyncStore } from "../sync/sync-store.ts";
import type { Environment } from "./client-secret.ts";
import { makeFolder } from "./make-folder.ts";
import { LEDGER_PLACE, ledgerAddress } from "./run-ledger.ts";
import { syncDirOf } from "./sync-folder.ts";

/** Where a sync is kept. */
export interface SyncPlace {
  /** The folder of the sync; `poolferry-sync/` and the pool's id when undefined. */
  readonly syncDir?: string | undefined;
  readonly userPoolId: string;
  /**
   * `postgres:VARIABLE`, where what outlives a sync is kept in a database, under the pool's id and the name of the folder: then
   * any computer can go on with it. A file in the folder when undefined.
   */
  readonly ledger?: string | undefined;
  /** Where the address of that database is looked up. */
  readonly environment?: Environment | undefined;
}

/** A sync that this process carries out, and no other one meanwhile. */
export interface OpenSync extends AsyncDisposable {
  readonly store: SyncStore;
  /** The request rates that it shares with others; undefined where it shares none. */
  readonly rate: SharedRate | undefined;
  /** Aborted, with a FerryError, when another process may have begun to carry it out. */
  readonly lost: AbortSignal;
}

/** Holds a sync for this process, which begins it where it is not there yet. Throws RUN_BUSY and SYNC_MISMATCH. */
export async function holdSync(place: SyncPlace): Promise<OpenSync> {
  const syncDir = syncDirOf(place);
  await makeFolder(syncDir);
  return openTogether(async (opened) => {
    // Held in any case: the folders of runs are in it.
    const hold = lockRun(join(syncDir, "sync.lock"), HELD_SYNC);
    opened.use({ [Symbol.asyncDispose]: async () => hold[Symbol.dispose]() });
    const { ledger, environment } = place;
    requireOwnPlace(syncDir, ledger);
    if (ledger === undefined) {
      const store = opened.use(await SyncStore.open(openSqliteDatabase(join(syncDir, "sync.db"))));
      return { store, rate: undefined, lost: NEVER };
    }
    await writeFile(join(syncDir, LEDGER_PLACE), `${JSON.stringify({ ledger })}\n`, { mode: 0o600 });
    const { database, rate, lost } = opened.use(
      await holdPostgresSync(ledgerAddress(ledger, environment), schemaOf(place)),
    );
    return { store: await SyncStore.open(database), rate, lost };
  });
}

/** Throws SYNC_MISMATCH for a folder whose sync is kept in the other place, as there nobody would be managed. */
function requireOwnPlace(syncDir: string, ledger: string | undefined): void {
  const isInFolder = existsSync(join(syncDir, "sync.db"));
  if (ledger === undefined && !isInFolder && existsSync(join(syncDir, LEDGER_PLACE))) {
    throw new FerryError("SYNC_MISMATCH", `The sync of ${syncDir} is kept in a database`, {
      hint: `Give --ledger, or ledger in the config; ${join(syncDir, LEDGER_PLACE)} says which. A sync that begins anew manages nobody`,
    });
  }
  if (ledger === undefined || !isInFolder) return;
  throw new FerryError("SYNC_MISMATCH", `The sync in ${syncDir} is kept in that folder, not in a database`, {
    hint: "Leave --ledger out, or name another folder with --sync-dir: a sync that begins anew manages nobody until it adopts them (sync.adopt). If it was begun here by mistake, delete its sync.db",
  });
}

const NEVER = new AbortController().signal;

const HELD_SYNC: Held = {
  name: "sync",
  meanwhile: "look at it with: poolferry history",
  option: "--sync-dir",
};

/** Opens a sync, or begins it, for those who do not carry it out. */
export async function openSync(place: SyncPlace): Promise<SyncStore> {
  const syncDir = syncDirOf(place);
  const { ledger, environment } = place;
  if (ledger !== undefined)
    return SyncStore.open(await openPostgresSync(ledgerAddress(ledger, environment), schemaOf(place)));
  await makeFolder(syncDir);
  return SyncStore.open(openSqliteDatabase(join(syncDir, "sync.db")));
}

const schemaOf = (place: SyncPlace): SyncSchema => ({ name: nameOf(place), make: makeSyncTables });

/** The name of a sync in a database: the pool's id, and where its folder has a name of its own that too. */
function nameOf(place: SyncPlace): string {
  const folder = basename(syncDirOf(place));
  return folder === place.userPoolId ? folder : `${place.userPoolId}/${folder}`;
}

/** Throws SYNC_NOT_FOUND where nothing was ever synced. */
export async function requireSync(place: SyncPlace): Promise<void> {
  const syncDir = syncDirOf(place);
  const { ledger, environment } = place;
  const isThere =
    ledger === undefined
      ? existsSync(join(syncDir, "sync.db"))
      : await hasPostgresSync(ledgerAddress(ledger, environment), nameOf(place));
  if (isThere) return;
  const where =
    ledger === undefined ? `in ${syncDir}` : `of the name ${nameOf(place)} in the ledger's database`;
  throw new FerryError("SYNC_NOT_FOUND", `There is no sync ${where}`, {
    hint: "Check --sync-dir, or sync first",
  });
}
