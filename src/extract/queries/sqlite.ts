import type { AppQuery } from "./app-query.ts";

/**
 * The queries of well-known applications for SQLite, which is what Django, Rails and Laravel begin with. Names of tables
 * and columns are those of the frameworks' own migrations.
 */
export const SQLITE_QUERIES: Readonly<Record<string, AppQuery>> = {
  django: {
    sql: `SELECT u.*,
  (SELECT json_group_array(g.name) FROM (SELECT g.name FROM auth_user_groups AS m
    JOIN auth_group AS g ON g.id = m.group_id WHERE m.user_id = u.id ORDER BY g.name) AS g) AS "groups"
FROM auth_user AS u
ORDER BY u.id`,
    lists: ["groups"],
  },
  devise: { sql: "SELECT * FROM users ORDER BY id", cursorColumn: "updated_at" },
  // Its updated_at may be null.
  laravel: { sql: "SELECT * FROM users ORDER BY id" },
};
