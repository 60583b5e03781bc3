import pc from "picocolors";
import type { Progress } from "../core/progress.ts";
import { RecentRate } from "../core/recent-rate.ts";
import type { RunEvent } from "../run/run-event.ts";
import {
  etaText,
  groupedText,
  paceItems,
  percentText,
  perSecondText,
  rateText,
  shownRates,
} from "./progress-text.ts";

/** Something that is counted, and whose end may be known. */
interface Counting {
  readonly kind: "counting";
  readonly label: string;
  readonly count: number;
  readonly of: number | undefined;
  readonly what: string;
  readonly failed: number;
}

type Shown = { readonly kind: "nothing" } | Counting | ({ readonly kind: "run" } & Progress);

/** A terminal that is narrower has the labels in lines of their own. */
const WIDE = 70;
const LABEL_WIDTH = 10;
const NARROW_INDENT = 2;
const BAR_WIDTH = 28;

/** What of a run's events stands at the bottom of a terminal: the last word on how far it is. */
export class ProgressBoard {
  #shown: Shown = { kind: "nothing" };
  #rate = new RecentRate();
  /** How many users an undo has to go through. */
  #toUndo = 0;

  /** Takes an event; returns whether it is shown here, so that no line need tell of it. */
  hear(event: RunEvent): boolean {
    if (event.kind === "undo-begun") this.#toUndo = event.users;
    if (ENDS.has(event.kind)) this.#shown = { kind: "nothing" };
    const next = this.#next(event);
    if (next === undefined) return SHOWN_OTHERWISE.has(event.kind);
    const isNew = next.kind !== this.#shown.kind || labelOf(next) !== labelOf(this.#shown);
    if (isNew) this.#rate = new RecentRate();
    if (next.kind === "counting") this.#rate.note(performance.now(), next.count);
    this.#shown = next;
    return true;
  }

  /** The lines for a terminal of a width; none is wider. */
  lines(columns: number): readonly string[] {
    switch (this.#shown.kind) {
      case "nothing":
        return [];
      case "counting":
        return countingLines(this.#shown, this.#rate.perSecond, columns);
      case "run":
        return progressLines(this.#shown, columns);
    }
  }

  #next(event: RunEvent): Shown | undefined {
    const counting = (label: string, count: number, what: string): Counting => ({
      kind: "counting",
      label,
      count,
      what,
      of: undefined,
      failed: 0,
    });
    if (event.kind === "progress") return { ...event, kind: "run" };
    if (event.kind === "rows-read") return counting("reading", event.rows, "rows");
    if (event.kind === "users-listed") return counting("listing", event.users, "users of the pool");
    if (event.kind === "changes-progress")
      return { ...counting("changing", event.done, "changes made"), failed: event.failed };
    if (event.kind === "undo-progress") {
      const count = event.undone + event.left;
      return { ...counting("undoing", count, "users"), of: Math.max(count, this.#toUndo) };
    }
    return undefined;
  }
}

/** After these nothing goes on that is counted. */
const ENDS: ReadonlySet<RunEvent["kind"]> = new Set([
  "planned",
  "sync-compared",
  "changes-ended",
  "sync-ended",
  "sync-failed",
]);

/** Events that the numbers of a run tell of as well. */
const SHOWN_OTHERWISE: ReadonlySet<RunEvent["kind"]> = new Set([
  "users-made",
  "follow-ups-progress",
  "identities-recorded",
  "quota-read",
]);

const labelOf = (shown: Shown): string => (shown.kind === "counting" ? shown.label : shown.kind);

function countingLines(
  { label, count, of, what, failed }: Counting,
  perSecond: number | undefined,
  columns: number,
): readonly string[] {
  const left = of === undefined || perSecond === undefined ? 0 : (of - count) / perSecond;
  const items = [
    of === undefined
      ? `${groupedText(count)} ${what}`
      : `${groupedText(count)} of ${groupedText(of)} ${what}`,
    ...(failed === 0 ? [] : [`${groupedText(failed)} failed`]),
    ...(perSecond === undefined ? [] : [`${perSecondText(perSecond)} a second`]),
    ...(left > 0 && Number.isFinite(left) ? [etaText(left)] : []),
  ];
  return [
    ...(of === undefined ? [] : [barLine(label, { part: count, of }, columns)]),
    ...section(of === undefined ? label : "", items, columns),
  ];
}

/** The numbers of a run, as they stand at the bottom of a terminal. */
export function progressLines(progress: Progress, columns: number): readonly string[] {
  const { phase, settled, total, failed, skipped, rejected, jobs, followUps } = progress;
  const isLoading = phase === "loading";
  const done = followUps.done + followUps.failed;
  const bar = isLoading ? { part: settled, of: total } : { part: done, of: followUps.wanted };
  const others = { failed, skipped, rejected };
  return [
    barLine(LABELS[phase], bar, columns),
    ...section(
      "",
      [
        `${groupedText(settled)} of ${groupedText(total)} users`,
        ...paceItems(isLoading ? progress : { ...progress, usersPerSecond: undefined }),
      ],
      columns,
    ),
    ...section(
      "",
      Object.entries(others)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${groupedText(count)} ${what}`),
      columns,
    ),
    ...(followUps.wanted === 0
      ? []
      : section(
          "then",
          [
            `${groupedText(done)} of ${groupedText(followUps.wanted)} follow-ups`,
            ...(followUps.failed === 0 ? [] : [`${groupedText(followUps.failed)} failed`]),
          ],
          columns,
        )),
    ...section(
      jobs.length === 1 ? "job" : "jobs",
      jobs.map(
        ({ part, status, counted, rows }) =>
          `part ${part} ${status}, ${groupedText(counted)} of ${groupedText(rows)}`,
      ),
      columns,
    ),
    ...section("requests", shownRates(progress.rates).map(rateText), columns),
  ];
}

const LABELS: Readonly<Record<Progress["phase"], string>> = {
  loading: "loading",
  "follow-ups": "follow-ups",
  ending: "ending",
};

function barLine(
  label: string,
  { part, of }: { readonly part: number; readonly of: number },
  columns: number,
): string {
  const percent = percentText(part, of);
  const indent = Math.max(LABEL_WIDTH, label.length + 1);
  const width = Math.max(0, Math.min(BAR_WIDTH, columns - indent - percent.length - 2));
  const full = of === 0 ? width : Math.floor((part / of) * width);
  const [on, off] = glyphs();
  return `${pc.bold(label.padEnd(indent))}${pc.green(on.repeat(full))}${pc.dim(off.repeat(width - full))}  ${percent}`;
}

/** Blocks where the locale has them. */
function glyphs(): readonly [on: string, off: string] {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== "") ?? "";
  return /utf-?8/i.test(locale) ? ["█", "░"] : ["#", "-"];
}

/** Items one after the other, in as many lines as it takes, behind or below their label; none without items. */
function section(label: string, items: readonly string[], columns: number): readonly string[] {
  if (items.length === 0) return [];
  const isWide = columns >= WIDE;
  const indent = isWide ? LABEL_WIDTH : NARROW_INDENT;
  const lines = wrapItems(items, columns - indent);
  const first = label.slice(0, columns);
  if (isWide)
    return lines.map((line, place) => `${pc.dim((place === 0 ? first : "").padEnd(indent))}${line}`);
  return [...(label === "" ? [] : [pc.dim(first)]), ...lines.map((line) => `${" ".repeat(indent)}${line}`)];
}

function wrapItems(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const item of items.map((each) => cut(each, width))) {
    const last = lines.at(-1);
    const joined = `${last}, ${item}`;
    if (last !== undefined && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(item);
  }
  return lines;
}

/** A text that is no wider, with a mark where the rest is left out. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
