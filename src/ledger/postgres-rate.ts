import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { FerryError } from "../core/ferry-error.ts";
import { orInterrupted } from "../core/or-interrupted.ts";
import { postgresOptions } from "../drivers/postgres-options.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import { PostgresSockets } from "./postgres-sockets.ts";
import type { Lease, RateCut, SharedRate, Turns } from "../core/shared-rate.ts";

/**
 * Carries out one statement of PostgreSQL in a transaction of its own, and gives its rows, columns by name; as `query`
 * of a pool of pg does. A connection that is lost must not be used again.
 */
export type PostgresQuery = (
  text: string,
  values: readonly (string | number | null)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** How long one statement may take: it is a matter of milliseconds, where the server is there. */
const ANSWER_MS = 5_000;

/**
 * One line a rate, changed some ten times a second by each worker. Not logged, as nothing is lost with it: so no change
 * waits for a disk, and the line is locked for microseconds. After a crash of the server the table is empty, and the lines
 * are made anew. The room in its pages keeps the changes from growing the table and its index.
 */
const TABLE = "poolferry.request_rate";
const CREATE = `
  DO $$ BEGIN
    CREATE SCHEMA IF NOT EXISTS poolferry;
    CREATE UNLOGGED TABLE IF NOT EXISTS ${TABLE} (
      key text PRIMARY KEY,
      due timestamptz NOT NULL DEFAULT clock_timestamp(),
      cut_at timestamptz,
      cut_at_share double precision,
      account_rps double precision,
      account_read_at timestamptz
    ) WITH (fillfactor = 20);
  END $$`;
const ADD = `INSERT INTO ${TABLE} (key) VALUES ($1) ON CONFLICT DO NOTHING`;

/** A cut is known by its moment, which is exact to the microsecond. */
const CUT = `extract(epoch FROM cut_at)::text`;
const CUT_COLUMNS = `
  ${CUT} AS cut, cut_at_share,
  1000 * extract(epoch FROM clock_timestamp() - cut_at)::double precision AS cut_ago_ms`;

/**
 * Reserves what follows on what was reserved last, or on now; by the server's clock alone. Nobody reserves minutes ahead:
 * where that seems to be so, the clock was put back.
 */
const RESERVE = `
  UPDATE ${TABLE}
  SET due = CASE
      WHEN due > clock_timestamp() + interval '5 minutes' THEN clock_timestamp()
      ELSE greatest(due, clock_timestamp() + $3::double precision * interval '1 millisecond')
    END + $2::double precision * interval '1 second'
  WHERE key = $1
  RETURNING
    1000 * (extract(epoch FROM due - clock_timestamp())::double precision - $2::double precision) AS in_ms,
    CASE WHEN account_read_at > clock_timestamp() - interval '10 minutes' THEN account_rps END AS account_rps,
    ${CUT_COLUMNS}`;

const SLOW_DOWN = `
  UPDATE ${TABLE}
  SET cut_at = clock_timestamp(), cut_at_share = $2
  WHERE key = $1 AND ${CUT} IS NOT DISTINCT FROM $3
    AND (cut_at IS NULL OR clock_timestamp() - cut_at >= interval '0.5 seconds')
  RETURNING ${CUT_COLUMNS}`;

const NOTE_ACCOUNT_RATE = `
  UPDATE ${TABLE} SET account_rps = $2, account_read_at = clock_timestamp() WHERE key = $1 RETURNING key`;

interface CutRow {
  readonly cut: string | null;
  readonly cut_at_share: number;
  readonly cut_ago_ms: number;
}

interface LeaseRow extends CutRow {
  readonly in_ms: number;
  readonly account_rps: number | null;
}

/**
 * Rates that workers share by a table of PostgreSQL 12 or later, which is made where it is missing; once it is there,
 * its user needs no more than to read and change it. One statement a reservation, all of them at a time by the server's
 * clock. Statements must not be part of a transaction: others would wait for its end.
 */
export class PostgresRate implements SharedRate {
  readonly #query: PostgresQuery;

  constructor(query: PostgresQuery) {
    this.#query = query;
  }

  async reserve(key: string, { count, rps, notBeforeMs }: Turns, signal: AbortSignal): Promise<Lease> {
    const row = await this.#change<LeaseRow>(RESERVE, [key, count / rps, notBeforeMs], signal);
    return {
      inMs: Math.max(0, row.in_ms),
      cut: cutOf(row),
      accountRps: row.account_rps ?? undefined,
    };
  }

  async slowDown(
    key: string,
    { atShare, lastCut }: { readonly atShare: number; readonly lastCut: string | undefined },
    signal: AbortSignal,
  ): Promise<RateCut | undefined> {
    // Whoever was refused has reserved a turn, so the line is there.
    const [row] = await this.#run<CutRow>(SLOW_DOWN, [key, atShare, lastCut ?? null], signal);
    return row === undefined ? undefined : cutOf(row);
  }

  async noteAccountRate(key: string, rps: number, signal: AbortSignal): Promise<void> {
    await this.#change(NOTE_ACCOUNT_RATE, [key, rps], signal);
  }

  /** Changes a line, which is added where it is missing. */
  async #change<Row>(
    text: string,
    values: readonly [key: string, ...more: number[]],
    signal: AbortSignal,
  ): Promise<Row> {
    const [known] = await this.#run<Row>(text, values, signal);
    if (known !== undefined) return known;
    await this.#run(ADD, [values[0]], signal);
    const [added] = await this.#run<Row>(text, values, signal);
    if (added === undefined) throw refused("a line that was added is not there", undefined);
    return added;
  }

  /** Carries out a statement, and makes the table where it is missing. */
  async #run<Row>(
    text: string,
    values: readonly (string | number | null)[],
    signal: AbortSignal,
  ): Promise<readonly Row[]> {
    try {
      return await this.#answer<Row>(text, values, signal);
    } catch (error) {
      if (!NOT_THERE.has(codeOf(error))) throw explained(error);
    }
    try {
      await this.#answer(CREATE, [], signal);
    } catch (error) {
      // Another worker was quicker, or makes it at this moment.
      if (!ALREADY_THERE.has(codeOf(error))) throw explained(error);
    }
    try {
      return await this.#answer<Row>(text, values, signal);
    } catch (error) {
      throw explained(error);
    }
  }

  async #answer<Row>(
    text: string,
    values: readonly (string | number | null)[],
    signal: AbortSignal,
  ): Promise<readonly Row[]> {
    const rows = this.#query(text, values);
    const timer = new AbortController();
    const silence = sleep(ANSWER_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
      throw new Silence();
    });
    try {
      return (await orInterrupted(Promise.race([rows, silence]), signal)) as readonly Row[];
    } finally {
      timer.abort();
      // Nobody waits for them any more.
      for (const late of [rows, silence]) late.catch(() => undefined);
    }
  }
}

/** Connections of one process for its rates: quotas are asked for at the same time. */
const CONNECTIONS = 2;

/** The rates that workers share in a database, and the end of its connections. */
export interface OpenRate extends AsyncDisposable {
  readonly rate: SharedRate;
  /** Ends what it has asked and was not answered. */
  giveUp(why: Error): void;
}

/** Opens the rates of a database, whose first use connects. Throws USAGE for an address that is none. */
export function openPostgresRate(driver: typeof pg, address: SqlAddress): OpenRate {
  const pool = new driver.Pool({ ...postgresOptions(driver, address), max: CONNECTIONS });
  // A connection that is lost is told to whoever asks, and to nobody where none does.
  pool.on("error", () => undefined);
  const query: PostgresQuery = async (text, values) =>
    (await pool.query<Readonly<Record<string, unknown>>>(text, [...values])).rows;
  const sockets = new PostgresSockets(pool);
  return {
    rate: new PostgresRate(query),
    giveUp: (why) => sockets.destroy(why),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** SQLSTATE of a table or a schema that is not there. */
const NOT_THERE: ReadonlySet<string> = new Set(["42P01", "3F000"]);

/** SQLSTATE of a schema or a table that is there, or comes to be there in another transaction. */
const ALREADY_THERE: ReadonlySet<string> = new Set(["42P06", "42P07", "42710", "23505"]);

/** Classes of SQLSTATE that tell of the state the server is in, not of what it was asked. */
const TROUBLE = /^(?:08|25|40|53|55|57|58|F0|XX)/;

/** The server has not answered in time. */
class Silence extends Error {
  override readonly name = "Silence";
}

function cutOf({ cut, cut_at_share: atShare, cut_ago_ms: agoMs }: CutRow): RateCut | undefined {
  return cut === null ? undefined : { id: cut, atShare, agoMs: Math.max(0, agoMs) };
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

/** The driver's error as the operator's. Its words about names hold no value; others are not shown. */
function explained(error: unknown): unknown {
  if (error instanceof FerryError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  const isServers = "severity" in error && !TROUBLE.test(code);
  if (isServers) return refused(code.startsWith("42") ? `${error.message} (${code})` : code, error);
  // A bug of ours has no code, and neither has a connection that ended.
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const why = error instanceof Silence ? "no answer" : code || "the connection was lost";
  return new FerryError("LEDGER_UNREACHABLE", `The ledger's database cannot be reached: ${why}`, {
    hint: "Check that PostgreSQL runs and that this computer may connect; then continue with the resume command",
    cause: error,
  });
}

function refused(why: string, cause: unknown): FerryError {
  return new FerryError("LEDGER_REFUSED", `The ledger's database refuses what it is asked: ${why}`, {
    hint: "Give its user the right to create the schema poolferry, or to use what is in it",
    cause,
  });
}
