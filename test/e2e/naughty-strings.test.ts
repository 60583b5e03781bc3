import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";
import { aTarget, migrateArgs } from "../support/target.ts";

const TEXTS = [
  "name",
  "given_name",
  "middle_name",
  "nickname",
  "profile",
  "picture",
  "gender",
  "custom:note",
];

test("naughty strings reach the pool as they are, or are rejected; none moves into another column or user", async () => {
  const target = await aTarget({
    Schema: [
      { Name: "note", AttributeDataType: "String", StringAttributeConstraints: { MaxLength: "2048" } },
    ],
  });
  const values = NAUGHTY_STRINGS.filter((value) => value.isWellFormed());
  const asValues = values.map((value, index) => ({
    username: `v${index}`,
    email: `v${index}@example.com`,
    email_verified: true,
    ...Object.fromEntries(TEXTS.map((name) => [name, value])),
  }));
  const asUsernames = values.map((value, index) => ({
    username: value,
    email: `n${index}@example.com`,
    email_verified: true,
    name: `n${index}`,
  }));
  const rows = [...asValues, ...asUsernames];
  const source = aFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(""), "users.ndjson");
  const runDir = join(aFolder(), "run");
  const result = jsonOf(await runCli(migrateArgs(target, `ndjson:${source}`, { runDir })));

  const { imported = 0, rejected = 0, failed, skipped } = result.outcomes;
  expect({ failed, skipped, sum: imported + rejected }).toEqual({ failed: 0, skipped: 0, sum: rows.length });

  const users = target.users("email", ...TEXTS);
  expect(users).toHaveLength(imported);
  const byEmail = new Map(users.map((user) => [user["email"], user]));
  for (const [index, row] of asValues.entries()) {
    const user = byEmail.get(row.email);
    expect(user?.username).toBe(row.username);
    for (const name of TEXTS) {
      const value = values[index]?.normalize("NFC").trim() ?? "";
      expect(user?.[name], `${name} of ${JSON.stringify(value)}`).toBe(value === "" ? undefined : value);
    }
  }
  const rejections = new Map(
    parse<Record<string, string>>(readFileSync(join(runDir, "rejected.csv")), { columns: true }).map(
      (row) => [row["email"], row],
    ),
  );
  for (const row of asUsernames) {
    const user = byEmail.get(row.email);
    if (user === undefined) {
      expect(rejections.get(row.email)?.["poolferry_reason"]).toMatch(/^(username-|duplicate-username)/);
    } else {
      expect(user).toMatchObject({ username: row.username.normalize("NFC").trim(), name: row.name });
    }
  }
  expect(target.emulator.state.outbox).toEqual([]);
});
