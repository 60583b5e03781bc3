// Measures poolferry's speed and memory, every row beside a named reference in the same run, and prints a table.
// docs/performance.md says what the figures mean. Fails where a row does not work or gives a wrong result, never for a
// time.
//
//   npm run bench -- [--size small|medium|full] [--only row,row] [--rounds 5] [--users 1000000] [--out .bench/result.json]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import PQueue from "p-queue";
import { loadNow, machine, saveResults, type Results } from "./results.ts";
import type { Row, Setting, Size } from "./row.ts";
import { ROWS } from "./rows.ts";
import { runRow, type RowResult } from "./run-row.ts";
import { figuresLine, tableOf } from "./table.ts";

const SIZES: Readonly<Record<Size, { readonly users: number; readonly rounds: number }>> = {
  small: { users: 2_000, rounds: 1 },
  medium: { users: 100_000, rounds: 3 },
  full: { users: 1_000_000, rounds: 5 },
};

const { values: flags } = parseArgs({
  options: {
    size: { type: "string", default: "full" },
    only: { type: "string" },
    rounds: { type: "string" },
    users: { type: "string" },
    out: { type: "string", default: join(".bench", "result.json") },
  },
});

function choose<Name extends string>(name: string, of: readonly Name[]): Name {
  const found = of.find((each) => each === name);
  if (found === undefined) throw new Error(`${name} is none of ${of.join(", ")}`);
  return found;
}

const size = choose(flags.size, ["small", "medium", "full"]);
const { users, rounds } = {
  users: Number(flags.users ?? SIZES[size].users),
  rounds: Number(flags.rounds ?? SIZES[size].rounds),
};
if (!(users >= 1 && rounds >= 1)) throw new Error("--users and --rounds are numbers from 1 on");
const rows =
  flags.only?.split(",").map((name) => {
    const names = ROWS.map((row) => row.name);
    return ROWS[names.indexOf(choose(name, names))] as Row;
  }) ?? ROWS;

const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const minutes = rows.reduce((sum, row) => sum + row.seconds(size, rounds), 0) / 60;
const howLong = size === "small" || minutes < 1 ? "a minute" : `${Math.ceil(minutes)} minutes`;
console.log(`${rows.length} rows, ${size}, rounds of each: ${rounds}; about ${howLong} on two quiet cores`);
console.log(machine());

const results = new Map<string, RowResult>();

async function measureRow(row: Row): Promise<void> {
  const setting: Setting = { size, users, folder: mkdtempSync(join(folder, `${row.name}-`)) };
  const isAlone = size !== "small";
  const title = `\n${row.name}: ${row.work}, beside ${row.reference}  (load ${loadNow()})`;
  // Of rows that run at the same time, each is told when it is done.
  const lines = isAlone ? [] : [title];
  if (isAlone) console.log(title);
  const tell = (line: string): unknown => (isAlone ? console.log(line) : lines.push(line));
  const result = await runRow(row, setting, { rounds, tell: (what, run) => tell(figuresLine(what, run)) });
  if (result.state !== "measured") tell(`  ${result.state}: ${result.reason}`);
  if (!isAlone) console.log(lines.join("\n"));
  results.set(row.name, result);
  saveResults(flags.out, measured());
  rmSync(setting.folder, { recursive: true, force: true });
}

/** What there is so far, in the order of the table. */
function measured(): Results {
  return { size, users, rounds, rows: rows.flatMap(({ name }) => results.get(name) ?? []) };
}

// Times are looked at in no small run, so that rows may take them from each other.
const queue = new PQueue({ concurrency: size === "small" ? 3 : 1 });
await queue.addAll(rows.map((row) => () => measureRow(row)));
console.log(`\n${tableOf(measured())}\n\nevery run: ${flags.out}`);
process.exit(measured().rows.some(({ state }) => state === "broken") ? 1 : 0);
