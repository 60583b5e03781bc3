import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { aFolder } from "./files.ts";

const PROGRAMS = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];
const SCHEMAS = "/etc/ldap/schema";
const MODULES = "/usr/lib/ldap";
const SLAPD = PROGRAMS.map((folder) => join(folder, "slapd")).find((path) => existsSync(path));

/** Whether a directory server can be started here; where it cannot, tests that need it are skipped and say why. */
export const HAS_SLAPD = SLAPD !== undefined && existsSync(SCHEMAS) && existsSync(MODULES);
if (!HAS_SLAPD) console.warn("skipped: reading a live directory needs slapd, which is not on this machine");

/** The top of every directory of these tests. */
export const SUFFIX = "dc=example,dc=com";
/** Who may read everything, and with what. */
export const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: "fixture-secret of admin" };

const TOP = `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
o: Example
dc: example
`;

/** What a directory of a test is to have beside its entries. */
export interface SlapdSettings {
  /** Lines of its configuration, for its database. */
  readonly config?: string;
  /** Whether it also speaks TLS, with a certificate of an authority of its own. */
  readonly tls?: boolean;
  /** The names in that certificate; those of the loopback when left out. */
  readonly names?: string;
  /** Whether entries may lack what their classes demand. */
  readonly skipsSchema?: boolean;
}

/** A directory that listens. */
export interface TestDirectory {
  readonly url: string;
  readonly ldapsUrl: string;
  readonly port: number;
  /** The certificate of its authority; not there without TLS. */
  readonly caFile: string;
  /** As its users are read by the one who may read everything. */
  readonly spec: SourceSpec;
}

/**
 * A directory with these entries below {@link SUFFIX}, as LDIF, on the loopback in a process of its own, which goes away
 * with the test.
 */
export async function aDirectory(ldif: string, settings: SlapdSettings = {}): Promise<TestDirectory> {
  const folder = aFolder();
  const [port, securePort] = await freePorts();
  const caFile = join(folder, "ca.pem");
  if (settings.tls === true) makeCertificates(folder, settings.names);
  const config = join(folder, "slapd.conf");
  writeFileSync(config, configOf(folder, settings));
  mkdirSync(join(folder, "db"));
  const entries = join(folder, "entries.ldif");
  writeFileSync(entries, `${TOP}\n${ldif}`);
  execFileSync(
    SLAPD ?? "slapd",
    ["-T", "add", ...(settings.skipsSchema === true ? ["-s"] : []), "-q", "-f", config, "-l", entries],
    { stdio: "pipe" },
  );
  const url = `ldap://127.0.0.1:${port}`;
  const ldapsUrl = `ldaps://127.0.0.1:${securePort}`;
  const server = spawn(
    SLAPD ?? "slapd",
    ["-d", "0", "-f", config, "-h", settings.tls === true ? `${url} ${ldapsUrl}` : url],
    {
      stdio: "ignore",
    },
  );
  onTestFinished(async () => {
    const ended = new Promise((resolve) => {
      server.once("exit", resolve);
    });
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await ended;
  });
  await listening(port);
  const spec: SourceSpec = {
    type: "ldap",
    path: "LDAP_URL",
    connectionUrl: url,
    bindDn: ADMIN.dn,
    bindPassword: ADMIN.password,
  };
  return { url, ldapsUrl, port, caFile, spec };
}

function configOf(folder: string, { config = "", tls = false }: SlapdSettings): string {
  const schemas = ["core", "cosine", "inetorgperson", "nis", "msuser"];
  const certificates = [
    `TLSCACertificateFile ${folder}/ca.pem`,
    `TLSCertificateFile ${folder}/server.pem`,
    `TLSCertificateKeyFile ${folder}/server.key`,
  ];
  return [
    ...schemas.map((name) => `include ${SCHEMAS}/${name}.schema`),
    `modulepath ${MODULES}`,
    "moduleload back_mdb",
    ...(tls ? certificates : []),
    "database mdb",
    "maxsize 4294967296",
    "dbnosync",
    `suffix "${SUFFIX}"`,
    `rootdn "${ADMIN.dn}"`,
    `rootpw "${ADMIN.password}"`,
    `directory ${folder}/db`,
    "index objectClass eq",
    config,
    "",
  ].join("\n");
}

/** An authority, and a certificate of it for the loopback. */
function makeCertificates(folder: string, names = "IP:127.0.0.1,DNS:localhost"): void {
  const openssl = (...parts: readonly string[]): void => {
    execFileSync("openssl", [...parts], { cwd: folder, stdio: "pipe" });
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=Test authority",
  );
  const subject = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${names}`];
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"];
  openssl("req", "-x509", ...key, ...signed, ...subject, "-keyout", "server.key", "-out", "server.pem");
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      async (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => undefined);
      socket.unref();
      socket.once("connect", () => socket.destroy());
    });
    if (isThere) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error("slapd did not begin to listen");
}
