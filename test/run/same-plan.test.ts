import Database from "better-sqlite3";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { plan } from "../../src/run/plan.ts";
import type { JsonObject } from "../../src/core/row.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { aBareRow, aDecider, aPool, someFacts, SOME_SOURCE } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";
import { aTarget } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

const ROWS = 1_500;

const HASHES = [
  "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
  "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
  "$P$B123456789012345678901234567890",
  "",
];

/** Users who clash, who have every kind of trouble and follow-up, and the naughty strings between them. */
const records = Array.from({ length: ROWS }, (_, index) => ({
  id: `s-${index}`,
  username: `u${index % 1_200}`,
  email: index % 7 === 0 ? "Same@Example.com" : `e${index}@example.com`,
  email_verified: index % 3 > 0,
  phone_number: index % 5 === 0 ? "555" : `+48601${String(index % 900).padStart(6, "0")}`,
  phone_number_verified: index % 2 === 0,
  name: NAUGHTY_STRINGS[index % NAUGHTY_STRINGS.length],
  birthdate: index % 4 === 0 ? "1985" : "1985-02-01",
  updated_at: index % 11,
  blocked: index % 13 === 0,
  roles: index % 6 === 0 ? ["crew", "ship's cook", `g${index % 20}`] : [],
  hash: HASHES[index % HASHES.length],
}));

const mapping: Mapping = {
  username: { firstOf: ["username", "id"] },
  sourceId: "id",
  disabled: "blocked",
  groups: "roles",
  passwordHash: "hash",
  attributes: Object.fromEntries(
    [
      "email",
      "email_verified",
      "phone_number",
      "phone_number_verified",
      "name",
      "birthdate",
      "updated_at",
    ].map((name) => [name, name]),
  ),
};

const TABLES = [
  ["users", "seq"],
  ["issue", "id"],
  ["follow_up", "id"],
  ["clash", "id"],
  ["clash_member", "seq, clash"],
  ["clash_group", "seq"],
] as const;

/** Everything that a plan decided: the tables of its ledger, row by row. */
function decisionsIn(ledger: string): string {
  const database = new Database(ledger, { readonly: true });
  try {
    const tables = TABLES.map(([table, order]) => {
      const rows = database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all();
      expect(rows, `${table} holds something`).not.toEqual([]);
      return [table, rows];
    });
    return JSON.stringify(tables);
  } finally {
    database.close();
  }
}

test("the same file planned twice gives the same decisions, byte by byte", async () => {
  const target = await aTarget({
    AliasAttributes: ["email", "phone_number"],
    AutoVerifiedAttributes: ["email", "phone_number"],
  });
  const path = aFile(records.map((record) => `${JSON.stringify(record)}\n`).join(""), "users.ndjson");
  const decisions = async (): Promise<readonly string[]> => {
    const runDir = join(aFolder(), "run");
    await plan({
      source: { type: "ndjson", path },
      userPoolId: target.userPoolId,
      endpointUrl: target.emulator.url,
      runDir,
      mapping,
      policies: { duplicates: "newest" },
    });
    const files = ["rejected.csv", "warnings.csv", "duplicates.csv"];
    return [
      decisionsIn(join(runDir, "ledger.db")),
      ...files.map((name) => readFileSync(join(runDir, name), "utf8")),
    ];
  };
  const first = await decisions();
  const second = await decisions();
  // Not by toEqual, which would print megabytes.
  expect(first.map((text, index) => text === second[index])).toEqual(first.map(() => true));
});

test.each(["reject-all", "first", "newest"] as const)(
  "however the rows are cut into batches, the decisions are the same with the policy %s",
  async (policy) => {
    const pool = aPool({ aliasAttributes: ["email", "phone_number"] });
    const decisions = async (size: number): Promise<string> => {
      const path = join(aFolder(), "ledger.db");
      const decide = aDecider({ pool, config: mapping });
      const users = records.map((record, index) =>
        decide({ ...aBareRow(record as JsonObject), seq: index + 1 }),
      );
      await using ledger = await createSqliteLedger(path, someFacts());
      for (let start = 0; start < users.length; start += size)
        await ledger.addUsers(users.slice(start, start + size));
      await ledger.rejectClashes(policy);
      await ledger.finishPlan(SOME_SOURCE);
      return decisionsIn(path);
    };
    const whole = await decisions(ROWS);
    for (const size of [1, 7, 200]) expect((await decisions(size)) === whole).toBe(true);
  },
);
