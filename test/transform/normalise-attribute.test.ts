import { describe, expect, test } from "vitest";
import type { PoolAttribute } from "../../src/core/pool.ts";
import type { JsonValue } from "../../src/core/row.ts";
import { normaliseAttribute } from "../../src/transform/normalise-attribute.ts";
import { anAttribute, STANDARD_ATTRIBUTES } from "../support/builders.ts";

/** The value, nothing, or the code of the reason why the attribute is left out. */
function outcome(attribute: PoolAttribute, raw: JsonValue | undefined): string | undefined {
  const normalised = normaliseAttribute(attribute, raw);
  switch (normalised.kind) {
    case "value":
      return normalised.value;
    case "empty":
      return undefined;
    case "dropped":
      return `! ${normalised.code}`;
  }
}

function standard(name: string): PoolAttribute {
  const found = STANDARD_ATTRIBUTES.find((attribute) => attribute.name === name);
  if (found === undefined) throw new Error(`no attribute ${name}`);
  return found;
}

describe.each<[string, PoolAttribute, readonly (readonly [JsonValue | undefined, string | undefined])[]]>([
  [
    "a string",
    standard("name"),
    [
      ["Ada", "Ada"],
      ["  Ada \t\n", "Ada"],
      ["Ada  Nowak", "Ada  Nowak"],
      ["e\u0301", "é"],
      ["\u00a0\ufeff", undefined],
      ["", undefined],
      [null, undefined],
      [undefined, undefined],
      [42, "42"],
      [false, "false"],
      ["NULL", "NULL"],
      [["Ada"], "! attribute-type"],
      [{ first: "Ada" }, "! attribute-type"],
      ["half \ud83e", "! attribute-type"],
      ["whole 🦀", "whole 🦀"],
    ],
  ],
  [
    "email",
    standard("email"),
    [
      ["Ada@Example.COM", "ada@example.com"],
      [" ada+tag@mail.example.com ", "ada+tag@mail.example.com"],
      ["o'neill@example.com", "o'neill@example.com"],
      ["jörg@exämple.com", "jörg@exämple.com"],
      ["ada", "! email-invalid"],
      ["ada@example", "! email-invalid"],
      ["ada@@example.com", "! email-invalid"],
      ["ada@example..com", "! email-invalid"],
      ["ada@.example.com", "! email-invalid"],
      ["@example.com", "! email-invalid"],
      ["ada nowak@example.com", "! email-invalid"],
      ["Ada <ada@example.com>", "! email-invalid"],
      ["a@example.com,b@example.com", "! email-invalid"],
      ["a@example.com;b@example.com", "! email-invalid"],
      ["mailto:ada@example.com", "! email-invalid"],
      [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
      [`${"a".repeat(65)}@example.com`, "! email-invalid"],
      [`a@${"b".repeat(248)}.com`, `a@${"b".repeat(248)}.com`],
      [`a@${"b".repeat(249)}.com`, "! email-invalid"],
      [true, "! email-invalid"],
    ],
  ],
  [
    "phone_number",
    standard("phone_number"),
    [
      ["+48601555010", "+48601555010"],
      ["+48 601-555.010", "+48601555010"],
      ["+1 (415) 555\u20111337", "+14155551337"],
      ["tel:+1-415-555-1337", "+14155551337"],
      ["+44 (0)20 7946 0958", "! phone-not-e164"],
      ["+49 ( 0 ) 89 1234567", "! phone-not-e164"],
      ["+44 (20) 7946 0958", "+442079460958"],
      ["0048601555010", "! phone-not-e164"],
      ["601555010", "! phone-not-e164"],
      [48601555010, "! phone-not-e164"],
      ["+0601555010", "! phone-not-e164"],
      ["+1-770-736-8031 x56442", "! phone-not-e164"],
      ["+14155551337;ext=5", "! phone-not-e164"],
      ["+1 415 555 1337 / +1 415 555 1338", "! phone-not-e164"],
      ["+1555123", "+1555123"],
      ["+155512", "! phone-not-e164"],
      ["+123456789012345", "+123456789012345"],
      ["+1234567890123456", "! phone-not-e164"],
      ["+٤٨٦٠١٥٥٥٠١٠", "! phone-not-e164"],
    ],
  ],
  [
    "email_verified",
    standard("email_verified"),
    [
      ...[true, "true", "TRUE", " True ", "t", "yes", "Y", 1, "1"].map((raw) => [raw, "true"] as const),
      ...[false, "false", "F", "no", "n", 0, "0"].map((raw) => [raw, "false"] as const),
      ["", undefined],
      ["  ", undefined],
      [null, undefined],
      ["verified", "! flag-unreadable"],
      ["2024-01-01", "! flag-unreadable"],
      [2, "! flag-unreadable"],
      [[true], "! attribute-type"],
    ],
  ],
  [
    "birthdate",
    standard("birthdate"),
    [
      ["1985-02-01", "1985-02-01"],
      ["2000-02-29", "2000-02-29"],
      ["1900-02-29", "! birthdate-invalid"],
      ["1985-13-01", "! birthdate-invalid"],
      ["1985-04-31", "! birthdate-invalid"],
      ["02/01/1985", "! birthdate-invalid"],
      ["1985-2-1", "! birthdate-invalid"],
      ["1985-02-01T00:00:00Z", "! birthdate-invalid"],
      ["0000-00-00", "! birthdate-invalid"],
      [19850201, "! birthdate-invalid"],
    ],
  ],
  [
    "updated_at",
    standard("updated_at"),
    [
      [1471453471, "1471453471"],
      ["1471453471", "1471453471"],
      ["1471453471.9", "1471453471"],
      [0, "0"],
      ["2016-08-17T17:04:31Z", "1471453471"],
      ["2016-08-17T17:04:31.999Z", "1471453471"],
      ["2016-08-17 19:04:31 +0200", "1471453471"],
      ["2016-08-17t17:04:31z", "1471453471"],
      ["2016-08-17T17:04:31", "! updated-at-invalid"],
      ["2016-08-17", "! updated-at-invalid"],
      ["2023-02-30T00:00:00Z", "! updated-at-invalid"],
      ["2016-08-17T25:00:00Z", "! updated-at-invalid"],
      [1471453471000, "! updated-at-invalid"],
      [-1, "! updated-at-invalid"],
      ["1969-12-31T23:59:59Z", "! updated-at-invalid"],
      ["2100-01-01T00:00:00Z", "! updated-at-invalid"],
      ["yesterday", "! updated-at-invalid"],
    ],
  ],
  [
    "a number between -5 and 10",
    anAttribute("custom:level", { type: "Number", min: -5, max: 10 }),
    [
      [7, "7"],
      ["7", "7"],
      [" -5 ", "-5"],
      [10, "10"],
      [11, "! attribute-out-of-range"],
      ["-6", "! attribute-out-of-range"],
      ["99999999999999999999", "! attribute-out-of-range"],
      [1.5, "! attribute-type"],
      ["1e1", "! attribute-type"],
      ["+7", "! attribute-type"],
      ["seven", "! attribute-type"],
      [true, "! attribute-type"],
    ],
  ],
  [
    "a number without bounds",
    anAttribute("custom:id", { type: "Number" }),
    [["12345678901234567890", "12345678901234567890"]],
  ],
  [
    "a boolean",
    anAttribute("custom:vip", { type: "Boolean" }),
    [
      ["YES", "true"],
      [0, "false"],
      ["maybe", "! attribute-type"],
    ],
  ],
  [
    "a string of 3 to 5 characters",
    anAttribute("custom:code", { min: 3, max: 5 }),
    [
      ["abc", "abc"],
      ["abcde", "abcde"],
      ["ab", "! attribute-too-short"],
      ["abcdef", "! attribute-too-long"],
      [" abcde ", "abcde"],
      ["", undefined],
    ],
  ],
  [
    "a string without bounds",
    anAttribute("custom:note"),
    [
      ["x".repeat(2048), "x".repeat(2048)],
      ["x".repeat(2049), "! attribute-too-long"],
      ["é".repeat(1024), "é".repeat(1024)],
      ["é".repeat(1025), "! attribute-too-long"],
      ["陈".repeat(682), "陈".repeat(682)],
      ["陈".repeat(683), "! attribute-too-long"],
      ["🦀".repeat(512), "🦀".repeat(512)],
      ["🦀".repeat(513), "! attribute-too-long"],
    ],
  ],
])("%s", (_title, attribute, cases) => {
  test.each(cases)("made of %j is %j", (raw, expected) => {
    expect(outcome(attribute, raw)).toBe(expected);
  });
});

test("a dropped value never stands in its own reason", () => {
  for (const attribute of STANDARD_ATTRIBUTES) {
    const normalised = normaliseAttribute(attribute, `hunter2 ${"x".repeat(3000)}`);
    expect(normalised).toMatchObject({ kind: "dropped" });
    expect(JSON.stringify(normalised)).not.toContain("hunter2");
  }
});
