// Loaded into the command by --import: kills the process before the N-th statement that writes the ledger, of those that
// hold a text where one is given. KILL_AT_WRITE is N, KILL_AT_TEXT the text.
import Database from "better-sqlite3";
import { writeSync } from "node:fs";

const at = Number(process.env["KILL_AT_WRITE"] ?? 0);
const text = process.env["KILL_AT_TEXT"] ?? "";
const { prototype } = Database as unknown as { prototype: Database.Database };
const prepare = Reflect.get(prototype, "prepare") as (sql: string) => Database.Statement;
let writes = 0;

if (at > 0) {
  prototype.prepare = function prepareWatched(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    if (!/^\s*(INSERT|UPDATE|DELETE)/i.test(sql) || !sql.includes(text)) return statement;
    for (const name of ["run", "get", "all"] as const) {
      const original: (...given: unknown[]) => unknown = statement[name];
      Reflect.set(statement, name, (...given: unknown[]) => {
        writes += 1;
        if (writes === at) {
          writeSync(2, `killed before: ${sql.replaceAll(/\s+/g, " ").slice(0, 120)}\n`);
          process.kill(process.pid, "SIGKILL");
        }
        return original.apply(statement, given);
      });
    }
    return statement;
  } as Database.Database["prepare"];
}
