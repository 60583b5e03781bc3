import type { Forecast } from "../core/forecast.ts";
import { countJobs } from "./import-jobs.ts";
import type { Known } from "./known.ts";
import { findingsOf } from "./findings.ts";
import { permissionsOf } from "./permissions.ts";
import { bottleneckOf, durationOf, stepsOf } from "./steps.ts";

/** Where AWS documents what makes a user active, and what it asks for one. */
const DEFINITION_URL = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html";
const PRICING_URL = "https://aws.amazon.com/cognito/pricing/";

/** Tells beforehand what carrying out a plan will take, and what stands in its way. */
export function forecastOf(known: Known): Forecast {
  const { counts, jobUsers, jobLimits, census } = known;
  const steps = stepsOf(known);
  return {
    findings: findingsOf(known),
    steps,
    jobs: [...jobUsers.values()].reduce((sum, kind) => sum + countJobs(kind, jobLimits), 0),
    seconds: durationOf(steps),
    bottleneck: bottleneckOf(steps),
    duplicates: counts.duplicates,
    causes: census.causes(counts.issues),
    permissions: permissionsOf(known),
    money: {
      activeUsers: Object.values(counts.activeUsers).reduce((sum, count) => sum + count, 0),
      definitionUrl: DEFINITION_URL,
      pricingUrl: PRICING_URL,
    },
  };
}
