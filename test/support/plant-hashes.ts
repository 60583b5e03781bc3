import Database from "better-sqlite3";
import { join } from "node:path";
import { seal } from "../../src/ledger/checksum.ts";

/** Writes BCRYPT hashes into the ledger of a plan, as if its users had come with them: by the number of the row. */
export function plantHashes(runDir: string, hashes: Readonly<Record<number, string>>): void {
  const database = new Database(join(runDir, "ledger.db"));
  const plant = database.prepare(
    "UPDATE users SET hash_algorithm = 'BCRYPT', password_hash = ? WHERE seq = ?",
  );
  for (const [seq, hash] of Object.entries(hashes)) plant.run(seal(Number(seq), hash), Number(seq));
  database.close();
}
