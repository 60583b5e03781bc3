// Spools one part from the ledger of a plan, or reads its users from there and copies the bytes of a part that was spooled
// before: node spool-part.ts RUN_DIR spool ROWS | node spool-part.ts RUN_DIR read ROWS FILE
import { createHash } from "node:crypto";
import { open, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openSqliteLedger } from "../src/ledger/sqlite-ledger.ts";
import { Spool } from "../src/load/spool.ts";
import { runFolderAt } from "../src/run/run-folder.ts";
import { MAX_PART_BYTES } from "../src/transform/import-csv.ts";

const [, , runDir = "", mode = "", rows = "", from = ""] = process.argv;
const BLOCK_BYTES = 256 * 1024;

/** What anything that makes a part has to do: its users are read, and its bytes go to the disk, with their hash. */
async function readAndCopy(ledger: Awaited<ReturnType<typeof openSqliteLedger>>): Promise<object> {
  let users = 0;
  for await (const _user of ledger.usersToSpool(undefined)) if ((users += 1) === Number(rows)) break;
  await mkdir(join(runDir, "parts"), { recursive: true });
  const [source, target] = [await open(from), await open(join(runDir, "parts", "copy.csv"), "w", 0o600)];
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await source.read(block, 0, BLOCK_BYTES);
    if (bytesRead === 0) break;
    const part = block.subarray(0, bytesRead);
    hash.update(part);
    await target.writeFile(part);
    bytes += bytesRead;
  }
  await target.sync();
  await target.close();
  await source.close();
  return { rows: users, bytes, sha256: hash.digest("hex") };
}

const ledger = await openSqliteLedger(runFolderAt(runDir).ledgerPath);
const limits = { rows: Number(rows), bytes: MAX_PART_BYTES };
const made =
  mode === "spool"
    ? await new Spool(runDir, ledger.facts.pool).next(ledger, limits)
    : await readAndCopy(ledger);
await ledger[Symbol.asyncDispose]();
console.log(JSON.stringify(made));
