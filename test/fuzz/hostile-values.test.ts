import { afterEach, describe, expect, test } from "vitest";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { csv } from "../../src/extract/csv.ts";
import { sniffSeparator } from "../../src/extract/separator.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { FerryError } from "../../src/core/ferry-error.ts";
import { aDecider, DOCUMENTS } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

/** Characters of a value. What takes their square takes minutes for them; all together have to be done in one. */
const LENGTH = 100_000;
const MILLISECONDS = 3_000;

/** What patterns can be made to try again and again: a beginning that fits, a run, and an end that does not. */
const VALUES: readonly (readonly [start: string, run: string, end: string])[] = [
  ["a@", ".", " x"],
  ["a@", "b.", "@"],
  ["", "a@", " "],
  ["a", " ", "b"],
  ["a", "/ ", "b"],
  ["/", "/", "x/ x"],
  ["", "\u0301\u0316", "x"],
  ["a", "\u0316\u0315\u0301", ""],
  ["+49", "( 0", ")"],
  ["1", "(0)", "x"],
  ["+", "1-", "a"],
  ["$scrypt$", "a$", "!"],
  ["$argon2id$v=19$", "a=", "$$"],
  ["{ssha}", "a-", "}"],
  ["{a", "@a", ""],
  ["", "=", "a"],
  ["2024-01-01T", "9:", "Z"],
  ["2024-01-01T00:00:00.", "1", "X"],
  ["1/1/1", " ", "\n"],
  ["en-", "a-", ""],
  ["", "{a}", "{"],
  ["", "\n", "x"],
  ["", "\\", '"'],
  ["[", "[", ""],
  ["[1", ",1", ""],
  ["", "0", "x"],
  ["", "ﷺ", ""],
];

const RULES: Readonly<Record<string, Mapping>> = {
  username: { username: "v" },
  uuid: { username: { uuid: "v" } },
  sourceId: { username: "id", sourceId: "v" },
  passwordHash: { username: "id", passwordHash: "v" },
  groups: { username: "id", groups: { split: "v", at: "," } },
  "groups with clean": { username: "id", groups: { from: "v", clean: "-" } },
  mfa: { username: "id", mfa: "v" },
  email: { username: "id", attributes: { email: "v", email_verified: "v" } },
  phone: { username: "id", attributes: { phone_number: "v" } },
  "phone and country": { username: "id", attributes: { phone_number: { phone: "id", country: "v" } } },
  birthdate: { username: "id", attributes: { birthdate: "v", updated_at: "v", locale: "v" } },
  date: { username: "id", attributes: { birthdate: { date: "v", format: "dd.MM.yyyy" } } },
  iso: { username: "id", attributes: { updated_at: { date: "v", format: "iso" } } },
  texts: {
    username: "id",
    attributes: {
      name: { join: ["v", "v"], with: "," },
      given_name: { split: "v", at: ",", take: 0 },
      family_name: { lookup: "v", table: { a: true }, keepOthers: true },
      nickname: { template: "{v}" },
      picture: { parse: "v", path: "a" },
    },
  },
};

let startedMs = 0;

function begin(): void {
  startedMs = performance.now();
}

afterEach(() => {
  expect(performance.now() - startedMs).toBeLessThan(MILLISECONDS);
});

describe.each(VALUES)("a value of %j, %j for ever, and %j", (start, run, end) => {
  const value = `${start}${run.repeat(Math.floor(LENGTH / run.length))}${end}`;

  test("is judged in a moment by every rule", () => {
    begin();
    for (const config of Object.values(RULES)) {
      const decide = aDecider({ config });
      try {
        expect(decide({ seq: 1, line: 1, record: { id: "12", v: value } }).seq).toBe(1);
      } catch (error) {
        expect(error).toBeInstanceOf(FerryError);
      }
    }
  });

  test("is surveyed and read as a header in a moment", async () => {
    begin();
    const survey = surveyRows([{ seq: 1, line: 1, record: { id: value, [value]: value } }], DOCUMENTS);
    expect(survey.rows).toBe(1);
    expect(sniffSeparator(value)).toMatch(/^[,;\t|]$/);
    const reading = csv.open(aFile(`id,"${value.replaceAll('"', '""')}"\n1,2\n`), {});
    await reading
      .then((source) => source[Symbol.asyncDispose]())
      .catch((error: unknown) => {
        expect(error).toBeInstanceOf(FerryError);
      });
  });
});
