import type pg from "pg";
import { FerryError } from "../core/ferry-error.ts";
import { badAddress } from "./bad-address.ts";
import type { SqlAddress } from "./sql-address.ts";

/** How long to wait for a server that does not answer. */
const CONNECT_MS = 30_000;

const FORM = "postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full";

/** How every connection to PostgreSQL is made, whatever for. Throws USAGE for an address that is none. */
export function postgresOptions(driver: typeof pg, address: SqlAddress): pg.ClientConfig {
  const options = {
    connectionString: connectionStringOf(address),
    connectionTimeoutMillis: CONNECT_MS,
    fallback_application_name: "poolferry",
    keepAlive: true,
  };
  try {
    // Made for nothing but that it reads the address, and the files that this names.
    void new driver.Client(options);
    return options;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw badAddress(address.place, FORM);
    // A file of sslrootcert and the like.
    throw new FerryError(
      "USAGE",
      `A file that the address in ${address.place} names cannot be read (${code})`,
      { hint: "Check its sslrootcert, sslcert and sslkey" },
    );
  }
}

function connectionStringOf({ place, url }: SqlAddress): string {
  if (!/^postgres(ql)?:\/\//i.test(url)) throw badAddress(place, FORM);
  // What the driver makes of these three, only that it prints a warning: they are to become weaker some day.
  return /[?&]uselibpqcompat=true/.test(url)
    ? url
    : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");
}
