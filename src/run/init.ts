import { writeFile } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { explainServiceError } from "../cognito/explain-error.ts";
import { readPool } from "../cognito/read-pool.ts";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { Pool } from "../core/pool.ts";
import type { Row } from "../core/row.ts";
import { findSource, openSource } from "../extract/open-source.ts";
import { placeKeyOf } from "../extract/place-key.ts";
import type { Source } from "../extract/source.ts";
import { AUTO } from "../extract/sources.ts";
import { presetConfig } from "../propose/preset-config.ts";
import { proposedConfig } from "../propose/proposed-config.ts";
import { surveyRows } from "../propose/survey-fields.ts";
import { openCognito } from "./pool-address.ts";

/** Rows that are looked at before a config is proposed. */
const SURVEYED_ROWS = 1_000;

/** What a config is proposed from. */
export interface InitOptions {
  /** The source type of the file; told by the file's beginning when undefined. */
  readonly type?: string | undefined;
  /** The file with the users. */
  readonly path: string;
  /** The key of the list of users in a JSON document with several lists. */
  readonly list?: string | undefined;
  /** What separates the fields of a CSV; recognised when undefined. */
  readonly separator?: string | undefined;
  /** Lines of a CSV before its header; none when undefined. */
  readonly skipLines?: number | undefined;
  /** Its schema decides what is proposed; without it nothing is asked of AWS. */
  readonly userPoolId?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Where the config will stand, as its paths are relative to it; the current folder when undefined. */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text of a config for a file: what was recognised, a mapping proposed by the names of the fields, and comments that
 * say what was seen, in counts and never with a value. Reads the first thousand rows. Throws what the source, and with a
 * pool Cognito, throws, and USAGE for an option that the type does not heed and for a type whose users stand in no file.
 */
export async function proposeConfig(options: InitOptions): Promise<string> {
  const signal = options.signal ?? new AbortController().signal;
  const { type = AUTO, list, separator, skipLines, userPoolId } = options;
  if (placeKeyOf(type) !== "path") throw withoutFile(type);
  const spec = { type, path: options.path, list, separator, skipLines };
  const found = await findSource(spec);
  await using source = await openSource(found, spec, { signal });
  const { rows, isWhole } = await firstRows(source, signal);
  const pool = userPoolId === undefined ? undefined : await poolOf(userPoolId, options, signal);
  const folder = options.out === undefined ? "." : dirname(resolve(options.out));
  return proposedConfig({
    source: {
      type: found.type.type,
      path: pathFrom(folder, options.path),
      list,
      separator,
      skipLines,
      description: found.why === undefined ? source.description : `${source.description}; ${found.why}`,
    },
    connection: options,
    survey: surveyRows(rows, source.shape),
    isWhole,
    pool,
  });
}

function withoutFile(type: string): FerryError {
  return new FerryError("USAGE", `init looks at a file, and the users of ${type} stand in none`, {
    hint: `docs/sources/${type}.md has a config to begin with`,
  });
}

/** The text of a config with the mapping of a preset. Throws USAGE for a name that there is not. */
export function presetText(name: string): string {
  return presetConfig(name);
}

/** Writes a new config file; throws USAGE when there is one already, as it would be someone's work. */
export async function writeConfig(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") {
      throw new FerryError("USAGE", `There is a file ${path} already`, {
        hint: "Name another with --out; init writes over nothing",
      });
    }
    throw new FerryError("USAGE", `The file ${path} cannot be written (${error.code ?? error.message})`, {
      hint: "Check the folder and its permissions",
      cause: error,
    });
  });
}

/** A path that was given as absolute stays so, unless the file lies below the config. */
function pathFrom(folder: string, path: string): string {
  const fromFolder = relative(folder, path);
  return isAbsolute(path) && fromFolder.startsWith("..") ? path : fromFolder;
}

async function firstRows(
  source: Source,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly isWhole: boolean }> {
  const rows: Row[] = [];
  for await (const batch of source.batches()) {
    throwIfInterrupted(signal);
    rows.push(...batch);
    if (rows.length > SURVEYED_ROWS) return { rows: rows.slice(0, SURVEYED_ROWS), isWhole: false };
  }
  return { rows, isWhole: true };
}

async function poolOf(userPoolId: string, options: InitOptions, signal: AbortSignal): Promise<Pool> {
  await using cognito = openCognito({ ...options, userPoolId }, () => undefined);
  return await readPool(cognito, userPoolId, signal).catch((error: unknown) => {
    throw explainServiceError(error);
  });
}
