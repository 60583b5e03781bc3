// Measures poolferry's speed and memory, every row beside a named reference in the same run, and prints a table.
// docs/performance.md says what the figures mean. Fails where a row does not work or gives a wrong result, never for a
// time.
//
//   npm run bench -- [--size small|medium|full] [--only row,row] [--rounds 5] [--users 1000000] [--out .bench/result.json]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadNow, machine, saveResults, type Results } from "./results.ts";
import type { Row, Setting, Size } from "./row.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run-row.ts";
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
console.log(
  `${rows.length} rows, ${size}, ${rounds} rounds: about ${minutes < 1 ? "a minute" : `${Math.ceil(minutes)} minutes`} on two quiet cores`,
);
console.log(machine());

const results: Results = { size, users, rounds, rows: [] };
for (const row of rows) {
  const setting: Setting = { size, users, folder: mkdtempSync(join(folder, `${row.name}-`)) };
  console.log(`\n${row.name}: ${row.work}, beside ${row.reference}  (load ${loadNow()})`);
  const result = await runRow(row, setting, {
    rounds,
    tell: (what, run) => console.log(figuresLine(what, run)),
  });
  if (result.state !== "measured") console.log(`  ${result.state}: ${result.reason}`);
  results.rows.push(result);
  saveResults(flags.out, results);
  rmSync(setting.folder, { recursive: true, force: true });
}
console.log(`\n${tableOf(results)}\n\nevery run: ${flags.out}`);
process.exit(results.rows.some(({ state }) => state === "broken") ? 1 : 0);
