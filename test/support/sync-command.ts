import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { parse } from "csv-parse/sync";
import type { SyncSummary } from "../../src/run/sync-summary.ts";
import type { StatedSyncPolicies } from "../../src/sync/sync-policies.ts";
import { finish, runCli, startCli, type CommandOptions, type CommandResult } from "./cli.ts";
import { aFolder } from "./files.ts";
import type { Person } from "./sync.ts";
import { LOGS_ROLE_ARN, type Target } from "./target.ts";

/** What `sync --json` has printed: a summary, or the error. */
export interface SyncResult extends CommandResult {
  readonly summary: SyncSummary & { readonly error?: { readonly code: string; readonly message: string } };
}

/** What the config of a sync says beside the pool. */
export interface SyncConfig {
  readonly source?: object;
  readonly mapping?: object;
  readonly sync?: StatedSyncPolicies;
  readonly limits?: object;
  readonly policies?: object;
  readonly ledger?: string;
}

/** `poolferry sync` of one pool, with a config file and a folder of its own. */
export class SyncCommand {
  readonly folder = aFolder();
  readonly config = join(this.folder, "ferry.yaml");
  /** The source, unless the config names another one. */
  readonly path = join(this.folder, "people.ndjson");
  readonly syncDir = join(this.folder, "sync");
  readonly #target: Target;
  readonly options: CommandOptions;

  constructor(target: Target, config: SyncConfig = {}, options: CommandOptions = {}) {
    this.#target = target;
    this.options = options;
    this.configure(config);
  }

  /** Writes the config anew. */
  configure(config: SyncConfig): void {
    const { emulator, userPoolId } = this.#target;
    const content = {
      source: { type: "ndjson", path: "people.ndjson" },
      userPool: { id: userPoolId, endpointUrl: emulator.url },
      importJob: { logsRoleArn: LOGS_ROLE_ARN },
      mapping: { sourceId: "id", disabled: "disabled", groups: "teams" },
      ...config,
      limits: { quotaShare: 1, ...config.limits },
      sync: { dir: "sync", ...config.sync },
    };
    // JSON is YAML too.
    writeFileSync(this.config, JSON.stringify(content));
  }

  /** Writes the source anew. */
  write(list: readonly Person[]): void {
    const blank = { nickname: null, disabled: false, teams: [] };
    const records = list.map((person) => `${JSON.stringify({ ...blank, ...person })}\n`);
    writeFileSync(this.path, records.join(""));
  }

  /** Runs `sync`, or another command with the same config, to its end. */
  async run(...args: readonly string[]): Promise<CommandResult> {
    return runCli(this.#argsOf(args), { deadlineMs: DEADLINE_MS, ...this.options });
  }

  /** Runs `sync --json`. */
  async sync(...flags: readonly string[]): Promise<SyncResult> {
    return resultOf(await this.run("sync", ...flags, "--json"));
  }

  async approve(maxDeletions: number): Promise<SyncResult> {
    return resultOf(await this.run("sync", "approve", "--max-deletions", String(maxDeletions), "--json"));
  }

  /** Starts `sync --json` and lets it be. */
  start(...flags: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<SyncResult> } {
    const child = startCli(this.#argsOf(["sync", ...flags, "--json"]), this.options);
    return { child, ended: finish(child, DEADLINE_MS).then(resultOf) };
  }

  /** The lines of a report of a sync. */
  lines({ runDir }: Pick<SyncSummary, "runDir">, name: string): readonly Readonly<Record<string, string>>[] {
    return parse(readFileSync(join(runDir ?? "", name)), { columns: true });
  }

  #argsOf(args: readonly string[]): readonly string[] {
    return [...args, "--config", this.config];
  }
}

/** A sync of thousands of users on a busy machine. */
const DEADLINE_MS = 60_000;

function resultOf(result: CommandResult): SyncResult {
  const last = result.stdout.trim().split("\n").at(-1) ?? "";
  if (last === "" && result.signal === null) throw new Error(`nothing on stdout; stderr: ${result.stderr}`);
  return { ...result, summary: (last === "" ? {} : JSON.parse(last)) as SyncResult["summary"] };
}
