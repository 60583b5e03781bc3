import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** As whom servers run that refuse to run as root; there is such a user on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** What spawns a server: nobody where the tests run as root, otherwise whoever runs them. */
export const SERVER_USER = process.getuid?.() === 0 ? NOBODY : {};

/** A new folder that the server's user may write to, and what removes it. */
export function aServerFolder(name: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), `poolferry-${name}-`));
  if ("uid" in SERVER_USER) chownSync(path, NOBODY.uid, NOBODY.gid);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A certificate for 127.0.0.1, its own authority, and its key, which the server's user may read. */
export function aCertificate(folder: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, "server.pem"), join(folder, "server.key")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", certificate, "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...files, ...names], { stdio: "ignore" });
  chmodSync(key, 0o600);
  if ("uid" in SERVER_USER) for (const file of [certificate, key]) chownSync(file, NOBODY.uid, NOBODY.gid);
  return { certificate, key };
}

/** A port that nobody listens on at the moment. */
export async function aFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
