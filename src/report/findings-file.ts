import { join } from "node:path";
import type { Finding } from "../ledger/ledger.ts";
import { PLACE_COLUMNS, placeCells } from "./place-cells.ts";
import { writeCsv } from "./whole-file.ts";

const COLUMNS = [
  ...PLACE_COLUMNS,
  "sub",
  "outcome",
  "result",
  "differences",
  "lacking_groups",
  "extra_groups",
  "last_modified",
];

/** Writes verify.csv into a run folder (0600, whole or not at all): one line for each user who is not as wanted. */
export async function writeFindings(runDir: string, findings: AsyncIterable<Finding>): Promise<void> {
  await writeCsv(join(runDir, "verify.csv"), COLUMNS, rowsOf(findings));
}

async function* rowsOf(findings: AsyncIterable<Finding>): AsyncIterable<readonly string[]> {
  for await (const finding of findings) {
    const { sub, outcome, result, modifiedAt } = finding;
    yield [
      ...placeCells(finding),
      sub ?? "",
      outcome ?? "",
      result,
      finding.differences.join(" "),
      finding.lackingGroups.join(" "),
      finding.extraGroups.join(" "),
      modifiedAt === undefined ? "" : new Date(modifiedAt).toISOString(),
    ];
  }
}
