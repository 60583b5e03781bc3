import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { describeField } from "../../src/propose/describe-field.ts";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { aBareRow, DOCUMENTS } from "../support/builders.ts";

function described(rows: readonly JsonObject[]): Readonly<Record<string, string>> {
  const survey = surveyRows(rows.map(aBareRow), DOCUMENTS);
  return Object.fromEntries(survey.fields.map((field) => [field.path, describeField(field, survey)]));
}

test.each<[string, readonly JsonObject[string][], string]>([
  ["text", ["Ada", "Bo"], "never empty; text"],
  ["numbers", [12, "34", 5.5], "never empty; numbers"],
  ["flags in several spellings", [true, "no", "1"], "never empty; flags"],
  ["e-mail addresses", ["a@example.com", "b@example.com"], "never empty; e-mail addresses"],
  [
    "milliseconds since 1970",
    [1_719_837_296_000, "1719837296001"],
    "never empty; looks like epoch milliseconds",
  ],
  ["seconds since 1970", [1_719_837_296], "never empty; looks like epoch seconds"],
  [
    "times with a zone",
    ["2024-01-02T03:04:05Z", "2024-01-02 03:04:05.6+02"],
    "never empty; times with their zone",
  ],
  ["times without a zone", ["2024-01-02 03:04:05"], "never empty; times without a zone: state it"],
  ["dates", ["2024-01-02"], "never empty; dates as YYYY-MM-DD"],
  [
    "dates of some order",
    ["1.2.2024", "02/03/24"],
    "never empty; looks like dates in an order that must be stated",
  ],
  ["nothing", [null, "", "  ", []], "always empty"],
  ["null-like words", ["NULL", "\\N", "Ada", "n/a"], "75 % empty; text; null-like words: NULL, \\N, n/a"],
  ["lists and objects", [["a"], { b: 1 }], "never empty; 1 × lists, 1 × objects"],
  [
    "what is too long",
    ["é".repeat(1_025), "é".repeat(1_024)],
    "never empty; text; 1 longer than the 2,048 bytes that Cognito takes",
  ],
])("%s are told without a value", (_what, values, says) => {
  expect(described(values.map((field) => ({ field })))["field"]).toBe(says);
});

test("nearly empty and nearly full are not rounded away", () => {
  const rows = Array.from({ length: 1_000 }, (_, index): JsonObject => ({
    rare: index === 0 ? "a" : "",
    common: index === 0 ? "" : "a",
  }));
  expect(described(rows)).toEqual({
    rare: "more than 99 % empty; text",
    common: "less than 1 % empty; text",
  });
});

test("secrets are not looked at, also inside objects", () => {
  const found = described([{ password: "hunter2", mfa: { totp_secret: "x" }, token: { a: "b" } }]);
  expect(Object.keys(found)).toEqual(["password", "mfa", "mfa.totp_secret", "token"]);
  for (const path of ["password", "mfa.totp_secret", "token"]) expect(found[path]).toContain("not looked at");
});

test("odd keys are written as paths that a rule can follow, and keys that are data are left out", () => {
  const survey = surveyRows(
    [aBareRow({ "a.b": 1, c: { 'd"e.': 2 }, "ada@example.com": 3, "2024-1": 4 })],
    DOCUMENTS,
  );
  expect(survey.fields.map(({ path }) => path)).toEqual(['["a.b"]', "c", 'c["d\\"e."]']);
  expect(survey.isPartial).toBe(true);
});

test("no more than 300 fields are kept, and the survey says so", () => {
  const row = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`f${index}`, 1]));
  const survey = surveyRows([aBareRow(row)], DOCUMENTS);
  expect(survey.fields).toHaveLength(300);
  expect(survey.isPartial).toBe(true);
});
