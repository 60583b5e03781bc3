import { expect, test } from "vitest";
import { durationText } from "../../src/core/duration-text.ts";
import { durationLine, workText } from "../../src/cli/forecast-words.ts";
import { wrapText } from "../../src/cli/wrap-text.ts";
import { forecastOf } from "../../src/forecast/forecast.ts";
import { someKnown } from "../support/known.ts";

test.each([
  [0.2, "under 1 s"],
  [1, "1 s"],
  [119.4, "119 s"],
  [119.5, "2 min"],
  [241, "4 min"],
  [3_569, "59 min"],
  [3_599, "1 h"],
  [3_600, "1 h"],
  [25_000, "6 h 57 min"],
  [2 * 86_400, "2 d"],
  [200_000, "2 d 8 h"],
])("%d seconds are about %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("one line says how long it takes, in how many jobs, and what is the slowest", () => {
  const counts = { routes: { "import-job": 100 }, followUps: { disable: 50, "add-to-group": 500 } };
  expect(durationLine(forecastOf(someKnown({ counts })))).toBe(
    "about 36 s; 1 import job; the slowest: disable, add-to-group (28 s, by the quota UserUpdate)",
  );
  expect(durationLine(forecastOf(someKnown({ counts: { routes: { "admin-create": 10 } } })))).toBe(
    "under 1 s; the slowest: admin-create (under 1 s, by the quota UserCreation)",
  );
  expect(durationLine(forecastOf(someKnown()))).toBeUndefined();
});

test("a step says what it has to do: users, or requests where one is for many of them", () => {
  const counts = {
    routes: { "import-job": 6_000 },
    followUps: { "add-to-group": 2_421 },
    groups: 3,
  };
  const { steps } = forecastOf(someKnown({ counts }));
  expect(steps.map((step) => `${step.name} ${workText(step)}`)).toEqual([
    "import-jobs 6,000",
    "add-to-group 2,421",
    "create-groups at most 3",
    "look-up-ids 100 requests",
  ]);
});

test("a text is wrapped between words, and no word is cut", () => {
  expect(wrapText("a short one", 4)).toBe("    a short one");
  const long = "x".repeat(90);
  expect(wrapText(`before ${long} after`, 2)).toBe(`  before\n  ${long}\n  after`);
  for (const line of wrapText("word ".repeat(60).trim(), 12).split("\n")) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toMatch(/^ {12}word/);
  }
});
