import { FerryError } from "../core/ferry-error.ts";

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
