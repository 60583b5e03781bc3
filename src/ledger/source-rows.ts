import type { PlannedUser } from "../core/planned-user.ts";
import { BrokenRow, seal, unseal } from "./checksum.ts";
import type { Dialect, SqlValue, Statements } from "./database.ts";

/**
 * The rows of the source, as JSON and without their secrets. Nobody asks for them but the files that go back to the operator,
 * so they stand apart from their users, and many together: a line each, empty for a user without one.
 */
export const sourceRowsSchema = ({ integer, text, table }: Dialect): string => `
  CREATE TABLE source_rows (
    first_seq ${integer} PRIMARY KEY,
    last_seq  ${integer} NOT NULL,
    rows      ${text} NOT NULL
  ) ${table};
`;

/** Adds the rows of users, given the values of {@link blocksOf}. */
export const ADD_SOURCE_ROWS = "INSERT INTO source_rows (first_seq, last_seq, rows) VALUES (?, ?, ?)";

/** Rows of a block at the most: with more, whoever wants one reads much in vain, and with fewer it takes longer to add them. */
const MAX_BLOCK_ROWS = 32;

/** The blocks of the rows of users who follow one another; whoever is not sent has one alone, as reports ask for it. */
export function* blocksOf(users: readonly PlannedUser[]): Iterable<readonly SqlValue[]> {
  for (let first = 0; first < users.length;) {
    const firstSeq = users[first]?.seq ?? 0;
    let end = first + 1;
    const mostEnd = users[first]?.notSent === undefined ? first + MAX_BLOCK_ROWS : end;
    while (end < mostEnd && users[end]?.seq === firstSeq + end - first && users[end]?.notSent === undefined)
      end += 1;
    const rows = users.slice(first, end).map(({ sourceRow }) => sourceRow);
    if (rows.some((row) => row !== ""))
      yield [firstSeq, firstSeq + rows.length - 1, seal(firstSeq, rows.join("\n"))];
    first = end;
  }
}

interface Block {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly rows: string;
}

/** Gives the row of a user, empty where there is none; quickest when asked in the order of the source. Throws {@link BrokenRow}. */
export function sourceRowReader(statements: Statements): (seq: number) => Promise<string> {
  let first = 0;
  let last = -1;
  let rows: readonly string[] = [];
  return async (seq) => {
    if (seq < first || seq > last) {
      const block = await statements.get<Block>(
        "SELECT first_seq, last_seq, rows FROM source_rows WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
        [seq],
      );
      if (block === undefined || block.last_seq < seq) return "";
      ({ first_seq: first, last_seq: last } = block);
      rows = unseal(first, block.rows).split("\n");
      if (rows.length !== last - first + 1)
        throw new BrokenRow(`the rows of users ${first} to ${last} are not as they were written`);
    }
    return rows[seq - first] ?? "";
  };
}
