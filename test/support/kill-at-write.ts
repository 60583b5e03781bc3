// Loaded into the command by --import: kills the process before or after the N-th write of the ledger, of those that hold
// a text where one is given. A write is a statement, or a whole transaction where no text is given: what is written in it
// becomes durable together. KILL_AT_WRITE is N, KILL_AT_SIDE `before` or `after`, KILL_AT_TEXT the text. A process that
// ends by itself says how many writes there were.
import Database from "better-sqlite3";
import { writeSync } from "node:fs";
import pg from "pg";

const at = Number(process.env["KILL_AT_WRITE"] ?? 0);
const side = process.env["KILL_AT_SIDE"] ?? "before";
const text = process.env["KILL_AT_TEXT"] ?? "";
const { prototype } = Database as unknown as { prototype: Database.Database };
const prepare = Reflect.get(prototype, "prepare") as (sql: string) => Database.Statement;
const exec = Reflect.get(prototype, "exec");
let writes = 0;

/** Does a write, unless it is the one before which the process is to end. */
function write<T>(what: string, doIt: () => T): T {
  writes += 1;
  const isIt = writes === at;
  if (isIt && side === "before") kill(what);
  const result = doIt();
  if (isIt) kill(what);
  return result;
}

function kill(what: string): void {
  writeSync(2, `killed ${side}: ${what.replaceAll(/\s+/g, " ").slice(0, 120)}\n`);
  process.kill(process.pid, "SIGKILL");
}

/** What is written all the time, whatever the run does: where a kill falls is not to depend on it. */
const PULSE = /\brequest_rate\b|^\s*UPDATE worker\b|^\s*INSERT INTO sample\b/;

/** Counts the writes of a ledger in PostgreSQL: a statement, or the end of a transaction. */
function watchPostgres(): void {
  const client = pg.Client.prototype as unknown as { query: (...given: unknown[]) => unknown };
  const query = client.query;
  const inTransaction = new WeakSet<object>();
  client.query = function queryWatched(this: object, ...given: unknown[]): unknown {
    const [first] = given;
    const sql = typeof first === "string" ? first : String((first as { readonly text?: string }).text);
    const doIt = (): unknown => query.apply(this, given);
    if (sql === "BEGIN") inTransaction.add(this);
    const isEnd = sql === "COMMIT";
    if (isEnd) inTransaction.delete(this);
    const isWrite = isEnd || (/^\s*(INSERT|UPDATE|DELETE)/i.test(sql) && !inTransaction.has(this));
    if (!isWrite || PULSE.test(sql)) return doIt();
    writes += 1;
    const isIt = writes === at;
    if (isIt && side === "before") kill(sql);
    return isIt ? (doIt() as Promise<unknown>).then(() => kill(sql)) : doIt();
  };
}

if (at > 0) {
  if (text === "") watchPostgres();
  process.on("exit", () => writeSync(2, `writes: ${writes}\n`));
  prototype.prepare = function prepareWatched(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    if (!/^\s*(INSERT|UPDATE|DELETE)/i.test(sql) || PULSE.test(sql) || !sql.includes(text)) return statement;
    for (const name of ["run", "get", "all"] as const) {
      const original: (...given: unknown[]) => unknown = statement[name];
      Reflect.set(statement, name, (...given: unknown[]) => {
        const doIt = (): unknown => original.apply(statement, given);
        return text === "" && this.inTransaction ? doIt() : write(sql, doIt);
      });
    }
    return statement;
  } as Database.Database["prepare"];
  if (text === "") {
    // Until it is committed, nothing of a transaction is there.
    prototype.exec = function execWatched(this: Database.Database, sql: string) {
      const doIt = (): Database.Database => exec.call(this, sql);
      return sql === "COMMIT" ? write("a transaction", doIt) : doIt();
    };
  }
}
