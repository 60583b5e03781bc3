import { join } from "node:path";
import type { Change } from "../core/change.ts";
import { isSecretField } from "../core/secret-field.ts";
import { writeCsv, writeJson } from "./whole-file.ts";

/** A change, as a report names it. */
interface ChangeLine {
  readonly key: string;
  readonly username: string;
  readonly sub: string;
  readonly change: Change;
  readonly replaced: readonly {
    readonly name: string;
    readonly old: string | undefined;
    readonly new: string | undefined;
  }[];
  readonly state: string;
  readonly message: string | undefined;
}

/** Something on which source and pool disagree, as a report names it. */
interface ConflictLine {
  readonly key: string;
  readonly username: string;
  readonly sub: string | undefined;
  readonly kind: string;
  readonly what: string;
  readonly isOverruled: boolean;
}

/** What the reports of a sync are made of. */
export interface SyncReport {
  changes(): AsyncIterable<ChangeLine>;
  conflicts(): AsyncIterable<ConflictLine>;
}

/** How values of attributes stand in a report: only their outline, or as they are. */
export type ShownValues = "masked" | "plain";

const CHANGE_COLUMNS = ["source_id", "username", "sub", "change", "what", "old", "new", "state", "message"];

const CONFLICT_COLUMNS = ["source_id", "username", "sub", "conflict", "what", "result"];

/**
 * Writes changes.csv (a line for each attribute, membership or status), conflicts.csv and sync.json into the folder of a
 * sync (0600), each whole or not at all. Of values only an outline is shown unless they are asked for; of fields that are
 * named like secrets never more.
 */
export async function writeSyncReports(
  runDir: string,
  report: SyncReport,
  summary: object,
  shown: ShownValues = "masked",
): Promise<void> {
  await writeCsv(join(runDir, "changes.csv"), CHANGE_COLUMNS, changeRows(report.changes(), shown));
  await writeCsv(join(runDir, "conflicts.csv"), CONFLICT_COLUMNS, conflictRows(report.conflicts()));
  await writeJson(join(runDir, "sync.json"), summary);
}

async function* changeRows(
  changes: AsyncIterable<ChangeLine>,
  shown: ShownValues,
): AsyncIterable<readonly string[]> {
  for await (const { key, username, sub, change, replaced, state, message } of changes) {
    for (const [what, old, value] of valuesOf(change, replaced, shown))
      yield [idOf(key), username, sub, change.kind, what, old, value, state, message ?? ""];
  }
}

function valuesOf(
  change: Change,
  replaced: ChangeLine["replaced"],
  shown: ShownValues,
): readonly (readonly [what: string, old: string, value: string])[] {
  switch (change.kind) {
    case "disable":
    case "enable":
    case "delete":
      return [["", "", ""]];
    case "add-to-group":
    case "remove-from-group":
      return [[change.group, "", ""]];
    case "set-attributes":
    case "delete-attributes": {
      const names =
        change.kind === "delete-attributes" ? change.names : change.attributes.map(([name]) => name);
      return names.map((name) => {
        const value = replaced.find((each) => each.name === name);
        return [name, show(name, value?.old, shown), show(name, value?.new, shown)];
      });
    }
  }
}

/** Values in which nothing is to be hidden. */
const FLAGS = /^(true|false)$/;

function show(name: string, value: string | undefined, shown: ShownValues): string {
  if (value === undefined) return "";
  const isOpen = FLAGS.test(value) || (shown === "plain" && !isSecretField(name));
  return isOpen ? value : maskValue(value);
}

/** The first and the last character of a value and its length: enough to tell two apart, too little to know either. */
function maskValue(value: string): string {
  const characters = Array.from(value);
  return characters.length < 4
    ? "…"
    : `${characters[0] ?? ""}…${characters.at(-1) ?? ""} (${characters.length})`;
}

function idOf(key: string): string {
  return key.startsWith("id:") ? key.slice(3) : "";
}

async function* conflictRows(conflicts: AsyncIterable<ConflictLine>): AsyncIterable<readonly string[]> {
  for await (const { key, username, sub, kind, what, isOverruled } of conflicts)
    yield [idOf(key), username, sub ?? "", kind, what, isOverruled ? "source set again" : "left as it is"];
}
