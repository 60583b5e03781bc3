import { codeOf, withoutQuoted } from "./driver-words.ts";

/** What a driver's error tells of PostgreSQL: that it is not to be had, or that it says no; in words that hold no value. */
export interface PostgresTrouble {
  readonly kind: "unreachable" | "refused";
  readonly why: string;
  /** The server's SQLSTATE, where it was the server that spoke. */
  readonly state: string | undefined;
}

/** Classes of SQLSTATE that tell of the state the server is in, not of what it was asked. */
const UNREACHABLE = /^(?:08|40|53|57|58|F0|XX)/;

/** Classes whose words quote nothing but names of the query and the schema. */
const HARMLESS = /^42/;

/** What the driver says without a code. */
const DRIVER_WORDS = [
  "Connection terminated unexpectedly",
  "Connection terminated",
  "timeout expired",
  "The server does not support SSL connections",
  "There was an error establishing an SSL connection",
];

/** Reads an error of the driver; see the appendix of PostgreSQL's manual about error codes for the classes. */
export function postgresTrouble(error: Error): PostgresTrouble {
  const { code, message } = error as Error & { readonly code?: string };
  if (code !== undefined && /^[\dA-Z]{5}$/.test(code) && "severity" in error) {
    const words = HARMLESS.test(code) ? message : withoutQuoted(message);
    const kind = UNREACHABLE.test(code) ? "unreachable" : "refused";
    return { kind, why: `${words} (${code})`, state: code };
  }
  if (message.startsWith("SASL")) {
    const why = "the address has no password, or one of another kind";
    return { kind: "refused", why, state: undefined };
  }
  return { kind: "unreachable", why: codeOf(error, DRIVER_WORDS), state: undefined };
}
