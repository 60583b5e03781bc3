import { describe, expect, test } from "vitest";
import type { PoolAttribute } from "../../src/core/pool.ts";
import type { JsonValue } from "../../src/core/row.ts";
import {
  createNormaliser,
  DEFAULT_NORMALISE_OPTIONS,
  type NormaliseOptions,
} from "../../src/transform/normalise-attribute.ts";
import { Unusable, type Reading } from "../../src/transform/reading.ts";
import { anAttribute, STANDARD_ATTRIBUTES } from "../support/builders.ts";

const normaliseAttribute = aNormaliser();

function aNormaliser(over: Partial<NormaliseOptions> = {}) {
  return createNormaliser({ ...DEFAULT_NORMALISE_OPTIONS, ...over });
}

/** The value, nothing, or the code of the reason why the attribute is left out. */
function outcome(
  attribute: PoolAttribute,
  reading: Reading,
  normalise = normaliseAttribute,
): string | undefined {
  const normalised = normalise(attribute).normalise(reading);
  return normalised instanceof Unusable ? `! ${normalised.code}` : normalised;
}

function standard(name: string): PoolAttribute {
  const found = STANDARD_ATTRIBUTES.find((attribute) => attribute.name === name);
  if (found === undefined) throw new Error(`no attribute ${name}`);
  return found;
}

describe.each<[string, PoolAttribute, readonly (readonly [Reading, string | undefined])[]]>([
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
      ["\u200bAda\u200b", "\u200bAda\u200b"],
      ["\u2003Ada\u3000", "Ada"],
      ["Ada\r\nNowak", "Ada\r\nNowak"],
      ["Ada\0Nowak", "Ada\0Nowak"],
      [2 ** 53 - 1, "9007199254740991"],
      [2 ** 53, "! number-inexact"],
      [1e21, "! number-inexact"],
      [Number.POSITIVE_INFINITY, "! number-inexact"],
      [0.1, "0.1"],
      [[], "! attribute-type"],
      [new Unusable("date-invalid", "the date is odd"), "! date-invalid"],
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
      ["jörg@example.com", "jörg@example.com"],
      ["ada@Exämple.com", "ada@xn--exmple-cua.com"],
      ["ada@exa\u0308mple.com", "ada@xn--exmple-cua.com"],
      ["ada@xn--exmple-cua.com", "ada@xn--exmple-cua.com"],
      ["ada@straße.example", "ada@xn--strae-oqa.example"],
      ["ада@почта.рф", "ада@xn--80a1acny.xn--p1ai"],
      ["ada@\uff45xample.com", "! email-invalid"],
      ["ada@exam\u200bple.com", "! email-invalid"],
      ["ada@exam\u00adple.com", "! email-invalid"],
      ["ada@例え\u3002com", "! email-invalid"],
      [`a@${"ä".repeat(200)}.${"ä".repeat(40)}.com`, "! email-invalid"],
      [`${"ä".repeat(32)}@example.com`, `${"ä".repeat(32)}@example.com`],
      [`${"ä".repeat(33)}@example.com`, "! email-invalid"],
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
      ["a@example.com b@example.com", "! email-invalid"],
      ["a@example.com/b@example.com", "! email-invalid"],
      ["a@example.com|b@example.com", "! email-invalid"],
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
      ["+81 965-431-3024", "+819654313024"],
      ["+55 (12) 98765-4321", "+5512987654321"],
      ["+55 (12) 1", "! phone-invalid"],
      ["+1 (415) 555\u20111337", "+14155551337"],
      ["tel:+1-415-555-1337", "+14155551337"],
      ["TEL:+14155551337", "+14155551337"],
      ["+44 (0)20 7946 0958", "+442079460958"],
      ["+44 020 7946 0958", "+442079460958"],
      ["+49 ( 0 ) 89 1234567", "+49891234567"],
      ["+44 (20) 7946 0958", "+442079460958"],
      ["+352 (0)27 12 34", "! phone-invalid"],
      ["+39 (0)6 1234 5678", "! phone-invalid"],
      ["+39 06 1234 5678", "+390612345678"],
      ["0048601555010", "! phone-not-e164"],
      ["601555010", "! phone-not-e164"],
      ["555-415-1337", "! phone-not-e164"],
      [48601555010, "! phone-not-e164"],
      ["1-770-736-8031 x56442", "! phone-not-e164"],
      ["+0601555010", "! phone-invalid"],
      ["+999 123 456 78", "! phone-invalid"],
      ["+1-770-736-8031 x56442", "! phone-extension"],
      ["+14155551337;ext=5", "! phone-extension"],
      ["tel:+1-415-555-1337;ext=5", "! phone-extension"],
      ["+1 415 555 1337 / +1 415 555 1338", "! phone-invalid"],
      ["call +1 415 555 1337", "! phone-invalid"],
      ["+1-800-FLOWERS", "! phone-invalid"],
      ["none", "! phone-invalid"],
      ["+", "! phone-invalid"],
      ["+1555123", "+1555123"],
      ["+1 555 123", "! phone-invalid"],
      ["+155512", "! phone-invalid"],
      ["+123456789012345", "+123456789012345"],
      ["+1234567890123456", "! phone-invalid"],
      ["+٤٨٦٠١٥٥٥٠١٠", "+48601555010"],
      ["＋４８６０１５５５０１０", "+48601555010"],
      ["9".repeat(600), "! phone-not-e164"],
      [true, "! phone-invalid"],
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
      ["1904-03-09", "1904-03-09"],
      ["0001-01-01", "0001-01-01"],
      ["0000-00-00", "! birthdate-invalid"],
      ["0000-05-17", "! birthdate-partial"],
      ["1985", "! birthdate-partial"],
      [1985, "! birthdate-partial"],
      ["1985-02", "! birthdate-partial"],
      ["1985-02-00", "! birthdate-partial"],
      ["1985-00-00", "! birthdate-partial"],
      ["--02-01", "! birthdate-partial"],
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
      ["2016-08-17 17:04:31.000000+00", "1471453471"],
      ["2016-08-17 19:04:31+02", "1471453471"],
      ["2016-08-17 19:04:31+2", "! updated-at-invalid"],
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
    "locale",
    standard("locale"),
    [
      ["en-US", "en-US"],
      ["en_US", "en-US"],
      ["EN-us", "en-US"],
      ["zh_hans_cn", "zh-Hans-CN"],
      ["de", "de"],
      ["es-419", "es-419"],
      ["tlh", "tlh"],
      ["iw", "he"],
      ["xx", "! locale-invalid"],
      ["jp-JP", "! locale-invalid"],
      ["english", "! locale-invalid"],
      ["de_DE.UTF-8", "! locale-invalid"],
      ["sr@latin", "! locale-invalid"],
      ["C", "! locale-invalid"],
      ["POSIX", "! locale-invalid"],
      ["en-US,en;q=0.9", "! locale-invalid"],
      [1033, "! locale-invalid"],
      ["", undefined],
    ],
  ],
  [
    "zoneinfo",
    anAttribute("zoneinfo", { min: 0, max: 2048 }),
    [
      ["Europe/Paris", "Europe/Paris"],
      ["europe/paris", "Europe/Paris"],
      ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
      ["US/Pacific", "US/Pacific"],
      ["Europe/Kyiv", "Europe/Kyiv"],
      ["UTC", "UTC"],
      ["Etc/GMT+1", "Etc/GMT+1"],
      ["EST5EDT", "EST5EDT"],
      ["CET", "CET"],
      ["PST", "! zoneinfo-invalid"],
      ["IST", "! zoneinfo-invalid"],
      ["Pacific Standard Time", "! zoneinfo-invalid"],
      ["+01:00", "! zoneinfo-invalid"],
      ["UTC+1", "! zoneinfo-invalid"],
      ["GMT+0100", "! zoneinfo-invalid"],
      ["Mars/Olympus", "! zoneinfo-invalid"],
      [-480, "! zoneinfo-invalid"],
    ],
  ],
  ...["gender", "profile", "picture", "website"].map(
    (name): [string, PoolAttribute, readonly (readonly [Reading, string | undefined])[]] => [
      name,
      anAttribute(name, { min: 0, max: 2048 }),
      [
        ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
        ["example.com", "example.com"],
        [`data:image/png;base64,${"A".repeat(2048)}`, "! attribute-too-long"],
        [{ href: "https://example.com" }, "! attribute-type"],
      ],
    ],
  ),
  [
    "address",
    anAttribute("address", { min: 0, max: 2048 }),
    [
      ["1 Quay Road, Gdynia", "1 Quay Road, Gdynia"],
      [
        { street_address: "1 Quay Road", locality: "Gdynia", country: "PL" },
        '{"street_address":"1 Quay Road","locality":"Gdynia","country":"PL"}',
      ],
      [{ formatted: "1 Quay Road\nGdynia" }, '{"formatted":"1 Quay Road\\nGdynia"}'],
      [{ locality: "Łódz\u0301" }, '{"locality":"Łódź"}'],
      [{ note: "unknown keys stay" }, '{"note":"unknown keys stay"}'],
      [[{ country: "PL" }], '[{"country":"PL"}]'],
      [{}, undefined],
      [[], undefined],
      [{ formatted: "x".repeat(2048) }, "! attribute-too-long"],
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
    [
      ["12345678901234567890", "12345678901234567890"],
      ["007", "007"],
    ],
  ],
  [
    "a number of more digits than JavaScript counts",
    anAttribute("custom:big", { type: "Number", max: 9007199254740992 }),
    [
      ["9007199254740992", "9007199254740992"],
      ["9007199254740993", "! attribute-out-of-range"],
    ],
  ],
  [
    "a number of at least more digits than JavaScript counts",
    anAttribute("custom:big", { type: "Number", min: 9007199254740992 }),
    [
      ["9007199254740992", "9007199254740992"],
      ["9007199254740991", "! attribute-out-of-range"],
    ],
  ],
  [
    "a date and time",
    anAttribute("custom:since", { type: "DateTime" }),
    [["2016-08-17T17:04:31Z", "2016-08-17T17:04:31Z"]],
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
      ["🦀🦀", "! attribute-too-short"],
      ["🦀🦀b", "🦀🦀b"],
      ["🦀🦀🦀", "! attribute-too-long"],
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
    const normalised = normaliseAttribute(attribute).normalise(`hunter2 ${"x".repeat(3000)}`);
    expect(normalised).toBeInstanceOf(Unusable);
    expect(JSON.stringify(normalised)).not.toContain("hunter2");
  }
});

test("passes on why a rule's value cannot be used", () => {
  const reading = new Unusable("country-unknown", "the country is odd");
  expect(normaliseAttribute(standard("phone_number")).normalise(reading)).toBe(reading);
});

test("keeps the case of an e-mail address when told to", () => {
  const normalise = aNormaliser({ lowerCaseEmail: false });
  expect(outcome(standard("email"), "Ada@Example.COM", normalise)).toBe("Ada@Example.COM");
  expect(outcome(standard("email"), "Ada@Exämple.COM", normalise)).toBe("Ada@xn--exmple-cua.com");
});

test.each([
  ["601 555 010", "+48601555010"],
  ["48 601 555 010", "+48601555010"],
  ["0049 89 1234567", "+49891234567"],
  ["+1 415 555 1337", "+14155551337"],
  ["601 555 010 ext. 7", "! phone-extension"],
  ["12", "! phone-invalid"],
  ["ask Ada", "! phone-invalid"],
])("the phone number %j of a stated country, Poland, is %j", (raw, expected) => {
  expect(outcome(standard("phone_number"), raw, aNormaliser({ phoneCountry: "PL" }))).toBe(expected);
});

test("takes the prefix of international calls as the stated country has it", () => {
  const american = aNormaliser({ phoneCountry: "US" });
  expect(outcome(standard("phone_number"), "0048601555010", american)).toBe("! phone-invalid");
  expect(outcome(standard("phone_number"), "011 48 601 555 010", american)).toBe("+48601555010");
  expect(outcome(standard("phone_number"), "1-770-736-8031 x56442", american)).toBe("! phone-extension");
  expect(outcome(standard("phone_number"), "555-415-1337", american)).toBe("+15554151337");
});

test.each<[JsonValue, string | undefined]>([
  ["1 Quay\r\n\r\nGdynia", "1 Quay Gdynia"],
  ["a\tb\u2028c\u0085d\ve", "a\tb c d e"],
  ["Ada\u0085", "Ada"],
  ["\n \u0085", undefined],
])("with line breaks as spaces, %j is %j", (raw, expected) => {
  expect(outcome(standard("name"), raw, aNormaliser({ lineBreaks: "space" }))).toBe(expected);
});

test("turns the line breaks inside an address into spaces too when told to", () => {
  const address = { formatted: "1 Quay Road\r\nGdynia", lines: ["a\nb"] };
  expect(outcome(anAttribute("address"), address, aNormaliser({ lineBreaks: "space" }))).toBe(
    '{"formatted":"1 Quay Road Gdynia","lines":["a b"]}',
  );
});

test.each(["keep", "space"] as const)(
  "drops an address nested past all bounds, with line breaks: %s",
  (lineBreaks) => {
    let nested: JsonValue = "deep";
    for (let depth = 0; depth < 20_000; depth += 1) nested = [nested];
    expect(outcome(anAttribute("address"), nested, aNormaliser({ lineBreaks }))).toBe("! attribute-too-long");
  },
);
