import { expect, test } from "vitest";
import type { JsonValue } from "../../src/core/row.ts";
import { findCountry } from "../../src/transform/country.ts";
import { explainPhoneCountry } from "../../src/transform/normalise/phone.ts";
import { readPhone } from "../../src/transform/read-phone.ts";

function outcome(text: JsonValue, country: JsonValue | undefined): string {
  const read = readPhone(text, () => country);
  return typeof read === "string" ? read : `! ${read.code}`;
}

test.each<[JsonValue, JsonValue | undefined, string]>([
  ["601 555 010", "PL", "+48601555010"],
  ["601 555 010", "pol", "+48601555010"],
  ["601 555 010", " Poland ", "+48601555010"],
  [601555010, "PL", "+48601555010"],
  ["(425) 555-0117", "USA", "+14255550117"],
  ["020 7946 0958", "United Kingdom", "+442079460958"],
  ["020 7946 0958", "UK", "+442079460958"],
  ["0048 601 555 010", "Germany", "+48601555010"],
  ["+48601555010", "Atlantis", "+48601555010"],
  ["+48 601 555 010", ["PL"], "+48601555010"],
  ["＋48 601 555 010", "Atlantis", "+48601555010"],
  ["+48 601 555 010", undefined, "+48601555010"],
  ["601 555 010", "Atlantis", "! country-unknown"],
  ["601 555 010", "616", "! country-unknown"],
  ["601 555 010", 48, "! country-unknown"],
  ["601 555 010", { code: "PL" }, "! country-unknown"],
  ["601 555 010", "Antarctica", "! country-unknown"],
  ["601 555 010", undefined, "! phone-not-e164"],
  ["601 555 010", null, "! phone-not-e164"],
  ["601 555 010", "  ", "! phone-not-e164"],
  ["425-555-0117 x9", "US", "! phone-extension"],
  ["12", "PL", "! phone-invalid"],
  ["n/a", "PL", "! phone-invalid"],
  [true, "PL", "! phone-invalid"],
  [["601 555 010"], "PL", "! phone-invalid"],
  ["", "PL", ""],
  ["  ", "Atlantis", ""],
  [null, "PL", ""],
])("the phone number %j with the country %j is %j", (text, country, expected) => {
  expect(outcome(text, country)).toBe(expected);
});

test.each([
  ["us", "US"],
  ["USA", "US"],
  ["United States of America", "US"],
  ["Czech Republic", "CZ"],
  ["czechia", "CZ"],
  ["Curacao", "CW"],
  ["ZZ", undefined],
  ["ZZZ", undefined],
  ["1", undefined],
  ["", undefined],
])("the country %j is %j", (text, code) => {
  expect(findCountry(text)).toBe(code);
});

test("says why a country cannot have phone numbers", () => {
  expect(explainPhoneCountry("PL")).toBeUndefined();
  for (const country of ["pl", "POL", "ZZ", "AQ", ""])
    expect(explainPhoneCountry(country)).toMatch(/not the ISO 3166 code/);
});
