import pc from "picocolors";
import type { FindingSeverity, ForecastFinding } from "../core/forecast.ts";
import type { RunSummary } from "../report/summary.ts";
import { durationText } from "./duration-text.ts";
import { durationLine, paceText } from "./forecast-words.ts";
import { wrapText } from "./wrap-text.ts";

/** How long carrying out a plan takes, step by step; empty once it has begun. */
export function timeForecastText({ state, forecast }: RunSummary): string {
  const line = forecast === undefined || state !== "planned" ? undefined : durationLine(forecast);
  if (forecast === undefined || line === undefined) return "";
  const steps = forecast.steps.map((step) => {
    const what = `${step.name} ${step.users.toLocaleString("en-US")}`.padEnd(26);
    return pc.dim(`            ${what} ${durationText(step.seconds).padEnd(10)} ${paceText(step)}`);
  });
  return [`  time      ${line}`, ...steps].join("\n");
}

const SEVERITY_COLOURS: Readonly<Record<FindingSeverity, (text: string) => string>> = {
  error: pc.red,
  warning: pc.yellow,
  note: pc.cyan,
};

const INDENT = 12;

/** What of the pool and the data should be known before a plan is carried out; empty once it has begun. */
export function findingsText({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned") return "";
  return forecast.findings.map(findingText).join("\n");
}

function findingText({ severity, message, fix, code }: ForecastFinding): string {
  const said = wrapText(`${message}. [${code}]`, INDENT).slice(INDENT);
  const advice = fix === undefined ? "" : `\n${pc.dim(wrapText(`${fix}.`, INDENT))}`;
  return `  ${SEVERITY_COLOURS[severity](severity.padEnd(10))}${said}${advice}`;
}
