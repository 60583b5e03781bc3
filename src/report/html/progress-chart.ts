import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepBefore, line } from "d3-shape";
import type { Timeline } from "../../ledger/ledger.ts";
import { html, type Markup } from "./markup.ts";
import { duration, number, users } from "./words.ts";

const WIDTH = 920;
const LEFT = 70;
const RIGHT = 26;
const TOP = 14;
const USERS_HEIGHT = 170;
const RATE_HEIGHT = 64;
/** Above the rates of a category, for its words. */
const RATE_GAP = 40;
const AXIS_HEIGHT = 26;

/** Categories of requests that have a chart of their own: those of which most were made. */
const MOST_CATEGORIES = 4;
/** With fewer, which are seconds, there is nothing to see. */
const FEWEST_SAMPLES = 3;
const TABLE_ROWS = 12;

type Sample = Timeline["samples"][number];

interface Category {
  readonly name: string;
  readonly highest: number;
  readonly highestLimit: number;
  /** Requests a second, summed over all samples. */
  readonly total: number;
}

/**
 * How many users had an outcome by when, and below how many requests a second went, beside how many were allowed; and the
 * same as a table. Undefined where there is too little to draw.
 */
export function progressChart({ samples }: Timeline): Markup | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < FEWEST_SAMPLES) return undefined;
  const x = scaleUtc([new Date(first.at), new Date(last.at)], [LEFT, WIDTH - RIGHT]);
  const categories = categoriesOf(samples);
  const height = TOP + USERS_HEIGHT + categories.length * (RATE_GAP + RATE_HEIGHT) + AXIS_HEIGHT;
  const base = height - AXIS_HEIGHT;
  // Times are told to the second.
  const ticks = x.ticks(6).filter((tick) => tick.getTime() % 1000 === 0);
  const timeOf = timeFormat(last.at - first.at);
  const took = duration((last.at - first.at) / 1000);
  const told = categories.map(
    ({ name, highest, highestLimit }) =>
      `${name} reached ${rateText(highest)} requests a second of ${rateText(highestLimit)} allowed`,
  );
  return html`<figure class="chart">
    <div class="scroll" tabindex="0" role="region" aria-label="Chart: progress over time">
      <svg
        role="img"
        aria-labelledby="progress-title progress-text"
        viewBox="0 0 ${WIDTH} ${height}"
        width="${WIDTH}"
        height="${height}"
      >
        <title id="progress-title">
          Users with an outcome, and requests a second beside what is allowed, over time
        </title>
        <desc id="progress-text">
          ${users(last.settled)} had an outcome after ${took}. ${told.join("; ")}.
        </desc>
        ${ticks.map(
          (tick) =>
            html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${base}" /><text
                class="axis"
                text-anchor="middle"
                x="${x(tick)}"
                y="${height - 8}"
                >${timeOf(tick.getTime())}</text
              >`,
        )}
        ${settledPanel(samples, x)}
        ${categories.map((category, place) => ratePanel(samples, category, { x, top: TOP + USERS_HEIGHT + RATE_GAP + place * (RATE_GAP + RATE_HEIGHT) }))}
      </svg>
    </div>
    <figcaption class="muted">
      Times are UTC.
      ${
        categories.length === 0
          ? undefined
          : "Dashed: how many requests a second the run may send, of all that AWS allows the account; less while AWS refuses some as too many."
      }
    </figcaption>
    <details>
      <summary>These numbers as a table</summary>
      ${progressTable(samples, categories, timeOf)}
    </details>
  </figure>`;
}

type TimeScale = ReturnType<typeof scaleUtc<number>>;

function settledPanel(samples: readonly Sample[], x: TimeScale): Markup {
  const most = Math.max(1, ...samples.map(({ settled }) => settled));
  const y = scaleLinear([0, most], [TOP + USERS_HEIGHT, TOP]).nice(4);
  const shape = area<Sample>(
    ({ at }) => x(at),
    y(0),
    ({ settled }) => y(settled),
  );
  return html`${y
      .ticks(4)
      .filter(Number.isInteger)
      .map((tick) => horizontal(y(tick), number(tick)))}
    <path class="settled" d="${shape([...samples]) ?? ""}" /><path
      class="settled-line"
      d="${shape.lineY1()([...samples]) ?? ""}"
    />
    <text x="${LEFT + 8}" y="${TOP + 12}">users with an outcome</text>`;
}

function ratePanel(
  samples: readonly Sample[],
  { name, highest, highestLimit }: Category,
  { x, top }: { readonly x: TimeScale; readonly top: number },
): Markup {
  const y = scaleLinear([0, Math.max(highest, highestLimit)], [top + RATE_HEIGHT, top]).nice(2);
  const rateOf = ({ rates }: Sample) => rates.find(({ category }) => category === name);
  // Each sample is about the time before it; at the beginning of a session there is none.
  const taken = area<Sample>(
    ({ at }) => x(at),
    y(0),
    (sample) => y(rateOf(sample)?.taken ?? 0),
  ).curve(curveStepBefore);
  const limit = line<Sample>(
    ({ at }) => x(at),
    (sample) => y(rateOf(sample)?.limit ?? 0),
  )
    .defined((sample) => rateOf(sample) !== undefined)
    .curve(curveStepBefore);
  return html`${y.ticks(2).map((tick) => horizontal(y(tick), rateText(tick)))}
    <path class="taken" d="${taken([...samples]) ?? ""}" /><path
      class="limit"
      d="${limit([...samples]) ?? ""}"
    />
    <text x="${LEFT}" y="${top - 12}"
      ><tspan class="strong">${name}</tspan> requests a second: up to ${rateText(highest)} of
      ${rateText(highestLimit)} allowed</text
    >`;
}

function horizontal(y: number, words: string): Markup {
  return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" /><text
      class="axis"
      text-anchor="end"
      x="${LEFT - 8}"
      y="${y}"
      dy="0.35em"
      >${words}</text
    >`;
}

/** The categories of which requests went, the busiest first. */
function categoriesOf(samples: readonly Sample[]): readonly Category[] {
  const rates = samples.flatMap((sample) => sample.rates);
  const names = [...new Set(rates.map(({ category }) => category))];
  return names
    .map((name): Category => {
      const own = rates.filter(({ category }) => category === name);
      const of = (value: (rate: (typeof own)[number]) => number): number => Math.max(...own.map(value));
      return {
        name,
        highest: of(({ taken }) => taken),
        highestLimit: of(({ limit }) => limit),
        total: own.reduce((sum, { taken }) => sum + taken, 0),
      };
    })
    .filter(({ highest }) => highest > 0)
    .toSorted((one, other) => other.total - one.total)
    .slice(0, MOST_CATEGORIES);
}

function progressTable(
  samples: readonly Sample[],
  categories: readonly Category[],
  timeOf: (at: number) => string,
): Markup {
  const step = Math.max(1, (samples.length - 1) / TABLE_ROWS);
  const places = Array.from({ length: Math.min(samples.length, TABLE_ROWS + 1) }, (_, row) =>
    Math.round(row * step),
  );
  const shown = places.flatMap((place) => samples[place] ?? []);
  const cells = ({ rates }: Sample) =>
    categories.map(({ name }) => {
      const rate = rates.find(({ category }) => category === name);
      return html`<td class="number">
        ${rate === undefined ? "–" : `${rateText(rate.taken)} of ${rateText(rate.limit)}`}
      </td>`;
    });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Progress as a table">
    <table class="compact">
      <caption>
        Users with an outcome, and requests a second of those allowed
      </caption>
      <thead>
        <tr>
          <th scope="col">time (UTC)</th>
          <th scope="col" class="number">users</th>
          ${categories.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (sample) =>
            html`<tr>
              <td>${timeOf(sample.at)}</td>
              <td class="number">${number(sample.settled)}</td>
              ${cells(sample)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function rateText(rate: number): string {
  return rate.toLocaleString("en-US", { maximumFractionDigits: rate < 10 ? 1 : 0 });
}

/** How times are written: as finely as the whole needs. */
function timeFormat(spanMs: number): (at: number) => string {
  const [from, to] = spanMs > 86_400_000 ? [5, 16] : spanMs > 600_000 ? [11, 16] : [11, 19];
  return (at) => new Date(at).toISOString().slice(from, to).replace("T", " ");
}
