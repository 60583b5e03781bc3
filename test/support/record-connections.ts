// Loaded into the command by --import: writes the address of every connection that it opens to the file CONNECTIONS_FILE.
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

/** What a socket connects to, as Node hands it on. */
type Address = { readonly host?: string; readonly port?: number; readonly path?: string };

const path = process.env["CONNECTIONS_FILE"] ?? "";
const connect = Reflect.get(Socket.prototype, "connect") as (...given: unknown[]) => Socket;

Socket.prototype.connect = function connectRecorded(this: Socket, ...given: unknown[]) {
  const [first] = given;
  const address = (Array.isArray(first) ? (first as unknown[])[0] : first) as Address;
  appendFileSync(path, `${address.path ?? `${address.host ?? "localhost"}:${address.port}`}\n`);
  return connect.apply(this, given);
};
