import { join } from "node:path";
import type { UndoneUser } from "../ledger/ledger.ts";
import { writeCsv } from "./whole-file.ts";

const COLUMNS = ["row", "line", "source_id", "username", "sub", "result", "message"];

/** Writes undo.csv into a run folder (0600, whole or not at all): one line for each user whom the run has created. */
export async function writeUndoneUsers(runDir: string, users: Iterable<UndoneUser>): Promise<void> {
  await writeCsv(join(runDir, "undo.csv"), COLUMNS, rowsOf(users));
}

function* rowsOf(users: Iterable<UndoneUser>): Iterable<readonly string[]> {
  for (const { seq, line, sourceId, username, sub, result, message } of users) {
    yield [
      String(seq),
      line === undefined ? "" : String(line),
      sourceId ?? "",
      username ?? "",
      sub ?? "",
      result,
      message ?? "",
    ];
  }
}
