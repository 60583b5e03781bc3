import type { AppQuery } from "./app-query.ts";

/** What is read of the databases of well-known applications in PostgreSQL, after the tables that they make. */
export const POSTGRES_QUERIES: Readonly<Record<string, AppQuery>> = {
  django: {
    sql: `SELECT u.*,
  COALESCE((SELECT json_agg(g.name ORDER BY g.name) FROM auth_user_groups AS m
    JOIN auth_group AS g ON g.id = m.group_id WHERE m.user_id = u.id), '[]') AS groups{verified}
FROM auth_user AS u
ORDER BY u.id`,
    find: {
      names: "set of Django's tables",
      // Only allauth knows which addresses are verified, and only some have it.
      sql: `SELECT 'auth_user' AS name,
  CASE WHEN to_regclass('account_emailaddress') IS NULL OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass('auth_user') AND attname = 'email_verified' AND NOT attisdropped)
  THEN '' ELSE ',
  EXISTS (SELECT 1 FROM account_emailaddress AS e
    WHERE e.user_id = u.id AND e.verified AND lower(e.email) = lower(u.email)) AS email_verified' END AS verified`,
    },
  },
  devise: { sql: "SELECT * FROM users ORDER BY id", cursorColumn: "updated_at" },
  laravel: { sql: "SELECT * FROM users ORDER BY id" },
  // Older projects have no provider_id: there the identity's own id is the provider's.
  supabase: {
    sql: `SELECT u.*,
  COALESCE((SELECT json_agg(json_build_object('provider', i.provider,
      'id', COALESCE(to_jsonb(i)->>'provider_id', i.id::text)) ORDER BY i.created_at, i.provider)
    FROM auth.identities AS i WHERE i.user_id = u.id), '[]') AS identities
FROM auth.users AS u
ORDER BY u.id`,
  },
  aspnet: {
    sql: `SELECT u.*,
  COALESCE((SELECT json_agg(r."Name" ORDER BY r."Name") FROM "AspNetUserRoles" AS m
    JOIN "AspNetRoles" AS r ON r."Id" = m."RoleId" WHERE m."UserId" = u."Id"), '[]') AS "Roles",
  COALESCE((SELECT json_agg(json_build_object('LoginProvider', l."LoginProvider",
      'ProviderKey', l."ProviderKey") ORDER BY l."LoginProvider", l."ProviderKey")
    FROM "AspNetUserLogins" AS l WHERE l."UserId" = u."Id"), '[]') AS "Logins",
  COALESCE((SELECT json_agg(json_build_object('ClaimType', c."ClaimType",
      'ClaimValue', c."ClaimValue") ORDER BY c."Id")
    FROM "AspNetUserClaims" AS c WHERE c."UserId" = u."Id"), '[]') AS "Claims"
FROM "AspNetUsers" AS u
ORDER BY u."Id"`,
  },
  authjs: {
    sql: `SELECT u.*,
  COALESCE((SELECT json_agg(json_build_object('provider', a.provider,
      'providerAccountId', a.{account_id}) ORDER BY a.provider, a.{account_id})
    FROM {accounts} AS a WHERE a.{user_id} = u.id), '[]') AS accounts
FROM {users} AS u
ORDER BY u.id`,
    find: {
      names: "pair of tables users and accounts",
      // Each adapter has names of its own: users and "userId", "User" and "userId", users and user_id.
      sql: `SELECT u.table_schema || '.' || u.table_name AS name,
  quote_ident(u.table_schema) || '.' || quote_ident(u.table_name) AS users,
  quote_ident(o.table_schema) || '.' || quote_ident(o.table_name) AS accounts,
  quote_ident(o.column_name) AS user_id, quote_ident(k.column_name) AS account_id
FROM information_schema.tables AS u
JOIN information_schema.columns AS o ON o.table_schema = u.table_schema
  AND lower(o.table_name) = CASE lower(u.table_name) WHEN 'user' THEN 'account' ELSE 'accounts' END
  AND o.column_name IN ('userId', 'user_id', 'userid')
JOIN information_schema.columns AS k ON k.table_schema = o.table_schema AND k.table_name = o.table_name
  AND k.column_name IN ('providerAccountId', 'provider_account_id', 'provideraccountid')
WHERE u.table_schema = ANY (current_schemas(false)) AND lower(u.table_name) IN ('user', 'users')
ORDER BY 1`,
    },
  },
  // As users stand in a realm's export. Columns that only newer versions have are asked for through to_jsonb.
  keycloak: {
    sql: `WITH RECURSIVE paths AS (
  SELECT id, '/' || name AS path FROM keycloak_group
    WHERE realm_id = {realm} AND COALESCE(trim(parent_group), '') = ''
      AND COALESCE((to_jsonb(keycloak_group)->>'type')::int, 0) = 0
  UNION ALL
  SELECT g.id, p.path || '/' || g.name FROM keycloak_group AS g JOIN paths AS p ON g.parent_group = p.id
)
SELECT u.id, u.username, u.email, u.email_verified AS "emailVerified", u.first_name AS "firstName",
  u.last_name AS "lastName", u.enabled, u.created_timestamp AS "createdTimestamp",
  COALESCE((SELECT json_object_agg(a.name, a.list) FROM (
    SELECT x.name, json_agg(COALESCE(x.value, to_jsonb(x)->>'long_value') ORDER BY x.id) AS list
      FROM user_attribute AS x WHERE x.user_id = u.id GROUP BY x.name) AS a), '{}') AS attributes,
  COALESCE((SELECT json_agg(json_build_object('type', c.type, 'secretData', c.secret_data,
      'credentialData', c.credential_data) ORDER BY c.priority, c.id)
    FROM credential AS c WHERE c.user_id = u.id), '[]') AS credentials,
  COALESCE((SELECT json_agg(p.path ORDER BY p.path) FROM user_group_membership AS m
    JOIN paths AS p ON p.id = m.group_id WHERE m.user_id = u.id), '[]') AS groups,
  COALESCE((SELECT json_agg(json_build_object('identityProvider', f.identity_provider,
      'userId', f.federated_user_id, 'userName', f.federated_username) ORDER BY f.identity_provider)
    FROM federated_identity AS f WHERE f.user_id = u.id), '[]') AS "federatedIdentities",
  COALESCE((SELECT json_agg(r.required_action ORDER BY r.required_action)
    FROM user_required_action AS r WHERE r.user_id = u.id), '[]') AS "requiredActions",
  (SELECT s.client_id FROM client AS s WHERE s.id = u.service_account_client_link) AS "serviceAccountClientId"
FROM user_entity AS u
WHERE u.realm_id = {realm}
ORDER BY u.id`,
    find: {
      names: "realm",
      sql: "SELECT name, quote_literal(id) AS realm FROM realm ORDER BY name",
      aside: "master",
    },
  },
};
