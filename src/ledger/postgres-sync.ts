import { createHash } from "node:crypto";
import type pg from "pg";
import { openTogether } from "../core/opened.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import type { Database, Statements } from "./database.ts";
import { hasTable, loadPg, PostgresDatabase, REGISTER_LOCK } from "./postgres-database.ts";
import { joinSchema } from "./postgres-join.ts";
import { WORKER_TABLE } from "./postgres-workers.ts";

/** A sync in PostgreSQL that this process carries out, and no other one meanwhile. */
export interface HeldSync extends AsyncDisposable {
  readonly database: Database;
  /** The request rates that it shares with every process that works with the same database. */
  readonly rate: SharedRate;
  /** Aborted when this process was not heard of for too long, so that another one may begin; see {@link PostgresWorker}. */
  readonly lost: AbortSignal;
}

/** Whether the sync of a name was ever begun in a database. Throws LEDGER_UNREACHABLE, LEDGER_REFUSED, DRIVER_MISSING, USAGE. */
export async function hasPostgresSync(address: SqlAddress, name: string): Promise<boolean> {
  await using home = PostgresDatabase.open(await loadPg(), address, { schema: undefined, mode: "read" });
  return await hasTable(home, `${schemaOf(name)}.worker`);
}

/** A sync of a database, and what makes its tables where it is not there yet. */
export interface SyncSchema {
  readonly name: string;
  readonly make: (statements: Statements) => Promise<unknown>;
}

/** Opens a sync in a database, which is made where it is not there yet. Throws as {@link hasPostgresSync} does. */
export async function openPostgresSync(address: SqlAddress, sync: SyncSchema): Promise<Database> {
  const driver = await loadPg();
  await makePlace(driver, address, sync);
  return PostgresDatabase.open(driver, address, { schema: schemaOf(sync.name), mode: "write" });
}

/** Opens it for the one process that carries the sync out. Throws RUN_BUSY, and as {@link hasPostgresSync} does. */
export async function holdPostgresSync(address: SqlAddress, sync: SyncSchema): Promise<HeldSync> {
  const driver = await loadPg();
  await makePlace(driver, address, sync);
  const place = { driver, address, schema: schemaOf(sync.name) };
  return openTogether(async (opened) => {
    const { database, rate, worker } = await joinSchema(opened, place, { use: "alone", what: "sync" });
    return { database, rate, lost: worker.lost };
  });
}

async function makePlace(driver: typeof pg, address: SqlAddress, { name, make }: SyncSchema): Promise<void> {
  if (await hasPostgresSync(address, name)) return;
  await using home = PostgresDatabase.open(driver, address, { schema: undefined, mode: "write" });
  await home.transaction(async (statements) => {
    // Two that begin the same sync make it one after the other.
    await statements.run("SELECT pg_advisory_xact_lock(?)", [REGISTER_LOCK]);
    const schema = schemaOf(name);
    await statements.script(`CREATE SCHEMA IF NOT EXISTS ${schema}; SET LOCAL search_path TO ${schema}`);
    if (await hasTable(statements, `${schema}.worker`)) return;
    await statements.script(WORKER_TABLE);
    await make(statements);
  });
}

/** The schema of a sync: its name where that can be part of one, and what tells it from others that look alike. */
function schemaOf(name: string): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, "_")
    .slice(0, 32);
  return `poolferry_sync_${readable}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
