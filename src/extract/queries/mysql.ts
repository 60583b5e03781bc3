import type { AppQuery } from "./app-query.ts";

/** What is read of the databases of well-known applications in MySQL and MariaDB, after the tables that they make. */
export const MYSQL_QUERIES: Readonly<Record<string, AppQuery>> = {
  django: {
    sql: `SELECT u.*,
  COALESCE((SELECT JSON_ARRAYAGG(g.name) FROM auth_user_groups AS m
    JOIN auth_group AS g ON g.id = m.group_id WHERE m.user_id = u.id), JSON_ARRAY()) AS \`groups\`{verified}
FROM auth_user AS u
ORDER BY u.id`,
    lists: ["groups"],
    find: {
      names: "set of Django's tables",
      // Only allauth knows which addresses are verified, and only some have it. By the usual collations é is e, and another's address.
      sql: `SELECT 'auth_user' AS name,
  IF(EXISTS (SELECT 1 FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name = 'account_emailaddress')
    AND NOT EXISTS (SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'auth_user' AND column_name = 'email_verified'),
  ',
  EXISTS (SELECT 1 FROM account_emailaddress AS e WHERE e.user_id = u.id AND e.verified
    AND LOWER(e.email) = CONVERT(LOWER(u.email) USING utf8mb4) COLLATE utf8mb4_bin) AS email_verified',
  '') AS verified`,
    },
  },
  devise: { sql: "SELECT * FROM users ORDER BY id", cursorColumn: "updated_at" },
  laravel: { sql: "SELECT * FROM users ORDER BY id" },
  wordpress: {
    sql: `SELECT u.*,
  (SELECT m.meta_value FROM {usermeta} AS m WHERE m.user_id = u.ID AND m.meta_key = 'first_name'
    ORDER BY m.umeta_id LIMIT 1) AS first_name,
  (SELECT m.meta_value FROM {usermeta} AS m WHERE m.user_id = u.ID AND m.meta_key = 'last_name'
    ORDER BY m.umeta_id LIMIT 1) AS last_name,
  (SELECT m.meta_value FROM {usermeta} AS m WHERE m.user_id = u.ID AND m.meta_key = 'nickname'
    ORDER BY m.umeta_id LIMIT 1) AS nickname,
  (SELECT m.meta_value FROM {usermeta} AS m WHERE m.user_id = u.ID AND m.meta_key = 'locale'
    ORDER BY m.umeta_id LIMIT 1) AS locale,
  (SELECT m.meta_value FROM {usermeta} AS m WHERE m.user_id = u.ID AND m.meta_key = {capabilities}
    ORDER BY m.umeta_id LIMIT 1) AS capabilities
FROM {users} AS u
ORDER BY u.ID`,
    find: {
      names: "set of WordPress tables",
      // Every installation may have a prefix of its own, wp_ by default.
      sql: `SELECT CONCAT(t.prefix, 'users') AS name,
  CONCAT('\`', REPLACE(CONCAT(t.prefix, 'users'), '\`', '\`\`'), '\`') AS users,
  CONCAT('\`', REPLACE(CONCAT(t.prefix, 'usermeta'), '\`', '\`\`'), '\`') AS usermeta,
  QUOTE(CONCAT(t.prefix, 'capabilities')) AS capabilities
FROM (SELECT LEFT(table_name, CHAR_LENGTH(table_name) - 5) AS prefix FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name LIKE '%users' AND column_name = 'user_pass') AS t
JOIN information_schema.tables AS m
  ON m.table_schema = DATABASE() AND m.table_name = CONCAT(t.prefix, 'usermeta')
ORDER BY name`,
    },
  },
  authjs: {
    sql: `SELECT u.*,
  COALESCE((SELECT JSON_ARRAYAGG(JSON_OBJECT('provider', a.provider, 'providerAccountId', a.{account_id}))
    FROM {accounts} AS a WHERE a.{user_id} = u.id), JSON_ARRAY()) AS accounts
FROM {users} AS u
ORDER BY u.id`,
    lists: ["accounts"],
    find: {
      names: "pair of tables users and accounts",
      // Each adapter has names of its own: users and userId, User and userId, users and user_id.
      sql: `SELECT u.table_name AS name,
  CONCAT('\`', u.table_name, '\`') AS users, CONCAT('\`', o.table_name, '\`') AS accounts,
  CONCAT('\`', o.column_name, '\`') AS user_id, CONCAT('\`', k.column_name, '\`') AS account_id
FROM information_schema.tables AS u
JOIN information_schema.columns AS o ON o.table_schema = u.table_schema
  AND LOWER(o.table_name) = CASE LOWER(u.table_name) WHEN 'user' THEN 'account' ELSE 'accounts' END
  AND LOWER(o.column_name) IN ('userid', 'user_id')
JOIN information_schema.columns AS k ON k.table_schema = o.table_schema AND k.table_name = o.table_name
  AND LOWER(k.column_name) IN ('provideraccountid', 'provider_account_id')
WHERE u.table_schema = DATABASE() AND LOWER(u.table_name) IN ('user', 'users')
ORDER BY name`,
    },
  },
  // As users stand in a realm's export. Its tables have names in upper case here, which counts on Linux. Lists are made before they are joined: an inner table sees no outer one here.
  keycloak: {
    sql: `WITH RECURSIVE paths (id, path) AS (
  SELECT id, CAST(CONCAT('/', name) AS CHAR(4000)) FROM KEYCLOAK_GROUP
    WHERE realm_id = {realm} AND COALESCE(TRIM(parent_group), '') = '' AND {group_kind}
  UNION ALL
  SELECT g.id, CONCAT(p.path, '/', g.name) FROM KEYCLOAK_GROUP AS g JOIN paths AS p ON g.parent_group = p.id
)
SELECT u.id, u.username, u.email, u.email_verified AS emailVerified, u.first_name AS firstName,
  u.last_name AS lastName, u.enabled, u.created_timestamp AS createdTimestamp,
  COALESCE(l.attributes, JSON_OBJECT()) AS attributes,
  COALESCE((SELECT JSON_ARRAYAGG(JSON_OBJECT('type', c.type, 'secretData', c.secret_data,
      'credentialData', c.credential_data))
    FROM CREDENTIAL AS c WHERE c.user_id = u.id), JSON_ARRAY()) AS credentials,
  COALESCE((SELECT JSON_ARRAYAGG(p.path) FROM USER_GROUP_MEMBERSHIP AS m
    JOIN paths AS p ON p.id = m.group_id WHERE m.user_id = u.id), JSON_ARRAY()) AS \`groups\`,
  COALESCE((SELECT JSON_ARRAYAGG(JSON_OBJECT('identityProvider', f.identity_provider,
      'userId', f.federated_user_id, 'userName', f.federated_username))
    FROM FEDERATED_IDENTITY AS f WHERE f.user_id = u.id), JSON_ARRAY()) AS federatedIdentities,
  COALESCE((SELECT JSON_ARRAYAGG(r.required_action)
    FROM USER_REQUIRED_ACTION AS r WHERE r.user_id = u.id), JSON_ARRAY()) AS requiredActions,
  (SELECT s.client_id FROM CLIENT AS s WHERE s.id = u.service_account_client_link) AS serviceAccountClientId
FROM USER_ENTITY AS u
LEFT JOIN (SELECT a.user_id, JSON_OBJECTAGG(a.name, JSON_EXTRACT(a.list, '$')) AS attributes
  FROM (SELECT x.user_id, x.name, JSON_ARRAYAGG({attribute}) AS list FROM USER_ATTRIBUTE AS x
    GROUP BY x.user_id, x.name) AS a
  GROUP BY a.user_id) AS l ON l.user_id = u.id
WHERE u.realm_id = {realm}
ORDER BY u.id`,
    lists: ["attributes", "credentials", "groups", "federatedIdentities", "requiredActions"],
    find: {
      names: "realm",
      // Newer versions have long values of attributes, and groups that stand for organizations.
      sql: `SELECT name, QUOTE(id) AS realm,
  IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'USER_ATTRIBUTE' AND column_name = 'long_value'),
    'COALESCE(x.value, x.long_value)', 'x.value') AS attribute,
  IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'KEYCLOAK_GROUP' AND column_name = 'type'), 'type = 0', '1 = 1') AS group_kind
FROM REALM
ORDER BY name`,
      aside: "master",
    },
  },
};
