import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { openSpec } from "../contract/source-contract.ts";
import { HAS_MARIADB, startMariadb, type TestMariadb } from "../support/mariadb.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

/** The records of a preset over this database. */
async function recordsOf(
  type: "postgres" | "mysql",
  connectionUrl: string,
  over: Partial<SourceSpec>,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  await using source = await openSpec({ type, path: "DATABASE_URL", connectionUrl, ...over });
  const records: Readonly<Record<string, unknown>>[] = [];
  for await (const batch of source.batches())
    records.push(...batch.map(({ record }) => record as Readonly<Record<string, unknown>>));
  return records;
}

/** Keycloak's tables as far as they are read. Its types differ by the database; upper case is what MySQL keeps of it. */
function keycloakTables(flag: string, yes: string, no: string): string {
  return `
CREATE TABLE REALM (id varchar(36) PRIMARY KEY, name varchar(255));
CREATE TABLE CLIENT (id varchar(36) PRIMARY KEY, client_id varchar(255), realm_id varchar(255));
CREATE TABLE USER_ENTITY (id varchar(36) PRIMARY KEY, email varchar(255), email_constraint varchar(255), email_verified ${flag} NOT NULL, enabled ${flag} NOT NULL, federation_link varchar(255), first_name varchar(255), last_name varchar(255), realm_id varchar(255), username varchar(255), created_timestamp bigint, service_account_client_link varchar(255), not_before int NOT NULL DEFAULT 0);
CREATE TABLE CREDENTIAL (id varchar(36) PRIMARY KEY, type varchar(255), user_id varchar(36), created_date bigint, user_label varchar(255), secret_data text, credential_data text, priority int);
CREATE TABLE USER_ATTRIBUTE (name varchar(255) NOT NULL, value varchar(255), user_id varchar(36), id varchar(36) PRIMARY KEY);
CREATE TABLE KEYCLOAK_GROUP (id varchar(36) PRIMARY KEY, name varchar(255), parent_group varchar(36) NOT NULL, realm_id varchar(36));
CREATE TABLE USER_GROUP_MEMBERSHIP (group_id varchar(36), user_id varchar(36));
CREATE TABLE FEDERATED_IDENTITY (identity_provider varchar(255), realm_id varchar(36), federated_user_id varchar(255), federated_username varchar(255), token text, user_id varchar(36));
CREATE TABLE USER_REQUIRED_ACTION (user_id varchar(36), required_action varchar(255));
INSERT INTO REALM VALUES ('m', 'master'), ('r''1', 'shop');
INSERT INTO CLIENT VALUES ('c1', 'shop-backend', 'r''1');
INSERT INTO USER_ENTITY VALUES
 ('a', 'ada@example.com', 'ada@example.com', ${yes}, ${yes}, NULL, 'Ada', 'Nowak', 'r''1', 'ada', 1700000000123, NULL, 0),
 ('b', NULL, 'x', ${no}, ${no}, NULL, NULL, NULL, 'r''1', 'service-account-shop-backend', 1700000000124, 'c1', 0),
 ('z', 'root@example.com', 'root@example.com', ${yes}, ${yes}, NULL, NULL, NULL, 'm', 'admin', 1600000000000, NULL, 0);
INSERT INTO CREDENTIAL VALUES
 ('k2', 'otp', 'a', 1, NULL, '{"value":"fixture-secret"}', '{"digits":6}', 20),
 ('k1', 'password', 'a', 1, NULL, '{"value":"fixture-secret","salt":"AAAA"}', '{"hashIterations":27500,"algorithm":"pbkdf2-sha256"}', 10);
INSERT INTO USER_ATTRIBUTE VALUES ('phone', '+12025550101', 'a', '1'), ('team', 'red', 'a', '2'), ('team', 'blue "1"', 'a', '3');
INSERT INTO KEYCLOAK_GROUP VALUES ('g1', 'Crew', ' ', 'r''1'), ('g2', 'Deck', 'g1', 'r''1'), ('g3', 'Other', ' ', 'm');
INSERT INTO USER_GROUP_MEMBERSHIP VALUES ('g2', 'a'), ('g1', 'a');
INSERT INTO FEDERATED_IDENTITY VALUES ('google', 'r''1', '1078', 'ada@example.com', 'fixture-secret', 'a');
INSERT INTO USER_REQUIRED_ACTION VALUES ('a', 'VERIFY_EMAIL');`;
}

const ADA_OF_KEYCLOAK = {
  id: "a",
  username: "ada",
  email: "ada@example.com",
  firstName: "Ada",
  lastName: "Nowak",
  createdTimestamp: 1_700_000_000_123,
  attributes: { phone: ["+12025550101"], team: ["red", 'blue "1"'] },
  groups: ["/Crew", "/Crew/Deck"],
  federatedIdentities: [{ identityProvider: "google", userId: "1078", userName: "ada@example.com" }],
  requiredActions: ["VERIFY_EMAIL"],
  serviceAccountClientId: null,
};
const CREDENTIALS_OF_KEYCLOAK = [
  {
    type: "password",
    secretData: '{"value":"fixture-secret","salt":"AAAA"}',
    credentialData: '{"hashIterations":27500,"algorithm":"pbkdf2-sha256"}',
  },
  { type: "otp", secretData: '{"value":"fixture-secret"}', credentialData: '{"digits":6}' },
];
const SERVICE_OF_KEYCLOAK = {
  id: "b",
  email: null,
  attributes: {},
  credentials: [],
  groups: [],
  federatedIdentities: [],
  requiredActions: [],
  serviceAccountClientId: "shop-backend",
};

const DJANGO_ROWS = `
INSERT INTO auth_user VALUES (1, 'pbkdf2_sha256$600000$fixture-secret$x', NULL, FALSE, 'ada', 'Ada', '', '', FALSE, TRUE, '2024-01-15 10:30:00.123456');
INSERT INTO auth_user VALUES (2, '!fixture-secret', NULL, TRUE, 'bo', '', '', 'bo@example.com', TRUE, FALSE, '2024-01-15 10:30:00');
INSERT INTO auth_group VALUES (1, 'Editors'), (2, 'Authors');
INSERT INTO auth_user_groups VALUES (1, 1, 1), (2, 1, 2);`;

const djangoTables = (moment: string) => `
CREATE TABLE auth_user (id int PRIMARY KEY, password varchar(128), last_login ${moment} NULL, is_superuser boolean, username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_staff boolean, is_active boolean, date_joined ${moment} NOT NULL);
CREATE TABLE auth_group (id int PRIMARY KEY, name varchar(150));
CREATE TABLE auth_user_groups (id int PRIMARY KEY, user_id int, group_id int);`;

/** The table of allauth: Ada's address is empty, Bo's is verified, Cy's is not, Di verified another's, Eve one that only looks like hers. */
const ALLAUTH = `
INSERT INTO auth_user VALUES (3, '!', NULL, FALSE, 'cy', '', '', 'cy@example.com', FALSE, TRUE, '2024-01-15 10:30:00');
INSERT INTO auth_user VALUES (4, '!', NULL, FALSE, 'di', '', '', 'di@example.com', FALSE, TRUE, '2024-01-15 10:30:00');
INSERT INTO auth_user VALUES (5, '!', NULL, FALSE, 'eve', '', '', 'rene@example.com', FALSE, TRUE, '2024-01-15 10:30:00');
CREATE TABLE account_emailaddress (id int PRIMARY KEY, email varchar(254) NOT NULL, verified boolean NOT NULL, "primary" boolean NOT NULL, user_id int NOT NULL);
INSERT INTO account_emailaddress VALUES (1, 'BO@example.com', TRUE, TRUE, 2), (2, 'cy@example.com', FALSE, TRUE, 3), (3, 'bo@example.com', TRUE, TRUE, 4), (4, 'rené@example.com', TRUE, TRUE, 5);`;

/** Who of the users is verified, by their names. */
function verifiedIn(records: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  return Object.fromEntries(records.map(({ username, email_verified }) => [username, email_verified]));
}

describe("queries for applications in PostgreSQL", () => {
  let server: TestPostgres;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** A schema of its own, in which the address of the source looks for tables, as it does in its own database. */
  async function put(sql: string, ...moreSchemas: readonly string[]): Promise<string> {
    databases += 1;
    const schema = `app_${databases}`;
    await server.run(
      `DROP SCHEMA IF EXISTS auth CASCADE; ${[schema, ...moreSchemas].map((name) => `CREATE SCHEMA ${name};`).join("")} SET search_path = ${schema}; ${sql}`,
    );
    return `${server.url}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
  }

  test("django: auth_user with the names of its groups", async () => {
    const url = await put(djangoTables("timestamptz") + DJANGO_ROWS);
    expect(await recordsOf("postgres", url, { preset: "django" })).toEqual([
      {
        id: 1,
        password: "pbkdf2_sha256$600000$fixture-secret$x",
        last_login: null,
        is_superuser: false,
        username: "ada",
        first_name: "Ada",
        last_name: "",
        email: "",
        is_staff: false,
        is_active: true,
        date_joined: "2024-01-15T10:30:00.123456Z",
        groups: ["Authors", "Editors"],
      },
      expect.objectContaining({ id: 2, is_active: false, groups: [] }),
    ]);
  });

  test("django: of whom allauth verified this very address", async () => {
    const url = await put(djangoTables("timestamptz") + DJANGO_ROWS + ALLAUTH);
    const verified = { ada: false, bo: true, cy: false, di: false, eve: false };
    expect(verifiedIn(await recordsOf("postgres", url, { preset: "django" }))).toEqual(verified);
    await server.run("ALTER TABLE auth_user ADD email_verified boolean DEFAULT true");
    expect(await recordsOf("postgres", url, { preset: "django" })).toHaveLength(5);
  });

  test("devise: users in the order of their changes, so that a later plan goes on behind the last", async () => {
    const url = await put(`
CREATE TABLE users (id bigserial PRIMARY KEY, email varchar NOT NULL DEFAULT '', encrypted_password varchar NOT NULL DEFAULT '', confirmed_at timestamp(6), unconfirmed_email varchar, locked_at timestamp(6), created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
INSERT INTO users (email, encrypted_password, confirmed_at, unconfirmed_email, created_at, updated_at) VALUES
 ('ada@example.com', '$2a$12$fixture-secret', '2024-01-02', 'new@example.com', '2024-01-01', '2024-03-01 08:00:00.5'),
 ('bo@example.com', '', NULL, NULL, '2024-01-01', '2024-02-01');`);
    const spec = { type: "postgres", path: "DATABASE_URL", connectionUrl: url, preset: "devise" };
    await using source = await openSpec(spec);
    const emails: unknown[] = [];
    for await (const batch of source.batches())
      emails.push(...batch.map(({ record }) => (record as { email: string }).email));
    expect(emails).toEqual(["bo@example.com", "ada@example.com"]);
    await server.run("UPDATE users SET email = 'bo2@example.com', updated_at = '2024-03-02' WHERE id = 2");
    expect(await recordsOf("postgres", url, { preset: "devise", after: source.cursor })).toMatchObject([
      { id: 2, email: "bo2@example.com", confirmed_at: null, updated_at: "2024-03-02T00:00:00" },
    ]);
  });

  test("laravel: users", async () => {
    const url = await put(`
CREATE TABLE users (id bigserial PRIMARY KEY, name varchar(255), email varchar(255) UNIQUE, email_verified_at timestamp(0), password varchar(255), remember_token varchar(100), created_at timestamp(0), updated_at timestamp(0), deleted_at timestamp(0));
INSERT INTO users (name, email, password, deleted_at) VALUES ('Ada', 'ada@example.com', '$2y$12$fixture-secret', '2024-01-01 00:00:00');`);
    expect(await recordsOf("postgres", url, { preset: "laravel" })).toMatchObject([
      { id: 1, name: "Ada", email_verified_at: null, deleted_at: "2024-01-01T00:00:00", updated_at: null },
    ]);
  });

  test.each([
    ["of today", "provider_id text NOT NULL, id uuid DEFAULT gen_random_uuid()", "provider_id"],
    ["of old", "id text", "id"],
  ])("supabase: auth.users with identities %s", async (_, columns, key) => {
    const url = await put(
      `
CREATE TABLE auth.users (id uuid PRIMARY KEY, email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz, phone text, raw_user_meta_data jsonb, banned_until timestamptz, is_sso_user boolean NOT NULL DEFAULT false, is_anonymous boolean NOT NULL DEFAULT false, created_at timestamptz);
CREATE TABLE auth.identities (${columns}, user_id uuid, identity_data jsonb, provider text, created_at timestamptz);
INSERT INTO auth.users VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ada@example.com', '$2a$10$fixture-secret', '2024-01-15 10:30:00+00', '12025550101', '{"name": "Ada"}', NULL, false, false, '2024-01-15 10:30:00.000001+00'), ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', NULL, '', NULL, NULL, '{}', 'infinity', false, true, NULL);
INSERT INTO auth.identities (${key}, user_id, provider, created_at) VALUES ('1078', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'google', '2024-02-01'), ('a0eebc99', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'email', '2024-01-01');`,
      "auth",
    );
    expect(await recordsOf("postgres", url, { preset: "supabase" })).toEqual([
      {
        id: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        email: "ada@example.com",
        encrypted_password: "$2a$10$fixture-secret",
        email_confirmed_at: "2024-01-15T10:30:00Z",
        phone: "12025550101",
        raw_user_meta_data: { name: "Ada" },
        banned_until: null,
        is_sso_user: false,
        is_anonymous: false,
        created_at: "2024-01-15T10:30:00.000001Z",
        identities: [
          { provider: "email", id: "a0eebc99" },
          { provider: "google", id: "1078" },
        ],
      },
      expect.objectContaining({ email: null, is_anonymous: true, banned_until: "infinity", identities: [] }),
    ]);
  });

  test("aspnet: AspNetUsers with roles, logins and claims", async () => {
    const url = await put(`
CREATE TABLE "AspNetUsers" ("Id" text PRIMARY KEY, "UserName" varchar(256), "NormalizedUserName" varchar(256), "Email" varchar(256), "NormalizedEmail" varchar(256), "EmailConfirmed" boolean NOT NULL, "PasswordHash" text, "LockoutEnd" timestamptz);
CREATE TABLE "AspNetRoles" ("Id" text PRIMARY KEY, "Name" varchar(256));
CREATE TABLE "AspNetUserRoles" ("UserId" text, "RoleId" text);
CREATE TABLE "AspNetUserLogins" ("LoginProvider" text, "ProviderKey" text, "ProviderDisplayName" text, "UserId" text);
CREATE TABLE "AspNetUserClaims" ("Id" int PRIMARY KEY, "UserId" text, "ClaimType" text, "ClaimValue" text);
INSERT INTO "AspNetUsers" VALUES ('1', 'ada', 'ADA', 'ada@example.com', 'ADA@EXAMPLE.COM', true, 'AQAAfixture-secret', '9999-12-31 23:59:59+00'), ('2', 'bo', 'BO', NULL, NULL, false, NULL, NULL);
INSERT INTO "AspNetRoles" VALUES ('r1', 'Admin'), ('r2', 'Crew');
INSERT INTO "AspNetUserRoles" VALUES ('1', 'r2'), ('1', 'r1');
INSERT INTO "AspNetUserLogins" VALUES ('Google', '1078', 'Google', '1');
INSERT INTO "AspNetUserClaims" VALUES (1, '1', 'given_name', 'Ada'), (2, '1', 'family_name', 'Nowak');`);
    expect(await recordsOf("postgres", url, { preset: "aspnet" })).toMatchObject([
      {
        Id: "1",
        EmailConfirmed: true,
        LockoutEnd: "9999-12-31T23:59:59Z",
        Roles: ["Admin", "Crew"],
        Logins: [{ LoginProvider: "Google", ProviderKey: "1078" }],
        Claims: [
          { ClaimType: "given_name", ClaimValue: "Ada" },
          { ClaimType: "family_name", ClaimValue: "Nowak" },
        ],
      },
      { Id: "2", Email: null, Roles: [], Logins: [], Claims: [] },
    ]);
  });

  test.each([
    ["users", "accounts", '"userId"', '"providerAccountId"', '"emailVerified"'],
    ['"User"', '"Account"', '"userId"', '"providerAccountId"', '"emailVerified"'],
    ["users", "accounts", "user_id", "provider_account_id", "email_verified"],
    ['"user"', "account", '"userId"', '"providerAccountId"', '"emailVerified"'],
  ])("authjs: %s and %s with %s", async (users, accounts, userId, accountId, verified) => {
    const url = await put(`
CREATE TABLE ${users} (id int PRIMARY KEY, name text, email text, ${verified} timestamptz, image text);
CREATE TABLE ${accounts} (id int PRIMARY KEY, ${userId} int, type text, provider text, ${accountId} text, access_token text);
INSERT INTO ${users} VALUES (1, 'Ada', 'ada@example.com', '2024-01-15 10:30:00+00', NULL), (2, 'Bo', 'bo@example.com', NULL, NULL);
INSERT INTO ${accounts} VALUES (1, 1, 'oauth', 'github', '42', 'fixture-secret');`);
    expect(await recordsOf("postgres", url, { preset: "authjs" })).toEqual([
      {
        id: 1,
        name: "Ada",
        email: "ada@example.com",
        [verified.replaceAll('"', "")]: "2024-01-15T10:30:00Z",
        image: null,
        accounts: [{ provider: "github", providerAccountId: "42" }],
      },
      expect.objectContaining({ id: 2, accounts: [] }),
    ]);
  });

  describe("keycloak", () => {
    let url: string;
    beforeAll(async () => {
      url = await put(keycloakTables("boolean", "true", "false"));
    });

    test("a user as its realm's export writes it", async () => {
      expect(await recordsOf("postgres", url, { preset: "keycloak" })).toEqual([
        { ...ADA_OF_KEYCLOAK, emailVerified: true, enabled: true, credentials: CREDENTIALS_OF_KEYCLOAK },
        expect.objectContaining({ ...SERVICE_OF_KEYCLOAK, emailVerified: false, enabled: false }),
      ]);
    });

    test("the columns of newer versions: long values, and groups of organizations, which are none", async () => {
      await server.run(`
ALTER TABLE user_attribute ADD long_value text; ALTER TABLE keycloak_group ADD type int NOT NULL DEFAULT 0;
INSERT INTO user_attribute VALUES ('bio', NULL, 'b', '9', '${"x".repeat(300)}');
INSERT INTO keycloak_group VALUES ('g9', 'org-uuid', ' ', 'r''1', 1); INSERT INTO user_group_membership VALUES ('g9', 'b');`);
      expect((await recordsOf("postgres", url, { preset: "keycloak" }))[1]).toMatchObject({
        attributes: { bio: ["x".repeat(300)] },
        groups: [],
      });
    });

    test("of several realms, the one that is named", async () => {
      await server.run("INSERT INTO realm VALUES ('r2', 'club')");
      await expect(recordsOf("postgres", url, { preset: "keycloak" })).rejects.toMatchObject({
        code: "SOURCE_REFUSED",
        message: expect.stringContaining("club, master, shop") as string,
        hint: expect.stringContaining("source.realm") as string,
      });
      await expect(recordsOf("postgres", url, { preset: "keycloak", realm: "none" })).rejects.toMatchObject({
        code: "SOURCE_REFUSED",
      });
      expect(await recordsOf("postgres", url, { preset: "keycloak", realm: "shop" })).toHaveLength(2);
      expect(await recordsOf("postgres", url, { preset: "keycloak", realm: "master" })).toMatchObject([
        { username: "admin" },
      ]);
    });
  });

  test.each(["django", "devise", "laravel", "supabase", "aspnet", "authjs", "keycloak"])(
    "%s: a database without its tables is refused",
    async (preset) => {
      const url = await put("SELECT 1");
      await expect(recordsOf("postgres", url, { preset })).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    },
  );
});

describe.runIf(HAS_MARIADB)("queries for applications in MariaDB", () => {
  let server: TestMariadb;
  let databases = 0;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function put(sql: string): Promise<string> {
    databases += 1;
    const database = `app_${databases}`;
    await server.run(`CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database}; ${sql}`);
    return server.url.replace(/\/app$/, `/${database}`);
  }

  test("django: flags are 1 and 0, groups a list", async () => {
    const url = await put(djangoTables("datetime(6)") + DJANGO_ROWS);
    const [ada, bo] = await recordsOf("mysql", url, { preset: "django" });
    expect(ada).toMatchObject({ id: 1, is_active: 1, email: "", date_joined: "2024-01-15T10:30:00.123456" });
    expect(new Set(ada?.["groups"] as readonly string[])).toEqual(new Set(["Authors", "Editors"]));
    expect(bo).toMatchObject({ id: 2, is_active: 0, groups: [] });
  });

  test("django: of whom allauth verified this very address", async () => {
    const url = await put(
      djangoTables("datetime(6)") + DJANGO_ROWS + ALLAUTH.replace('"primary"', "`primary`"),
    );
    const verified = { ada: 0, bo: 1, cy: 0, di: 0, eve: 0 };
    expect(verifiedIn(await recordsOf("mysql", url, { preset: "django" }))).toEqual(verified);
    await server.run("ALTER TABLE auth_user ADD email_verified boolean DEFAULT true");
    expect(await recordsOf("mysql", url, { preset: "django" })).toHaveLength(5);
  });

  test("devise and laravel: users", async () => {
    const url = await put(`
CREATE TABLE users (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(255), email varchar(255), encrypted_password varchar(255), email_verified_at timestamp NULL, created_at datetime(6) NOT NULL, updated_at datetime(6) NOT NULL);
INSERT INTO users VALUES (1, 'Ada', 'ada@example.com', '$2a$12$fixture-secret', NULL, '2024-01-01', '2024-03-01'), (2, 'Bo', 'bo@example.com', '', '2024-01-01 10:00:00', '2024-01-01', '2024-02-01');`);
    expect(await recordsOf("mysql", url, { preset: "laravel" })).toMatchObject([
      { id: 1, email_verified_at: null },
      { id: 2, email_verified_at: "2024-01-01T10:00:00Z" },
    ]);
    expect(await recordsOf("mysql", url, { preset: "devise" })).toMatchObject([{ id: 2 }, { id: 1 }]);
  });

  const wordpressTables = (prefix: string) => `
CREATE TABLE ${prefix}users (ID bigint(20) unsigned PRIMARY KEY AUTO_INCREMENT, user_login varchar(60) NOT NULL DEFAULT '', user_pass varchar(255) NOT NULL DEFAULT '', user_nicename varchar(50) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '', user_url varchar(100) NOT NULL DEFAULT '', user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00', user_activation_key varchar(255) NOT NULL DEFAULT '', user_status int(11) NOT NULL DEFAULT 0, display_name varchar(250) NOT NULL DEFAULT '');
CREATE TABLE ${prefix}usermeta (umeta_id bigint(20) unsigned PRIMARY KEY AUTO_INCREMENT, user_id bigint(20) unsigned NOT NULL DEFAULT 0, meta_key varchar(255), meta_value longtext);`;

  test("wordpress: users with what stands in their meta rows, whatever the prefix", async () => {
    const url = await put(`${wordpressTables("x9_")}
INSERT INTO x9_users (user_login, user_pass, user_email, user_registered, display_name) VALUES ('ada n', '$P$Bfixture-secret', 'ada@example.com', '2015-03-04 05:06:07', 'Ada N'), ('bo', '$wp$2y$10$fixture-secret', '', '0000-00-00 00:00:00', '');
INSERT INTO x9_usermeta (user_id, meta_key, meta_value) VALUES (1, 'first_name', 'Ada'), (1, 'first_name', 'Second'), (1, 'last_name', ''), (1, 'nickname', 'ada'), (1, 'locale', 'de_DE'), (1, 'x9_capabilities', 'a:1:{s:13:"administrator";b:1;}'), (1, 'wp_capabilities', 'a:0:{}'), (1, 'session_tokens', 'fixture-secret');`);
    expect(await recordsOf("mysql", url, { preset: "wordpress" })).toEqual([
      {
        ID: 1,
        user_login: "ada n",
        user_pass: "$P$Bfixture-secret",
        user_nicename: "",
        user_email: "ada@example.com",
        user_url: "",
        user_registered: "2015-03-04T05:06:07",
        user_activation_key: "",
        user_status: 0,
        display_name: "Ada N",
        first_name: "Ada",
        last_name: "",
        nickname: "ada",
        locale: "de_DE",
        capabilities: 'a:1:{s:13:"administrator";b:1;}',
      },
      expect.objectContaining({ ID: 2, user_registered: null, first_name: null, capabilities: null }),
    ]);
  });

  test("wordpress: two installations in one database are refused, as either could be meant", async () => {
    const url = await put(wordpressTables("wp_") + wordpressTables("blog_"));
    await expect(recordsOf("mysql", url, { preset: "wordpress" })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("blog_users, wp_users") as string,
    });
  });

  test.each([
    ["users", "accounts", "userId", "providerAccountId"],
    ["User", "Account", "userId", "providerAccountId"],
    ["users", "accounts", "user_id", "provider_account_id"],
  ])("authjs: %s and %s with %s", async (users, accounts, userId, accountId) => {
    const url = await put(`
CREATE TABLE \`${users}\` (id varchar(191) PRIMARY KEY, name text, email text, emailVerified datetime(3), image text);
CREATE TABLE \`${accounts}\` (id int PRIMARY KEY, ${userId} varchar(191), provider varchar(191), ${accountId} varchar(191), access_token text);
INSERT INTO \`${users}\` VALUES ('u1', 'Ada', 'ada@example.com', '2024-01-15 10:30:00.5', NULL), ('u2', 'Bo', NULL, NULL, NULL);
INSERT INTO \`${accounts}\` VALUES (1, 'u1', 'github', '42', 'fixture-secret');`);
    expect(await recordsOf("mysql", url, { preset: "authjs" })).toMatchObject([
      {
        id: "u1",
        emailVerified: "2024-01-15T10:30:00.500",
        accounts: [{ provider: "github", providerAccountId: "42" }],
      },
      { id: "u2", accounts: [] },
    ]);
  });

  test("keycloak: a user as its realm's export writes it, with flags of one bit as 1 and 0", async () => {
    const url = await put(keycloakTables("bit(1)", "b'1'", "b'0'"));
    const [ada, service] = await recordsOf("mysql", url, { preset: "keycloak" });
    const sorted = (list: unknown) => (list as readonly string[]).toSorted();
    const { attributes, credentials, groups, ...fields } = ada ?? {};
    const { attributes: wanted, groups: wantedGroups, ...wantedFields } = ADA_OF_KEYCLOAK;
    expect(fields).toEqual({ ...wantedFields, emailVerified: 1, enabled: 1 });
    const { phone, team } = attributes as { readonly phone: unknown; readonly team: unknown };
    expect([phone, sorted(team)]).toEqual([wanted.phone, sorted(wanted.team)]);
    expect(sorted(groups)).toEqual(wantedGroups);
    expect(credentials).toEqual(expect.arrayContaining(CREDENTIALS_OF_KEYCLOAK));
    expect(service).toMatchObject({ ...SERVICE_OF_KEYCLOAK, emailVerified: 0, enabled: 0 });
    await server.run(`
ALTER TABLE USER_ATTRIBUTE ADD long_value longtext; ALTER TABLE KEYCLOAK_GROUP ADD type int NOT NULL DEFAULT 0;
INSERT INTO USER_ATTRIBUTE VALUES ('bio', NULL, 'b', '9', '${"x".repeat(300)}');
INSERT INTO KEYCLOAK_GROUP VALUES ('g9', 'org-uuid', ' ', 'r''1', 1); INSERT INTO USER_GROUP_MEMBERSHIP VALUES ('g9', 'b');`);
    expect((await recordsOf("mysql", url, { preset: "keycloak" }))[1]).toMatchObject({
      attributes: { bio: ["x".repeat(300)] },
      groups: [],
    });
  });

  test.each(["django", "devise", "laravel", "wordpress", "authjs", "keycloak"])(
    "%s: a database without its tables is refused",
    async (preset) => {
      const url = await put("SELECT 1");
      await expect(recordsOf("mysql", url, { preset })).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    },
  );
});
