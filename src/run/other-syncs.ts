import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openSqliteDatabase } from "../ledger/sqlite-database.ts";
import { SyncStore } from "../sync/sync-store.ts";
import type { SyncPlace } from "./open-sync.ts";
import { LEDGER_PLACE } from "./run-ledger.ts";
import { syncDirOf } from "./sync-folder.ts";

/**
 * The folders in which a sync of the same pool is kept, where this place has none yet: beside it, and where syncs are kept
 * without a name. A sync that begins anew manages nobody, so a second one is seldom meant. Those in a database are not found.
 */
export async function otherSyncsOf(place: SyncPlace): Promise<readonly string[]> {
  const own = syncDirOf(place);
  if (existsSync(join(own, STORE)) || existsSync(join(own, LEDGER_PLACE))) return [];
  const parents = new Set([dirname(own), resolve("poolferry-sync")]);
  const folders = (await Promise.all([...parents].map(foldersIn))).flat();
  const others = [];
  for (const folder of folders)
    if (folder !== own && (await poolOf(folder)) === place.userPoolId) others.push(folder);
  return others;
}

const STORE = "sync.db";

async function foldersIn(parent: string): Promise<readonly string[]> {
  const names = await readdir(parent).catch((): string[] => []);
  return names.map((name) => join(parent, name)).filter((folder) => existsSync(join(folder, STORE)));
}

/** The pool of the sync in a folder; undefined where that cannot be read, as it may be no sync of ours. */
async function poolOf(folder: string): Promise<string | undefined> {
  try {
    await using store = await SyncStore.open(openSqliteDatabase(join(folder, STORE)));
    return (await store.fact("about"))?.userPoolId;
  } catch {
    return undefined;
  }
}
