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
