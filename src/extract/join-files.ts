import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import type { Source } from "./source.ts";

/** A file of a source that has several, once reading has come to it. */
export interface FileStart {
  readonly path: string;
  /** The number in the source of the file's first row. */
  readonly seq: number;
}

/** A source over several files. */
export interface JoinedFiles extends Source {
  /** The files that were begun so far. */
  readonly starts: readonly FileStart[];
}

/**
 * Several files as one source: the rows of one after those of the other, numbered through. One file is open at a time.
 * Throws SOURCE_FORMAT when a table has other columns than the first one, as its cells would be taken for others, and when
 * they hold the users of several user bases.
 */
export async function joinFiles(
  paths: readonly string[],
  open: (path: string) => Promise<Source>,
): Promise<JoinedFiles> {
  const [firstPath = "", ...otherPaths] = paths;
  const first = await open(firstPath);
  const starts: FileStart[] = [];
  const descriptions: string[] = [];
  let current: Source = first;
  let userBase: { readonly name: string; readonly path: string } | undefined;

  function requireSameUserBase(name: string | undefined, path: string): void {
    if (name === undefined) return;
    userBase ??= { name, path };
    if (userBase.name !== name) throw otherUserBase({ name, path }, userBase);
  }

  async function* batches(): AsyncGenerator<RowBatch> {
    let seq = 0;
    for (const path of [firstPath, ...otherPaths]) {
      if (path !== firstPath) current = await open(path);
      await using source = current;
      requireSameShape(first, source, { firstPath, path });
      starts.push({ path, seq: seq + 1 });
      const before = seq;
      for await (const batch of source.batches()) {
        requireSameUserBase(source.userBase, path);
        seq += batch.length;
        yield batch.map((row) => inFile(row, before, path));
      }
      descriptions.push(source.description);
    }
  }

  return {
    shape: first.shape,
    starts,
    get description() {
      const kinds = new Set(descriptions.length === 0 ? [first.description] : descriptions);
      return `${paths.length} files: ${[...kinds].join("; ")}`;
    },
    batches,
    [Symbol.asyncDispose]: () => current[Symbol.asyncDispose](),
  };
}

/** The row as one of the whole source; of one that cannot be read, the place names its file. */
function inFile(row: Row, before: number, path: string): Row {
  const seq = before + row.seq;
  if (row.record !== undefined) return before === 0 ? row : { ...row, seq };
  return { ...row, seq, issue: { ...row.issue, message: `${basename(path)}: ${row.issue.message}` } };
}

function otherUserBase(
  found: { readonly name: string; readonly path: string },
  first: { readonly name: string; readonly path: string },
): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${found.path} holds users of ${found.name}, and ${first.path} those of ${first.name}`,
    { hint: "Name only the files of one, or choose it with source.realm in the config" },
  );
}

function requireSameShape(
  first: Source,
  other: Source,
  { firstPath, path }: { readonly firstPath: string; readonly path: string },
): void {
  if (isDeepStrictEqual(first.shape, other.shape)) return;
  throw new FerryError("SOURCE_FORMAT", `${path} has other columns than ${firstPath}`, {
    hint: "Name only files of one export, or plan each of them on its own",
  });
}
