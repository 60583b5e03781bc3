import type * as Ldapts from "ldapts";
import { FerryError } from "../core/ferry-error.ts";
import type { Driver, LdapAddress } from "./ldap-connection.ts";

type Place = Pick<LdapAddress, "host" | "port" | "encryption">;

/** What Node calls the reasons for which it does not trust a certificate. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH/;

/** The error of a connection that did not come about, or broke. */
export function unreachable(address: Place, cause: Error): FerryError {
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message;
  const where = nameOf(address);
  if (CERTIFICATE.test(code)) {
    return new FerryError("SOURCE_UNREACHABLE", `The certificate of ${where} is not trusted (${code})`, {
      hint: "Name the certificate of its authority in source.caFile, and the server by the name in its certificate",
      cause,
    });
  }
  const isTls = code.startsWith("ERR_SSL") || code === "EPROTO";
  return new FerryError("SOURCE_UNREACHABLE", `The directory at ${where} cannot be reached (${code})`, {
    hint: isTls
      ? "It does not speak TLS there: ldaps:// is port 636 by default; with ldap://, source.startTls encrypts"
      : "Check host, port and network; ldap:// is port 389 by default, ldaps:// 636",
    cause,
  });
}

/** The error of a directory that has stopped to answer. */
export function noAnswer(address: Place, how: string): FerryError {
  return new FerryError("SOURCE_UNREACHABLE", `The directory at ${nameOf(address)} does not answer: ${how}`, {
    hint: "Nothing of it was used; try again, and check that it speaks LDAP there, encrypted as the address says",
  });
}

/** The error of an answer that is no LDAP, or that no entry can be as long as. */
export function damagedAnswer(address: Place, cause: Error | undefined): FerryError {
  return new FerryError("SOURCE_UNREACHABLE", `What answers at ${nameOf(address)} does not speak LDAP`, {
    hint: "Check host and port, and ldap:// or ldaps://",
    cause,
  });
}

interface Refusal {
  readonly code: "SOURCE_REFUSED" | "SOURCE_UNREACHABLE";
  readonly hint: string;
}

const refused = (hint: string): Refusal => ({ code: "SOURCE_REFUSED", hint });

const LIMITED = refused(
  "The account may read only so many entries: bind as one without limits (olcLimits in OpenLDAP, nsSizeLimit in 389), or narrow source.filter",
);
const ENCRYPT = refused("It wants encryption: use ldaps:// in the address, or source.startTls: true");

/** What a result means for the operator, by its code (RFC 4511, A.2); others are refused in the server's words. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  1: refused("Active Directory wants a bind first: set source.bindDn and source.bindPasswordEnv"),
  3: LIMITED,
  4: LIMITED,
  8: ENCRYPT,
  10: refused("source.baseDn is on another server: put that server's address into the environment variable"),
  11: LIMITED,
  13: ENCRYPT,
  32: refused("There is no such entry, or it may not be read: check source.baseDn"),
  34: refused("Write source.baseDn as a distinguished name: ou=people,dc=example,dc=com"),
  48: refused("Anonymous access is not allowed: set source.bindDn and source.bindPasswordEnv"),
  49: refused("Check source.bindDn and the environment variable that source.bindPasswordEnv names"),
  50: refused("The account may not read there: bind as another one, or check its access"),
  51: { code: "SOURCE_UNREACHABLE", hint: "It is busy: try again later" },
  52: { code: "SOURCE_UNREACHABLE", hint: "It is not available: try again later" },
};

/** The error of a result that is no success. Holds neither password nor entry. */
export function refusedBy(
  driver: Driver,
  result: Ldapts.MessageResponse | undefined,
  { what, address }: { readonly what: "bind" | "search" | "StartTLS"; readonly address: Place },
): FerryError {
  const status = result?.status ?? 80;
  const { code, hint } = REFUSALS[status] ?? refused("Its own words say why; its log may say more");
  const cause = driver.StatusCodeParser.parse(result);
  const words = cause.message.replaceAll(/\s+/g, " ").trim();
  return new FerryError(code, `The directory at ${nameOf(address)} refuses the ${what}: ${words}`, {
    hint,
    cause,
  });
}

const NO_SUCH_ENTRY = 32;

/** Whether a search was refused since there is no entry, or none that may be seen, where it was to begin. */
export function isNoSuchEntry(error: unknown): boolean {
  if (!(error instanceof FerryError) || error.code !== "SOURCE_REFUSED") return false;
  return (error.cause as { readonly code?: unknown } | undefined)?.code === NO_SUCH_ENTRY;
}

function nameOf({ host, port, encryption }: Place): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return `${encryption === "ldaps" ? "ldaps" : "ldap"}://${shown}:${port}`;
}
