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

/** Counters that are no help. */
const UNCOUNTED = 0;

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
    ).firstLineNumber(UNCOUNTED),
  ).toBe(first);
});

test.each([
  { what: "as many lines as are counted, from 2 on", numbers: [2, 3, 4], counted: 3, first: 2 },
  { what: "the same lines in another order, and twice", numbers: [4, 2, 2, 3], counted: 3, first: 2 },
  { what: "lines that came before the counters did", numbers: [2, 3, 4], counted: 2, first: 2 },
  { what: "lines from 1 on", numbers: [1, 2, 3], counted: 3, first: 1 },
  { what: "lines from 1 on with a gap", numbers: [1, 3], counted: 3, first: 1 },
  {
    what: "fewer lines than are counted, as the first may be lost",
    numbers: [2, 3],
    counted: 3,
    first: undefined,
  },
  { what: "a gap", numbers: [2, 4, 5], counted: 3, first: undefined },
  { what: "a gap at the beginning", numbers: [3, 4, 5], counted: 3, first: undefined },
  { what: "no counters", numbers: [2, 3, 4], counted: 0, first: undefined },
  { what: "no lines", numbers: [], counted: 3, first: undefined },
])("of a job that broke off within 10 users, $what: they begin at $first", ({ numbers, counted, first }) => {
  const tally = tallyOf(
    10,
    numbers.map((number) => aLine(number)),
  );
  expect(tally.firstLineNumber(counted)).toBe(first);
});

test("of a job that broke off, the lines before the end give their users outcomes", () => {
  const tally = tallyOf(10, [aLine(3, "FAILED", "bad e-mail"), aLine(2)]);
  expect([...tally.outcomes(2)]).toEqual([
    { line: 1, kind: "imported", reason: undefined, message: undefined },
    { line: 2, kind: "failed", reason: "import-failed", message: "bad e-mail" },
  ]);
});

test("while the numbering is open no line is given to a user", () => {
  expect([...tallyOf(3, [aLine(2), aLine(3)]).outcomes(UNCOUNTED)]).toEqual([]);
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
  expect([...tally.outcomes(UNCOUNTED)]).toEqual([
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
  expect([...tally.outcomes(UNCOUNTED)].map(({ line }) => line)).toEqual([2]);
});
