import type { Results } from "./results.ts";
import type { Aim, Figures } from "./row.ts";
import type { AimResult, RowResult } from "./run-row.ts";

const DIGITS: Readonly<Record<Aim["unit"], number>> = {
  times: 2,
  s: 2,
  ms: 0,
  µs: 2,
  MB: 0,
  "%": 1,
  "a second": 1,
  requests: 1,
};

/** The results as a table in Markdown, a line for every aim. Of a small size it judges none. */
export function tableOf({ size, rows }: Results): string {
  const lines = rows.flatMap((row) => linesOf(row, size === "small"));
  return tableFrom([["row", "work", "reference", "reach", "measured (least to greatest)", "met"], ...lines]);
}

/** One run in words. */
export function figuresLine(
  what: string,
  { seconds, cpuSeconds, peakMegabytes, more = {} }: Figures,
): string {
  const figures = [
    `${seconds.toFixed(2)} s`,
    ...(cpuSeconds === undefined ? [] : [`${cpuSeconds.toFixed(2)} s CPU`]),
    ...(peakMegabytes === undefined ? [] : [`${peakMegabytes.toFixed(0)} MB`]),
    ...Object.entries(more).map(([name, value]) => `${name} ${Number(value.toFixed(3))}`),
  ];
  return `  ${what.padEnd(9)}  ${figures.join("  ")}`;
}

function linesOf(row: RowResult, isSmall: boolean): readonly (readonly string[])[] {
  const { name, work, reference } = row;
  if (row.state !== "measured") return [[name, work, reference, "", row.state, ""]];
  return row.aims.map((aim, place) => [
    ...(place === 0 ? [name, work, reference] : ["", "", ""]),
    reachOf(aim),
    measuredOf(aim),
    isSmall ? "" : verdictOf(aim),
  ]);
}

function reachOf({ what, unit, bound }: AimResult): string {
  if (bound === undefined) return `(${what})`;
  return "atMost" in bound
    ? `${what} at most ${bound.atMost} ${unit}`
    : `${what} at least ${bound.atLeast} ${unit}`;
}

function measuredOf({ unit, median, least, greatest }: AimResult): string {
  if (Number.isNaN(median)) return "not told by this system";
  const [middle, low, high] = [median, least, greatest].map((value) => value.toFixed(DIGITS[unit]));
  return low === high ? `${middle} ${unit}` : `${middle} ${unit} (${low} to ${high})`;
}

function verdictOf({ bound, isMet }: AimResult): string {
  if (bound === undefined) return "–";
  if (isMet === undefined) return "?";
  return isMet ? "yes" : "no";
}

function tableFrom(lines: readonly (readonly string[])[]): string {
  const [head = []] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const [titles, ...rest] = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [titles, rule, ...rest].join("\n");
}
