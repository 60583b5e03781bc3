import { FerryError } from "../core/ferry-error.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { ndjson } from "./ndjson.ts";
import { Sample } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { wrongFormat } from "./text-format.ts";

/** What a file was found to be, and by what. */
export interface Detection {
  readonly type: SourceType;
  /** A clause for the operator: "its users have user_id and identities". */
  readonly why: string;
}

/**
 * The source type that can read this file, told by the beginning of its text: one of these types that recognises it, or
 * else CSV, NDJSON or JSON by its form. Throws what opening a text file throws, and SOURCE_FORMAT for an empty one and for
 * one that two types recognise, as taking either would be a guess.
 */
export async function detectSourceType(
  path: string,
  types: readonly SourceType[],
  list?: string,
): Promise<Detection> {
  return openFromTextFile(path, async (file) => {
    const found = detect(path, new Sample(file, list), types);
    await file.close();
    return found;
  });
}

function detect(path: string, sample: Sample, types: readonly SourceType[]): Detection {
  if (sample.format === "empty") throw wrongFormat(path, "empty", "a list of users");
  const found = types.flatMap((type) => {
    const why = type.recognise?.(sample);
    return why === undefined ? [] : [{ type, why }];
  });
  const [first, ...others] = found;
  if (first === undefined) return byForm(sample);
  if (others.length === 0) return first;
  const meanings = found.map(({ type, why }) => `${type.type} (${why})`);
  throw new FerryError("SOURCE_FORMAT", `${path} can be ${meanings.join(" or ")}`, {
    hint: `Say which it is: --from ${first.type.type}:PATH, or source.type in the config`,
  });
}

function byForm(sample: Sample): Detection {
  switch (sample.format) {
    case "table":
      return { type: csv, why: "it is a table, of no system that is known" };
    case "ndjson":
      return { type: ndjson, why: "it has one JSON object a line, of no system that is known" };
    case "json-line":
      return isUser(sample)
        ? { type: ndjson, why: "it is one JSON object on a line, of no system that is known" }
        : { type: json, why: "it is a JSON document around a list, of no system that is known" };
    case "json-array":
    case "json-object":
    case "empty":
      return { type: json, why: "it is JSON, of no system that is known" };
  }
}

/** A key that a user has, and a document around a list of users has not. */
const KEY_OF_USER = /^(user_?)?(id|name|email|login)$/i;

/** Whether an object on one line is a user, not a document that holds a list of users. */
function isUser(sample: Sample): boolean {
  return [...sample.keys].some((key) => KEY_OF_USER.test(key)) || !sample.holdsList;
}
