import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MYSQL_QUERIES } from "../../src/extract/queries/mysql.ts";
import { POSTGRES_QUERIES } from "../../src/extract/queries/postgres.ts";
import { SQLITE_QUERIES } from "../../src/extract/queries/sqlite.ts";
import { readConfig } from "../../src/run/config.ts";
import { aFolder } from "../support/files.ts";

test.each([
  ["postgres", POSTGRES_QUERIES],
  ["mysql", MYSQL_QUERIES],
  ["sqlite", SQLITE_QUERIES],
])("the page of %s shows the query of every application as it is asked", (type, queries) => {
  const page = readFileSync(`docs/sources/${type}.md`, "utf8");
  for (const [name, { sql, find }] of Object.entries(queries)) {
    expect(page).toContain(`### ${name}\n\n\`\`\`sql\n${sql}\n`);
    if (find !== undefined) expect(page).toContain(`\`\`\`sql\n${find.sql}\n`);
  }
});

test.each(["postgres", "mysql"])("the configs on the page of %s are valid", async (type) => {
  const page = readFileSync(`docs/sources/${type}.md`, "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = ""]) => text);
  expect(blocks.length).toBeGreaterThan(1);
  for (const text of blocks) {
    const path = join(aFolder(), "ferry.yaml");
    writeFileSync(path, text);
    expect(await readConfig(path)).toMatchObject({ source: { type } });
  }
});
