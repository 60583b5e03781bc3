import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuRatio, peakOf, wallRatio } from "../aims.ts";
import type { Measurement } from "../measure.ts";
import type { Row, Setting, Size, Trial } from "../row.ts";
import { runNode } from "../run-node.ts";
import { writeUsers } from "../users.ts";

const SEED = 20_261_121;

const seconds = (size: Size, rounds: number): number =>
  ({ small: 3, medium: 3 + 4 * rounds, full: 15 + 25 * rounds })[size];

/** CSV read to its last row, as a plan reads it, beside what the plan of it is held to. */
export const readingCsv: Row = {
  name: "reading-csv",
  work: "reading alone, CSV",
  reference: "csv-parse to csv-stringify, record by record",
  aims: [wallRatio(), cpuRatio(), peakOf()],
  seconds,
  prepare: (setting) => besideBare(setting, "csv", "csv-pipe.ts"),
};

/** NDJSON read to its last row, beside the bare reading of it. */
export const readingNdjson: Row = {
  name: "reading-ndjson",
  work: "reading alone, NDJSON",
  reference: "readline and JSON.parse",
  aims: [wallRatio(), cpuRatio(), peakOf()],
  seconds,
  prepare: (setting) => besideBare(setting, "ndjson", "ndjson-lines.ts"),
};

async function besideBare(
  { users, folder }: Setting,
  format: "csv" | "ndjson",
  program: string,
): Promise<Trial> {
  const path = join(folder, `users.${format}`);
  writeUsers(path, format, { users, seed: SEED });
  const bytes = Math.round(statSync(path).size / users);
  return {
    input: `${users.toLocaleString("en")} users, ${bytes} bytes each`,
    async work() {
      const run = await runScript("read-source.ts", format, path);
      if (Number(run.stdout) !== users) throw new Error(`read ${run.stdout.trim()} of ${users} users`);
      return run;
    },
    reference: () => runScript(program, path),
    [Symbol.asyncDispose]: async () => {},
  };
}

function runScript(program: string, ...parameters: readonly string[]): Promise<Measurement> {
  const script = fileURLToPath(new URL(`../${program}`, import.meta.url));
  return runNode(script, ...parameters);
}
