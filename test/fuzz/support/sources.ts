import { aspnet } from "../../../src/extract/aspnet.ts";
import { auth0 } from "../../../src/extract/auth0.ts";
import { authjs } from "../../../src/extract/authjs.ts";
import { b2c } from "../../../src/extract/b2c.ts";
import { clerk } from "../../../src/extract/clerk.ts";
import { cognitoExport } from "../../../src/extract/cognito-export.ts";
import { csv } from "../../../src/extract/csv.ts";
import { devise } from "../../../src/extract/devise.ts";
import { django } from "../../../src/extract/django.ts";
import { entra } from "../../../src/extract/entra.ts";
import { firebase } from "../../../src/extract/firebase.ts";
import { fusionauth } from "../../../src/extract/fusionauth.ts";
import { googleWorkspace } from "../../../src/extract/google-workspace.ts";
import { json } from "../../../src/extract/json.ts";
import { keycloak } from "../../../src/extract/keycloak.ts";
import { kratos } from "../../../src/extract/kratos.ts";
import { laravel } from "../../../src/extract/laravel.ts";
import { ldif } from "../../../src/extract/ldif.ts";
import { ndjson } from "../../../src/extract/ndjson.ts";
import { okta } from "../../../src/extract/okta.ts";
import { scim } from "../../../src/extract/scim.ts";
import type { SourceType } from "../../../src/extract/source.ts";
import { stytch } from "../../../src/extract/stytch.ts";
import { supabase } from "../../../src/extract/supabase.ts";
import { wordpress } from "../../../src/extract/wordpress.ts";
import { createHash } from "node:crypto";

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
const kratosIdentity = ({ id, ...traits }: FuzzedUser): string =>
  JSON.stringify({ id, schema_id: "default", traits, credentials: {} });
const stytchUser = ({ id, name, email }: FuzzedUser): string =>
  JSON.stringify({ user_id: id, name: { first_name: name }, emails: [{ verified: true, email }] });

const graphUser = ({ id, name, email }: FuzzedUser): object => ({
  id,
  displayName: name,
  identities: [],
  userPrincipalName: email,
});
const marked = (text: string): string => quoted(`'${text}`);
const firebaseUser = ({ id, name, email }: FuzzedUser): string =>
  JSON.stringify({ localId: id, displayName: name, email });
const cognitoUser = ({ id, name, email }: FuzzedUser): string =>
  JSON.stringify({
    Username: id,
    Enabled: true,
    UserStatus: "CONFIRMED",
    Attributes: [
      { Name: "name", Value: name },
      { Name: "email", Value: email },
    ],
  });

/** A record of Django's dumpdata. */
const dumpedUser = ({ id, ...user }: FuzzedUser): string =>
  JSON.stringify({ model: "auth.user", pk: id, fields: { password: "!", last_login: null, ...user } });
const fusionAuthUser = ({ id, ...user }: FuzzedUser): string =>
  JSON.stringify({ ...user, encryptionScheme: "bcrypt", password: "", data: { original_user_id: id } });
const keycloakUser = ({ id, name, email }: FuzzedUser): string =>
  JSON.stringify({ id, username: id, firstName: name, email, credentials: [] });
const oktaUser = ({ id, name, email }: FuzzedUser): string =>
  JSON.stringify({ id, profile: { login: id, displayName: name, email } });

/** Several classes, as directories write them: one that is damaged does not make the entry something else. */
const entry = ({ id, name, email }: FuzzedUser): string =>
  [
    `dn: uid=${id},ou=people,dc=example,dc=com`,
    ...["top", "person", "organizationalPerson", "inetOrgPerson"].map((each) => `objectClass: ${each}`),
    `uid: ${id}`,
    `cn: ${name}`,
    `mail: ${email}`,
    "",
    "",
  ].join("\n");

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
  {
    title: "SCIM",
    type: scim,
    write: (users) =>
      `{"schemas":["x"],"Resources":[${users.map(({ id, name, email }) => JSON.stringify({ id, displayName: name, userName: email })).join(",")}]}`,
  },
  {
    title: "SCIM's bulk requests",
    type: scim,
    write: (users) =>
      `{"Operations":[${users
        .map(({ id, name, email }) =>
          JSON.stringify({
            method: "PUT",
            path: `/Users/${id}`,
            data: { displayName: name, userName: email },
          }),
        )
        .join(",")}]}`,
  },
  {
    title: "Entra",
    type: entra,
    write: (users) => `{"value":[${users.map((user) => JSON.stringify(graphUser(user))).join(",")}]}`,
  },
  {
    title: "Entra's CSV",
    type: entra,
    write: (users) =>
      `userPrincipalName,displayName,id\n${users.map(({ id, name, email }) => `${email},${quoted(name)},${id}\n`).join("")}`,
  },
  {
    title: "B2C",
    type: b2c,
    // What a comment hides is not read, so a damaged one beside a user can hide it.
    write: (users) =>
      `{ // all\n"value":[${users.map((user) => JSON.stringify(graphUser(user))).join(",\n")}]}`,
  },
  {
    title: "Google Workspace",
    type: googleWorkspace,
    write: (users) =>
      `First Name [Required],Last Name,Email Address,Org Unit Path,Employee ID\n${users.map(({ id, name, email }) => `${quoted(name)},,${email},/,${id}\n`).join("")}`,
  },
  {
    title: "Clerk's CSV",
    type: clerk,
    write: (users) =>
      `# all\nid,username,primary_email_address,verified_email_addresses,verified_phone_numbers\n${users.map(({ id, name, email }) => `${id},${quoted(name)},${email},,\n`).join("")}`,
  },
  {
    title: "Clerk's users",
    type: clerk,
    write: (users) =>
      `[${users.map(({ id, name, email }) => JSON.stringify({ id, username: name, email_addresses: [email] })).join(",\n")}]`,
  },
  {
    title: "a Cognito list of users",
    type: cognitoExport,
    write: (users) => `{"Users":[${users.map(cognitoUser).join(",\n")}]}`,
  },
  { title: "Auth0", type: auth0, write: (users) => `${users.map(auth0User).join("\n")}\n` },
  {
    title: "Supabase",
    type: supabase,
    write: (users) =>
      `id,raw_user_meta_data,email\n${users
        .map(({ id, name, email }) => `${id},${quoted(JSON.stringify({ name }))},${email}\n`)
        .join("")}`,
  },
  { title: "Ory Kratos", type: kratos, write: (users) => `[${users.map(kratosIdentity).join(",")}]` },
  {
    title: "Stytch",
    type: stytch,
    write: (users) => `{"results":[${users.map(stytchUser).join(",\n")}],"status_code":200}`,
  },
  { title: "Auth.js", type: authjs, write: (users) => `${objects(users).join("\n")}\n` },
  { title: "FusionAuth", type: fusionauth, write: (users) => `{"users":[${objects(users).join(",\n")}]}` },
  {
    title: "ASP.NET Identity",
    type: aspnet,
    write: (users) =>
      `Id,UserName,Email\n${users.map(({ id, name, email }) => `${id},${quoted(name)},${email}\n`).join("")}`,
  },
  {
    title: "Auth0's CSV",
    type: auth0,
    write: (users) =>
      `user_id,name,email\n${users.map(({ id, name, email }) => `${marked(id)},${marked(name)},${marked(email)}\n`).join("")}`,
  },
  {
    title: "Firebase",
    type: firebase,
    write: (users) => `{"users": [\n${users.map(firebaseUser).join(",\n")}\n]}`,
  },
  {
    title: "Firebase's CSV",
    type: firebase,
    write: (users) =>
      users.map(({ id, name, email }) => `${id},${email},true,,,${quoted(name)}${",".repeat(47)}\n`).join(""),
  },
  {
    title: "WordPress",
    type: wordpress,
    write: (users) =>
      `ID,display_name,user_email\n${users.map(({ id, name, email }) => `${id},${quoted(name)},${email}\n`).join("")}`,
  },
  { title: "a dump of Django's", type: django, write: (users) => `[${users.map(dumpedUser).join(",\n")}]` },
  {
    title: "a dump of Django's as JSONL",
    type: django,
    write: (users) => `${users.map(dumpedUser).join("\n")}\n`,
  },
  { title: "Devise", type: devise, write: (users) => `${objects(users).join("\n")}\n` },
  {
    title: "Devise's users for FusionAuth",
    type: devise,
    write: (users) => `{"users":[${users.map(fusionAuthUser).join(",\n")}]}`,
  },
  { title: "Laravel", type: laravel, write: (users) => `[${objects(users).join(",")}]` },
  {
    title: "Keycloak",
    type: keycloak,
    write: (users) =>
      `{"realm":"shop","groups":[{"name":"a"}],"users":[${users.map(keycloakUser).join(",\n")}],"clients":[]}`,
  },
  { title: "Okta", type: okta, write: (users) => `[${users.map(oktaUser).join(",\n")}]` },
  {
    title: "Okta's import template",
    type: okta,
    write: (users) =>
      `login,displayName,email\n${users.map(({ id, name, email }) => `${id},${quoted(name)},${email}\n`).join("")}`,
  },
  { title: "LDIF", type: ldif, write: (users) => `version: 1\n\n${users.map(entry).join("")}` },
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
