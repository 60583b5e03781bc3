import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { HASH_ALGORITHMS, type HashAlgorithm } from "../core/password-hash.ts";
import type { Pool } from "../core/pool.ts";
import type { LoadLedger, Part, UserToLoad } from "../ledger/ledger.ts";
import { createImportRowEncoder, encodeImportHeader } from "../transform/import-csv.ts";

/** How large one part may be. */
export interface PartLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Characters gathered before a write. */
const WRITE_CHARACTERS = 256 * 1024;

/**
 * Writes parts to files (0600) in a folder of the run (0700), where they stay until they are settled. A part stands in
 * the ledger, with its users, lines and SHA-256, only after its file is safely on disk.
 */
export class Spool {
  readonly #directory: string;
  readonly #pool: Pool;

  constructor(runDir: string, pool: Pool) {
    this.#directory = join(runDir, "parts");
    this.#pool = pool;
  }

  /** Where a part's file is. */
  pathOf(part: number): string {
    return join(this.#directory, `part-${part}.csv`);
  }

  /**
   * Spools the next part, all of one password-hash algorithm; undefined when no user is left. The first part of each
   * algorithm, and of those without, is a small one where the run wants a trial.
   */
  async next(ledger: LoadLedger, limits: PartLimits): Promise<Part | undefined> {
    const { canaryUsers } = ledger.facts.limits;
    for (const algorithm of [undefined, ...HASH_ALGORITHMS]) {
      const [user] = ledger.usersToSpool(algorithm);
      if (user === undefined) continue;
      const isFirst = ledger.parts().every((part) => part.algorithm !== algorithm);
      const rows = isFirst && canaryUsers > 0 ? Math.min(limits.rows, canaryUsers) : limits.rows;
      return this.#spool(ledger, algorithm, { ...limits, rows });
    }
    return undefined;
  }

  async #spool(ledger: LoadLedger, algorithm: HashAlgorithm | undefined, limits: PartLimits): Promise<Part> {
    const id = ledger.parts().length + 1;
    const written = await this.#write(id, algorithm, ledger.usersToSpool(algorithm), limits);
    if (written.rows === 0) {
      await this.remove(id);
      throw new RangeError(`no user fits a part of ${limits.rows} rows and ${limits.bytes} bytes`);
    }
    const { lastSeq, ...facts } = written;
    return ledger.addPart({ algorithm, ...facts }, lastSeq);
  }

  /** Makes sure that a part's file is there and unchanged; writes it again from the ledger when it is not. */
  async restore(ledger: LoadLedger, part: Part): Promise<void> {
    if ((await sha256Of(this.pathOf(part.id))) === part.sha256) return;
    const users = ledger.usersOfPart(part.id);
    const written = await this.#write(part.id, part.algorithm, users, UNLIMITED);
    if (written.sha256 !== part.sha256) throw new Error(`part ${part.id} cannot be written again as it was`);
  }

  /** Deletes a part's file. */
  async remove(part: number): Promise<void> {
    await rm(this.pathOf(part), { force: true });
  }

  async #write(
    part: number,
    algorithm: HashAlgorithm | undefined,
    users: Iterable<UserToLoad>,
    limits: PartLimits,
  ): Promise<Written> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = await open(this.pathOf(part), "w", 0o600);
    const header = encodeImportHeader(this.#pool, algorithm);
    try {
      return await writeRows(
        file,
        header,
        encodeUsers(users, createImportRowEncoder(this.#pool, algorithm)),
        limits,
      );
    } finally {
      await file.close();
    }
  }
}

interface EncodedUser {
  readonly seq: number;
  readonly row: string;
}

function* encodeUsers(
  users: Iterable<UserToLoad>,
  encode: (user: UserToLoad) => string,
): Iterable<EncodedUser> {
  for (const user of users) yield { seq: user.seq, row: encode(user) };
}

async function writeRows(
  file: FileHandle,
  header: string,
  users: Iterable<EncodedUser>,
  limits: PartLimits,
): Promise<Written> {
  const hash = createHash("sha256");
  let text = header;
  let bytes = Buffer.byteLength(text);
  let rows = 0;
  let lastSeq = 0;
  for (const { seq, row } of users) {
    const rowBytes = Buffer.byteLength(row);
    if (rows === limits.rows || bytes + rowBytes > limits.bytes) break;
    text += row;
    bytes += rowBytes;
    rows += 1;
    lastSeq = seq;
    if (text.length >= WRITE_CHARACTERS) {
      await append(file, hash, text);
      text = "";
    }
  }
  await append(file, hash, text);
  // The ledger will say that this file exists, so it must survive a power cut.
  await file.sync();
  return { rows, bytes, sha256: hash.digest("hex"), lastSeq };
}

const UNLIMITED: PartLimits = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

interface Written {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly lastSeq: number;
}

async function append(file: FileHandle, hash: Hash, text: string): Promise<void> {
  const block = Buffer.from(text, "utf8");
  hash.update(block);
  await file.writeFile(block);
}

async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return hash.digest("hex");
}
