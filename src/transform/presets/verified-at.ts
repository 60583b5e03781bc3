import type { Rule } from "../rule.ts";

/** What a flag or a counter in the place of a time says where nothing was verified. */
const NOT_VERIFIED = ["0", "false", "False", "FALSE", "f", "F", "no", "No", "NO", "n", "N"];

/** The value of a rule, and none where it is a word for no. */
export function unlessNo(rule: Rule): Rule {
  return {
    lookup: rule,
    table: Object.fromEntries(NOT_VERIFIED.map((word) => [word, null])),
    keepOthers: true,
  };
}

/** True where a column has the time at which something was verified: a word for no is none, and anything else an issue. */
export function verifiedAt(column: string): Rule {
  return { present: { date: unlessNo(column), format: "iso", zone: "UTC" } };
}
