import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { aBareRow, aDecider, anAttribute, aPool, type PoolSettings, someFacts } from "../support/builders.ts";
import { aFolder } from "../support/files.ts";
import { listOf } from "../support/list-of.ts";

/** The rows that clash once they were decided for a pool. */
async function clashingRows(
  settings: PoolSettings,
  records: readonly JsonObject[],
): Promise<readonly number[]> {
  const decide = aDecider({
    pool: aPool({ autoVerified: ["email"], custom: [anAttribute("preferred_username")], ...settings }),
  });
  await using ledger = await createSqliteLedger(join(aFolder(), "ledger.db"), someFacts());
  await ledger.addUsers(
    records.map((record, index) =>
      decide({ ...aBareRow({ email_verified: true, ...record }), seq: index + 1 }),
    ),
  );
  await ledger.rejectClashes("reject-all");
  return (await listOf(ledger.clashes())).map(({ seq }) => seq);
}

describe("users clash as the pool compares them:", () => {
  const INSENSITIVE: PoolSettings = { caseSensitive: false };
  const SENSITIVE: PoolSettings = { caseSensitive: true };
  const names = (...usernames: readonly string[]): readonly JsonObject[] =>
    usernames.map((username, index) => ({ username, email: `u${index}@example.com` }));
  const alias: PoolSettings = { aliasAttributes: ["email", "phone_number", "preferred_username"] };

  test.each<[string, PoolSettings, readonly JsonObject[], readonly number[]]>([
    ["names that differ in case", INSENSITIVE, names("Ada", "ADA", "bob"), [1, 2]],
    ["not where case counts", SENSITIVE, names("Ada", "ADA"), []],
    ["composed and decomposed letters", INSENSITIVE, names("jos\u00e9", "jose\u0301"), [1, 2]],
    ["composed and decomposed letters of either case", INSENSITIVE, names("JOS\u00c9", "jose\u0301"), [1, 2]],
    ["composed letters that have no capital", INSENSITIVE, names("J\u030c", "\u01f0"), [1, 2]],
    [
      "composed and decomposed letters where case counts",
      SENSITIVE,
      names("jos\u00e9", "jose\u0301"),
      [1, 2],
    ],
    ["not letters that only look alike", INSENSITIVE, names("ada", "\u0430da"), []],
    [
      "verified addresses that differ in case",
      { ...INSENSITIVE, ...alias },
      [
        { username: "a", email: "Ada@Example.com" },
        { username: "b", email: "ada@example.com" },
      ],
      [1, 2],
    ],
    [
      "not addresses in a pool that does not sign in with them",
      INSENSITIVE,
      [
        { username: "a", email: "ada@example.com" },
        { username: "b", email: "ada@example.com" },
      ],
      [],
    ],
    [
      "numbers that are written in different ways",
      { ...INSENSITIVE, ...alias },
      [
        {
          username: "a",
          email: "a@example.com",
          phone_number: "+48 601 555 010",
          phone_number_verified: true,
        },
        { username: "b", email: "b@example.com", phone_number: "+48601555010", phone_number_verified: true },
        { username: "c", email: "c@example.com", phone_number: "+48601555010", phone_number_verified: false },
      ],
      [1, 2],
    ],
    [
      "preferred usernames",
      { ...INSENSITIVE, ...alias },
      [
        { username: "a", email: "a@example.com", preferred_username: "Boss" },
        { username: "b", email: "b@example.com", preferred_username: "boss" },
        { username: "boss", email: "c@example.com" },
      ],
      [1, 2],
    ],
    [
      "an address that is one's username and another's second address",
      { usernameAttributes: ["email", "phone_number"] },
      [
        { username: "ada@example.com", email: "ada@example.com" },
        {
          username: "+48601555010",
          phone_number: "+48601555010",
          email: "ada@example.com",
          email_verified: false,
        },
      ],
      [1, 2],
    ],
  ])("%s", async (_what, pool, records, clashing) => {
    expect(await clashingRows(pool, records)).toEqual(clashing);
  });
});

test("the same users always get the same decisions", async () => {
  const decisions = async (): Promise<unknown> => {
    await using ledger = await createSqliteLedger(join(aFolder(), "ledger.db"), someFacts());
    const decide = aDecider({ pool: aPool({ aliasAttributes: ["email"] }) });
    await ledger.addUsers(
      Array.from({ length: 3_000 }, (_, index) => ({
        ...decide({
          ...aBareRow({
            username: `u${index % 900}`,
            email: `e${index % 1_100}@example.com`,
            email_verified: true,
          }),
          seq: index + 1,
        }),
        changedAt: index % 17,
      })),
    );
    await ledger.rejectClashes("newest");
    return [await listOf(ledger.clashes()), await listOf(ledger.usersWithOutcome("rejected"))];
  };
  expect(await decisions()).toEqual(await decisions());
});

const PROBE = fileURLToPath(new URL("clash-memory-probe.ts", import.meta.url));

test.each(["distinct", "same"])(
  "a search through 200 MB of %s claims takes a bounded part of that memory, and leaves no file",
  async (shape) => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROBE, aFolder(), shape]);
    const { grownMb, rejected, files } = JSON.parse(stdout) as Record<string, unknown>;
    expect(grownMb).toBeLessThan(130);
    expect(rejected).toBe(shape === "same" ? 100_000 : 0);
    expect(files).toEqual(["ledger.db"]);
  },
  120_000,
);
