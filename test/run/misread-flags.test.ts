import { expect, test } from "vitest";
import type { Issue } from "../../src/core/issue.ts";
import { MisreadFlags } from "../../src/run/misread-flags.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";

function tallyOf(count: number, issue: Issue): MisreadFlags {
  const misread = new MisreadFlags();
  misread.count(Array.from({ length: count }, (_, at) => aPlannedUser(at + 1, { issues: [issue] })));
  return misread;
}

const UNREADABLE: Issue = { code: "flag-unreadable", attribute: "disabled", message: "odd" };

test("a flag that cannot be read of too many users stops the plan, and is named", () => {
  expect(() => tallyOf(21, UNREADABLE).requireFew(100, 0.2)).toThrow(
    "disabled could not be read of 21 of 100",
  );
  expect(() => tallyOf(20, UNREADABLE).requireFew(100, 0.2)).not.toThrow();
});

test("so does a verified flag whose words its table does not have", () => {
  const missing: Issue = { code: "lookup-missing", attribute: "email_verified", message: "odd" };
  expect(() => tallyOf(10, missing).requireFew(10, 0.2)).toThrow("email_verified could not be read");
});

test("a few users are a matter of theirs, whatever their share", () => {
  expect(() => tallyOf(9, UNREADABLE).requireFew(9, 0.2)).not.toThrow();
});

test("other attributes and other issues do not count", () => {
  const name: Issue = { code: "lookup-missing", attribute: "name", message: "odd" };
  expect(() => tallyOf(50, name).requireFew(50, 0.2)).not.toThrow();
  const unbacked: Issue = { code: "flag-unbacked", attribute: "email_verified", message: "odd" };
  expect(() => tallyOf(50, unbacked).requireFew(50, 0.2)).not.toThrow();
});
