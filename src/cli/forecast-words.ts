import type { Forecast, ForecastBottleneck, ForecastStep } from "../core/forecast.ts";
import { aboutText, durationText } from "../core/duration-text.ts";

/** How fast a step goes, and who says so. */
export function paceText({ rps, paceFrom }: ForecastStep): string {
  const pace = `${rps.toLocaleString("en-US", { maximumFractionDigits: 1 })}/s`;
  switch (paceFrom) {
    case "account":
      return `${pace} of your account's quota`;
    case "documented":
      return `${pace} of AWS's default quota`;
    case "reported":
      return `${pace} reported, none promised`;
  }
}

/** What a step has to do: users, but where one request is for many of them. Which groups are there already shows only in the run. */
export function workText({ name, users, requests }: ForecastStep): string {
  const calls = requests.toLocaleString("en-US");
  if (name === "create-groups") return `at most ${calls}`;
  if (name === "look-up-ids") return `${calls} ${requests === 1 ? "request" : "requests"}`;
  return users.toLocaleString("en-US");
}

/** How long the whole takes and what of it most, in one line; undefined where nobody is sent. */
export function durationLine({ seconds, bottleneck, jobs }: Forecast): string | undefined {
  if (bottleneck === undefined) return undefined;
  const inJobs = jobs === 0 ? "" : `; ${jobs} import ${jobs === 1 ? "job" : "jobs"}`;
  return `${aboutText(seconds)}${inJobs}; the slowest: ${bottleneckText(bottleneck)}`;
}

function bottleneckText({ steps, category, seconds }: ForecastBottleneck): string {
  const quota = category === undefined ? "" : `, by the quota ${category}`;
  return `${steps.join(", ")} (${durationText(seconds)}${quota})`;
}
