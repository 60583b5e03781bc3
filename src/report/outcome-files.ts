import { join } from "node:path";
import { CLAIM_KINDS } from "../core/clash.ts";
import type { FollowUp } from "../core/follow-up.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import { isOutcomeColumn, OUTCOME_COLUMNS, type OutcomeColumn } from "../core/outcome-columns.ts";
import type { JsonObject, JsonValue } from "../core/row.ts";
import { rowList } from "../core/row-list.ts";
import type { ReportedUser, ReportLedger, SourceFacts } from "../ledger/ledger.ts";
import type { RunSummary } from "./summary.ts";
import { PLACE_COLUMNS, placeCells } from "./place-cells.ts";
import { writeCsv, writeJson, writeNdjson } from "./whole-file.ts";

/** Outcomes with a file of their own, in the source's fields, so that it can be mended and used as a source. */
const FILED = ["failed", "skipped", "rejected"] as const satisfies readonly OutcomeKind[];

/**
 * Writes failed.csv, skipped.csv, rejected.csv, duplicates.csv, warnings.csv, follow-ups.csv, identity-map.csv and
 * report.json into the run folder (0600), each whole or not at all; of a source of documents also failed.ndjson,
 * skipped.ndjson and rejected.ndjson, as a cell cannot say what was text and what was nested. Secret columns of the source
 * are empty in them, and secret keys left out; they hold personal data all the same.
 */
export async function writeOutcomeFiles(ledger: ReportLedger, summary: RunSummary): Promise<void> {
  const source = await ledger.source();
  const { runDir } = summary;
  if (source === undefined) throw new Error("outcome files are written once the plan is finished");
  for (const kind of FILED) {
    const columns = [...ownFields(source), ...OUTCOME_COLUMNS];
    await writeCsv(join(runDir, `${kind}.csv`), columns, sourceRows(ledger.usersWithOutcome(kind), source));
    if (!source.isTable)
      await writeNdjson(join(runDir, `${kind}.ndjson`), sourceDocuments(ledger.usersWithOutcome(kind)));
  }
  await writeCsv(join(runDir, "duplicates.csv"), DUPLICATE_COLUMNS, duplicateRows(ledger));
  await writeCsv(join(runDir, "warnings.csv"), WARNING_COLUMNS, warningRows(ledger));
  await writeCsv(join(runDir, "follow-ups.csv"), FOLLOW_UP_COLUMNS, followUpRows(ledger));
  await writeCsv(join(runDir, "identity-map.csv"), ["source_id", "username", "sub"], identityRows(ledger));
  await writeJson(join(runDir, "report.json"), summary);
}

/** The source's fields without those of an earlier run's file, which are written anew. */
function ownFields({ fields }: SourceFacts): readonly string[] {
  return fields.filter((field) => !isOutcomeColumn(field));
}

/** Whom a sync has found as they should be: nearly everybody, and nobody has to look at them. */
const LEFT_ALONE = "unchanged";

async function* sourceRows(
  users: AsyncIterable<ReportedUser>,
  source: SourceFacts,
): AsyncIterable<readonly string[]> {
  const empty = ownFields(source).map(() => "");
  for await (const { seq, line, reason, message, sourceRow } of users) {
    if (reason === LEFT_ALONE) continue;
    const cells = sourceRow === "" ? empty : sourceCells(JSON.parse(sourceRow) as JsonValue, source);
    yield [...cells, String(seq), line === undefined ? "" : String(line), reason ?? "", message ?? ""];
  }
}

function sourceCells(record: JsonValue, source: SourceFacts): readonly string[] {
  if (source.isTable)
    return (record as readonly string[]).filter((_, index) => !isOutcomeColumn(source.fields[index] ?? ""));
  return ownFields(source).map((field) =>
    toCell(Object.hasOwn(record as JsonObject, field) ? (record as JsonObject)[field] : undefined),
  );
}

/** The documents as the mapping read them, each with what the columns of the CSV add. */
async function* sourceDocuments(users: AsyncIterable<ReportedUser>): AsyncIterable<JsonObject> {
  for await (const { seq, line, reason, message, sourceRow } of users) {
    if (reason === LEFT_ALONE) continue;
    const record = sourceRow === "" ? {} : (JSON.parse(sourceRow) as JsonObject);
    const added: Readonly<Record<OutcomeColumn, JsonValue>> = {
      poolferry_row: seq,
      poolferry_line: line ?? null,
      poolferry_reason: reason ?? null,
      poolferry_message: message ?? null,
    };
    // By entries, so that a key named __proto__ is a key; ours stand behind the source's own.
    const own = Object.entries(record).filter(([key]) => !isOutcomeColumn(key));
    yield Object.fromEntries([...own, ...Object.entries(added)]);
  }
}

// A list or an object stays JSON, so that nothing of the source is lost.
function toCell(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const WARNING_COLUMNS = [...PLACE_COLUMNS, "attribute", "code", "message"];

async function* warningRows(ledger: ReportLedger): AsyncIterable<readonly string[]> {
  for await (const warning of ledger.warnings()) {
    const { attribute, code, message } = warning;
    yield [...placeCells(warning), attribute ?? "", code, message];
  }
}

const DUPLICATE_COLUMNS = [
  "group",
  ...PLACE_COLUMNS,
  "decision",
  "same_username_as",
  "same_email_as",
  "same_phone_as",
  "same_preferred_username_as",
];

/** One line for each user of a group that clashes, with the rows that share a claim with it. */
async function* duplicateRows(ledger: ReportLedger): AsyncIterable<readonly string[]> {
  for await (const user of ledger.clashes()) {
    const { group, isKept, shared } = user;
    yield [
      String(group),
      ...placeCells(user),
      isKept ? "kept" : "rejected",
      ...CLAIM_KINDS.map((kind) => {
        const same = shared.find(({ claim }) => claim === kind);
        return same === undefined ? "" : rowList(same.others, same.count);
      }),
    ];
  }
}

const FOLLOW_UP_COLUMNS = [...PLACE_COLUMNS, "sub", "follow_up", "target", "subject", "message"];

/** What could not be done to users who were created. */
async function* followUpRows(ledger: ReportLedger): AsyncIterable<readonly string[]> {
  for await (const failed of ledger.failedFollowUps()) {
    const { sub, followUp, message } = failed;
    yield [...placeCells(failed), sub ?? "", followUp.kind, ...targetOf(followUp), message];
  }
}

function targetOf(followUp: FollowUp): readonly [target: string, subject: string] {
  switch (followUp.kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "reset-password":
    case "set-mfa":
      return ["", ""];
    case "set-attributes":
      return [followUp.attributes.map(([name]) => name).join(" "), ""];
    case "add-to-group":
      return [followUp.group, ""];
    case "link-provider":
      return [followUp.provider, followUp.subject];
  }
}

/** Everyone who is in the pool: the imported, and those who were there before. */
async function* identityRows(ledger: ReportLedger): AsyncIterable<readonly string[]> {
  for await (const { sourceId, username, sub } of ledger.identities())
    yield [sourceId ?? username, username, sub ?? ""];
}
