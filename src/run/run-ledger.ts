import { existsSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import { VARIABLE_NAME } from "../core/variable-name.ts";
import type { SqlAddress } from "../drivers/sql-address.ts";
import type { Ledger, RunFacts } from "../ledger/ledger.ts";
import {
  createPostgresLedger,
  dropPostgresRun,
  joinPostgresRun,
  openPostgresLedger,
} from "../ledger/postgres-ledger.ts";
import { createSqliteLedger, openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import type { Environment } from "./client-secret.ts";
import { makeFolder } from "./make-folder.ts";
import type { RunFolder } from "./run-folder.ts";

/** Where in a folder it stands that the ledger of its run, or its sync, is in a database. */
export const LEDGER_PLACE = "ledger.json";

/** A ledger in PostgreSQL: the variable that holds the database's address, with its credentials, and the run's id there. */
interface LedgerPlace {
  readonly variable: string;
  readonly runId: string;
}

/** A run that this process works on, perhaps with others. */
export interface OpenRun extends AsyncDisposable {
  readonly ledger: Ledger;
  /** The request rates that it shares with others; undefined where it shares none. */
  readonly rate: SharedRate | undefined;
  /** Aborted, with a FerryError, when others have taken over what this process had. */
  readonly lost: AbortSignal;
}

/**
 * Whether a folder has a run, as far as the folder tells. Throws DISK_UNUSABLE for a folder that lets nobody look: taken for
 * one without a run, it would have its users planned and sent once more.
 */
export function hasLedger(folder: RunFolder): boolean {
  try {
    if (statSync(folder.ledgerPath, { throwIfNoEntry: false }) !== undefined) return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new FerryError("DISK_UNUSABLE", `The run folder ${folder.path} cannot be looked into (${code})`, {
      hint: "Go on as the user who made the run, or give this one the right to read and write the folder",
      cause: error,
      exitCode: EXIT_CODES.usage,
    });
  }
  return hasSharedLedger(folder);
}

/** Whether a folder has a run whose ledger is in a database. */
export function hasSharedLedger({ path }: RunFolder): boolean {
  return existsSync(join(path, LEDGER_PLACE));
}

/**
 * Makes the ledger of a new run: a file in its folder, or in the PostgreSQL that `ledger` names as `postgres:VARIABLE`. Throws USAGE
 * for another text, and where the variable is not set.
 */
export async function createLedger(
  folder: RunFolder,
  facts: RunFacts,
  ledger: string | undefined,
): Promise<Ledger> {
  if (ledger === undefined) return createSqliteLedger(folder.ledgerPath, facts);
  const place = { variable: variableIn(ledger), runId: facts.runId };
  const address = addressOf(place, folder.environment);
  // First, so that whatever happens the folder tells of it.
  await writePlace(folder, place);
  return createPostgresLedger(address, facts).catch(async (error: unknown) => {
    // It is made whole or not at all.
    await rm(join(folder.path, LEDGER_PLACE), { force: true });
    throw error;
  });
}

/** A run of a database that was planned on another computer. */
export interface RunToJoin {
  /** `postgres:VARIABLE`: the variable that holds the database's address. */
  readonly ledger: string;
  readonly runId: string;
}

/**
 * Has a folder, which is made where it is not there, name a run of a database. Throws RUN_EXISTS for a folder that has another
 * run, RUN_NOT_FOUND, and USAGE.
 */
export async function joinRun(folder: RunFolder, { ledger, runId }: RunToJoin): Promise<void> {
  const place = { variable: variableIn(ledger), runId };
  const known = await placeOf(folder);
  if (hasLedger(folder) && known?.runId !== runId) {
    throw new FerryError("RUN_EXISTS", `${folder.path} holds another run than ${runId}`, {
      hint: "Name another folder with --run-dir, or leave --ledger and --run-id out to work on the run of this one",
    });
  }
  // So that a folder names no run that is not there.
  await using _there = await openPostgresLedger(addressOf(place, folder.environment), runId, "read");
  await makeFolder(folder.path);
  await writePlace(folder, place);
}

/**
 * Opens the ledger of the run in a folder for those who only look, or glance at no more than its facts. Throws RUN_NOT_FOUND,
 * LEDGER_UNREADABLE and USAGE.
 */
export async function readLedger(folder: RunFolder, mode: "read" | "glance" = "read"): Promise<Ledger> {
  const place = await placeOf(folder);
  if (place === undefined) return openSqliteLedger(folder.ledgerPath, mode);
  return openPostgresLedger(addressOf(place, folder.environment), place.runId, "read");
}

/**
 * Opens the run in a folder, which the caller holds, to work on it: in PostgreSQL with others (`share`), or with nobody else
 * (`alone`). To load it, the ledger is opened without a look at all of it, which the caller has to take. Throws RUN_BUSY, and
 * whatever {@link readLedger} throws.
 */
export async function openRun(
  folder: RunFolder,
  use: "share" | "alone",
  mode: "write" | "load" = "write",
): Promise<OpenRun> {
  const place = await placeOf(folder);
  if (place !== undefined) return joinPostgresRun(addressOf(place, folder.environment), place.runId, use);
  const ledger = await openSqliteLedger(folder.ledgerPath, mode);
  return { ledger, rate: undefined, lost: NEVER, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() };
}

const NEVER = new AbortController().signal;

/** Deletes the ledger that the folder names from its database, where it is in one; the folder's own files stay. */
export async function dropLedger(folder: RunFolder): Promise<void> {
  const place = await placeOf(folder);
  if (place === undefined) return;
  await dropPostgresRun(addressOf(place, folder.environment), place.runId);
  await rm(join(folder.path, LEDGER_PLACE), { force: true });
}

async function writePlace(folder: RunFolder, { variable, runId }: LedgerPlace): Promise<void> {
  const text = `${JSON.stringify({ ledger: `postgres:${variable}`, runId })}\n`;
  await writeFile(join(folder.path, LEDGER_PLACE), text, { mode: 0o600 });
}

async function placeOf(folder: RunFolder): Promise<LedgerPlace | undefined> {
  const path = join(folder.path, LEDGER_PLACE);
  if (!existsSync(path)) return undefined;
  const text = await readFile(path, "utf8");
  try {
    const { ledger, runId } = JSON.parse(text) as { readonly ledger: string; readonly runId: string };
    return { variable: variableIn(ledger), runId };
  } catch (error) {
    throw new FerryError("LEDGER_UNREADABLE", `${path} does not say where the ledger is`, {
      hint: 'It holds { "ledger": "postgres:VARIABLE", "runId": "…" }: restore it, or name another folder with --run-dir',
      cause: error,
    });
  }
}

/** The variable that `postgres:VARIABLE` names. What else stands there may be the address itself: it is not shown. */
export function variableIn(ledger: string): string {
  const [, variable = ""] = /^postgres:(.*)$/s.exec(ledger) ?? [];
  if (VARIABLE_NAME.test(variable)) return variable;
  throw new FerryError("USAGE", "The ledger is not of the form postgres:VARIABLE", {
    hint: "Put the address of the database into a variable (export LEDGER_URL=postgres://…) and name that: --ledger postgres:LEDGER_URL",
  });
}

/** The address of the database that `postgres:VARIABLE` names. Throws USAGE. */
export function ledgerAddress(ledger: string, environment: Environment = {}): SqlAddress {
  return addressOf({ variable: variableIn(ledger) }, environment);
}

function addressOf({ variable }: Pick<LedgerPlace, "variable">, environment: Environment): SqlAddress {
  const url = environment[variable];
  if (url !== undefined && url !== "") return { place: variable, url, signal: undefined };
  throw new FerryError("USAGE", `The environment variable ${variable} is not set`, {
    hint: "It holds the address of the ledger's database, with its credentials",
  });
}
