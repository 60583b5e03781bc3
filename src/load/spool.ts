import { createHash, type Hash } from "node:crypto";
import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { HASH_ALGORITHMS, type HashAlgorithm } from "../core/password-hash.ts";
import type { Pool } from "../core/pool.ts";
import type { LoadLedger, Part, PartFile, UserToLoad } from "../ledger/ledger.ts";
import { createImportRowEncoder, encodeImportHeader } from "../transform/import-csv.ts";
import { readBlocks } from "./read-blocks.ts";

/** How large one part may be. */
export interface PartLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Characters gathered before a write to the file and one to the ledger, which waits for the disk: some 5,000 users. */
const WRITE_CHARACTERS = 512 * 1024;

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
    const kind = await nextKind(ledger);
    if (kind === undefined) return undefined;
    const isFirst = (await ledger.parts()).every(({ algorithm }) => algorithm !== kind.algorithm);
    const rows = isFirst && canaryUsers > 0 ? Math.min(limits.rows, canaryUsers) : limits.rows;
    return this.#spool(ledger, kind.algorithm, { ...limits, rows });
  }

  /** Whether users are left for another part. */
  async hasNext(ledger: LoadLedger): Promise<boolean> {
    return (await nextKind(ledger)) !== undefined;
  }

  async #spool(ledger: LoadLedger, algorithm: HashAlgorithm | undefined, limits: PartLimits): Promise<Part> {
    const id = await ledger.beginPart(algorithm);
    const users = ledger.usersToSpool(algorithm);
    const written = await this.#write({ id, algorithm }, users, {
      limits,
      onWritten: (seqs) => ledger.addToPart(id, seqs),
    });
    if (written.rows > 0) return ledger.finishPart(id, written);
    await this.remove(id);
    throw new RangeError(`no user fits a part of ${limits.rows} rows and ${limits.bytes} bytes`);
  }

  /** Makes sure that a part's file is there and unchanged; writes it again from the ledger when it is not. */
  async restore(ledger: LoadLedger, part: Part): Promise<void> {
    if ((await sha256Of(this.pathOf(part.id))) === part.sha256) return;
    const written = await this.#write(part, ledger.usersOfPart(part.id), {
      limits: UNLIMITED,
      onWritten: async () => undefined,
    });
    if (written.sha256 !== part.sha256) throw new Error(`part ${part.id} cannot be written again as it was`);
  }

  /** Deletes a part's file. */
  async remove(part: number): Promise<void> {
    await rm(this.pathOf(part), { force: true });
  }

  async #write(
    { id, algorithm }: Pick<Part, "id" | "algorithm">,
    users: AsyncIterable<UserToLoad>,
    writing: Writing,
  ): Promise<PartFile> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = await open(this.pathOf(id), "w", 0o600);
    const header = encodeImportHeader(this.#pool, algorithm);
    try {
      const encode = createImportRowEncoder(this.#pool, algorithm);
      return await writeRows(file, users, { ...writing, header, encode });
    } finally {
      await file.close();
    }
  }
}

interface Writing {
  readonly limits: PartLimits;
  /** Called with some users at a time, whose rows have been handed to the file. */
  readonly onWritten: (seqs: readonly number[]) => Promise<void>;
}

interface WritingRows extends Writing {
  readonly header: string;
  readonly encode: (user: UserToLoad) => string;
}

async function writeRows(
  file: FileHandle,
  users: AsyncIterable<UserToLoad>,
  { header, encode, limits, onWritten }: WritingRows,
): Promise<PartFile> {
  const hash = createHash("sha256");
  let text = header;
  let bytes = Buffer.byteLength(text);
  let rows = 0;
  let seqs: number[] = [];
  for await (const user of users) {
    const row = encode(user);
    const rowBytes = Buffer.byteLength(row);
    if (rows === limits.rows || bytes + rowBytes > limits.bytes) break;
    text += row;
    bytes += rowBytes;
    rows += 1;
    seqs.push(user.seq);
    if (text.length >= WRITE_CHARACTERS) {
      await append(file, hash, text);
      await onWritten(seqs);
      text = "";
      seqs = [];
    }
  }
  await append(file, hash, text);
  // The ledger will say that this file exists, so it must survive a power cut.
  await file.sync();
  await onWritten(seqs);
  return { rows, bytes, sha256: hash.digest("hex") };
}

/** What the users of the next part have in common; undefined when nobody is left. */
async function nextKind(
  ledger: LoadLedger,
): Promise<{ readonly algorithm: HashAlgorithm | undefined } | undefined> {
  for (const algorithm of [undefined, ...HASH_ALGORITHMS])
    if (!(await isEmpty(ledger.usersToSpool(algorithm)))) return { algorithm };
  return undefined;
}

async function isEmpty(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _item of items) return false;
  return true;
}

const UNLIMITED: PartLimits = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

async function append(file: FileHandle, hash: Hash, text: string): Promise<void> {
  const block = Buffer.from(text, "utf8");
  hash.update(block);
  await file.writeFile(block);
}

async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const block of readBlocks(path)) hash.update(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return hash.digest("hex");
}
