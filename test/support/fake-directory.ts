import { createServer, type AddressInfo, type Socket } from "node:net";
import { Ber, BerReader, BerWriter } from "ldapts";
import { onTestFinished } from "vitest";

/** What a fake directory is asked. */
export interface FakeQuestion {
  readonly kind: "bind" | "search" | "other";
  readonly base: string;
  readonly attributes: readonly string[];
  /** The cookie of a page, as text; empty for the first one. */
  readonly cookie: string;
}

/** What it answers. */
export interface FakeAnswer {
  readonly entries?: readonly {
    readonly dn: string;
    readonly attributes: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly result?: number;
  readonly cookie?: string;
}

const BIND = 0x60;
const SEARCH = 0x63;
const UNBIND = 0x42;
const PAGED_RESULTS = "1.2.840.113556.1.4.319";

/** A directory that answers what no server of these tests can be brought to; gives its address. */
export async function aFakeDirectory(answer: (question: FakeQuestion) => FakeAnswer): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let held = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      held = Buffer.concat([held, bytes]);
      for (;;) {
        const reader = new BerReader(held);
        if (reader.readSequence() === null || reader.remain < reader.length) return;
        const end = reader.offset + reader.length;
        reader.setBufferSize(end);
        reply(socket, reader, answer);
        held = held.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function reply(socket: Socket, reader: BerReader, answer: (question: FakeQuestion) => FakeAnswer): void {
  const id = reader.readInt() ?? 0;
  const operation = reader.readSequence();
  if (operation === UNBIND) return;
  const question = operation === SEARCH ? readSearch(reader) : { base: "", attributes: [], cookie: "" };
  const kind = operation === SEARCH ? "search" : operation === BIND ? "bind" : "other";
  const { entries = [], result = 0, cookie } = answer({ kind, ...question });
  for (const { dn, attributes } of entries)
    socket.write(message(id, (writer) => writeEntry(writer, dn, attributes)));
  const done = operation === SEARCH ? 0x65 : operation === BIND ? 0x61 : 0x78;
  socket.write(message(id, (writer) => writeResult(writer, { done, result, cookie })));
}

function readSearch(reader: BerReader): Omit<FakeQuestion, "kind"> {
  const base = reader.readString() ?? "";
  reader.readEnumeration();
  reader.readEnumeration();
  reader.readInt();
  reader.readInt();
  reader.readBoolean();
  reader.readSequence();
  reader.offset += reader.length;
  reader.readSequence();
  const attributes: string[] = [];
  for (const end = reader.offset + reader.length; reader.offset < end;)
    attributes.push(reader.readString() ?? "");
  return { base, attributes, cookie: readCookie(reader) };
}

function readCookie(reader: BerReader): string {
  if (reader.remain <= 0 || reader.readSequence() === null) return "";
  reader.readSequence();
  reader.readString();
  if (reader.peek() === Ber.Boolean) reader.readBoolean();
  const value = reader.readString(Ber.OctetString, true) ?? Buffer.alloc(0);
  const inner = new BerReader(value);
  inner.readSequence();
  inner.readInt();
  return inner.readString() ?? "";
}

function message(id: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  write(writer);
  writer.endSequence();
  return writer.buffer;
}

function writeEntry(
  writer: BerWriter,
  dn: string,
  attributes: Readonly<Record<string, readonly string[]>>,
): void {
  writer.startSequence(0x64);
  writer.writeString(dn);
  writer.startSequence();
  for (const [name, values] of Object.entries(attributes)) {
    writer.startSequence();
    writer.writeString(name);
    writer.startSequence(0x31);
    for (const value of values) writer.writeString(value);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  writer.endSequence();
}

function writeResult(
  writer: BerWriter,
  {
    done,
    result,
    cookie,
  }: { readonly done: number; readonly result: number; readonly cookie: string | undefined },
): void {
  writer.startSequence(done);
  writer.writeEnumeration(result);
  writer.writeString("");
  writer.writeString("");
  writer.endSequence();
  if (cookie === undefined) return;
  const value = new BerWriter();
  value.startSequence();
  value.writeInt(0);
  value.writeString(cookie);
  value.endSequence();
  writer.startSequence(0xa0);
  writer.startSequence();
  writer.writeString(PAGED_RESULTS);
  writer.writeBuffer(value.buffer, Ber.OctetString);
  writer.endSequence();
  writer.endSequence();
}
