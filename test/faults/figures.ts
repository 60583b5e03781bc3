import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Findings } from "./outside.ts";

const FOLDER = fileURLToPath(new URL("../../.vitest/figures", import.meta.url));

const COLUMNS = [
  "points",
  "struck",
  "sessions",
  "lost",
  "doubled",
  "changed",
  "messaged",
  "leaked",
  "seconds",
] as const;

/** What a matrix has shown, in numbers. */
export type Figures = Record<(typeof COLUMNS)[number], number>;

/** Counts what the points of a matrix show, and keeps what was found wrong. */
export class Tally {
  readonly #name: string;
  readonly #startedMs = performance.now();
  readonly #figures: Figures = {
    points: 0,
    struck: 0,
    sessions: 0,
    lost: 0,
    doubled: 0,
    changed: 0,
    messaged: 0,
    leaked: 0,
    seconds: 0,
  };
  /** What was found wrong, with the point. */
  readonly wrong: string[] = [];

  /** `name` is the matrix's row in the table. */
  constructor(name: string) {
    this.#name = name;
  }

  /** How many kills or faults really happened. */
  get struck(): number {
    return this.#figures.struck;
  }

  /** Adds a point: how often it struck, in how many sessions, and what was found wrong after the last of them. */
  add(point: string, { struck, sessions, findings }: PointResult): void {
    this.#figures.points += 1;
    this.#figures.struck += struck;
    this.#figures.sessions += sessions;
    for (const kind of ["lost", "doubled", "changed", "messaged", "leaked"] as const) {
      this.#figures[kind] += findings[kind].length;
      this.wrong.push(...findings[kind].map((what) => `${point}: ${kind}: ${what}`));
    }
  }

  /** Leaves the figures for the table at the end of all tests. */
  finish(): void {
    this.#figures.seconds = Math.round((performance.now() - this.#startedMs) / 1000);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(
      join(FOLDER, `${this.#name.replaceAll(/\W+/g, "-")}.json`),
      JSON.stringify([this.#name, this.#figures]),
    );
  }
}

/** What one point has shown. */
export interface PointResult {
  readonly struck: number;
  readonly sessions: number;
  readonly findings: Findings;
}

/** Runs around all tests (vitest's globalSetup): forgets the figures of former runs, and prints those of this one in one table. */
export default function setup(): () => void {
  rmSync(FOLDER, { recursive: true, force: true });
  return () => {
    const table = tableOf(readFigures());
    // oxlint-disable-next-line no-console
    if (table !== "") console.log(table);
  };
}

function readFigures(): readonly (readonly [name: string, figures: Figures])[] {
  try {
    return readdirSync(FOLDER)
      .toSorted()
      .map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as [string, Figures]);
  } catch {
    return [];
  }
}

function tableOf(rows: ReturnType<typeof readFigures>): string {
  if (rows.length === 0) return "";
  const width = Math.max(...rows.map(([name]) => name.length), "matrix".length);
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(9)).join("")}`;
  const sum = COLUMNS.map((column) => rows.reduce((total, [, figures]) => total + figures[column], 0));
  return [
    line("matrix", COLUMNS),
    ...rows.map(([name, figures]) =>
      line(
        name,
        COLUMNS.map((column) => figures[column]),
      ),
    ),
    line("all", sum),
  ].join("\n");
}
