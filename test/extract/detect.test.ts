import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { aFile, aFolder } from "../support/files.ts";

const AUTH0_USER = { user_id: "auth0|1", email: "ada@example.com", identities: [{ provider: "auth0" }] };
const USER = { id: 1, email: "ada@example.com", emails: [{ value: "ada@example.com" }] };
const SCIM_USER = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada" };
const GRAPH_USER = { id: "1", displayName: "Ada", userPrincipalName: "ada@example.com" };
const REMOVED = { id: "2", "@removed": { reason: "deleted" } };
const B2C_USER = { ...GRAPH_USER, identities: [{ signInType: "emailAddress" }] };
const B2C_SOCIAL_USER = {
  userPrincipalName: "cpim_9c0e0000-0000-4000-8000-000000000002@harbour.onmicrosoft.com",
  identities: [{ signInType: "federated" }],
};
const CLERK_HEADER = "id,primary_email_address,verified_email_addresses,verified_phone_numbers";
const COGNITO_USER = { Username: "ada", Attributes: [], Enabled: true, UserStatus: "CONFIRMED" };
const EXPORTED_USER = {
  username: "ada",
  enabled: true,
  status: "CONFIRMED",
  created_at: "2024-05-02T08:00:00.000Z",
  modified_at: "2024-05-02T08:00:00.000Z",
  groups: [],
  sub: "7c1d2e3f-0000-4a00-8b00-000000000001",
};
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
  ["a SCIM user over lines", JSON.stringify(SCIM_USER, undefined, 2), "scim"],
  ["SCIM users one a line", lines(SCIM_USER, SCIM_USER), "scim"],
  ["a SCIM list", JSON.stringify({ schemas: ["x"], Resources: [SCIM_USER] }), "scim"],
  [
    "a SCIM bulk request",
    JSON.stringify({ schemas: ["x"], Operations: [{ method: "DELETE", path: "/Users/1" }] }),
    "scim",
  ],
  ["a JSON log of requests", JSON.stringify([{ method: "GET", path: "/" }]), "json"],
  ["a list of SCIM groups", JSON.stringify({ Resources: [{ schemas: ["x:Group"] }] }), "json"],
  ["a page of Graph", JSON.stringify({ "@odata.context": "x", value: [GRAPH_USER] }), "entra"],
  ["an array of Graph's users", JSON.stringify([GRAPH_USER]), "entra"],
  ["a delta of Graph", JSON.stringify({ "@odata.deltaLink": "x", value: [REMOVED] }), "entra"],
  ["a delta of Graph's groups", JSON.stringify({ "@odata.deltaLink": "x", value: [{ id: "1" }] }), "json"],
  ["Entra's CSV with a byte-order mark", "\uFEFFuserPrincipalName,displayName,objectId\na,b,c\n", "entra"],
  ["a page of a B2C tenant", JSON.stringify({ value: [B2C_USER] }), "b2c"],
  ["a page of a B2C tenant's social users", JSON.stringify({ value: [B2C_SOCIAL_USER] }), "b2c"],
  [
    "an older page of a B2C tenant",
    JSON.stringify({ value: [{ signInNames: [{ type: "a", value: "b" }] }] }),
    "b2c",
  ],
  [
    "a B2C file with comments",
    '{ // all\n"userType": "x",\n"Users": [ /* a */ {"signInName": "ada"}]}',
    "b2c",
  ],
  [
    "a page of Graph whose users can be of either",
    JSON.stringify({ value: [{ ...GRAPH_USER, identities: [{ signInType: "userPrincipalName" }] }] }),
    "json",
  ],
  [
    "Google's CSV",
    "First Name [Required],Last Name,Email Address,Org Unit Path\na,b,c,/\n",
    "google-workspace",
  ],
  ["such names without a bracket", "First Name,Last Name,Email Address,Org Unit Path\na,b,c,/\n", "csv"],
  ["Clerk's CSV", `${CLERK_HEADER}\n`, "clerk"],
  ["Clerk's CSV below comments", `# a, b\r\n# c\r\n${CLERK_HEADER}\r\n`, "clerk"],
  ["another CSV below a comment", "# a\nid,email\n1,b\n", "csv"],
  [
    "Clerk's export as JSON",
    JSON.stringify([{ id: "1", email_addresses: "", password_digest: "", password_hasher: "" }]),
    "clerk",
  ],
  [
    "Clerk's Backend API",
    JSON.stringify([{ id: "1", email_addresses: [], primary_email_address_id: null }]),
    "clerk",
  ],
  [
    "a Cognito list",
    JSON.stringify({ Users: [COGNITO_USER], NextToken: "t" }, undefined, 4),
    "cognito-export",
  ],
  ["a Cognito list on one line", JSON.stringify({ Users: [COGNITO_USER] }), "cognito-export"],
  ["an array of Cognito users", JSON.stringify([COGNITO_USER]), "cognito-export"],
  ["lines of Cognito users", lines(COGNITO_USER, COGNITO_USER), "cognito-export"],
  [
    "a Cognito user",
    JSON.stringify({ ...COGNITO_USER, Attributes: undefined, UserAttributes: [] }),
    "cognito-export",
  ],
  ["lines of poolferry export", lines(EXPORTED_USER, EXPORTED_USER), "cognito-export"],
  ["a line of poolferry export", lines(EXPORTED_USER), "cognito-export"],
  [
    "Cognito users that --query changed",
    JSON.stringify([{ Username: "ada", Email: "a@example.com" }]),
    "json",
  ],
  ["a Cognito list of groups", JSON.stringify({ Groups: [{ GroupName: "crew" }] }), "json"],
  ["WordPress's users", "ID,user_login,user_pass,user_email,user_registered\n1,a,b,c,d\n", "wordpress"],
  [
    "WordPress's users as JSON",
    JSON.stringify([{ ID: 1, user_login: "a", user_email: "b", user_registered: "c" }]),
    "wordpress",
  ],
  ["Django's dump", '[{"model": "auth.group", "pk": 1, "fields": {}}]', "django"],
  ["Django's dump over lines", '[\n{\n  "model": "auth.user",\n  "pk": 1,\n  "fields": {\n', "django"],
  ["an old dump of Django's", '[{"pk": 1, "model": "auth.user", "fields": {}}]', "django"],
  [
    "Django's dump as JSONL",
    lines({ model: "auth.user", pk: 1, fields: {} }, { model: "auth.user" }),
    "django",
  ],
  [
    "Django's table",
    "id,password,is_superuser,username,email,is_active,date_joined\n1,!,f,a,b,t,c\n",
    "django",
  ],
  ["a list of cars with models", '[{"model": "Beetle", "pk": 2}, {"model": "T2"}]', "json"],
  ["cars whose model is a word", lines({ model: "Golf.2", year: 1 }, { model: "T2" }), "ndjson"],
  ["Devise's users", "id,email,encrypted_password,reset_password_token\n1,a,b,c\n", "devise"],
  [
    "Devise's users as NDJSON",
    lines({ email: 1, encrypted_password: 2, remember_created_at: null }, {}),
    "devise",
  ],
  [
    "users with an encrypted password of no system",
    "id,email,encrypted_password,confirmed_at\n1,a,b,c\n",
    "csv",
  ],
  ["Laravel's users", "id,email,email_verified_at,password,remember_token\n1,a,b,c,d\n", "laravel"],
  ["users with email_verified_at alone", "id,email,email_verified_at\n1,a,b\n", "csv"],
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
