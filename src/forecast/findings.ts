import { FINDING_SEVERITIES, type ForecastFinding } from "../core/forecast.ts";
import type { Known } from "./known.ts";
import { dataFindings } from "./data-findings.ts";
import { passwordFindings } from "./password-findings.ts";
import { signInFindings } from "./sign-in-findings.ts";

/** All that an operator should know before the plan is applied, the gravest first and of one gravity in a fixed order. */
export function findingsOf(known: Known): readonly ForecastFinding[] {
  const findings = [...dataFindings(known), ...signInFindings(known), ...passwordFindings(known)];
  return FINDING_SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
}
