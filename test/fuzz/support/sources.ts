import { createHash } from "node:crypto";
import { auth0 } from "../../../src/extract/auth0.ts";
import { csv } from "../../../src/extract/csv.ts";
import { json } from "../../../src/extract/json.ts";
import { ndjson } from "../../../src/extract/ndjson.ts";
import type { SourceType } from "../../../src/extract/source.ts";

/** A user of a fuzzed file. Its values are no other user's, nor is what one changed byte makes of them. */
export interface FuzzedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** One way in which a source's files are written. */
export interface FuzzedSource {
  readonly title: string;
  readonly type: SourceType;
  readonly write: (users: readonly FuzzedUser[]) => string;
}

const objects = (users: readonly FuzzedUser[]): readonly string[] =>
  users.map((user) => JSON.stringify(user));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const auth0User = ({ id, ...user }: FuzzedUser): string =>
  JSON.stringify({ user_id: id, ...user, identities: [] });

/** Every source; a new one joins all properties with a line here. */
export const FUZZED_SOURCES: readonly FuzzedSource[] = [
  {
    title: "CSV",
    type: csv,
    write: (users) =>
      `id,name,email\n${users.map(({ id, name, email }) => `${id},${quoted(name)},${email}\n`).join("")}`,
  },
  { title: "NDJSON", type: ndjson, write: (users) => `${objects(users).join("\n")}\n` },
  { title: "a JSON array", type: json, write: (users) => `[${objects(users).join(",")}]` },
  { title: "a JSON document", type: json, write: (users) => `{"users":[${objects(users).join(",\n")}]}` },
  { title: "Auth0", type: auth0, write: (users) => `${users.map(auth0User).join("\n")}\n` },
];

/** So many users, each told from the others by every single value. */
export function fuzzedUsers(count: number): readonly FuzzedUser[] {
  return Array.from({ length: count }, (_, index) => {
    const token = (what: string): string =>
      createHash("sha1").update(`${what}${index}`).digest("hex").slice(0, 12);
    return { id: token("id"), name: `${token("name")}, "née" 🦀`, email: `${token("email")}@example.com` };
  });
}

/** Whose values stand in a text. */
export function usersIn(text: string, users: readonly FuzzedUser[]): readonly FuzzedUser[] {
  return users.filter(({ id, name, email }) =>
    [id, name.slice(0, 12), email.slice(0, 12)].some((token) => text.includes(token)),
  );
}
