import { scaleLinear } from "d3-scale";
import { area, curveBumpX } from "d3-shape";
import { ROUTES } from "../../core/route.ts";
import type { Flow, RunState } from "../../ledger/ledger.ts";
import { html, type Markup } from "./markup.ts";
import { number, percent, ROUTE_NAMES, users, type Shade } from "./words.ts";

const WIDTH = 920;
const TOP = 12;
const NODE_WIDTH = 10;
/** Where the source, the routes and the outcomes stand. */
const COLUMNS = [0, 330, 660] as const;
/** Between two nodes of a column: as much as the line of words beside one needs. */
const GAP = 24;
/** Of a node, so that a few users among many are seen. */
const LEAST_HEIGHT = 3;
/** Of all nodes of a column together, without gaps. */
const FULL_HEIGHT = 210;

/** From top to bottom, who is or will be in the pool first. */
const SHADES: readonly Shade[] = ["imported", "updated", "waiting", "skipped", "failed", "rejected"];

interface Node {
  readonly key: string;
  readonly shade: Shade | "plain";
  readonly words: string;
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** From the source by each route to each outcome, as ribbons whose width is the number of users; and the same as a table. */
export function flowChart(flows: readonly Flow[], state: RunState): Markup {
  const total = sumOf(flows);
  const waiting = state === "planned" ? "to be sent" : "not yet settled";
  const shown = flows.filter(({ count }) => count > 0);
  const source = column(0, [{ key: "source", shade: "plain", words: "in the source", count: total }]);
  const routes = column(
    1,
    ROUTES.map((route) => ({
      key: route,
      shade: "plain",
      words: ROUTE_NAMES[route],
      count: sumOf(shown.filter((flow) => flow.route === route)),
    })),
  );
  const outcomes = column(
    2,
    SHADES.map((shade) => ({
      key: shade,
      shade,
      words: shade === "waiting" ? waiting : shade,
      count: sumOf(shown.filter((flow) => shadeOf(flow) === shade)),
    })),
  );
  const nodes = [...source, ...routes, ...outcomes];
  const height = TOP + Math.max(...nodes.map((node) => node.y + node.height)) + TOP;
  const first = ribbons(source, routes, (_, route) => sumOf(shown.filter((flow) => flow.route === route)));
  const second = ribbons(routes, outcomes, (route, shade) =>
    sumOf(shown.filter((flow) => flow.route === route && shadeOf(flow) === shade)),
  );
  const told = outcomes.map(({ words, count }) => `${number(count)} ${words}`).join(", ");
  return html`<figure class="chart">
    <div class="scroll" tabindex="0" role="region" aria-label="Chart: from the source to the outcomes">
      <svg
        role="img"
        aria-labelledby="flow-title flow-text"
        viewBox="0 0 ${WIDTH} ${height}"
        width="${WIDTH}"
        height="${height}"
      >
        <title id="flow-title">From the source to the outcomes</title>
        <desc id="flow-text">Of ${users(total)} in the source: ${told}.</desc>
        ${first}${second}${nodes.map((node) => nodeMarkup(node, total))}
      </svg>
    </div>
    <details>
      <summary>These numbers as a table</summary>
      ${flowTable(shown, waiting)}
    </details>
  </figure>`;
}

function sumOf(flows: readonly Flow[]): number {
  return flows.reduce((sum, { count }) => sum + count, 0);
}

function shadeOf({ outcome }: Flow): Shade {
  return outcome ?? "waiting";
}

/** Those of a column who are any, from top to bottom. */
function column(place: 0 | 1 | 2, all: readonly Omit<Node, "x" | "y" | "height">[]): readonly Node[] {
  const shown = all.filter(({ count }) => count > 0);
  const total = shown.reduce((sum, { count }) => sum + count, 0);
  const heightOf = scaleLinear([0, total], [LEAST_HEIGHT, FULL_HEIGHT - LEAST_HEIGHT * (shown.length - 1)]);
  let y = TOP;
  return shown.map((node) => {
    const placed = { ...node, x: COLUMNS[place], y, height: heightOf(node.count) };
    y += placed.height + GAP;
    return placed;
  });
}

type Edge = readonly [x: number, top: number, bottom: number];

const ribbon = area<Edge>(
  ([x]) => x,
  ([, top]) => top,
  ([, , bottom]) => bottom,
).curve(curveBumpX);

/** Each node's height is shared among its ribbons by their numbers, in the order of the nodes on the other side. */
function ribbons(
  from: readonly Node[],
  to: readonly Node[],
  countOf: (from: string, to: string) => number,
): readonly Markup[] {
  const left = new Map(from.map(({ key, y }) => [key, y]));
  const right = new Map(to.map(({ key, y }) => [key, y]));
  return from.flatMap((start) =>
    to.flatMap((end) => {
      const count = countOf(start.key, end.key);
      if (count === 0) return [];
      const [startTop, endTop] = [left.get(start.key) ?? 0, right.get(end.key) ?? 0];
      const startBottom = startTop + (start.height * count) / start.count;
      const endBottom = endTop + (end.height * count) / end.count;
      left.set(start.key, startBottom);
      right.set(end.key, endBottom);
      const path = ribbon([
        [start.x + NODE_WIDTH, startTop, startBottom],
        [end.x, endTop, endBottom],
      ]);
      return [html`<path class="ribbon ${end.shade}" d="${path ?? ""}" />`];
    }),
  );
}

function nodeMarkup({ shade, words, count, x, y, height }: Node, total: number): Markup {
  const share = count === total ? "" : ` · ${percent(count, total)}`;
  return html`<rect
      class="node ${shade}"
      x="${x}"
      y="${round(y)}"
      width="${NODE_WIDTH}"
      height="${round(height)}"
      rx="1.5"
    />
    <text x="${x + NODE_WIDTH + 8}" y="${round(y + height / 2)}" dy="0.35em"
      ><tspan class="strong">${number(count)}</tspan> ${words}${share}</text
    >`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function flowTable(flows: readonly Flow[], waiting: string): Markup {
  const rows = ROUTES.flatMap((route) => flows.filter((flow) => flow.route === route));
  return html`<table class="compact">
    <caption>
      Users by route and outcome
    </caption>
    <thead>
      <tr>
        <th scope="col">route</th>
        <th scope="col">outcome</th>
        <th scope="col" class="number">users</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ route, outcome, count }) =>
          html`<tr>
            <td>${ROUTE_NAMES[route]}</td>
            <td>${outcome ?? waiting}</td>
            <td class="number">${number(count)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
