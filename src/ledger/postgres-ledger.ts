import type pg from "pg";
import { FerryError } from "../core/ferry-error.ts";
import { openTogether } from "../core/opened.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import { BrokenRow } from "./checksum.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import type { Ledger, RunFacts } from "./ledger.ts";
import { hasTable, loadPg, LOCK_TIMEOUT, PostgresDatabase, REGISTER_LOCK } from "./postgres-database.ts";
import { joinSchema } from "./postgres-join.ts";
import { countWorkers, WORKER_TABLES, type WorkerUse } from "./postgres-workers.ts";
import { loadIndexes, SCHEMA_VERSION, USER_TABLES } from "./schema.ts";
import { createTables, openTables, type LedgerUse, type Upkeep } from "./sql-ledger.ts";

/** What a run's id is made of, so that it names a schema as well. */
const RUN_ID = /^[a-z\d-]{1,48}$/;

/** Where all runs of a database are named. */
const REGISTER = `
  CREATE SCHEMA IF NOT EXISTS poolferry;
  CREATE TABLE IF NOT EXISTS poolferry.run (
    id       TEXT PRIMARY KEY,
    schema   TEXT NOT NULL,
    layout   BIGINT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL DEFAULT now()
  )`;

/**
 * Makes the ledger of a new run, in state `planning`, in a schema of its own of a PostgreSQL database of version 14 or later,
 * whole or not at all. Throws RUN_EXISTS for an id that is taken there, LEDGER_UNREACHABLE, LEDGER_REFUSED, DRIVER_MISSING, and
 * USAGE for an address that is none.
 */
export async function createPostgresLedger(address: SqlAddress, facts: RunFacts): Promise<Ledger> {
  const { runId } = facts;
  if (!RUN_ID.test(runId)) throw new Error(`a run of the id ${runId} cannot have a schema`);
  const schema = `poolferry_run_${runId.replaceAll("-", "_")}`;
  const driver = await loadPg();
  {
    await using home = PostgresDatabase.open(driver, address, { schema: undefined, mode: "write" });
    await home.transaction(async (statements) => {
      await statements.run("SELECT pg_advisory_xact_lock(?)", [REGISTER_LOCK]);
      await statements.script(REGISTER);
      const added = await statements.run(
        "INSERT INTO poolferry.run (id, schema, layout) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [runId, schema, SCHEMA_VERSION],
      );
      if (added === 0) throw alreadyThere(runId);
      await statements.script(`CREATE SCHEMA "${schema}"; SET LOCAL search_path TO "${schema}"`);
      await createTables(statements, facts);
      await statements.script(WORKER_TABLES);
    });
  }
  return ledgerIn(PostgresDatabase.open(driver, address, { schema, mode: "write" }), runId, { use: "plan" });
}

/**
 * Opens the ledger of a run by its id. Throws RUN_NOT_FOUND, LEDGER_UNREADABLE for one of another layout, LEDGER_UNREACHABLE,
 * LEDGER_REFUSED, DRIVER_MISSING, and USAGE for an address that is none.
 */
export async function openPostgresLedger(
  address: SqlAddress,
  runId: string,
  mode: "write" | "read" = "write",
): Promise<Ledger> {
  const driver = await loadPg();
  const schema = await findSchema(driver, address, runId);
  return ledgerIn(PostgresDatabase.open(driver, address, { schema, mode }), runId);
}

/** A run that this process works on, with others or alone. */
export interface JoinedRun extends AsyncDisposable {
  readonly ledger: Ledger;
  /** The request rates that it shares with every process that works with the same database, on whatever run. */
  readonly rate: SharedRate;
  /** Aborted when others have taken over what this process had; see {@link PostgresWorker}. */
  readonly lost: AbortSignal;
}

/** Opens the ledger of a run to work on it. Throws RUN_BUSY, and whatever {@link openPostgresLedger} throws. */
export async function joinPostgresRun(
  address: SqlAddress,
  runId: string,
  use: WorkerUse,
): Promise<JoinedRun> {
  const driver = await loadPg();
  const schema = await findSchema(driver, address, runId);
  return openTogether(async (opened) => {
    const { database, rate, worker } = await joinSchema(
      opened,
      { driver, address, schema },
      { use, what: "run" },
    );
    const ledger = await ledgerIn(database, runId, use === "share" ? { division: worker.division } : {});
    return { ledger, rate, lost: worker.lost };
  });
}

/** Deletes a run from the database, where it is there. Throws LEDGER_UNREACHABLE, LEDGER_REFUSED, DRIVER_MISSING, USAGE. */
export async function dropPostgresRun(address: SqlAddress, runId: string): Promise<void> {
  const driver = await loadPg();
  const found = await findRun(driver, address, runId);
  if (found === undefined) return;
  await using home = PostgresDatabase.open(driver, address, { schema: undefined, mode: "write" });
  await home.transaction(async (statements) => {
    await statements.script(`DROP SCHEMA IF EXISTS "${found.schema}" CASCADE`);
    await statements.run("DELETE FROM poolferry.run WHERE id = ?", [runId]);
  });
}

/** Where a run is in a database. */
interface RegisteredRun {
  readonly schema: string;
  readonly layout: number;
}

async function findRun(
  driver: typeof pg,
  address: SqlAddress,
  runId: string,
): Promise<RegisteredRun | undefined> {
  await using home = PostgresDatabase.open(driver, address, { schema: undefined, mode: "read" });
  if (!(await hasTable(home, "poolferry.run"))) return undefined;
  return await home.get<RegisteredRun>("SELECT schema, layout FROM poolferry.run WHERE id = ?", [runId]);
}

async function findSchema(driver: typeof pg, address: SqlAddress, runId: string): Promise<string> {
  const run = await findRun(driver, address, runId);
  if (run === undefined) {
    throw new FerryError("RUN_NOT_FOUND", `There is no run ${runId} in the ledger's database`, {
      hint: "Check the address of the ledger, or make a plan first",
    });
  }
  if (run.layout === SCHEMA_VERSION) return run.schema;
  throw new FerryError(
    "LEDGER_UNREADABLE",
    `The ledger of the run ${runId} has layout ${run.layout}; this version reads ${SCHEMA_VERSION}`,
    { hint: "Finish the run with the version of poolferry that began it" },
  );
}

/** The ledger over a database, which is closed where that fails. */
async function ledgerIn(database: PostgresDatabase, runId: string, use?: LedgerUse): Promise<Ledger> {
  try {
    return await openTables(database, upkeepOf(database), use);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    if (!(error instanceof BrokenRow)) throw error;
    throw new FerryError("LEDGER_UNREADABLE", `The ledger of the run ${runId} is damaged`, {
      hint: "Restore the database from a backup; without it, plan again: users who are in the pool already come out as skipped",
      cause: error,
    });
  }
}

function upkeepOf(database: PostgresDatabase): Upkeep {
  return {
    // The server has checksums of its own, where its administrator wants them.
    requireSound: async () => undefined,
    checkBeside: () => undefined,
    // Every transaction is on the disk when it ends.
    endReading: async () => undefined,
    indexForLoading: async () => undefined,
    indexPlan: () => database.script(loadIndexes(database.dialect)),
    endPlanning: async () => undefined,
    // What was overwritten leaves the tables; the server's log and its backups are the administrator's.
    forgetSecrets: () => database.script("VACUUM users"),
    countWorkers: () => countWorkers(database),
    async rewrite() {
      try {
        for (const table of [...USER_TABLES, "fact"]) await database.script(`VACUUM FULL ${table}`);
      } catch (error) {
        throw isLocked(error) ? beingRead(error) : error;
      }
    },
  };
}

function isLocked(error: unknown): boolean {
  return error instanceof FerryError && (error.cause as { readonly code?: string }).code === LOCK_TIMEOUT;
}

function beingRead(cause: unknown): FerryError {
  return new FerryError("RUN_BUSY", "Another session reads this run, so its ledger cannot be written anew", {
    hint: "Repeat the purge once that has ended",
    cause,
  });
}

function alreadyThere(runId: string): FerryError {
  return new FerryError("RUN_EXISTS", `There is a run ${runId} in the ledger's database`, {
    hint: "Plan again: every plan has an id of its own",
  });
}
