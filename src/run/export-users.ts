import { tmpdir } from "node:os";
import { dirname, relative, resolve } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { listGroupNames, listMembers } from "../cognito/groups.ts";
import type { ListedUser } from "../cognito/list-users.ts";
import { readPool } from "../cognito/read-pool.ts";
import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import { exportConfig } from "../propose/export-config.ts";
import { userFile, type ExportedUser, type UserFileFormat } from "../report/user-file.ts";
import { writeWhole } from "../report/whole-file.ts";
import { writeConfig } from "./init.ts";
import { listAllUsers } from "./list-all-users.ts";
import { Memberships } from "./memberships.ts";
import { explainWriteError, requireNew } from "./new-file.ts";
import { openCognito, type PoolAddress } from "./pool-address.ts";
import type { RunObserver } from "./run-event.ts";
import { ONLY_READ, withoutRun } from "./without-run.ts";

/** Which pool is exported, and where to. */
export interface ExportOptions extends PoolAddress {
  /** `ndjson`, a user a line, or `csv`. */
  readonly format: UserFileFormat;
  /** A new file (0600), or a stream, which stays open. */
  readonly out: string | Writable;
  /** A new file for a config that reads the export back; only with a file as `out`. */
  readonly configOut?: string | undefined;
  /** Interrupts the export; no file is left. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
}

/** The version of an export's report: it grows when a key goes or means something else, and stays when one comes. */
export const EXPORT_REPORT_VERSION = 1;

/** What was exported, as `--json` prints it; the layout is dist/export-report.schema.json. */
export interface ExportSummary {
  readonly reportVersion: typeof EXPORT_REPORT_VERSION;
  readonly userPoolId: string;
  readonly format: UserFileFormat;
  /** Absolute path; undefined for a stream. */
  readonly out: string | undefined;
  /** The config that reads the export back; undefined where none was asked for. */
  readonly configOut: string | undefined;
  /** How many users were written. */
  readonly users: number;
  /** How many groups the pool has. */
  readonly groups: number;
  /** How many memberships of users in groups were written. */
  readonly memberships: number;
  readonly exitCode: ExitCode;
}

/**
 * Writes all users of a pool, with their groups, in a form that can be a source again. Only reads, with calls that make
 * no monthly active user; what is written of a user is what ListUsers says, so no password and no second factor. Memory
 * does not grow with the pool. A file is there whole or not at all. Throws FerryError.
 *
 * @example
 * ```ts
 * import { exportUsers } from "poolferry";
 *
 * const { users, groups } = await exportUsers({
 *   userPoolId: "eu-central-1_AbCd12345",
 *   format: "ndjson",
 *   out: "users.ndjson",
 *   configOut: "back.yaml",
 * });
 * console.log(users, "users,", groups, "groups");
 * ```
 */
export async function exportUsers(options: ExportOptions): Promise<ExportSummary> {
  const out = typeof options.out === "string" ? resolve(options.out) : undefined;
  const configOut = options.configOut === undefined ? undefined : resolve(options.configOut);
  if (out !== undefined) await requireNew(out, "export");
  if (configOut !== undefined) await requireNew(configOut, "export");
  try {
    return await exportTo(options, { out, configOut });
  } catch (error) {
    throw withoutRun(explainWriteError(explainServiceError(error), out), ONLY_READ);
  }
}

interface Places {
  readonly out: string | undefined;
  readonly configOut: string | undefined;
}

async function exportTo(options: ExportOptions, { out, configOut }: Places): Promise<ExportSummary> {
  const { userPoolId, format, observe = () => undefined, signal = new AbortController().signal } = options;
  await using cognito = openCognito(options, observe);
  const pool = await readPool(cognito, userPoolId, signal);
  observe({ kind: "pool-read", userPoolId, name: pool.name });
  using memberships = new Memberships(out === undefined ? tmpdir() : dirname(out));
  const exporting: Exporting = { cognito, userPoolId, memberships, signal, observe, seen: new Seen() };
  const groups = await readMemberships(exporting);
  const names = pool.attributes.map(({ name }) => name);
  const content = (): NodeJS.ReadableStream => userFile(exportedPages(exporting), format, names);
  if (typeof options.out === "string") await writeWhole(resolve(options.out), content);
  else await pipeline(content(), options.out, { end: false });
  const { users, attributes, providers } = exporting.seen;
  if (out !== undefined && configOut !== undefined) {
    const path = relative(dirname(configOut), out);
    const hasGroups = memberships.count > 0;
    await writeConfig(
      configOut,
      exportConfig({ userPoolId, type: format, path, attributes, providers, hasGroups }),
    );
  }
  return {
    reportVersion: EXPORT_REPORT_VERSION,
    userPoolId,
    format,
    out,
    configOut,
    users,
    groups,
    memberships: memberships.count,
    exitCode: EXIT_CODES.ok,
  };
}

interface Exporting {
  readonly cognito: Cognito;
  readonly userPoolId: string;
  readonly memberships: Memberships;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
  readonly seen: Seen;
}

/** Returns how many groups there are. */
async function readMemberships(exporting: Exporting): Promise<number> {
  const { cognito, userPoolId: poolId, memberships, signal, observe } = exporting;
  const groups = await listGroupNames(cognito, poolId, signal);
  for (const name of groups) {
    let members = 0;
    for await (const page of listMembers(cognito, { poolId, name }, signal)) {
      memberships.add(
        page.map(({ username }) => username),
        name,
      );
      members += page.length;
    }
    observe({ kind: "members-listed", group: name, members });
  }
  return groups.size;
}

async function* exportedPages(exporting: Exporting): AsyncGenerator<readonly ExportedUser[]> {
  const { userPoolId: poolId, memberships, seen } = exporting;
  for await (const page of listAllUsers({ ...exporting, poolId })) {
    seen.note(page);
    yield page.map((user) => ({ ...user, groups: memberships.groupsOf(user.username) }));
  }
}

/** What there was of users, for a config: names of attributes and of providers, no value. */
class Seen {
  users = 0;
  readonly attributes = new Set<string>();
  readonly providers = new Set<string>();

  note(page: readonly ListedUser[]): void {
    this.users += page.length;
    for (const { attributes, status } of page) {
      for (const [name, value] of attributes) {
        this.attributes.add(name);
        // Whom a provider signed in is no user of the pool's own, and cannot be linked.
        if (name === "identities" && status !== "EXTERNAL_PROVIDER") this.#noteProviders(value);
      }
    }
  }

  // The form of the list is reported.
  #noteProviders(identities: string): void {
    for (const [, name = ""] of identities.matchAll(/"providerName"\s*:\s*"([^"\\]+)"/g))
      this.providers.add(name);
  }
}
