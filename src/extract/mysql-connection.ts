import type { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type mysql2 from "mysql2";
import { FerryError, interrupted } from "../core/ferry-error.ts";
import type { Cells } from "./change-cursor.ts";
import { loadDriver } from "../drivers/load-driver.ts";
import { mysqlAddressOf } from "./mysql-address.ts";
import type { MysqlField } from "./mysql-values.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import { codeOf, withoutQuoted } from "../drivers/driver-words.ts";
import { refused, unreachable } from "./sql-trouble.ts";

/** The package that MySQL and MariaDB are read with. */
export type MysqlDriver = typeof mysql2;

/** How long to wait for a server that does not answer, and for a query to be called off. */
const CONNECT_MS = 30_000;
const CANCEL_MS = 5_000;

/** Rows and bytes that wait to be read, at the most. */
export interface ReadAhead {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows of a query, pulled. */
export interface MysqlRows {
  readonly fields: readonly MysqlField[];
  /** The next rows; none at the end. */
  read(): Promise<readonly Cells[]>;
}

/** Loads what MySQL is read with. Throws DRIVER_MISSING. */
export async function loadMysql(): Promise<MysqlDriver> {
  return loadDriver(async () => (await import("mysql2")).default, {
    what: "MySQL is read",
    packages: ["mysql2"],
  });
}

/**
 * One connection to MySQL or MariaDB, as it is used to read: what goes wrong is explained, without the address and without
 * values; an interruption ends it, also while the server works on a query.
 */
export class MysqlConnection {
  readonly #driver: MysqlDriver;
  readonly #address: SqlAddress;
  readonly #connection: mysql2.Connection;
  readonly #socket: Socket;
  readonly #onAbort = (): void => void this.close();
  /** What the connection itself tells of, where no query waits that could be told. */
  #lost: Error | undefined;
  readonly #whenLost = new Set<(error: Error) => void>();
  #isBusy = false;
  #closing: Promise<void> | undefined;

  private constructor(driver: MysqlDriver, address: SqlAddress) {
    this.#driver = driver;
    this.#address = address;
    const { host, port, socketPath, user, password, database, ssl } = mysqlAddressOf(
      address.place,
      address.url,
    );
    this.#socket =
      socketPath === undefined
        ? connect({ host, port, keepAlive: true, noDelay: true })
        : connect(socketPath);
    this.#connection = driver.createConnection({
      stream: () => this.#socket,
      host,
      user,
      password,
      database,
      ...(ssl === undefined ? {} : { ssl }),
      connectTimeout: CONNECT_MS,
      charset: "utf8mb4",
      dateStrings: true,
      supportBigNumbers: true,
      jsonStrings: true,
      rowsAsArray: true,
      multipleStatements: false,
      // A server must not ask for files of this computer.
      flags: ["-LOCAL_FILES"],
    });
    this.#connection.on("error", (error) => {
      this.#lost ??= error;
      for (const tell of this.#whenLost) tell(error);
    });
  }

  /** Connects. Throws USAGE for an address that is none, SOURCE_UNREACHABLE, SOURCE_REFUSED, and INTERRUPTED. */
  static async open(driver: MysqlDriver, address: SqlAddress): Promise<MysqlConnection> {
    if (address.signal?.aborted === true) throw interrupted();
    const connection = new MysqlConnection(driver, address);
    address.signal?.addEventListener("abort", connection.#onAbort, { once: true });
    try {
      await connection.#work<void>((done) => connection.#connection.connect((error) => done(error)));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** All rows of a short query, as cells. */
  async rows(sql: string): Promise<readonly Cells[]> {
    const { rows } = await this.#ask(sql);
    return rows;
  }

  /** All rows of a short query, by the names of its columns. */
  async records(sql: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const { rows, fields } = await this.#ask(sql);
    return rows.map((cells) => Object.fromEntries(fields.map(({ name }, at) => [name, String(cells[at])])));
  }

  /** What columns the query has. */
  async fields(sql: string): Promise<readonly MysqlField[]> {
    const { fields } = await this.#ask(sql);
    return fields;
  }

  /** Begins a query whose rows are given as they come; the server waits while enough of them lie here. */
  async stream(sql: string, most: ReadAhead): Promise<MysqlRows> {
    this.#isBusy = true;
    const arrival = new Arrival(this.#connection, this.#socket, most);
    const fail = (error: Error): void => arrival.fail(error);
    this.#whenLost.add(fail);
    if (this.#lost !== undefined) fail(this.#lost);
    const settled = <Result>(work: Promise<Result>): Promise<Result> =>
      work
        .catch((error: unknown) => {
          throw this.#explain(error);
        })
        .finally(() => {
          this.#isBusy = !arrival.isOver;
        });
    const fields = await settled(arrival.begin(sql));
    return { fields, read: () => settled(arrival.take()) };
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
    const isLost = this.#lost !== undefined || this.#socket.destroyed;
    const wasBusy = this.#isBusy;
    if (!wasBusy && !isLost) {
      const ended = new Promise<void>((resolve) => {
        this.#connection.end(() => resolve());
      });
      // Left alone after a while: a server that is gone would not say so.
      await Promise.race([ended, sleep(CANCEL_MS, undefined, { ref: false })]);
    }
    const { threadId } = this.#connection;
    this.#connection.destroy();
    this.#socket.destroy();
    const error = new Error("closed");
    for (const tell of this.#whenLost) tell(error);
    // A server notices the end of a connection when it next writes, which may be after an hour of sorting.
    if (wasBusy && !isLost && threadId !== null) await this.#callOff(threadId);
  }

  async #callOff(threadId: number): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_MS);
    try {
      await using other = await MysqlConnection.open(this.#driver, { ...this.#address, signal });
      await other.rows(`KILL ${threadId}`);
    } catch {
      // It ends by itself, only later; or has ended already.
    }
  }

  #ask(sql: string): Promise<{ readonly rows: readonly Cells[]; readonly fields: readonly MysqlField[] }> {
    return this.#work((done) => {
      this.#connection.query<mysql2.RowDataPacket[]>({ sql }, (error, rows, fields) => {
        done(error, { rows: rows as unknown as readonly Cells[], fields });
      });
    });
  }

  async #work<Result>(work: (done: (error: Error | null, result?: Result) => void) => void): Promise<Result> {
    let fail = (_error: Error): void => undefined;
    try {
      this.#isBusy = true;
      if (this.#lost !== undefined) throw this.#lost;
      return await new Promise<Result>((resolve, reject) => {
        fail = reject;
        this.#whenLost.add(fail);
        work((error, result) => (error === null ? resolve(result as Result) : reject(error)));
      });
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#whenLost.delete(fail);
      this.#isBusy = false;
    }
  }

  #explain(error: unknown): unknown {
    if (this.#address.signal?.aborted === true) return interrupted();
    return explainMysqlError(error, this.#address.place);
  }
}

/** The rows of a query as they arrive. They are taken in heaps: an async hop a row would take longer than the row. */
class Arrival {
  readonly #connection: mysql2.Connection;
  readonly #socket: Socket;
  readonly #most: ReadAhead;
  #fields: readonly MysqlField[] | undefined;
  #rows: Cells[] = [];
  /** What the socket had read when the rows were last taken. */
  #bytesBefore = 0;
  #isFull = false;
  #isDone = false;
  #failure: Error | undefined;
  #wake = (): void => undefined;

  constructor(connection: mysql2.Connection, socket: Socket, most: ReadAhead) {
    this.#connection = connection;
    this.#socket = socket;
    this.#most = most;
  }

  /** Whether nothing more comes. */
  get isOver(): boolean {
    return this.#isDone || this.#failure !== undefined;
  }

  /** Sends the query, and waits until its columns are known. */
  async begin(sql: string): Promise<readonly MysqlField[]> {
    this.#bytesBefore = this.#socket.bytesRead;
    const query: EventEmitter = this.#connection.query({ sql });
    query
      .on("fields", (fields: readonly MysqlField[] | undefined) => {
        this.#fields = fields ?? [];
        this.#wake();
      })
      .on("result", (row: Cells | object) => this.#add(row))
      .on("error", (error: Error) => this.fail(error))
      .on("end", () => {
        this.#isDone = true;
        this.#wake();
      });
    await this.#until(() => this.#fields !== undefined);
    return this.#fields ?? [];
  }

  /** The rows that are there, once they are enough, or the last; none at the end. */
  async take(): Promise<readonly Cells[]> {
    await this.#until(() => this.#isFull);
    const rows = this.#rows;
    this.#rows = [];
    this.#isFull = false;
    this.#bytesBefore = this.#socket.bytesRead;
    if (!this.#isDone) this.#connection.resume();
    return rows;
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  #add(row: Cells | object): void {
    // Of a statement without rows, what it did.
    if (!Array.isArray(row)) return;
    this.#rows.push(row);
    const bytes = this.#socket.bytesRead - this.#bytesBefore;
    if (this.#rows.length < this.#most.rows && bytes < this.#most.bytes) return;
    this.#isFull = true;
    this.#connection.pause();
    this.#wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.isOver && !condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** Numbers of errors that tell of the state the server is in, not of what it was asked. */
const TROUBLE: ReadonlySet<number> = new Set([
  // Too many connections, and other bounds of the server.
  1040, 1041, 1135, 1203, 1226,
  // It shuts down, the connection or query was killed, a time limit is over, locks.
  1053, 1077, 1080, 1152, 1158, 1159, 1160, 1161, 1205, 1213, 1317, 1927, 1969, 3024, 4031,
]);

/** Errors whose words quote nothing but names of the query and the schema. */
const HARMLESS: ReadonlySet<number> = new Set([
  // Columns, tables and syntax.
  1051, 1052, 1054, 1055, 1060, 1064, 1109, 1146, 1305,
]);

/** The error of the driver as the operator's. */
function explainMysqlError(error: unknown, place: string): unknown {
  if (error instanceof FerryError || !(error instanceof Error)) return error;
  const { errno, message, sqlState } = error as Error & {
    readonly errno?: number;
    readonly sqlState?: string;
  };
  if (sqlState === undefined || errno === undefined) return unreachable(place, codeOf(error), error);
  const words = HARMLESS.has(errno) ? withoutLines(message) : withoutQuoted(message);
  return TROUBLE.has(errno)
    ? unreachable(place, `${words} (${errno})`, error)
    : refused(place, `${words} (${errno})`, error);
}

const withoutLines = (message: string): string => message.replaceAll(/\s+/g, " ");
