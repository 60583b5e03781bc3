import { FINDING_SEVERITIES, type ForecastFinding } from "../core/forecast.ts";
import type { Known } from "./known.ts";
import { permissionsOf } from "./permissions.ts";
import { clientFindings } from "./client-findings.ts";
import { dataFindings } from "./data-findings.ts";
import { messageFindings } from "./message-findings.ts";
import { passwordFindings } from "./password-findings.ts";
import { signInFindings } from "./sign-in-findings.ts";
import { triggerFindings } from "./trigger-findings.ts";

/** All that an operator should know before the plan is applied, the gravest first and of one gravity in a fixed order. */
export function findingsOf(known: Known): readonly ForecastFinding[] {
  if (known.counts.created === 0) return dataFindings(known);
  const findings = [
    ...dataFindings(known),
    ...signInFindings(known),
    ...passwordFindings(known),
    ...clientFindings(known),
    ...messageFindings(known),
    ...triggerFindings(known),
    ...refusals(known),
  ];
  return FINDING_SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
}

function refusals(known: Known): readonly ForecastFinding[] {
  const { refused } = permissionsOf(known);
  if (refused.length === 0) return [];
  return [
    {
      code: "permission-refused",
      severity: "note",
      message: `These credentials may not call ${refused.join(", ")}, which carrying the plan out can do without`,
      fix: "Allow it for a better forecast and the right pace; docs/permissions.md has a policy for each command",
    },
  ];
}
