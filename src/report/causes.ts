import type { ForecastExample } from "../core/forecast.ts";
import { ISSUES } from "../core/issue.ts";
import type { RunSummary } from "./summary.ts";

/** What an operator does about a cause, where it is one of ours; Cognito's own words have to do otherwise. */
export function fixOf(cause: string): string | undefined {
  return Object.hasOwn(ISSUES, cause) ? ISSUES[cause as keyof typeof ISSUES].fix : undefined;
}

/** Warnings that are no reason of an outcome already. */
export function furtherWarnings({ issues, reasons }: RunSummary): RunSummary["issues"] {
  return issues.filter(
    ({ severity, code }) => severity === "warning" && !reasons.some(({ reason }) => reason === code),
  );
}

/** The first few users of a plan with a trouble, masked, as they are found in the source; empty where none are known. */
export function examplesOf({ forecast }: RunSummary, code: string): string {
  const cause = forecast?.causes.find((each) => each.code === code);
  if (cause === undefined || cause.examples.length === 0) return "";
  const attributes = cause.attributes.map(({ name, users }) => `${name} of ${users}`).join(", ");
  const examples = cause.examples.map(exampleText).join(", ");
  return [attributes, `such as ${examples}`].filter(Boolean).join("; ");
}

function exampleText({ row, line, user }: ForecastExample): string {
  // Where there is no header and no value has a line break, the two are one.
  const place = line === undefined || line === row ? `row ${row}` : `row ${row} (line ${line})`;
  return user === undefined ? place : `${place} ${user}`;
}
