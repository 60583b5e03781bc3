import { stringify } from "csv-stringify";
import { Readable } from "node:stream";
import type { Attributes } from "../core/planned-user.ts";
import type { JsonValue } from "../core/row.ts";
import { CARRIAGE_RETURN } from "./whole-file.ts";

/** The form in which users are written: a JSON object a line, or a table. */
export const USER_FILE_FORMATS = ["ndjson", "csv"] as const;

/** One of {@link USER_FILE_FORMATS}. */
export type UserFileFormat = (typeof USER_FILE_FORMATS)[number];

/** A user of a pool, with its groups. */
export interface ExportedUser {
  readonly username: string;
  readonly enabled: boolean | undefined;
  readonly status: string | undefined;
  /** Epoch milliseconds, as is modifiedAt. */
  readonly createdAt: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly groups: readonly string[];
  /** By Cognito's names, in API encoding; sub among them. */
  readonly attributes: Attributes;
}

/** What every user has beside attributes; no attribute of Cognito has such a name. */
const OWN_FIELDS = ["username", "enabled", "status", "created_at", "modified_at", "groups"] as const;

/** Attributes that the schema of a pool need not name. */
const ALWAYS = ["sub", "identities"];

/** In a CSV, attributes that the schema did not name, as JSON. */
const OTHERS = "other_attributes";

/**
 * The content of a file of users that can be a source again, in UTF-8; pulled as it is read. `attributeNames` are the columns of
 * a CSV; a user with others has them in the last one, so that nothing is lost.
 */
export function userFile(
  pages: AsyncIterable<readonly ExportedUser[]>,
  format: UserFileFormat,
  attributeNames: readonly string[],
): NodeJS.ReadableStream {
  switch (format) {
    case "ndjson":
      return Readable.from(lines(pages));
    case "csv": {
      const names = [...new Set([...ALWAYS, ...attributeNames])];
      const columns = [...OWN_FIELDS, ...names, OTHERS];
      return Readable.from(rows(pages, names)).compose(
        stringify({ header: true, columns, quoted_match: CARRIAGE_RETURN }),
      );
    }
  }
}

async function* lines(pages: AsyncIterable<readonly ExportedUser[]>): AsyncIterable<string> {
  for await (const page of pages) {
    if (page.length > 0) yield page.map((user) => `${JSON.stringify(toRecord(user))}\n`).join("");
  }
}

function toRecord({ attributes, ...user }: ExportedUser): Readonly<Record<string, JsonValue>> {
  return {
    username: user.username,
    ...(user.enabled === undefined ? {} : { enabled: user.enabled }),
    ...(user.status === undefined ? {} : { status: user.status }),
    ...(user.createdAt === undefined ? {} : { created_at: isoTime(user.createdAt) }),
    ...(user.modifiedAt === undefined ? {} : { modified_at: isoTime(user.modifiedAt) }),
    groups: user.groups,
    ...Object.fromEntries(
      attributes.map(([name, value]) => [name, name === "identities" ? readJson(value) : value]),
    ),
  };
}

// Linked identities are a list within a text (reported), which a mapping reads only as a list.
function readJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

async function* rows(
  pages: AsyncIterable<readonly ExportedUser[]>,
  names: readonly string[],
): AsyncIterable<readonly string[]> {
  for await (const page of pages) {
    for (const user of page) yield toRow(user, names);
  }
}

function toRow({ attributes, ...user }: ExportedUser, names: readonly string[]): readonly string[] {
  const others = new Map(attributes);
  const cells = names.map((name) => {
    const value = others.get(name) ?? "";
    others.delete(name);
    return value;
  });
  return [
    user.username,
    user.enabled === undefined ? "" : String(user.enabled),
    user.status ?? "",
    user.createdAt === undefined ? "" : isoTime(user.createdAt),
    user.modifiedAt === undefined ? "" : isoTime(user.modifiedAt),
    // No group has a space in its name (documented pattern).
    user.groups.join(" "),
    ...cells,
    others.size === 0 ? "" : JSON.stringify(Object.fromEntries(others)),
  ];
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
