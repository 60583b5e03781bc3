import { decodeBase64 } from "./decode.ts";
import { parseNumber } from "./parse-number.ts";
import { spellArgon2id, type Converted } from "./spell.ts";
import { damaged, unsupported } from "./trouble.ts";

const ARGON2 = /^\$argon2(id|i|d)\$(?:v=(\d+)\$)?([a-z0-9=,A-Z+/]+)\$([^$,]+)\$([^$,]+)$/;

/** The version of Argon2 that the import takes: 1.3, written 19. A hash without one is of version 1.0. */
const VERSION = "19";

/** Converts Argon2's encoded form (PHC string format). */
export function convertArgon2(text: string): Converted {
  const match = ARGON2.exec(text);
  if (match === null) return damaged("the Argon2 hash is not whole: it was cut or changed");
  const [, type = "", version, list = "", salt = "", hash = ""] = match;
  if (type !== "id") return unsupported(`of Argon2${type} instead of Argon2id`);
  if (version !== VERSION) return unsupported("of an Argon2 version other than 1.3 (v=19)");
  const parameters = new Map(list.split(",").map((each) => splitAt(each, "=")));
  // A key or associated data goes into the hash as well, and the import has no place for it.
  if (parameters.has("keyid") || parameters.has("data")) {
    return unsupported("of Argon2 with a key or associated data");
  }
  const saltBytes = decodeBase64(salt);
  const hashBytes = decodeBase64(hash);
  if (saltBytes === undefined || hashBytes === undefined || parameters.size !== 3) {
    return damaged("the Argon2 hash is not whole: it was cut or changed");
  }
  return spellArgon2id({
    memory: parseNumber(parameters.get("m")),
    passes: parseNumber(parameters.get("t")),
    lanes: parseNumber(parameters.get("p")),
    salt: saltBytes,
    hash: hashBytes,
  });
}

function splitAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
