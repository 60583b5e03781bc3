// The thread of append-beside.ts: appends to the file that it is given, order by order.
import SQLite from "better-sqlite3";
import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { AppendAnswer, AppendOrder } from "./append-beside.ts";
import { SqliteAppender } from "./sqlite-appender.ts";
import { SqliteStatements } from "./sqlite-statements.ts";

async function carryOut(
  orders: AsyncIterable<AppendOrder>,
  answer: (said: AppendAnswer) => void,
): Promise<void> {
  const connection = new SQLite(workerData as string, { fileMustExist: true });
  try {
    const appender = new SqliteAppender(connection, new SqliteStatements(connection));
    for await (const order of orders) {
      if (order.kind === "append") appender.append(order.inserts);
      else appender.commit();
      answer({ kind: "done" });
    }
  } catch (error) {
    answer({ kind: "failed", error, code: error instanceof SQLite.SqliteError ? error.code : undefined });
  } finally {
    connection.close();
  }
}

/** Up to the last one. */
async function* ordersTo(port: NonNullable<typeof parentPort>): AsyncGenerator<AppendOrder> {
  for await (const [order] of on(port, "message") as AsyncIterable<[AppendOrder]>) {
    yield order;
    if (order.kind === "end") return;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  await carryOut(ordersTo(port), (said) => port.postMessage(said, []));
}
