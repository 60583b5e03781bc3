import { dirname, join, resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { visible } from "../core/visible.ts";
import type { Config } from "../run/config.ts";
import type { SyncPlace } from "../run/open-sync.ts";
import type { SyncOptions } from "../run/sync.ts";
import {
  addFormatOption,
  addLedgerOption,
  addOutputOptions,
  addReadingOptions,
  planOptionsOf,
  type ReadingFlags,
} from "./plan-options.ts";
import { examplesText, underHeading } from "./help-text.ts";
import { printOutcome, printSummary, type OutputFlags, type SummaryFlags } from "./run-command.ts";
import { addConfigOption, findConfig, type ConfigFlags, type FoundConfig } from "./find-config.ts";
import { settableOption } from "./settable-option.ts";
import { addServiceOptions, runService, type ServiceFlags } from "./run-service.ts";
import { printNote } from "./terminal.ts";
import { syncMarkdown } from "./sync-markdown.ts";
import { historyText, syncText } from "./sync-text.ts";

interface SyncFlags extends ReadingFlags, SummaryFlags {
  readonly syncDir?: string;
  readonly ledger?: string;
  readonly dryRun?: boolean;
  readonly full?: boolean;
  readonly once?: boolean;
  readonly showValues?: boolean;
}

interface SyncOrServeFlags extends SyncFlags, ServiceFlags {}

interface ApproveFlags extends SyncFlags {
  readonly maxDeletions: number;
}

interface HistoryFlags extends OutputFlags, ConfigFlags {
  readonly userPoolId?: string;
  readonly syncDir?: string;
  readonly ledger?: string;
  readonly limit: number;
}

/** `poolferry sync`: the pool follows the source. */
export function addSyncCommand(program: Command): void {
  const sync = addServiceOptions(addSyncOptions(program.command("sync")))
    .option("--dry-run", "only say what would be done")
    .option("--once", "sync once and now, whatever schedule the config has")
    .option("--full", "compare everybody, whatever the source's cursor allows")
    .option(
      "--show-values",
      "show the old and new values of attributes in changes.csv, which else are masked",
    )
    .enablePositionalOptions()
    .summary("make the pool follow the source, once or on a schedule")
    .description(
      "Makes the pool follow the source: creates who is new there, changes who differs, and disables who is gone; deletes them only where the config says so, and later. Only users whom it has created or adopted are touched. Guards stop it before a bad source empties the pool.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry sync --config ferry.yaml --dry-run",
        "poolferry sync --config ferry.yaml",
        "poolferry sync --config ferry.yaml --schedule '*/15 * * * *'",
        "poolferry sync approve --config ferry.yaml --max-deletions 250",
      ),
    )
    .action(syncOrServe);
  addSyncOptions(sync.command("approve"))
    .requiredOption(
      "--max-deletions <number>",
      "how many users may be disabled, deleted, created again, let in again or lose something, all together",
      countFrom,
    )
    .summary("end a quarantine")
    .description(
      "Ends the quarantine of a sync: source and pool are compared anew, and all is carried out if no more users than that are disabled, deleted, created again, let in again or lose something (attributes, groups, or the address or number that they have). If more would be, nothing is.",
    )
    .addHelpText("after", examplesText("poolferry sync approve --config ferry.yaml --max-deletions 250"))
    .action((flags: ApproveFlags) =>
      printSummary(
        flags,
        async (work) => {
          const { sync: syncOnce } = await import("../run/sync.ts");
          const options = await syncOptionsFrom(flags, await findConfig(flags));
          return syncOnce({ ...options, cause: "approval", approved: flags.maxDeletions, ...work });
        },
        { text: syncText, markdown: syncMarkdown },
      ),
    );
}

/** Once, or again and again where there is a schedule; what cannot be repeated is done once. */
async function syncOrServe(flags: SyncOrServeFlags): Promise<void> {
  const found = findConfig(flags);
  // One that cannot be read has no schedule, and what is wrong with it ends the sync that then begins.
  const service = await found.then(({ config }) => serviceFlagsOf(flags, config)).catch(() => undefined);
  const isOnce = flags.once === true || flags.dryRun === true || flags.full === true;
  if (service?.schedule !== undefined && !isOnce)
    await serve({ ...flags, ...service, schedule: service.schedule }, found);
  else await syncOnce(flags, found);
}

async function syncOnce(flags: SyncFlags, found: Promise<FoundConfig>): Promise<void> {
  await printSummary(
    flags,
    async (work) => {
      const { sync } = await import("../run/sync.ts");
      return sync({
        ...(await syncOptionsFrom(flags, await found)),
        isDryRun: flags.dryRun,
        isFull: flags.full,
        ...work,
      });
    },
    { text: syncText, markdown: syncMarkdown },
  );
}

async function serve(
  flags: SyncOrServeFlags & { readonly schedule: string },
  found: Promise<FoundConfig>,
): Promise<void> {
  await runService(flags, async (frame) => {
    const [{ serveSync }, { scheduledSync }] = await Promise.all([
      import("../serve/sync-service.ts"),
      import("../run/scheduled-sync.ts"),
    ]);
    const options = await syncOptionsFrom(flags, await found);
    return serveSync({ ...frame, ...scheduledSync({ ...options, observe: frame.observe }) });
  });
}

/** The flags of the service, with what the config says where they say nothing. */
function serviceFlagsOf(flags: SyncOrServeFlags, { sync = {} }: Config): ServiceFlags {
  return {
    ...flags,
    ...given("schedule", flags.schedule ?? sync.schedule),
    ...given("timezone", flags.timezone ?? sync.timezone),
    ...given("jitter", flags.jitter ?? sync.jitterSeconds),
    ...given("listen", flags.listen ?? sync.listen),
    ...given("catchUp", flags.catchUp ?? sync.catchUp),
  };
}

function given<Name extends keyof ServiceFlags>(
  name: Name,
  value: ServiceFlags[Name] | undefined,
): Partial<ServiceFlags> {
  return value === undefined ? {} : { [name]: value };
}

function addSyncOptions(command: Command): Command {
  addReadingOptions(command);
  underHeading(command, "Sync:", (sync) =>
    addLedgerOption(
      sync.addOption(
        settableOption(
          "--sync-dir <dir>",
          "the folder of the sync, the same each time (default: poolferry-sync/ and the pool's id, beside the config)",
        ),
      ),
    ),
  );
  return addFormatOption(addOutputOptions(command));
}

function countFrom(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is not a whole number.");
}

/** `poolferry history`: the syncs of a pool. */
export function addHistoryCommand(program: Command): void {
  addLedgerOption(
    addConfigOption(addOutputOptions(program.command("history")), "the config file of the sync")
      .addOption(settableOption("--user-pool-id <id>", "the pool of the sync"))
      .addOption(
        settableOption(
          "--sync-dir <dir>",
          "the folder of the sync (default: poolferry-sync/ and the pool's id, beside the config)",
        ),
      )
      .option("--limit <number>", "how many syncs are shown, the last ones", countFrom, 20),
  )
    .summary("show what the syncs of a pool did")
    .description("Shows the last syncs of a pool, the newest first: when, why, and what they did.")
    .addHelpText("after", examplesText("poolferry history --config ferry.yaml --limit 5"))
    .action((flags: HistoryFlags) =>
      printOutcome(
        flags,
        async () => {
          const { syncHistory } = await import("../run/sync-history.ts");
          const found = await findConfig(flags);
          const { config } = found;
          const userPoolId = flags.userPoolId ?? config.userPool?.id;
          const syncDir = syncDirFrom(flags, found, userPoolId);
          if (userPoolId === undefined && syncDir === undefined) {
            throw new FerryError("USAGE", "It is not said which sync's history is wanted", {
              hint: "Give --config, --user-pool-id or --sync-dir",
            });
          }
          const ledger = flags.ledger ?? config.ledger;
          const place = { syncDir, userPoolId: userPoolId ?? "", ledger, environment: process.env };
          return syncHistory({ ...place, limit: flags.limit });
        },
        historyText,
      ),
    );
}

async function syncOptionsFrom(flags: SyncFlags, found: FoundConfig): Promise<SyncOptions> {
  const { config } = found;
  const { runDir: _runDir, poolDescription, signUp, ...options } = await planOptionsOf(flags, config);
  if (signUp !== undefined || poolDescription !== undefined) {
    throw new FerryError("USAGE", "A sync cannot work by SignUp: it has to list, change and disable users", {
      hint: "Leave signUp and userPool.description out of the config, and use AWS credentials",
    });
  }
  const syncDir = syncDirFrom(flags, found, options.userPoolId);
  await noteOthers({ ...options, syncDir });
  return { ...options, sync: config.sync, syncDir, showsValues: flags.showValues };
}

/** Says where a sync of the pool is already, before one begins anew: most likely another folder was meant. */
async function noteOthers(place: SyncPlace): Promise<void> {
  const { otherSyncsOf } = await import("../run/other-syncs.ts");
  for (const folder of await otherSyncsOf(place))
    printNote(
      `A sync of ${place.userPoolId} is kept in ${visible(folder)} already. This one begins anew and manages nobody until it adopts them; --sync-dir names the folder`,
    );
}

/** The folder of a sync: beside its config unless that says otherwise, so that it is the same from wherever it is called. */
function syncDirFrom(
  flags: Pick<SyncFlags, "syncDir">,
  { config, path }: FoundConfig,
  userPoolId: string | undefined,
): string | undefined {
  if (flags.syncDir !== undefined || config.sync?.dir !== undefined) return flags.syncDir ?? config.sync?.dir;
  if (path === undefined || userPoolId === undefined) return undefined;
  return join(dirname(resolve(path)), "poolferry-sync", userPoolId);
}
