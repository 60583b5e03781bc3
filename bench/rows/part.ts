import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuRatio, peakOf, wallRatio } from "../aims.ts";
import { BIN, startLocalPool } from "../local-pool.ts";
import type { Measurement } from "../measure.ts";
import { writePeople } from "../people.ts";
import type { Row, Setting, Size, Trial } from "../row.ts";
import { runNode } from "../run-node.ts";

const ROWS: Readonly<Record<Size, number>> = { small: 2_000, medium: 100_000, full: 500_000 };

/** The import CSV of a part, written from the ledger, with the place of each of its users in it. */
export const part: Row = {
  name: "part",
  work: "a part of 500,000 rows, written from the ledger",
  reference: "its users read from the ledger, and its bytes copied with their hash",
  aims: [wallRatio(2), cpuRatio(), peakOf(200)],
  seconds: (size, rounds) =>
    ({ small: 4 + 2 * rounds, medium: 15 + 4 * rounds, full: 60 + 15 * rounds })[size],
  prepare,
};

interface Spooled {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Plans once; each round spools from a copy. */
async function prepare({ size, folder }: Setting): Promise<Trial> {
  const rows = ROWS[size];
  const planned = await planIn(folder, rows);
  const [copy, kept] = [join(folder, "copy"), join(folder, "part.csv")];
  const spool = async (): Promise<Measurement> => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(planned, copy, { recursive: true });
    return makePart(copy, "spool", String(rows));
  };
  const first = spooled(await spool());
  renameSync(join(copy, "parts", "part-1.csv"), kept);
  const requireSame = (run: Measurement): Measurement => {
    const { bytes, sha256, ...made } = spooled(run);
    if (made.rows === rows && bytes === first.bytes && sha256 === first.sha256) return run;
    throw new Error(`another part was made: ${run.stdout}`);
  };
  return {
    input: `${rows.toLocaleString("en")} rows, ${(first.bytes / 1e6).toFixed(1)} MB`,
    work: async () => requireSame(await spool()),
    reference: async () => requireSame(await makePart(planned, "read", String(rows), kept)),
    [Symbol.asyncDispose]: async () => {},
  };
}

function spooled({ stdout }: Measurement): Spooled {
  return JSON.parse(stdout) as Spooled;
}

async function planIn(folder: string, users: number): Promise<string> {
  using pool = await startLocalPool("--no-quotas");
  const [path, config, runDir] = [
    join(folder, "people.ndjson"),
    join(folder, "ferry.json"),
    join(folder, "planned"),
  ];
  writePeople(path, users);
  const content = {
    source: { type: "ndjson", path },
    userPool: { id: pool.userPoolId, endpointUrl: pool.url },
    limits: { canaryUsers: 0 },
    mapping: { sourceId: "id", groups: "teams", disabled: "disabled" },
  };
  writeFileSync(config, JSON.stringify(content));
  await runNode(BIN, "plan", "--config", config, "--run-dir", runDir);
  return runDir;
}

function makePart(runDir: string, ...parameters: readonly string[]): Promise<Measurement> {
  return runNode(fileURLToPath(new URL("../spool-part.ts", import.meta.url)), runDir, ...parameters);
}
