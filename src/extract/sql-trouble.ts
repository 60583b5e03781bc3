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
