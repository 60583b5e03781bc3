import { existsSync, readdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { FerryError } from "../core/ferry-error.ts";
import type { RunState } from "../ledger/ledger.ts";
import { isHeld, lockRun, type Held } from "../ledger/run-lock.ts";
import { temporaryPathOf } from "../report/whole-file.ts";
import type { Environment } from "./client-secret.ts";
import { makeFolder } from "./make-folder.ts";
import { dropLedger, hasLedger, hasSharedLedger, readLedger } from "./run-ledger.ts";

/** The folder of one run: its ledger, its spooled parts and its reports (0700). */
export interface RunFolder {
  /** Absolute. */
  readonly path: string;
  /** The ledger, where it is a file of the folder. */
  readonly ledgerPath: string;
  /** Where the address of a ledger in a database is looked up. */
  readonly environment: Environment;
}

/** Names the folder of a run; nothing is touched. */
export function runFolderAt(path: string, environment: Environment = {}): RunFolder {
  if (path.trim() === "") {
    throw new FerryError("USAGE", "--run-dir is empty", { hint: "Name a folder, or leave it out" });
  }
  const absolute = resolve(path);
  return { path: absolute, ledgerPath: join(absolute, "ledger.db"), environment };
}

/** A run's id: readable, sortable, and part of its import jobs' names. */
export function newRunId(now: Date, random: string): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}-${random}`;
}

/** Makes the folder if it is not there, and holds it for this process. Throws RUN_BUSY. */
export async function holdRunFolder(folder: RunFolder): Promise<Disposable> {
  await makeFolder(folder.path);
  return lockRun(join(folder.path, "run.lock"), hasSharedLedger(folder) ? SHARED_RUN : undefined);
}

/** Whether a process holds the folder, so that whoever wanted to hold it would be told RUN_BUSY. */
export function isFolderHeld(folder: RunFolder): boolean {
  return isHeld(join(folder.path, "run.lock"));
}

/** A run that other processes may work on too, each in a folder of its own. */
const SHARED_RUN: Held = {
  name: "run",
  meanwhile: "look at it with: poolferry status; another worker needs a folder of its own (--run-dir)",
  option: "--run-dir",
};

/** The state of the run in a folder, or undefined when it holds none. Throws DISK_UNUSABLE, LEDGER_UNREADABLE and USAGE. */
async function stateOfRun(
  folder: RunFolder,
  mode: "read" | "glance" = "read",
): Promise<RunState | undefined> {
  if (!hasLedger(folder)) return undefined;
  try {
    await using ledger = await readLedger(folder, mode);
    return await ledger.state();
  } catch (error) {
    // The folder names a run of a database that was not begun there, or was deleted.
    if (error instanceof FerryError && error.code === "RUN_NOT_FOUND") return undefined;
    throw error;
  }
}

/**
 * The state of the run in a folder; with a glance, by whoever is to check the whole ledger all the same. Throws RUN_NOT_FOUND when
 * it holds none.
 */
export async function requireRun(folder: RunFolder, mode?: "read" | "glance"): Promise<RunState> {
  const state = await stateOfRun(folder, mode);
  if (state !== undefined) return state;
  throw new FerryError("RUN_NOT_FOUND", `There is no run in ${folder.path}`, {
    hint: "Check --run-dir, or make a plan first",
  });
}

/** Throws RUN_PURGED once a purge of the run has begun: of its users nothing is left. */
export function requireNotPurged(folder: RunFolder, state: RunState): void {
  if (state !== "purging" && state !== "purged") return;
  const isOver = state === "purged";
  throw new FerryError("RUN_PURGED", `The run in ${folder.path} ${isOver ? "was" : "is being"} purged`, {
    hint: isOver
      ? `Its users are no longer known here, only its numbers (poolferry status); plan again in a new folder${leftParts(folder)}`
      : `Finish that with: poolferry purge --run-dir ${folder.path}`,
  });
}

/** A worker that was killed leaves its parts in its own folder, and whoever purges the run elsewhere does not see them. */
function leftParts(folder: RunFolder): string {
  const parts = join(folder.path, "parts");
  if (!existsSync(parts) || !readdirSync(parts).some((name) => PART_FILE.test(name))) return "";
  return `. Users of it still stand in ${parts}; delete them with: poolferry purge --run-dir ${folder.path} --yes`;
}

/**
 * Throws RUN_UNDONE once an undo of the run has begun, and RUN_PURGED once a purge has: it can no longer be carried out,
 * nor compared with the pool.
 */
export function requireNotUndone(folder: RunFolder, state: RunState): void {
  requireNotPurged(folder, state);
  if (state !== "undoing" && state !== "undone") return;
  const isOver = state === "undone";
  throw new FerryError("RUN_UNDONE", `The run in ${folder.path} ${isOver ? "was" : "is being"} undone`, {
    hint: isOver
      ? "Plan again in a new folder; undo.csv says what became of each of its users"
      : finishUndo(folder),
  });
}

/** The hint of whatever has to wait for the end of an undo. */
export function finishUndo({ path }: RunFolder): string {
  return `Finish that as you began it: poolferry undo --run-dir ${path} with --delete or --disable`;
}

/** Runs that cannot be resumed. */
const ENDED: Readonly<Partial<Record<RunState, string>>> = {
  done: "a finished run",
  undoing: "a run that was undone",
  undone: "a run that was undone",
  purging: "a run that was purged",
  purged: "a run that was purged",
};

/** Throws RUN_EXISTS unless the folder can take a new run: only a plan of which nothing was sent may be replaced. */
export async function requireReplaceable(folder: RunFolder, replaceable: readonly RunState[]): Promise<void> {
  const state = await stateOfRun(folder);
  if (state === undefined || replaceable.includes(state)) return;
  const what = ENDED[state];
  if (what !== undefined) {
    throw new FerryError("RUN_EXISTS", `${folder.path} holds ${what}`, {
      hint: "Name another folder with --run-dir",
    });
  }
  throw new FerryError("RUN_EXISTS", `${folder.path} holds an unfinished run`, {
    hint: `Finish it with: poolferry resume --run-dir ${folder.path}`,
  });
}

/** Files of a run that stand beside its ledger; the ledger's own are told by {@link LEDGER_FILE}. */
const REPORT_FILES = [
  "failed.csv",
  "failed.ndjson",
  "skipped.csv",
  "skipped.ndjson",
  "rejected.csv",
  "rejected.ndjson",
  "duplicates.csv",
  "warnings.csv",
  "follow-ups.csv",
  "identity-map.csv",
  "report.html",
  "report.json",
  "verify.csv",
  "undo.csv",
];
const LEDGER_FILE = /^ledger\.(json|db(-wal|-shm|-journal)?)$/;
const PART_FILE = /^part-\d+\.csv$/;

/** Throws RUN_EXISTS when a folder without a run holds files that a run would overwrite: they are not ours. */
export function requireNothingForeign(folder: RunFolder): void {
  if (!existsSync(folder.path) || hasLedger(folder)) return;
  const foreign = REPORT_FILES.find((name) => existsSync(join(folder.path, name)));
  if (foreign === undefined) return;
  throw new FerryError("RUN_EXISTS", `${folder.path} holds a ${foreign} that is not of a run`, {
    hint: "Name a new folder with --run-dir",
  });
}

/** Deletes a folder that a failed plan made; one that was there before, or holds anything but our lock, stays. */
export async function removeMadeFolder(folder: RunFolder): Promise<void> {
  if (readdirSync(folder.path).some((name) => name !== "run.lock")) return;
  await rm(folder.path, { recursive: true, force: true });
}

/**
 * Deletes what a replaced or failed plan left in the folder, its reports too, and nothing else; the caller holds the
 * folder, and has made sure that nothing in it is foreign.
 */
export async function removeRun(folder: RunFolder): Promise<void> {
  await dropLedger(folder);
  await removeFiles(folder.path, LEDGER_FILE);
  await removeReports(folder);
  await removeParts(folder);
}

/** The files in the folder of a purged run that no run has made, such as copies of reports; paths within the folder. */
export function foreignFiles({ path }: RunFolder): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .filter((name) => name !== "run.lock" && name !== "report.json" && !LEDGER_FILE.test(name))
    .toSorted();
}

/** The files of a run that hold personal data, beside its ledger. */
export interface PersonalFiles {
  /** The names of the reports that are there, but that of the numbers. */
  readonly reports: readonly string[];
  /** How many files of parts there are. */
  readonly parts: number;
}

/** What {@link removeReports} and {@link removeParts} would delete. */
export function personalFiles({ path }: RunFolder): PersonalFiles {
  const parts = join(path, "parts");
  return {
    reports: REPORT_FILES.filter((name) => name !== "report.json" && existsSync(join(path, name))),
    parts: existsSync(parts) ? readdirSync(parts).filter((name) => PART_FILE.test(name)).length : 0,
  };
}

/** Deletes the reports, also those that a killed process had half written; the caller holds the folder. */
export async function removeReports(folder: RunFolder): Promise<void> {
  for (const name of REPORT_FILES.flatMap((report) => [report, temporaryPathOf(report)]))
    await rm(join(folder.path, name), { force: true });
}

/** Deletes the ledger and the parts of a finished run, and keeps its reports: nothing can be asked of it any more. */
export async function removeLedger(folder: RunFolder): Promise<void> {
  await dropLedger(folder);
  await removeFiles(folder.path, LEDGER_FILE);
  await removeParts(folder);
  await rm(join(folder.path, "run.lock"), { force: true });
}

/** Deletes the files of all parts, which hold personal data and perhaps password hashes; the caller holds the folder. */
export async function removeParts(folder: RunFolder): Promise<void> {
  const parts = join(folder.path, "parts");
  if (!existsSync(parts)) return;
  await removeFiles(parts, PART_FILE);
  if (readdirSync(parts).length === 0) await rmdir(parts);
}

async function removeFiles(directory: string, names: RegExp): Promise<void> {
  for (const name of readdirSync(directory).filter((each) => names.test(each)))
    await rm(join(directory, name), { force: true });
}
