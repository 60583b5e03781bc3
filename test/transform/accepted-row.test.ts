import fc from "fast-check";
import { expect, test } from "vitest";
import type { Pool } from "../../src/core/pool.ts";
import type { JsonObject, JsonValue } from "../../src/core/row.ts";
import { createImportRowEncoder, encodeImportHeader } from "../../src/transform/import-csv.ts";
import { aBareRow, aDecider, anAttribute, aPool, anImportRow, sentAttributes } from "../support/builders.ts";
import { expectedCell, readImportCsv } from "../support/import-csv.ts";

/** What must stand in the row: the value, in the encoding that the documentation gives for its column. */
function expectedCells(
  pool: Pool,
  username: string,
  attributes: ReadonlyMap<string, string>,
): readonly string[] {
  return pool.csvHeader.map((column) => {
    if (column === "cognito:username") return username;
    return column === "cognito:mfa_enabled" ? "FALSE" : expectedCell(column, attributes.get(column));
  });
}

const pools: readonly Pool[] = [
  aPool(),
  aPool({ aliasAttributes: ["email"], autoVerified: ["email", "phone_number"] }),
  aPool({ usernameAttributes: ["email"], caseSensitive: true }),
  aPool({ usernameAttributes: ["email", "phone_number"], autoVerified: ["email", "phone_number"] }),
].map((pool) => ({
  ...pool,
  attributes: [
    ...pool.attributes,
    anAttribute("custom:note", { max: 256 }),
    anAttribute("custom:n", { type: "Number" }),
  ],
  csvHeader: ["custom:note", ...pool.csvHeader, "custom:n"],
}));

const awkward = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("a", "B", "0", ".", "é", "陈", "🦀", "|", ";", "'", "=") },
    { weight: 3, arbitrary: fc.constantFrom(",", " ", "\u00a0") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("\\", '"', "\n", "\r", "\t", "\0", "\u2028", "\ufeff", "\ud83e", "\u0301"),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 12,
});
const word = fc.stringMatching(/^[a-zA-Z0-9,.'|]{1,10}$/);
const email = fc
  .tuple(fc.stringMatching(/^[a-zA-Z0-9+_'-]{1,10}$/), fc.nat(50))
  .map(([name, n]) => `${name}@Example${n}.com`);
const phone = fc.nat(99_999_999).map((digits) => `+48 ${String(digits).padStart(9, "6")}`);
const flag = fc.constantFrom<JsonValue>(true, true, true, "TRUE", "yes", 1, false, "no", null, "", "maybe");
const anything = fc.oneof(awkward, fc.jsonValue({ maxDepth: 1 }));

const fields: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      username: fc.oneof(word, email, phone, anything),
      email: fc.oneof({ weight: 4, arbitrary: email }, anything),
      email_verified: fc.oneof({ weight: 9, arbitrary: flag }, anything),
      phone_number: fc.oneof(phone, anything),
      phone_number_verified: fc.oneof(flag, anything),
      name: fc.oneof(word, anything),
      birthdate: fc.oneof(
        fc
          .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2020-01-01") })
          .map((date) => date.toISOString().slice(0, 10)),
        anything,
      ),
      updated_at: fc.oneof(fc.integer({ min: 0, max: 4e9 }), anything),
      "custom:note": anything,
      "custom:n": fc.oneof(fc.integer(), anything),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((record) => record as JsonObject);

const MAPPED = ["email", "phone_number", "name", "birthdate", "updated_at", "custom:note", "custom:n"];
const FLAGS = [
  ["email_verified", "email"],
  ["phone_number_verified", "phone_number"],
] as const;

test.each(pools)("an accepted row reads back as exactly the values that were decided, pool %#", (pool) => {
  const encodeRow = createImportRowEncoder(pool, undefined);
  const decide = aDecider({ pool });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 8 }), (records) => {
      const users = records
        .map((record) => decide(aBareRow(record)))
        .filter(({ route }) => route === "import-job");
      accepted += users.length;
      const rows = users.map(({ username = "", attributes }) =>
        encodeRow(anImportRow({ username, attributes })),
      );
      const read = readImportCsv(Buffer.from(encodeImportHeader(pool, undefined) + rows.join("")));
      expect(read).toEqual([
        pool.csvHeader,
        ...users.map(({ username = "", attributes }) => expectedCells(pool, username, new Map(attributes))),
      ]);
    }),
    { numRuns: 400 },
  );
  // A property over rejected rows alone would say nothing.
  expect(accepted).toBeGreaterThan(100);
});

test.each(pools)("the same row always gets the same decision, and is not changed by it, pool %#", (pool) => {
  const decide = aDecider({ pool });
  fc.assert(
    fc.property(fields, fields, (record, other) => {
      const before = structuredClone(record);
      const first = decide(aBareRow(record));
      decide(aBareRow(other));
      expect(decide(aBareRow(record))).toEqual(first);
      expect(aDecider({ pool })(aBareRow(structuredClone(record)))).toEqual(first);
      expect(record).toEqual(before);
    }),
  );
});

test.each(pools)(
  "no value is left out and no user held back without an issue that says so, pool %#",
  (pool) => {
    const decide = aDecider({ pool });
    fc.assert(
      fc.property(fields, (record) => {
        const user = decide(aBareRow(record));
        const sent = sentAttributes(user);
        const explained = new Set(user.issues.map(({ attribute }) => attribute));
        for (const name of MAPPED.filter((each) => hasValue(record[each]))) {
          expect(sent.has(name) || explained.has(name), `${name} is sent or explained`).toBe(true);
        }
        for (const [name, contact] of FLAGS) {
          // Without its contact a flag says nothing.
          if (hasValue(record[name]) && sent.has(contact))
            expect(sent.has(name) || explained.has(name)).toBe(true);
          if (!sent.has(contact)) expect(sent.has(name)).toBe(false);
        }
        if (user.route === "none") expect(user.issues).not.toEqual([]);
        if (user.route !== "none") expect(user.claims).toBeDefined();
      }),
      { numRuns: 500 },
    );
  },
);

test("no flag is ever sent as true that the source does not call true", () => {
  const truths = new Set<JsonValue>([true, 1, "true", "t", "yes", "y", "1"]);
  fc.assert(
    fc.property(fields, fc.constantFrom(...pools), (record, pool) => {
      const sent = new Map(aDecider({ pool })(aBareRow(record)).attributes);
      for (const [name] of FLAGS) {
        const raw = record[name];
        const isTrue = truths.has(typeof raw === "string" ? raw.trim().toLowerCase() : (raw ?? null));
        if (sent.get(name) === "true") expect(isTrue).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

function hasValue(raw: JsonValue | undefined): boolean {
  return raw !== undefined && raw !== null && (typeof raw !== "string" || raw.normalize("NFC").trim() !== "");
}
