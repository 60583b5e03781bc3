import { closeSync, openSync, writeSync } from "node:fs";
import { createGzip, createZstdCompress, gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import type { ErrorCode } from "../../../src/core/ferry-error.ts";
import { isZstdWhole } from "../../../src/extract/decompress.ts";

/** A file that no command may choke on, made at run time as many are large. */
export interface HostileFile {
  readonly title: string;
  /** The source type that it pretends to be of. */
  readonly type: string;
  /** The error that refuses it; undefined where its users are planned or rejected one by one. */
  readonly code: ErrorCode | undefined;
  readonly write: (path: string) => void | Promise<void>;
}

const MEGABYTE = 1_000_000;
const LINE = "username,email,email_verified\nu1,u1@example.com,true\n";
const USER = '{"username":"u1","email":"u1@example.com","email_verified":true}';

const NINE_USERS = Array.from({ length: 9 }, (_, index) => `${USER.replaceAll("u1", `n${index}`)}\n`).join(
  "",
);

const ENTRY = "dn: uid=u1,dc=b\nobjectClass: person\nuid: u1\nmail: u1@example.com\n\n";

/** Text that is written as it stands. */
const text = (content: string | Uint8Array) => (path: string) => {
  const file = openSync(path, "w");
  writeSync(file, Buffer.from(content));
  closeSync(file);
};

/** A beginning, a piece repeated for so many bytes, and an end. */
const repeated = (start: string, piece: string, bytes: number, end: string) => (path: string) => {
  const file = openSync(path, "w");
  writeSync(file, start);
  const chunk = piece.repeat(Math.ceil(MEGABYTE / piece.length));
  for (let written = 0; written < bytes; written += chunk.length) writeSync(file, chunk);
  writeSync(file, end);
  closeSync(file);
};

/** A beginning and numbered pieces. */
const numbered = (start: string, piece: (index: number) => string, count: number) => (path: string) => {
  const file = openSync(path, "w");
  writeSync(file, start);
  for (let index = 0; index < count; index += 10_000)
    writeSync(file, Array.from({ length: 10_000 }, (_, each) => piece(index + each)).join(""));
  closeSync(file);
};

/** A compressed file of so many bytes, all rows of one user. */
const bomb =
  (stream: typeof createGzip | typeof createZstdCompress, bytes: number) => async (path: string) => {
    const chunk = Buffer.from("\n".repeat(MEGABYTE));
    const content = (function* () {
      yield Buffer.from(LINE);
      for (let written = 0; written < bytes; written += chunk.length) yield chunk;
    })();
    await pipeline(Readable.from(content, { objectMode: false }), stream(), createWriteStream(path));
  };

const tar = (): Buffer => {
  const block = Buffer.alloc(1024);
  block.write("../../etc/passwd");
  block.write("ustar", 257);
  return block;
};

/** The corpus; what is told from its first bytes is tried by test/extract as well. */
export const HOSTILE_FILES: readonly HostileFile[] = [
  { title: "a CSV line of 100 MB", type: "csv", code: "SOURCE_FORMAT", write: repeated(`${LINE}u2,`, "x", 100 * MEGABYTE, "\n") },
  { title: "a CSV field of 100 MB in lines", type: "csv", code: "SOURCE_FORMAT", write: repeated(`${LINE}u2,"`, "x\n", 100 * MEGABYTE, '"\n') },
  { title: "an NDJSON line of 100 MB", type: "ndjson", code: "SOURCE_FORMAT", write: repeated(`${USER}\n{"username":"`, "x", 100 * MEGABYTE, '"}\n') },
  { title: "a JSON text of 100 MB", type: "json", code: "SOURCE_FORMAT", write: repeated(`[${USER},{"username":"`, "x", 100 * MEGABYTE, '"}]') },
  { title: "JSON with an escape that is none before 20 MB", type: "json", code: "SOURCE_FORMAT", write: repeated(`[{"a":"\\x"},`, `${USER},`, 20 * MEGABYTE, "{}]") },
  { title: "ten million columns", type: "csv", code: "SOURCE_FORMAT", write: numbered("id", (index) => `,c${index}`, 10_000_000) },
  { title: "a million columns", type: "csv", code: "SOURCE_FORMAT", write: numbered("id", (index) => `,c${index}`, 1_000_000) },
  { title: "millions of keys", type: "json", code: "SOURCE_FORMAT", write: numbered('[{"id":1', (index) => `,"k${index}":1`, 2_500_000) },
  { title: "20 MB of brackets", type: "json", code: "SOURCE_FORMAT", write: repeated("[", "[", 20 * MEGABYTE, "") },
  { title: "objects in each other without end", type: "json", code: "SOURCE_FORMAT", write: repeated("", '{"a":', 10 * MEGABYTE, "") },
  { title: "a user nested without end", type: "ndjson", code: undefined, write: repeated(NINE_USERS, "[", 10 * MEGABYTE, "\n") },
  { title: "a header that looks like half an address", type: "csv", code: "SOURCE_FORMAT", write: repeated("id,a@", ".", 5 * MEGABYTE, " x\n1,2\n") },
  { title: "a value of nothing but accents", type: "ndjson", code: undefined, write: repeated(`${USER}\n{"username":"u2","email":"u2@example.com","email_verified":true,"name":"`, "\u0301\u0316", MEGABYTE, '"}\n') },
  { title: "a gzip bomb", type: "csv", code: "SOURCE_FORMAT", write: bomb(createGzip, 300 * MEGABYTE) },
  ...(isZstdWhole() ? [{ title: "a zstd bomb", type: "csv", code: "SOURCE_FORMAT" as const, write: bomb(createZstdCompress, 300 * MEGABYTE) }] : []),
  { title: "gzip within gzip", type: "csv", code: "SOURCE_FORMAT", write: text(gzipSync(gzipSync(LINE))) },
  { title: "a gzip file with more behind it", type: "csv", code: "SOURCE_FORMAT", write: text(Buffer.concat([gzipSync(LINE), Buffer.from("\0u2,u2@example.com,true\n")])) },
  { title: "a tar archive named .csv", type: "csv", code: "SOURCE_FORMAT", write: text(tar()) },
  { title: "Latin-1", type: "csv", code: "SOURCE_ENCODING", write: text(Buffer.from(`${LINE}u2,zo\u00eb@example.com,true\n`, "latin1")) },
  { title: "NUL bytes far behind", type: "csv", code: "SOURCE_FORMAT", write: repeated(LINE, "u2,u2@example.com,true\n", MEGABYTE, "u3,u3\0@example.com,true\n") },
  { title: "a header of names that every object has", type: "csv", code: undefined, write: text("username,email,email_verified,__proto__,constructor\nu1,u1@example.com,true,x,y\n") },
  { title: "keys that every object has", type: "ndjson", code: undefined, write: text(`{"username":"u1","email":"u1@example.com","email_verified":true,"__proto__":{"username":"x"},"constructor":{}}\n`) },
  { title: "an LDIF line of 100 MB", type: "ldif", code: "SOURCE_FORMAT", write: repeated(`${ENTRY}dn: uid=u2,dc=b\ncn:: `, "xxxx", 100 * MEGABYTE, "\n") },
  { title: "an LDIF line folded for 100 MB", type: "ldif", code: "SOURCE_FORMAT", write: repeated(`${ENTRY}dn: uid=u2,dc=b\ncn: `, "x\n ", 100 * MEGABYTE, "\n") },
  { title: "an LDIF entry of 50 MB in lines", type: "ldif", code: "SOURCE_FORMAT", write: repeated(`${ENTRY}dn: uid=u2,dc=b\n`, "cn: x\n", 50 * MEGABYTE, "\n") },
  { title: "a group of a million members", type: "ldif", code: undefined, write: numbered(`${ENTRY}dn: cn=all,dc=b\n`, (index) => `member: uid=u${index},dc=b\n`, 1_000_000) },
  { title: "a name of nothing but escapes", type: "ldif", code: undefined, write: repeated(`${ENTRY}dn: uid=`, "\\2C\\+", MEGABYTE, ",dc=b\nobjectClass: person\nuid: u2\nmail: u2@example.com\n\n") },
  { title: "comments without end before an entry", type: "ldif", code: "SOURCE_FORMAT", write: repeated("#", "\n \n#", 20 * MEGABYTE, `\n${ENTRY}`) },
]; // prettier-ignore
