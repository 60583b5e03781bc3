import { readFileSync } from "node:fs";
import type { SslOptions } from "mysql2";
import { FerryError } from "../core/ferry-error.ts";
import { badAddress } from "../drivers/bad-address.ts";

/** What the address of a MySQL or MariaDB database says. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  /** A socket file in the place of host and port. */
  readonly socketPath: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Undefined for a connection without TLS. */
  readonly ssl: SslOptions | undefined;
}

const FORM = "mysql://USER:PASSWORD@HOST:3306/DATABASE?ssl-mode=VERIFY_IDENTITY";

const DEFAULT_PORT = 3306;

/**
 * Reads an address. Its parameters are those of MySQL's own URLs: `ssl-mode` (DISABLED, REQUIRED, VERIFY_CA,
 * VERIFY_IDENTITY), `ssl-ca`, and `socket`. Throws USAGE for what is no such address, for another parameter about TLS, and
 * for ssl-ca without TLS: passing over it could send a password in the clear.
 */
export function mysqlAddressOf(place: string, text: string): MysqlAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:mysql2?|mariadb):$/.test(url.protocol)) throw badAddress(place, FORM);
  try {
    return {
      host: decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, "$1"),
      port: url.port === "" ? DEFAULT_PORT : Number(url.port),
      socketPath: url.searchParams.get("socket") ?? undefined,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      ssl: sslOf(place, url.searchParams),
    };
  } catch (error) {
    throw error instanceof URIError ? badAddress(place, FORM) : error;
  }
}

function sslOf(place: string, parameters: URLSearchParams): SslOptions | undefined {
  const unknown = [...parameters.keys()].find(
    (key) => /ssl|tls/i.test(key) && !/^ssl-?(?:mode|ca)$/.test(key),
  );
  if (unknown !== undefined) {
    throw usage(
      place,
      `has the parameter ${unknown}, which is not known here`,
      "Use ssl-mode and ssl-ca for TLS",
    );
  }
  const mode = parameters.get("ssl-mode") ?? parameters.get("sslmode") ?? "DISABLED";
  const file = parameters.get("ssl-ca") ?? parameters.get("sslca");
  const ca = file === null ? {} : { ca: readCertificate(place, file) };
  switch (mode.toUpperCase().replaceAll("-", "_")) {
    case "DISABLED":
      if (file === null) return undefined;
      throw usage(
        place,
        "names an authority in ssl-ca, and no TLS that it could vouch for",
        "Add ssl-mode=VERIFY_IDENTITY",
      );
    case "REQUIRED":
      return { ...ca, rejectUnauthorized: false };
    case "VERIFY_CA":
      return { ...ca, rejectUnauthorized: true, verifyIdentity: false };
    case "VERIFY_IDENTITY":
      return { ...ca, rejectUnauthorized: true, verifyIdentity: true };
    default:
      throw usage(
        place,
        "has an ssl-mode that is not known here",
        "Use DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
      );
  }
}

function readCertificate(place: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw usage(place, `names a file in ssl-ca that cannot be read (${code})`, "Check its path");
  }
}

function usage(place: string, what: string, hint: string): FerryError {
  return new FerryError("USAGE", `The address in the environment variable ${place} ${what}`, { hint });
}
