import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { JsonObject } from "../../src/core/row.ts";
import { createImportRowEncoder, MAX_ROW_CHARACTERS } from "../../src/transform/import-csv.ts";
import { aBareRow, aDecider, anAttribute, aPool } from "../support/builders.ts";

const CUSTOM = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((name) => `custom:${name}`);
const pool = aPool({ custom: CUSTOM.map((name) => anAttribute(name)) });

const decide = aDecider({
  pool,
  config: {
    username: "username",
    passwordHash: "hash",
    attributes: {
      email: "email",
      email_verified: "email_verified",
      ...Object.fromEntries(CUSTOM.map((name) => [name, `["${name}"]`])),
    },
  },
});

function decideWith(fields: JsonObject): PlannedUser {
  return decide(aBareRow({ username: "ada", email: "ada@example.com", email_verified: true, ...fields }));
}

/** The row of a user in an import CSV, with its line feed. */
function rowOf({ username = "", attributes, smsMfa, passwordHash }: PlannedUser): string {
  const encodeRow = createImportRowEncoder(pool, passwordHash?.algorithm);
  return encodeRow({ username, attributes, smsMfa, passwordHash: passwordHash?.value });
}

/** The first attributes, filled with as many of a character. */
function filled(count: number, character: string, length: number): JsonObject {
  return Object.fromEntries(CUSTOM.slice(0, count).map((name) => [name, character.repeat(length)]));
}

describe("a row of 16,000 characters", () => {
  test.each<[string, JsonObject]>([
    ["plain ones", filled(7, "y", 2_000)],
    ["commas, which take two each", filled(4, ",", 1_800)],
    ["characters of two units", { ...filled(6, "y", 2_000), "custom:g": "🦀".repeat(512) }],
    ["a long username with commas", { ...filled(7, "y", 2_000), username: ",".repeat(128) }],
    [
      "a bcrypt hash",
      { ...filled(7, "y", 2_000), hash: "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy" },
    ],
    [
      "an Argon2 hash and its commas",
      {
        ...filled(4, ",", 1_800),
        hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
      },
    ],
  ])("goes through an import job, and one more does not: %s", (_what, fields) => {
    const lacking = MAX_ROW_CHARACTERS - rowOf(decideWith(fields)).length;
    // Two attributes hold what is lacking, as one may hold no more than 2,048.
    const first = Math.min(2_048, lacking);
    const decideLong = (rest: number): PlannedUser =>
      decideWith({ ...fields, "custom:h": "x".repeat(first), "custom:i": "x".repeat(rest) });
    const whole = decideLong(lacking - first);
    expect(whole).toMatchObject({ route: "import-job", issues: [] });
    expect(rowOf(whole)).toHaveLength(MAX_ROW_CHARACTERS);
    const longer = decideLong(lacking - first + 1);
    expect(longer).toMatchObject({ route: "admin-create", notSent: undefined });
    expect(longer.issues[0]?.code).toBe("row-too-long");
  });

  test("is never exceeded by a row in an import job, whatever it is full of", () => {
    const character = fc.constantFrom(",", "y", "é", "🦀");
    const lengths = fc.array(fc.integer({ min: 0, max: 2_048 }), {
      minLength: CUSTOM.length,
      maxLength: CUSTOM.length,
    });
    fc.assert(
      fc.property(character, lengths, fc.integer({ min: 1, max: 128 }), (each, counts, name) => {
        const values = CUSTOM.map((attribute, index) => [
          attribute,
          each.repeat((counts[index] ?? 0) / each.length),
        ]);
        const user = decideWith({ ...Object.fromEntries(values), username: ",".repeat(name) });
        if (user.route === "import-job") expect(rowOf(user).length).toBeLessThanOrEqual(MAX_ROW_CHARACTERS);
        else expect(user.issues.map(({ code }) => code)).toContain("row-too-long");
      }),
      { numRuns: 300 },
    );
  });
});
