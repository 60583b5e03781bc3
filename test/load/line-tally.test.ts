import { expect, test } from "vitest";
import type { ImportLogLine } from "../../src/cognito/import-log.ts";
import { LineTally } from "../../src/load/line-tally.ts";

function aLine(
  lineNumber: number,
  status: ImportLogLine["status"] = "SUCCEEDED",
  message = "said",
): ImportLogLine {
  return { lineNumber, status, message };
}

function tallyOf(rows: number, lines: readonly ImportLogLine[]): LineTally {
  const tally = new LineTally(rows);
  for (const line of lines) tally.add(line);
  return tally;
}

test.each([
  { rows: 3, numbers: [2, 3, 4], first: 2 },
  { rows: 3, numbers: [1, 2, 3], first: 1 },
  { rows: 3, numbers: [4], first: 2 },
  { rows: 3, numbers: [1], first: 1 },
  { rows: 3, numbers: [2, 3], first: undefined },
  { rows: 3, numbers: [1, 4], first: undefined },
  { rows: 3, numbers: [2, 3, 4, 5], first: undefined },
  { rows: 3, numbers: [0, 1, 2, 3], first: undefined },
  { rows: 1, numbers: [2], first: 2 },
  { rows: 1, numbers: [1], first: 1 },
  { rows: 3, numbers: [], first: undefined },
])("of $rows users, lines $numbers begin at $first", ({ rows, numbers, first }) => {
  expect(
    tallyOf(
      rows,
      numbers.map((number) => aLine(number)),
    ).firstLineNumber(),
  ).toBe(first);
});

test("while the numbering is open no line is given to a user", () => {
  expect([...tallyOf(3, [aLine(2), aLine(3)]).outcomes()]).toEqual([]);
});

test("lines that come twice and out of order count once, and each gives its user an outcome", () => {
  const tally = tallyOf(4, [
    aLine(5, "FAILED", "bad e-mail"),
    aLine(3, "SKIPPED", "exists"),
    aLine(2),
    aLine(2),
    aLine(5, "FAILED", "bad e-mail"),
  ]);
  expect(tally.count).toBe(3);
  expect([...tally.outcomes()]).toEqual([
    { line: 1, kind: "imported", reason: undefined, message: undefined },
    { line: 2, kind: "skipped", reason: "user-exists", message: "exists" },
    { line: 4, kind: "failed", reason: "import-failed", message: "bad e-mail" },
  ]);
});

test.each([
  ["SUCCEEDED", "FAILED"],
  ["FAILED", "SUCCEEDED"],
  ["SKIPPED", "SUCCEEDED"],
] as const)("a line that says %s and then %s proves nothing of its user", (first, second) => {
  const tally = tallyOf(2, [aLine(2, first), aLine(3), aLine(2, second)]);
  expect([...tally.outcomes()].map(({ line }) => line)).toEqual([2]);
});
