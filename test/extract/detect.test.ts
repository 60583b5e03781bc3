import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { aFile, aFolder } from "../support/files.ts";

const AUTH0_USER = { user_id: "auth0|1", email: "ada@example.com", identities: [{ provider: "auth0" }] };
const USER = { id: 1, email: "ada@example.com", emails: [{ value: "ada@example.com" }] };
const lines = (...users: readonly object[]): string => users.map((user) => JSON.stringify(user)).join("\n");

test.each<[string, string | Uint8Array, string]>([
  ["a CSV", "id,email\n1,ada@example.com\n", "csv"],
  ["a CSV with tabs", "id\temail\n1\tada@example.com\n", "csv"],
  ["a gzip-compressed CSV", gzipSync("id,email\n1,ada@example.com\n"), "csv"],
  ["NDJSON", lines(USER, USER), "ndjson"],
  ["NDJSON of one user who has a list of objects", lines(USER), "ndjson"],
  ["NDJSON of one user without a list", lines({ login: "ada" }), "ndjson"],
  ["a JSON array", JSON.stringify([USER], undefined, 2), "json"],
  ["a JSON array on one line", JSON.stringify([USER]), "json"],
  ["a wrapped JSON array", JSON.stringify({ total: 1, results: [USER] }, undefined, 2), "json"],
  ["a wrapped JSON array on one line", JSON.stringify({ total: 1, results: [USER] }), "json"],
  ["an Auth0 export job", lines(AUTH0_USER, AUTH0_USER), "auth0"],
  ["an Auth0 export job of one user", lines(AUTH0_USER), "auth0"],
  ["an Auth0 array", JSON.stringify([AUTH0_USER]), "auth0"],
  ["an Auth0 list", JSON.stringify({ start: 0, users: [AUTH0_USER] }), "auth0"],
  ["an Auth0 list over lines", JSON.stringify({ start: 0, users: [AUTH0_USER] }, undefined, 2), "auth0"],
  ["an Auth0 list under another key", JSON.stringify({ members: [AUTH0_USER] }), "json"],
  ["users with a user_id alone", lines({ user_id: 1 }, { user_id: 2 }), "ndjson"],
  ["a JSON array that is cut short", `[${JSON.stringify(AUTH0_USER)}, {"user_id":`, "auth0"],
  ["a JSON array with nothing in it", "[]", "json"],
])("%s is recognised", async (_what, text, type) => {
  expect(await detectSourceType(aFile(text), SOURCE_TYPES)).toMatchObject({ type: { type } });
});

test("a list that the config names is the one looked at", async () => {
  const text = JSON.stringify({ users: [{ a: 1 }], members: [AUTH0_USER] }, undefined, 2);
  expect(await detectSourceType(aFile(text), SOURCE_TYPES, "members")).toMatchObject({
    type: { type: "auth0" },
    why: "its users have user_id and identities",
  });
});

test("an empty file, and one that is not there, are refused", async () => {
  await expect(detectSourceType(aFile(" \n"), SOURCE_TYPES)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
  await expect(detectSourceType(`${aFolder()}/absent`, SOURCE_TYPES)).rejects.toMatchObject({
    code: "SOURCE_NOT_FOUND",
  });
});
