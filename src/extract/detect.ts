import { jsonParser, type Token } from "stream-json/core/parser.js";
import { getManyValues, isMany } from "stream-chain/defs.js";
import type { JsonObject, JsonValue } from "../core/row.ts";
import { auth0 } from "./auth0.ts";
import { csv } from "./csv.ts";
import { JsonList } from "./json-list.ts";
import { isJsonObject, parseJsonObject } from "./json-row.ts";
import { json } from "./json.ts";
import { ndjson } from "./ndjson.ts";
import type { SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";

/**
 * The source type that can read this file, told by the beginning of its text: tables, NDJSON and JSON by their form,
 * Auth0's users by their keys. Throws what opening a text file throws, and SOURCE_FORMAT for an empty one.
 */
export async function detectSourceType(path: string, options: SourceOptions): Promise<SourceType> {
  return openFromTextFile(path, async (file) => {
    const found = typeOf(file, options);
    await file.close();
    return found;
  });
}

function typeOf(file: TextFile, { list }: SourceOptions): SourceType {
  const format = recogniseTextFormat(file.head, file.isWhole);
  switch (format) {
    case "table":
      return csv;
    case "ndjson":
      return isAuth0(parseJsonObject(firstLine(file.head))) ? auth0 : ndjson;
    case "json-array":
    case "json-object":
      return isAuth0(firstElement(file, list ?? AUTH0_LIST_KEY)) ? auth0 : json;
    case "json-line": {
      // One object on one line: one user, or a document that holds a list of users.
      const object = parseJsonObject(file.head) ?? {};
      if (isAuth0(object)) return auth0;
      if (Object.keys(object).some((key) => KEY_OF_USER.test(key))) return ndjson;
      if (isAuth0(firstElement(file, list ?? AUTH0_LIST_KEY))) return auth0;
      return firstElement(file, list) === undefined ? ndjson : json;
    }
    case "empty":
      throw wrongFormat(file.path, format, "a list of users");
  }
}

/** The key of the list in the Management API's answer. */
const AUTH0_LIST_KEY = "users";

/** A key that a user has, and a document around a list of users has not. */
const KEY_OF_USER = /^(user_?)?(id|name|email|login)$/i;

function firstLine(head: string): string {
  const text = head.trimStart();
  const end = text.search(/[\r\n]/);
  return end === -1 ? text : text.slice(0, end);
}

/** Every Auth0 user has an id and a list of identities; no other system's export is known to have both keys. */
function isAuth0(user: JsonValue | undefined): boolean {
  return isJsonObject(user) && Object.hasOwn(user, "user_id") && Array.isArray(user["identities"]);
}

/** The first user of a JSON document, as far as its head reaches; undefined when that does not tell. */
function firstElement({ path, head }: TextFile, listKey: string | undefined): JsonObject | undefined {
  const parse = jsonParser({ packValues: true, streamValues: false }) as (input: string) => unknown;
  const list = new JsonList(path, listKey);
  try {
    const parsed = parse(head);
    for (const token of isMany(parsed) ? (getManyValues(parsed) as Token[]) : []) {
      const element = list.take(token);
      if (element !== undefined) return isJsonObject(element) ? element : undefined;
    }
  } catch {
    // Whatever is wrong with it, the source that reads it will say so with its place.
  }
  return undefined;
}
