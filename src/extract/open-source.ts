import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { RowBatch } from "../core/row.ts";
import { detectSourceType } from "./detect.ts";
import { findFiles, missingFile } from "./find-files.ts";
import { joinFiles, type FileStart } from "./join-files.ts";
import { openOutcomeFile, recogniseOutcomeFile, type OutcomeFile } from "./outcome-file.ts";
import { isReadOnce, requireReadAgain } from "./plain-file.ts";
import type { OpenContext, Source, SourceOptions, SourceType } from "./source.ts";
import { AUTO, SOURCE_TYPES, sourceTypeNamed } from "./sources.ts";

/** Where users come from, as the operator says it. */
export interface SourceSpec extends SourceOptions {
  /** A source type, or auto to tell by the file's beginning. */
  readonly type: string;
  /**
   * A file, several, or patterns such as `users-*.json`; of a live source what its type asks for: the name of an
   * environment variable, a user pool's id.
   */
  readonly path: string | readonly string[];
  /** Where an earlier reading ended, as it said ({@link OpenedSource.cursor}); only what is behind it is read. */
  readonly after?: string | undefined;
}

/** Which source it is, before it is opened. */
export interface FoundSource {
  readonly type: SourceType;
  /** By what the type was recognised; undefined where the operator named it. */
  readonly why: string | undefined;
  /** What the operator should know of the choice before anything is decided. */
  readonly remarks: readonly string[];
  /** Its files, or the one place of a live source. */
  readonly places: readonly string[];
  /** All files that are read, those of its options too; none of a live source. */
  readonly files: readonly string[];
  /** Which of its files an earlier run wrote, with users who failed, were rejected or were skipped. */
  readonly outcomeFiles: ReadonlyMap<string, OutcomeFile>;
}

/** An open source that says how far it was read. */
export interface OpenedSource extends Source {
  /** Where a later reading can go on behind the rows that were given so far. */
  readonly cursor: string;
  /** Whether behind the cursor comes all that changes, and not only rows that are added at the end. */
  readonly followsChanges: boolean;
  /** Which row begins which file, where there are several; of those that were begun so far. */
  readonly starts: readonly FileStart[];
  /** Whether only some of the users of a source are read, so that nobody may have what is not everybody's. */
  readonly isPart: boolean;
  /** Whether an earlier run wrote it, and left secrets out. */
  readonly lacksSecrets: boolean;
}

/** Options that name files beside the source's own. */
export const FILE_OPTIONS = [
  "groups",
  "passwordHashes",
  "usermeta",
  "caFile",
] as const satisfies readonly (keyof SourceOptions)[];

/**
 * Finds the files and the type of a source. Throws USAGE for a type that there is not and for an option that the type
 * does not heed, SOURCE_NOT_FOUND for a pattern without a file, and what recognising a file throws.
 */
export async function findSource(spec: SourceSpec): Promise<FoundSource> {
  const stated = spec.type === AUTO ? undefined : sourceTypeNamed(spec.type);
  const paths = typeof spec.path === "string" ? [spec.path] : spec.path;
  const isFile = stated === undefined || (stated.place ?? "file") === "file";
  const places = isFile ? await findFiles(paths) : paths;
  const { type, why } =
    stated === undefined ? await detectOne(places, spec.list) : { type: stated, why: undefined };
  requireHeeded(spec, type);
  const outcomeFiles = isFile ? await outcomeFilesOf(places) : new Map<string, OutcomeFile>();
  const fromElsewhere = places.filter((place) => !outcomeFiles.has(place));
  // Of a type that was recognised there is no doubt, and what an earlier run wrote looks like no system's export.
  const doubts = stated === undefined ? [] : await doubtsOf(stated, fromElsewhere, spec.list);
  const remarks = isFile ? [...doubts, ...gapsOf(places), ...originsOf(outcomeFiles)] : [];
  const sideFiles = FILE_OPTIONS.flatMap((option) => spec[option] ?? []);
  return { type, why, remarks, places, files: isFile ? [...places, ...sideFiles] : [], outcomeFiles };
}

async function outcomeFilesOf(paths: readonly string[]): Promise<ReadonlyMap<string, OutcomeFile>> {
  const forms = new Map<string, OutcomeFile>();
  for (const path of paths) {
    const form = await recogniseOutcomeFile(path);
    if (form !== undefined) forms.set(path, form);
  }
  return forms;
}

function originsOf(outcomeFiles: ReadonlyMap<string, OutcomeFile>): readonly string[] {
  return outcomeFiles.size === 0 ? [] : ["users of an earlier run"];
}

/** The type that all these files are of. */
async function detectOne(
  paths: readonly string[],
  list: string | undefined,
): Promise<{ readonly type: SourceType; readonly why: string }> {
  const [first = "", ...others] = paths;
  for (const path of paths) {
    await requireReadAgain(path, "Only a file can be looked at beforehand: say the type, --from TYPE:PATH");
  }
  const found = await detectSourceType(first, SOURCE_TYPES, list);
  for (const path of others) {
    const { type } = await detectSourceType(path, SOURCE_TYPES, list);
    if (type === found.type) continue;
    throw new FerryError("SOURCE_FORMAT", `${first} is ${found.type.type}, but ${path} is ${type.type}`, {
      hint: "Name only files of one export, or say what they are: --from TYPE:PATH",
    });
  }
  return found;
}

/**
 * What speaks against the type that was stated. Throws SOURCE_FORMAT for a file of another system: its users would be
 * read by rules that are not for them, and the disabled among them let in.
 */
async function doubtsOf(
  type: SourceType,
  paths: readonly string[],
  list: string | undefined,
): Promise<readonly string[]> {
  if ((type.place ?? "file") !== "file") return [];
  for (const path of paths) {
    if (await isReadOnce(path)) continue;
    const found = await detectSourceType(path, SOURCE_TYPES, list).catch(() => undefined);
    if (found === undefined || found.type === type || found.type.recognise === undefined) continue;
    if (type.alsoReads?.includes(found.type.type) === true) continue;
    const seen = `${path} is of the type ${found.type.type}, as ${found.why}`;
    if (type.recognise === undefined) return [`${seen}: it has a mapping of its own`];
    throw new FerryError("SOURCE_FORMAT", `${seen}, not ${type.type}`, {
      hint: `Use --from ${found.type.type}:PATH; or --from json:PATH (or csv:) with a mapping of yours`,
    });
  }
  return [];
}

function gapsOf(paths: readonly string[]): readonly string[] {
  const missing = missingFile(paths);
  return missing === undefined ? [] : [`${missing} is missing among them`];
}

function requireHeeded(spec: SourceSpec, { type, options }: SourceType): void {
  const { type: _type, path: _path, after: _after, ...stated } = spec;
  for (const [option, value] of Object.entries(stated)) {
    if (value === undefined || (options as readonly string[]).includes(option)) continue;
    const others = SOURCE_TYPES.filter((each) => (each.options as readonly string[]).includes(option));
    throw new FerryError("USAGE", `source.${option} has no meaning for a source of type ${type}`, {
      hint: `Leave it out: it is for ${others.map((each) => each.type).join(", ")}`,
    });
  }
}

/** What the program that opens a source gives it, beside what the operator says. */
export type OpeningContext = Pick<OpenContext, "observe" | "quotaShare"> & { readonly signal: AbortSignal };

/** Opens what {@link findSource} found. Throws what the type throws. */
export async function openSource(
  { type, places, remarks, outcomeFiles }: FoundSource,
  spec: SourceSpec,
  context: OpeningContext,
): Promise<OpenedSource> {
  const { after } = spec;
  const { signal } = context;
  const [first = "", ...others] = places;
  const opening = {
    ...context,
    isOneOfMany: others.length > 0,
    // Files are counted: a place in one of them would be no place in all.
    ...(others.length === 0 ? { after } : {}),
  };
  const open = (place: string): Promise<Source> => {
    const form = outcomeFiles.get(place);
    if (form === undefined) return type.open(place, spec, opening);
    return openOutcomeFile(form, type, { place, options: spec, context: opening });
  };
  const joined = others.length === 0 ? undefined : await joinFiles(places, open);
  const users = joined ?? (await open(first));
  const { sideFile } = type;
  const side = sideFile === undefined ? undefined : spec[sideFile.option];
  const source =
    sideFile === undefined || side === undefined ? users : await sideFile.join(users, side, signal);
  const passed = after === undefined || source.heedsAfter === true ? 0 : rowsBefore(after);
  let rows = passed;
  return {
    shape: source.shape,
    isPart: after !== undefined || outcomeFiles.size > 0,
    lacksSecrets: outcomeFiles.size > 0,
    get description() {
      return [source.description, ...remarks].join("; ");
    },
    get cursor() {
      return source.cursor ?? String(rows);
    },
    get followsChanges() {
      return source.heedsAfter === true && source.cursor !== undefined;
    },
    get starts() {
      return joined?.starts ?? [];
    },
    async *batches() {
      for await (const batch of rest(source.batches(), passed)) {
        throwIfInterrupted(signal);
        rows += batch.length;
        yield batch;
      }
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

function rowsBefore(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new FerryError("USAGE", `source.after is not a place in this source: ${after}`, {
    hint: "Of a file it is the number of rows to pass over, as the plan before said it",
  });
}

/** The rows behind so many; they keep their numbers. */
async function* rest(batches: AsyncIterable<RowBatch>, passed: number): AsyncGenerator<RowBatch> {
  for await (const batch of batches) {
    const last = batch.at(-1)?.seq ?? 0;
    if (last <= passed) continue;
    yield passed === 0 ? batch : batch.filter(({ seq }) => seq > passed);
  }
}
