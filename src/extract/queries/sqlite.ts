import type { AppQuery } from "./app-query.ts";

/**
 * The queries of well-known applications for SQLite, which is what Django, Rails and Laravel begin with. Names of tables
 * and columns are those of the frameworks' own migrations.
 */
export const SQLITE_QUERIES: Readonly<Record<string, AppQuery>> = {
  django: {
    sql: `SELECT u.*,
  (SELECT json_group_array(g.name) FROM (SELECT g.name FROM auth_user_groups AS m
    JOIN auth_group AS g ON g.id = m.group_id WHERE m.user_id = u.id ORDER BY g.name) AS g) AS "groups"{verified}
FROM auth_user AS u
ORDER BY u.id`,
    lists: ["groups"],
    find: {
      names: "set of Django's tables",
      // Only allauth knows which addresses are verified, and only some have it.
      sql: `SELECT 'auth_user' AS name,
  CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info('account_emailaddress'))
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info('auth_user') WHERE name = 'email_verified')
  THEN ',
  EXISTS (SELECT 1 FROM account_emailaddress AS e
    WHERE e.user_id = u.id AND e.verified AND lower(e.email) = lower(u.email)) AS email_verified'
  ELSE '' END AS verified`,
    },
  },
  devise: { sql: "SELECT * FROM users ORDER BY id", cursorColumn: "updated_at" },
  // Its updated_at may be null.
  laravel: { sql: "SELECT * FROM users ORDER BY id" },
};
