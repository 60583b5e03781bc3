import type { HashAlgorithm } from "../core/password-hash.ts";
import type { PlannedUser } from "../core/planned-user.ts";
import type { Pool } from "../core/pool.ts";
import { createImportRowEncoder, type ImportRow } from "../transform/import-csv.ts";

/** Of so many users one is written out to learn how long rows are. */
const ONE_IN = 16;

interface Measured {
  readonly encode: (row: ImportRow) => string;
  seen: number;
  rows: number;
  bytes: number;
}

/** Learns from users, as they are decided, how long their rows of an import job's file are on average. */
export class RowCensus {
  readonly #pool: Pool;
  readonly #measured = new Map<HashAlgorithm | undefined, Measured>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Takes note of a batch. */
  count(users: readonly PlannedUser[]): void {
    for (const { route, username = "", attributes, smsMfa, passwordHash } of users) {
      if (route !== "import-job") continue;
      const measured = this.#of(passwordHash?.algorithm);
      measured.seen += 1;
      if (measured.seen % ONE_IN !== 1) continue;
      const row = { username, attributes, smsMfa, passwordHash: passwordHash?.value };
      measured.rows += 1;
      measured.bytes += Buffer.byteLength(measured.encode(row));
    }
  }

  #of(algorithm: HashAlgorithm | undefined): Measured {
    const known = this.#measured.get(algorithm);
    if (known !== undefined) return known;
    const encode = createImportRowEncoder(this.#pool, algorithm);
    const made = { encode, seen: 0, rows: 0, bytes: 0 };
    this.#measured.set(algorithm, made);
    return made;
  }

  /** Bytes of an average row with a hash of this algorithm, or without; 0 where there was none. */
  meanBytes(algorithm: HashAlgorithm | undefined): number {
    const { rows, bytes } = this.#measured.get(algorithm) ?? { rows: 0, bytes: 0 };
    return rows === 0 ? 0 : bytes / rows;
  }
}
