import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { AttributeNames } from "./directory-entry.ts";
import { mendFolds } from "./ldif-lines.ts";
import { LdifReader, type LdifRecord } from "./ldif-records.ts";
import { Memberships } from "./memberships.ts";
import { BATCH_BYTES, BATCH_ROWS, type Source, type SourceType } from "./source.ts";
import { requireReadAgain } from "./plain-file.ts";
import { openFromTextFile, openTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";

/**
 * The entries of a directory as LDIF (RFC 2849), from ldapsearch, slapcat or ldifde: people and accounts are users, other
 * entries are passed over. Each is a document: `dn`, and for every attribute a list of its values. The groups of the file
 * (and of `groups`) that name a user as their member join its `memberOf`. As users and groups come in any order, the file
 * is read twice.
 *
 * An entry that cannot be trusted is a rejected row with its line, and so is a change record other than an addition, and
 * an entry with a value that stands in another file (`:<`): nothing is ever read because a file says so. Pictures and
 * certificates are left out.
 */
export const ldif: SourceType = {
  type: "ldif",
  options: ["groups"],
  recognise: ({ head }) => (isLdif(head) ? "it begins with dn: and an entry's name" : undefined),
  open(path, { groups }, { signal } = {}) {
    return openFromTextFile(path, (file) => openLdif(file, { groups, signal }), mendFolds);
  },
};

interface Opening {
  /** Another file with groups. */
  readonly groups: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What comes before the first entry: comments with their folds, empty lines, the version. */
const BEGINNING = /^(?:(?:#.*(?:\r?\n .*)*|[ \t]*)\r?\n|version: *\d+ *\r?\n)*/i;

/** Whether a text begins as LDIF does: by an entry, or by its version alone. */
function isLdif(head: string): boolean {
  const beginning = BEGINNING.exec(head)?.[0] ?? "";
  return /^dn::? ?/i.test(head.slice(beginning.length)) || /^version: *1 *$/im.test(beginning);
}

async function openLdif(file: TextFile, { groups, signal }: Opening): Promise<Source> {
  requireLdif(file);
  await requireReadAgain(file.path, READ_TWICE);
  const counts: Counts = { groups: 0, others: 0, isClosed: true };
  let current: TextFile = file;
  async function* batches(): AsyncGenerator<RowBatch> {
    using memberships = new Memberships();
    const besides = groups === undefined ? [] : [groups];
    await readGroups(file, memberships, signal);
    for (const path of besides) {
      current = await openTextFile(path, mendFolds);
      requireLdif(current);
      await readGroups(current, memberships, signal);
    }
    current = await openTextFile(file.path, mendFolds);
    yield* readUsers(current, memberships, counts);
  }
  return {
    shape: { kind: "documents" },
    get description() {
      return describe(file, counts);
    },
    async *batches() {
      try {
        yield* batches();
      } finally {
        await current.close();
      }
    },
    [Symbol.asyncDispose]: async () => {
      await file.close();
      await current.close();
    },
  };
}

function requireLdif({ path, head, isWhole }: TextFile): void {
  if (isLdif(head)) return;
  const format = recogniseTextFormat(head, isWhole);
  if (format !== "table") throw wrongFormat(path, format, "LDIF");
  throw new FerryError("SOURCE_FORMAT", `${path} is no LDIF: its first entry does not begin with dn:`, {
    hint: "Export it with ldapsearch, slapcat or ldifde; a table, as csvde and Get-ADUser write it, is read with --from csv:PATH",
  });
}

const READ_TWICE = "LDIF is read twice, as its groups may stand behind its users: save it to a file first";

/** What is told of the file beside its users. */
interface Counts {
  groups: number;
  others: number;
  isClosed: boolean;
}

function describe({ encoding }: TextFile, { groups, others, isClosed }: Counts): string {
  const parts = [
    "LDIF",
    encoding,
    groups === 0 ? "" : `groups: ${groups}`,
    others === 0 ? "" : `other entries: ${others}`,
    isClosed ? "" : "no empty line behind the last entry, which may be cut short",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

async function readGroups(
  file: TextFile,
  memberships: Memberships,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = new LdifReader(file.path, {
    names: new AttributeNames(),
    keeps: () => false,
    takeMember: (group, attribute, member) => memberships.add(group, attribute, member),
  });
  for await (const block of file.blocks()) {
    if (signal !== undefined) throwIfInterrupted(signal);
    reader.read(block.toString("utf8"));
  }
  reader.finish();
}

async function* readUsers(
  file: TextFile,
  memberships: Memberships,
  counts: Counts,
): AsyncGenerator<RowBatch> {
  const reader = new LdifReader(file.path, { names: new AttributeNames() });
  let rows: Row[] = [];
  let seq = 0;
  let batchBytes = 0;
  const take = function* (records: readonly LdifRecord[]): Generator<RowBatch> {
    for (const record of records) {
      const row = rowOf(record, seq + 1, { memberships, counts });
      if (row === undefined) continue;
      seq += 1;
      batchBytes += record.length;
      rows.push(row);
      if (rows.length < BATCH_ROWS && batchBytes < BATCH_BYTES) continue;
      yield rows;
      rows = [];
      batchBytes = 0;
    }
  };
  for await (const block of file.blocks()) yield* take(reader.read(block.toString("utf8")));
  yield* take(reader.finish());
  counts.isClosed = reader.isClosed;
  if (rows.length > 0) yield rows;
}

/** The row of a record; undefined for an entry that is no user. */
function rowOf(
  { line, entry, flaw = "" }: LdifRecord,
  seq: number,
  { memberships, counts }: { readonly memberships: Memberships; readonly counts: Counts },
): Row | undefined {
  if (entry === undefined) {
    const issue = { code: "row-unreadable", attribute: undefined, message: flaw } as const;
    return { seq, line, record: undefined, issue };
  }
  switch (entry.kind) {
    case "user":
      memberships.join(entry);
      return { seq, line, record: entry.toRecord() };
    case "group":
      counts.groups += 1;
      return undefined;
    case "other":
      counts.others += 1;
      return undefined;
  }
}
