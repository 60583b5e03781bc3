import { join } from "node:path";
import type { UndoneUser } from "../ledger/ledger.ts";
import { PLACE_COLUMNS, placeCells } from "./place-cells.ts";
import { writeCsv } from "./whole-file.ts";

const COLUMNS = [...PLACE_COLUMNS, "sub", "result", "message"];

/** Writes undo.csv into a run folder (0600, whole or not at all): one line for each user whom the run has created. */
export async function writeUndoneUsers(runDir: string, users: AsyncIterable<UndoneUser>): Promise<void> {
  await writeCsv(join(runDir, "undo.csv"), COLUMNS, rowsOf(users));
}

async function* rowsOf(users: AsyncIterable<UndoneUser>): AsyncIterable<readonly string[]> {
  for await (const user of users) {
    const { sub, result, message } = user;
    yield [...placeCells(user), sub ?? "", result, message ?? ""];
  }
}
