import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type PgCursor from "pg-cursor";
import { FerryError, interrupted } from "../core/ferry-error.ts";
import type { Cells } from "./change-cursor.ts";
import { loadDriver } from "../drivers/load-driver.ts";
import { postgresOptions } from "../drivers/postgres-options.ts";
import { postgresTrouble } from "../drivers/postgres-trouble.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import { refused, unreachable } from "./sql-trouble.ts";

/** The packages that PostgreSQL is read with. */
export interface PostgresDriver {
  readonly pg: typeof pg;
  readonly Cursor: typeof PgCursor;
}

/** How long to wait for a query to be called off. */
const CANCEL_MS = 5_000;

/** Loads what PostgreSQL is read with. Throws DRIVER_MISSING. */
export async function loadPostgres(): Promise<PostgresDriver> {
  return loadDriver(
    async () => {
      const [driver, cursor] = await Promise.all([import("pg"), import("pg-cursor")]);
      return { pg: driver.default, Cursor: cursor.default };
    },
    { what: "PostgreSQL is read", packages: ["pg", "pg-cursor"] },
  );
}

/**
 * One connection to PostgreSQL, as it is used to read: what goes wrong is explained, without the address and without
 * values; an interruption ends it, also while the server works on a query.
 */
export class PostgresConnection {
  readonly #driver: PostgresDriver;
  readonly #address: SqlAddress;
  readonly #client: pg.Client;
  readonly #socket = new Socket();
  readonly #onAbort = (): void => void this.close();
  /** The server process of this connection. */
  #process: number | undefined;
  #isBusy = false;
  #closing: Promise<void> | undefined;

  private constructor(driver: PostgresDriver, address: SqlAddress) {
    this.#driver = driver;
    this.#address = address;
    const options = postgresOptions(driver.pg, address);
    this.#client = new driver.pg.Client({ ...options, stream: () => this.#socket });
    // Those of a query come to its reader; of one that lost its connection in between, the next reading says it.
    this.#client.on("error", () => undefined);
  }

  /** Connects. Throws USAGE for an address that is none, SOURCE_UNREACHABLE, SOURCE_REFUSED, and INTERRUPTED. */
  static async open(driver: PostgresDriver, address: SqlAddress): Promise<PostgresConnection> {
    const connection = new PostgresConnection(driver, address);
    await connection.#connect();
    return connection;
  }

  async #connect(): Promise<void> {
    const { signal } = this.#address;
    if (signal?.aborted === true) throw interrupted();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    try {
      this.#isBusy = true;
      await this.#client.connect();
      this.#isBusy = false;
    } catch (error) {
      const explained = this.#explain(error);
      await this.close();
      throw explained;
    }
  }

  /** All rows of a short query. */
  async rows<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const { rows } = await this.#work(() => this.#client.query<Row>(sql, [...values]));
    return rows;
  }

  /** Notes which process of the server this is, so that it can be called off. */
  async identify(): Promise<void> {
    const [row] = await this.rows<{ process: number }>("SELECT pg_catalog.pg_backend_pid() AS process");
    this.#process = row?.process;
  }

  /** A cursor of the server, whose cells are texts. */
  cursor(sql: string, values: readonly unknown[]): PostgresCursor {
    const { Cursor } = this.#driver;
    const types = { getTypeParser: () => asItIs };
    const cursor = this.#client.query(
      new Cursor<Cells>(sql, [...values], {
        rowMode: "array",
        types: types as unknown as pg.CustomTypesConfig,
      }),
    );
    return {
      read: (count) =>
        this.#work(
          () =>
            new Promise((resolve, reject) => {
              cursor.read(count, (error: Error | undefined, rows, result) => {
                if (error) reject(error);
                else resolve({ rows, fields: result?.fields ?? [] });
              });
            }),
        ),
    };
  }

  /** Bytes that came from the server so far. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Closes the connection, and calls off the query that the server works on. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#address.signal?.removeEventListener("abort", this.#onAbort);
    if (!this.#isBusy && !this.#socket.destroyed) {
      // Left alone after a while: a server that is gone would not say so.
      await Promise.race([
        this.#client.end().catch(() => undefined),
        sleep(CANCEL_MS, undefined, { ref: false }),
      ]);
      this.#socket.destroy();
      return;
    }
    const isLost = this.#socket.destroyed;
    this.#socket.destroy();
    // A server notices the end of a connection when it next writes, which may be after an hour of sorting.
    if (!isLost && this.#process !== undefined) await this.#callOff(this.#process);
  }

  async #callOff(process: number): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_MS);
    try {
      await using other = await PostgresConnection.open(this.#driver, { ...this.#address, signal });
      await other.rows("SELECT pg_catalog.pg_cancel_backend($1)", [process]);
    } catch {
      // It ends by itself, only later.
    }
  }

  async #work<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      this.#isBusy = true;
      return await work();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#isBusy = false;
    }
  }

  #explain(error: unknown): unknown {
    if (this.#address.signal?.aborted === true) return interrupted();
    return explainPostgresError(error, this.#address.place);
  }
}

/** Rows of a query, pulled. */
export interface PostgresCursor {
  /** The next rows, at most so many; none at the end. */
  read(count: number): Promise<{ readonly rows: readonly Cells[]; readonly fields: readonly pg.FieldDef[] }>;
}

const asItIs = (text: string): string => text;

/** The error of a driver as the operator's. */
function explainPostgresError(error: unknown, place: string): unknown {
  if (error instanceof FerryError || !(error instanceof Error)) return error;
  const { kind, why } = postgresTrouble(error);
  return kind === "unreachable" ? unreachable(place, why, error) : refused(place, why, error);
}
