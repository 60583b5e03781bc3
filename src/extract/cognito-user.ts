import type { JsonObject, JsonValue } from "../core/row.ts";
import { parseJsonValue } from "./json-row.ts";
import { setKey } from "./set-key.ts";

/** An attribute, as the API names it: `email`, `custom:plan`. */
export type NamedAttribute = readonly [name: string, value: JsonValue];

/**
 * The record of a user of a user pool: what is known of it by Cognito's names, and beside that its attributes by theirs,
 * which begin with a small letter and so are never the same. The identities at other providers, a list within a text
 * (reported), become the list. The text of an issue for a user that lacks what Cognito says of every one.
 */
export function cognitoRecord(
  user: Readonly<Record<string, JsonValue>>,
  attributes: readonly NamedAttribute[],
): JsonObject | string {
  const { Username, Enabled } = user;
  if (typeof Username !== "string" || Username === "") return "it has no Username";
  // Taken for enabled, somebody who was locked out could come in.
  if (typeof Enabled !== "boolean") return "Enabled does not say whether the user may sign in";
  const record: Record<string, JsonValue> = { ...user };
  let read = 0;
  for (const [name, value] of attributes) {
    read += 1;
    if (Object.hasOwn(record, name)) return `its attribute ${read} bears a name that was there before`;
    setKey(record, name, name === "identities" ? readList(value) : value);
  }
  return record;
}

function readList(value: JsonValue): JsonValue {
  if (typeof value !== "string") return value;
  try {
    return parseJsonValue(value);
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}

/** A user pool's id (documented pattern, in the Regions' form) with a name behind it. */
const NAME_OF_AUTOMATIC = /^[a-z]{2}(?:-[a-z]+)+-\d+_[0-9A-Za-z]+_./;

/**
 * Whether Cognito made the group for the users of an identity provider and named it `<pool id>_<provider>` (documented). Its
 * members are put there when they sign in; another pool makes its own. Without the pool's id, the form of the name decides.
 */
export function isAutomaticGroup(name: string, poolId?: string): boolean {
  return poolId === undefined ? NAME_OF_AUTOMATIC.test(name) : name.startsWith(`${poolId}_`);
}
