import { FerryError } from "../core/ferry-error.ts";

/** The database could not be reached, or was lost in the middle: what was read until then is not the whole. */
export function unreachable(place: string, why: string, cause: unknown): FerryError {
  return new FerryError(
    "SOURCE_UNREACHABLE",
    `The source cannot be reached: the database of ${place}: ${why}`,
    {
      hint: "Check that it runs and that this computer may connect; nothing of it was used: repeat the command",
      cause,
    },
  );
}

/** The database said no, in words that hold nobody's data. */
export function refused(place: string, why: string, cause: unknown): FerryError {
  return new FerryError("SOURCE_REFUSED", `The database of ${place} refuses what it is asked: ${why}`, {
    hint: "Check the user name and password in the address, what this user may read, and the query",
    cause,
  });
}

/** An address that is none of this kind of database. Its text is not shown: it holds credentials. */
export function badAddress(place: string, form: string, cause?: unknown): FerryError {
  return new FerryError(
    "USAGE",
    `The environment variable ${place} holds no address of this kind of database`,
    {
      hint: `It has the form ${form}, with the special characters of user name and password percent-encoded`,
      cause,
    },
  );
}

/**
 * The words of a database without what it quotes, which may be a value of a row, or a part of an address. From the first
 * quote to the last, as a value may hold quotes of its own.
 */
export function withoutQuoted(message: string): string {
  const [line = ""] = message.split("\n");
  return line.replace(/["'`«“].*["'`»”]/, "…").slice(0, MAX_WORDS);
}

/** Characters of a message that are shown. */
const MAX_WORDS = 300;

/** The code of an error of Node or of a server; its words where it has none that is known. */
export function codeOf(error: unknown, words: readonly string[] = []): string {
  if (!(error instanceof Error)) return "an unknown reason";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && /^\w+$/.test(code)) return code;
  return words.includes(error.message) ? error.message : error.name;
}
