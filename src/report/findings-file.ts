import { join } from "node:path";
import type { Finding } from "../ledger/ledger.ts";
import { writeCsv } from "./whole-file.ts";

const COLUMNS = [
  "row",
  "line",
  "source_id",
  "username",
  "sub",
  "outcome",
  "result",
  "differences",
  "lacking_groups",
  "extra_groups",
  "last_modified",
];

/** Writes verify.csv into a run folder (0600, whole or not at all): one line for each user who is not as wanted. */
export async function writeFindings(runDir: string, findings: Iterable<Finding>): Promise<void> {
  await writeCsv(join(runDir, "verify.csv"), COLUMNS, rowsOf(findings));
}

function* rowsOf(findings: Iterable<Finding>): Iterable<readonly string[]> {
  for (const finding of findings) {
    const { seq, line, sourceId, username, sub, outcome, result, modifiedAt } = finding;
    yield [
      String(seq),
      line === undefined ? "" : String(line),
      sourceId ?? "",
      username ?? "",
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
