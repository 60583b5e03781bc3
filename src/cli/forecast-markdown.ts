import { durationText } from "../core/duration-text.ts";
import type { RunSummary } from "../report/summary.ts";
import { durationLine, paceText } from "./forecast-words.ts";
import { number, plain, table } from "./markdown.ts";

/** How long carrying out a plan takes, step by step; empty once it has begun. */
export function timeForecastMarkdown({ state, forecast }: RunSummary): string {
  const line = forecast === undefined || state !== "planned" ? undefined : durationLine(forecast);
  if (forecast === undefined || line === undefined) return "";
  const rows = forecast.steps.map((step) => [
    step.name,
    number(step.users),
    `${step.name === "create-groups" ? "at most " : ""}${number(step.requests)}`,
    durationText(step.seconds),
    paceText(step),
    number(step.activeUsers),
  ]);
  const columns = ["step", "users", "requests", "takes", "pace", "become active in the bill"];
  const once =
    forecast.steps.filter(({ activeUsers }) => activeUsers > 0).length > 1
      ? "\n\nEach user counts once in the bill, however many steps make them active."
      : "";
  return `Time: ${plain(line)}\n\n${table(columns, rows, [1, 2, 3, 5])}${once}`;
}

/** What of the pool and the data should be known before a plan is carried out; empty once it has begun. */
export function findingsMarkdown({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned" || forecast.findings.length === 0) return "";
  const rows = forecast.findings.map(({ severity, message, fix, command, users, code }) => [
    severity === "note" ? severity : `**${severity}**`,
    `\`${code}\``,
    `${plain([message, fix].filter(Boolean).join(". "))}${command === undefined ? "" : `: \`${command}\``}`,
    users === undefined ? "" : number(users),
  ]);
  return table(["", "finding", "what it means, and what to do", "users"], rows);
}

/** How many users of a plan clash; empty where none do. */
export function clashMarkdown({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned" || forecast.duplicates.users === 0) return "";
  const { users, groups } = forecast.duplicates;
  return `Clashes: ${number(users)} users in ${number(groups)} groups cannot all be in the pool (\`duplicates.csv\`)`;
}

/** The actions of IAM that carrying a plan out takes; empty once it has begun. */
export function rightsMarkdown({ state, forecast }: RunSummary): string {
  if (forecast === undefined || state !== "planned" || forecast.permissions.needed.length === 0) return "";
  const { needed, perhaps, refused } = forecast.permissions;
  const lists = [
    ["needed", needed],
    ["if need be", perhaps],
    ["refused to the plan", refused],
  ] as const;
  const lines = lists
    .filter(([, actions]) => actions.length > 0)
    .map(([what, actions]) => `- ${what}: ${actions.map((action) => `\`${action}\``).join(", ")}`);
  return ["IAM actions that carrying it out takes:", "", ...lines].join("\n");
}
