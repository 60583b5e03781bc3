import { expect, test } from "vitest";
import { isRejecting, ISSUES, type Issue, type IssueCode } from "../../src/core/issue.ts";

const CODES = Object.keys(ISSUES) as IssueCode[];

function anIssue(code: IssueCode): Issue {
  return { code, attribute: undefined, message: "x" };
}

test.each(CODES)("the issue %s rejects its user exactly when it is an error", (code) => {
  expect(isRejecting(anIssue(code))).toBe(ISSUES[code].severity === "error");
});

test.each(CODES)("the issue %s says what to do, as one sentence without its full stop", (code) => {
  expect(ISSUES[code].fix).toMatch(/^[A-Z].*[^.]$/);
});

const WHAT_BECAME =
  /left out|taken as false|by AdminCreateUser|is not (put|linked|imported|sent)|once the user is in|do not become|was passed over|set up .* again|sends the user a code|was left out; whoever|is left out, as|must reset|^Set policies\./;

test.each(CODES.filter((code) => ISSUES[code].severity === "warning"))(
  "the warning %s says what became of the value or the user",
  (code) => {
    expect(ISSUES[code].fix).toMatch(WHAT_BECAME);
  },
);
