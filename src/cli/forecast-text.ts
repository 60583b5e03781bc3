import pc from "picocolors";
import { durationText } from "../core/duration-text.ts";
import type { FindingSeverity, ForecastFinding } from "../core/forecast.ts";
import type { RunSummary } from "../report/summary.ts";
import { durationLine, paceText, workText } from "./forecast-words.ts";
import { wrapText } from "./wrap-text.ts";

/** How long carrying out a plan takes, step by step; empty once it has begun. */
export function timeForecastText({ state, forecast }: RunSummary): string {
  const line = forecast === undefined || state !== "planned" ? undefined : durationLine(forecast);
  if (forecast === undefined || line === undefined) return "";
  const steps = forecast.steps.map((step) => {
    const what = `${step.name} ${workText(step)}`.padEnd(26);
    return pc.dim(`            ${what} ${durationText(step.seconds).padEnd(11)} ${paceText(step)}`);
  });
  return [`  time      ${wrapText(line, INDENT).slice(INDENT)}`, ...steps].join("\n");
}

/** The actions of IAM that carrying a plan out takes; empty once it has begun. */
export function rightsText({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned") return "";
  const { needed, perhaps, refused } = forecast.permissions;
  if (needed.length === 0) return "";
  const maybe = perhaps.length === 0 ? "" : `; if need be ${shortActions(perhaps)}`;
  const said = wrapText(`${shortActions(needed)}${maybe}`, INDENT).slice(INDENT);
  const lacking =
    refused.length === 0 ? "" : `\n${pc.yellow(wrapText(`refused: ${shortActions(refused)}`, INDENT))}`;
  return `  rights    ${pc.dim(said)}${lacking}`;
}

/** Actions, with the service before the first of its own. */
function shortActions(actions: readonly string[]): string {
  let last = "";
  return actions
    .map((action) => {
      const [service = "", name = ""] = action.split(":");
      if (service === last) return name;
      last = service;
      return action;
    })
    .join(", ");
}

/** How many users of a plan clash; empty where none do. */
export function clashText({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned" || forecast.duplicates.users === 0) return "";
  const { users, groups } = forecast.duplicates;
  return `  clashes   ${users} users in ${groups} ${groups === 1 ? "group" : "groups"} cannot all be in the pool (duplicates.csv)`;
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

function findingText({ severity, message, fix, command, code }: ForecastFinding): string {
  const said = wrapText(`${message}. [${code}]`, INDENT).slice(INDENT);
  const advice = fix === undefined ? "" : `\n${pc.dim(wrapText(`${fix}.`, INDENT))}`;
  // On one line, to be copied.
  const how = command === undefined ? "" : `\n${" ".repeat(INDENT)}$ ${command}`;
  return `  ${SEVERITY_COLOURS[severity](severity.padEnd(10))}${said}${advice}${how}`;
}
