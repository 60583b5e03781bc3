import { describe, expect, test } from "vitest";
import type { Attributes } from "../../src/core/planned-user.ts";
import {
  createImportRowEncoder,
  encodeImportHeader,
  isSafeInImportCsv,
  MAX_PART_BYTES,
  MAX_PART_ROWS,
  MAX_ROW_CHARACTERS,
} from "../../src/transform/import-csv.ts";
import { anImportRow, aPool, type PoolSettings } from "../support/builders.ts";

const HEADER = [
  "name",
  "birthdate",
  "email",
  "email_verified",
  "phone_number_verified",
  "cognito:mfa_enabled",
  "cognito:username",
];

function encode(attributes: Attributes, pool: PoolSettings = {}): string {
  return createImportRowEncoder(
    aPool({ csvHeader: HEADER, ...pool }),
    undefined,
  )(anImportRow({ attributes }));
}

test("the limits of an import CSV are those that Cognito documents", () => {
  expect([MAX_ROW_CHARACTERS, MAX_PART_ROWS, MAX_PART_BYTES]).toEqual([16_000, 500_000, 100_000_000]);
});

describe("the header line", () => {
  test("is exactly what the pool gave, and a line feed", () => {
    expect(encodeImportHeader(aPool({ csvHeader: ["b", "a", "cognito:username"] }), undefined)).toBe(
      "b,a,cognito:username\n",
    );
  });
});

describe("a row", () => {
  test.each<[string, Attributes, PoolSettings, string]>([
    ["has every column of the header, empty where there is no value", [], {}, ",,,FALSE,FALSE,FALSE,ada\n"],
    [
      "follows the header's order, not the attributes'",
      [
        ["email", "e"],
        ["name", "n"],
      ],
      {},
      "n,,e,FALSE,FALSE,FALSE,ada\n",
    ],
    [
      "writes a comma as backslash-comma",
      [["name", "Nowak, Ada, Dr"]],
      {},
      "Nowak\\, Ada\\, Dr,,,FALSE,FALSE,FALSE,ada\n",
    ],
    [
      "writes a birthdate as mm/dd/yyyy",
      [["birthdate", "1985-02-01"]],
      {},
      ",02/01/1985,,FALSE,FALSE,FALSE,ada\n",
    ],
    ["writes flags in capitals", [["email_verified", "true"]], {}, ",,,TRUE,FALSE,FALSE,ada\n"],
    ["asks for MFA where the pool does", [], { mfa: "ON" }, ",,,FALSE,FALSE,TRUE,ada\n"],
    ["asks for no MFA where that is optional", [], { mfa: "OPTIONAL" }, ",,,FALSE,FALSE,FALSE,ada\n"],
    ["leaves out what has no column", [["locale", "pl"]], {}, ",,,FALSE,FALSE,FALSE,ada\n"],
  ])("%s", (_title, attributes, pool, expected) => {
    expect(encode(attributes, pool)).toBe(expected);
  });

  test("does not remember the row before it", () => {
    const encodeRow = createImportRowEncoder(aPool({ csvHeader: HEADER }), undefined);
    const attributes = [
      ["name", "Bo"],
      ["email_verified", "true"],
    ] as const;
    encodeRow(anImportRow({ username: "bo", attributes, smsMfa: true }));
    expect(encodeRow(anImportRow())).toBe(",,,FALSE,FALSE,FALSE,ada\n");
  });

  test("escapes a comma in the username", () => {
    const encodeRow = createImportRowEncoder(aPool({ csvHeader: HEADER }), undefined);
    expect(encodeRow(anImportRow({ username: "a,b" }))).toBe(",,,FALSE,FALSE,FALSE,a\\,b\n");
  });
});

describe("a part with password hashes", () => {
  const pool = aPool({ csvHeader: ["email", "cognito:username"] });

  test("has a column for them after those of the pool", () => {
    expect(encodeImportHeader(pool, "BCRYPT")).toBe("email,cognito:username,password_hash\n");
  });

  test("has that column once where the pool names it itself", () => {
    const named = aPool({ csvHeader: ["password_hash", "cognito:username"] });
    expect(encodeImportHeader(named, "BCRYPT")).toBe("password_hash,cognito:username\n");
    const row = anImportRow({ passwordHash: "$2b$10$x" });
    expect(createImportRowEncoder(named, "BCRYPT")(row)).toBe("$2b$10$x,ada\n");
  });

  test("escapes the commas of an Argon2 hash", () => {
    const row = anImportRow({ passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA" });
    expect(createImportRowEncoder(pool, "ARGON2ID")(row)).toBe(
      ",ada,$argon2id$v=19$m=19456\\,t=2\\,p=1$c2FsdA$aGFzaA\n",
    );
  });

  test("leaves the column empty for a user without a hash", () => {
    expect(createImportRowEncoder(pool, "BCRYPT")(anImportRow())).toBe(",ada,\n");
  });
});

test("a user's second factor is in the row where the pool leaves it open", () => {
  const pool = aPool({ csvHeader: ["cognito:username", "cognito:mfa_enabled"], mfa: "OPTIONAL" });
  expect(createImportRowEncoder(pool, undefined)(anImportRow({ smsMfa: true }))).toBe("ada,TRUE\n");
});

describe("a value is unsafe", () => {
  test.each(["\\", '"', "\n", "\r", "\t", "\0", "\u001b", "\u007f", "\u0085", "\u2028", "\u2029"])(
    "with %j in it",
    (character) => {
      expect(isSafeInImportCsv(`a${character}b`)).toBe(false);
    },
  );
});

describe("a value is safe", () => {
  test.each(["", "a,b", "a;b", "'a", "=1+1", "#a", "é🦀", "a b", "a\u00a0b", "{}[]|"])("as %j", (value) => {
    expect(isSafeInImportCsv(value)).toBe(true);
  });
});
