import type pg from "pg";
import type { Opened } from "../core/opened.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import { openPostgresRate } from "./postgres-rate.ts";
import { PostgresWorker, type WorkerUse } from "./postgres-workers.ts";

/** Where something is that processes work on. */
interface Place {
  readonly driver: typeof pg;
  readonly address: SqlAddress;
  readonly schema: string;
}

/** A schema that this process works on. */
interface Joined {
  readonly database: PostgresDatabase;
  readonly rate: SharedRate;
  readonly worker: PostgresWorker;
}

/**
 * Makes this process a worker of what is in a schema: with connections for the work, one for the word that it is at work, which
 * nothing else holds up, and those of the rates that all share. Throws RUN_BUSY, LEDGER_UNREACHABLE, LEDGER_REFUSED and USAGE.
 */
export async function joinSchema(
  opened: Opened,
  { driver, address, schema }: Place,
  how: { readonly use: WorkerUse; readonly what: "run" | "sync" },
): Promise<Joined> {
  const open = { schema, mode: "write" } as const;
  const database = opened.use(PostgresDatabase.open(driver, address, open));
  const pulse = opened.use(PostgresDatabase.open(driver, address, { ...open, connections: 1 }));
  const rate = opened.use(openPostgresRate(driver, address));
  const worker = opened.use(await PostgresWorker.join({ database, pulse, rate }, how));
  return { database, rate: rate.rate, worker };
}
