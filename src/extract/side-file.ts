import { throwIfInterrupted } from "../core/ferry-error.ts";
import type { ReadableRow, Row, RowBatch, SourceShape } from "../core/row.ts";
import { SideTable } from "./side-table.ts";
import type { Source } from "./source.ts";

/** What another file, or another list of a service, says of the users, and how it is joined to them. */
export interface SideFile {
  /** What it says, by the users' keys; read to its end before the first user. */
  entries(): AsyncIterable<readonly (readonly [key: string, value: string])[]>;
  /** The row with what the table says of its user. Not asked of a row that cannot be read. */
  joinOne(row: ReadableRow, table: SideTable): Row;
  /** What is said of it for the operator; of the table once all users were read. */
  describe(table: SideTable | undefined): string;
  /** That of the users when left out. */
  readonly shape?: SourceShape;
  close(): PromiseLike<void>;
}

/**
 * The same users with what another file says of them, joined over a {@link SideTable}. Throws what opening that file
 * throws, at once, and then closes the users as well; what reading it throws, when the users are read.
 */
export async function joinSideFile(
  users: Source,
  openSide: () => Promise<SideFile> | SideFile,
  signal: AbortSignal | undefined,
): Promise<Source> {
  let side: SideFile;
  try {
    side = await openSide();
  } catch (error) {
    await users[Symbol.asyncDispose]();
    throw error;
  }
  const close = async (): Promise<void> => {
    await side.close();
    await users[Symbol.asyncDispose]();
  };
  let found: SideTable | undefined;

  async function* batches(): AsyncGenerator<RowBatch> {
    using table = new SideTable();
    try {
      for await (const entries of side.entries()) {
        if (signal !== undefined) throwIfInterrupted(signal);
        table.add(entries);
      }
      for await (const batch of users.batches()) {
        yield batch.map((row) => (row.record === undefined ? row : side.joinOne(row, table)));
      }
      found = table;
    } finally {
      await close();
    }
  }

  return {
    shape: side.shape ?? users.shape,
    get description() {
      return `${users.description}, ${side.describe(found)}`;
    },
    get cursor() {
      return users.cursor;
    },
    batches,
    [Symbol.asyncDispose]: close,
  };
}
