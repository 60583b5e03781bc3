import { Unusable } from "../reading.ts";

/** A hash of a kind that no import job can verify; `kind` completes "the password hash is ". */
export function unsupported(kind: string): Unusable {
  return new Unusable(
    "password-hash-unsupported",
    `the password hash is ${kind}, which no import job can verify`,
  );
}

/** A hash whose format is known and whose text is not whole; `what` is a clause of its own. */
export function damaged(what: string): Unusable {
  return new Unusable("password-hash-damaged", what);
}

/** A parameter above what an import job takes. */
export function overLimit(parameter: string, value: number, maximum: number, unit = ""): Unusable {
  return new Unusable(
    "password-hash-over-limit",
    `the password hash has ${parameter} of ${value}${unit}, an import job takes at most ${maximum}${unit}`,
  );
}

/** A value that is of no known format, or of more than one. */
export function unrecognised(what = "the password hash is of no format that poolferry knows"): Unusable {
  return new Unusable("password-hash-unrecognised", what);
}
