import type { Forecast } from "../core/forecast.ts";
import { BrokenRow, checksumOf, requireWhole } from "./checksum.ts";
import type { Statements } from "./database.ts";
import type { RunFacts, RunState, SourceFacts } from "./ledger.ts";
import type { Kept } from "./purging.ts";

/** What a ledger keeps under a name, each with a checksum. */
export interface Facts {
  readonly run: RunFacts;
  readonly state: RunState;
  readonly source: SourceFacts;
  readonly forecast: Forecast;
  /** What a purge has left of the numbers. */
  readonly kept: Kept;
}

/** Reads what stands under a name. Throws {@link BrokenRow}. */
export async function readFact<Key extends keyof Facts>(
  statements: Statements,
  key: Key,
): Promise<Facts[Key] | undefined> {
  const row = await statements.get<{ readonly value: string; readonly checksum: number }>(
    "SELECT value, checksum FROM fact WHERE key = ?",
    [key],
  );
  if (row === undefined) return undefined;
  requireWhole(`the fact ${key}`, [key, row.value], row.checksum);
  return JSON.parse(row.value) as Facts[Key];
}

/** The same of what every ledger has. */
export async function requireFact<Key extends "run" | "state">(
  statements: Statements,
  key: Key,
): Promise<Facts[Key]> {
  const fact = await readFact(statements, key);
  if (fact === undefined) throw new BrokenRow(`the fact ${key} is missing`);
  return fact;
}

/** Throws {@link BrokenRow} unless all that stands under a name is as it was written. */
export async function requireWholeFacts(statements: Statements): Promise<void> {
  const keys: readonly (keyof Facts)[] = ["run", "state", "source", "forecast", "kept"];
  for (const key of keys) await readFact(statements, key);
}

/** Writes something under a name, in place of what stood there. */
export async function writeFact<Key extends keyof Facts>(
  statements: Statements,
  key: Key,
  fact: Facts[Key],
): Promise<void> {
  const text = JSON.stringify(fact);
  await statements.run(
    `INSERT INTO fact (key, value, checksum) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum`,
    [key, text, checksumOf([key, text])],
  );
}

/** Does away with what stands under a name. */
export async function eraseFact(statements: Statements, key: keyof Facts): Promise<void> {
  await statements.run("DELETE FROM fact WHERE key = ?", [key]);
}
