import type { RunSummary } from "../report/summary.ts";
import { examplesOf, fixOf, furtherWarnings } from "../report/causes.ts";
import {
  clashMarkdown,
  findingsMarkdown,
  rightsMarkdown,
  timeForecastMarkdown,
} from "./forecast-markdown.ts";
import { number, plain, table } from "./markdown.ts";
import { STATE_NAMES } from "./summary-text.ts";

/**
 * A run's numbers as Markdown, for a pull request or a ticket: tables that every renderer shows, and nothing that it would act
 * on in what the source or the service said.
 */
export function summaryMarkdown(summary: RunSummary): string {
  const { runId, state, userPoolId, source, runDir } = summary;
  return [
    `## poolferry: ${STATE_NAMES[state]} into \`${userPoolId}\``,
    `**${number(source.rows)} users** from ${plain(source.name)} (${plain(source.description)}), run \`${runId}\``,
    outcomes(summary),
    passwords(summary),
    clashMarkdown(summary),
    timeForecastMarkdown(summary),
    findingsMarkdown(summary),
    causes(summary),
    followUps(summary),
    rightsMarkdown(summary),
    undone(summary),
    `Reports: \`${runDir.replaceAll("`", "'")}\``,
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}

function outcomes({ outcomes: counts, unsettled, routes, state }: RunSummary): string {
  const ways = Object.entries(routes).filter(([, count]) => count > 0);
  const rows = [
    ...Object.entries(counts).map(([kind, count]) => [kind, number(count)]),
    ...(unsettled === 0 ? [] : [[state === "planned" ? "to be sent" : "not yet settled", number(unsettled)]]),
  ];
  const sent = ways.map(
    ([route, count]) => `${number(count)} ${route === "none" ? "not sent" : `by ${route}`}`,
  );
  return `${table(["outcome", "users"], rows)}\n\nRoutes: ${sent.join(", ") || "none"}`;
}

function passwords({ passwords: { kept, set, reset, locked }, activeUsers, forecast }: RunSummary): string {
  if (kept + set + reset + locked === 0) return "";
  const parts = [
    `${number(kept)} kept by their hashes`,
    ...(set > 0 ? [`${number(set)} set as they were`] : []),
    `${number(reset)} to be set anew`,
    ...(locked > 0 ? [`**${number(locked)} get in only by an administrator**`] : []),
  ];
  const { count, of } = activeUsers;
  const price =
    forecast === undefined || count === 0 ? "" : ` ([what one costs](${forecast.money.pricingUrl}))`;
  const active = of === 0 ? "" : `\n\nActive in the month's bill: ${number(count)} of ${number(of)}${price}`;
  return `Passwords: ${parts.join(", ")}${active}`;
}

/** Why users are not as wanted, and what to do. */
function causes(summary: RunSummary): string {
  const rows = [
    ...summary.reasons.map(({ kind, reason, count, example = "" }) => [
      number(count),
      kind,
      `\`${reason}\``,
      plain([fixOf(reason) ?? example, examplesOf(summary, reason)].filter(Boolean).join(": ")),
    ]),
    ...furtherWarnings(summary).map(({ code, count }) => [
      number(count),
      "warning",
      `\`${code}\``,
      plain([fixOf(code), examplesOf(summary, code)].filter(Boolean).join(": ")),
    ]),
  ];
  return rows.length === 0 ? "" : table(["users", "", "cause", "what it means, and what to do"], rows, [0]);
}

function followUps({ followUps: counts }: RunSummary): string {
  const rows = Object.entries(counts)
    .filter(([, { planned, untouched }]) => planned + untouched > 0)
    .map(([kind, { planned, done, failed, untouched }]) => [
      kind,
      ...[planned, done, failed, untouched].map(number),
    ]);
  const columns = ["follow-up", "planned", "done", "failed", "of users who were there before: not done"];
  return rows.length === 0 ? "" : table(columns, rows, [1, 2, 3, 4]);
}

function undone({ undo }: RunSummary): string {
  if (undo === undefined) return "";
  const rows = Object.entries(undo).map(([result, count]) => [result, number(count)]);
  return table(["undo", "users"], rows);
}
