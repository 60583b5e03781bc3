import type { Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { visibleWithin } from "../core/visible.ts";
import type { Config } from "../run/config.ts";
import type { PrepareOptions, PrepareSummary } from "../run/prepare-pool.ts";
import type { RemovalSummary } from "../run/remove-logs-role.ts";
import { accountEndpoints } from "./account-endpoints.ts";
import { addAccountOption, type AccountFlags } from "./account-option.ts";
import { confirm, requireConfirmable } from "./confirm.ts";
import { addConfigOption, findConfig, type ConfigFlags } from "./find-config.ts";
import { examplesText, underHeading } from "./help-text.ts";
import { addOutputOptions } from "./plan-options.ts";
import { addPoolPlaceOptions } from "./pool-options.ts";
import { prepareText, removalText } from "./prepare-text.ts";
import { requireUrl } from "./require-url.ts";
import { printOutcome, type OutputFlags, type Work } from "./run-command.ts";
import { settableOption } from "./settable-option.ts";
import { printNote } from "./terminal.ts";

interface PrepareFlags extends OutputFlags, AccountFlags, ConfigFlags {
  readonly userPoolId?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly attribute?: readonly string[];
  readonly group?: readonly string[];
  readonly logsRole?: string | true;
  readonly removeLogsRole?: string | true;
  readonly from?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `poolferry pool`: what a pool and its account need before users come. */
export function addPoolCommand(program: Command): void {
  const pool = program
    .command("pool")
    .summary("prepare a pool for its users")
    .description("Prepares a user pool for users who are to come.")
    .addHelpText(
      "after",
      examplesText("poolferry pool prepare --user-pool-id eu-central-1_AbCd12345 --logs-role"),
    );
  addPrepareCommand(pool);
}

function addPrepareCommand(pool: Command): void {
  const command = pool.command("prepare");
  underHeading(command, "What it is to have:", addWishOptions);
  underHeading(command, "Pool:", (place) => {
    addConfigOption(place).addOption(settableOption("--user-pool-id <id>", "the user pool"));
    addAccountOption(addPoolPlaceOptions(place));
  });
  addOutputOptions(command)
    .option("--dry-run", "show what would be done, and change nothing")
    .option("-y, --yes", "do it without asking")
    .summary("add custom attributes, groups and the role for the log of import jobs")
    .description(
      "Adds what a user pool lacks: custom attributes, groups, and the IAM role that lets import jobs write their log. Shows what it will do, and asks. What is there stays as it is, so it can be repeated. Custom attributes can never be taken back or changed; they are made so that their values can be changed. A role that somebody else made is used if it is right, and else left alone.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry pool prepare --user-pool-id eu-central-1_AbCd12345 --logs-role",
        "poolferry pool prepare --user-pool-id eu-central-1_AbCd12345 --attribute custom:plan:String:1..20 --group staff",
        "poolferry pool prepare --config ferry.yaml --logs-role --dry-run",
        "poolferry pool prepare --remove-logs-role poolferry-import-log",
      ),
    )
    .action((flags: PrepareFlags) =>
      flags.removeLogsRole === undefined
        ? printOutcome(flags, (work) => prepare(flags, work), prepareText)
        : printOutcome(flags, (work) => remove(flags, work), removalText),
    );
}

function addWishOptions(command: Command): void {
  const listOf = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command
    .option(
      "--attribute <name:type:min..max>",
      "a custom attribute: its name, its type (String, Number, DateTime, Boolean), and bounds if it is to have some; can be repeated",
      listOf,
    )
    .option("--group <name>", "a group; can be repeated", listOf)
    .option(
      "--logs-role [name]",
      "the role that lets import jobs write their log (default: that of the config, or poolferry-import-log)",
    )
    .option(
      "--from <type:place>",
      "the source, for the custom attributes that the mapping of its type names; the place is not looked at",
    )
    .option(
      "--remove-logs-role [name]",
      "delete that role again, if pool prepare made it, and do nothing else",
    );
}

async function prepare(flags: PrepareFlags, work: Work): Promise<PrepareSummary> {
  if (flags.dryRun !== true) requireConfirmable(flags, "Add --yes, or look only, with --dry-run");
  const { preparePool, previewPreparation } = await import("../run/prepare-pool.ts");
  const options = { ...(await prepareOptionsFrom(flags)), ...work };
  if (flags.dryRun === true) return previewPreparation(options);
  if (flags.yes !== true) {
    const preview = await previewPreparation(options);
    if (preview.steps.every(({ state }) => state === "present")) return preview;
    printNote(prepareText(visibleWithin(preview)));
    if (!(await confirm("Do this? [y/N] ", { signal: work.signal, whenInterrupted: UNTOUCHED }))) {
      printNote("Nothing was changed.");
      return preview;
    }
  }
  return preparePool(options);
}

const UNTOUCHED = { message: "Interrupted; nothing was changed", hint: "Repeat the command" };

async function prepareOptionsFrom(flags: PrepareFlags): Promise<PrepareOptions> {
  const { config, path } = await findConfig(flags);
  const userPoolId = flags.userPoolId ?? config.userPool?.id;
  if (userPoolId === undefined) {
    throw new FerryError("USAGE", "--user-pool-id ID is missing", {
      hint: "Give it, or POOLFERRY_USER_POOL_ID, or userPool.id in a file named with --config",
    });
  }
  if (!isAnythingAsked(flags) && path === undefined) {
    throw new FerryError("USAGE", "There is nothing to prepare", {
      hint: "Give --logs-role, --attribute NAME:TYPE or --group NAME, or --config with a mapping",
    });
  }
  const endpointUrl = flags.endpointUrl ?? config.userPool?.endpointUrl;
  if (endpointUrl !== undefined) requireUrl(endpointUrl);
  return {
    userPoolId,
    region: flags.region ?? config.userPool?.region,
    profile: flags.profile ?? config.userPool?.profile,
    expectAccount: flags.expectAccount ?? config.userPool?.expectAccount,
    endpointUrl,
    ...accountEndpoints(endpointUrl),
    attributes: await attributesFrom(flags, config),
    groups: [...new Set(flags.group)],
    logsRole: await roleNameFrom(flags.logsRole, config.importJob?.logsRoleArn),
  };
}

function isAnythingAsked({ attribute, group, logsRole, from }: PrepareFlags): boolean {
  return [attribute, group, logsRole, from].some((each) => each !== undefined);
}

/**
 * The attributes that flags name, then those that mappings name; of the same name the first. As none can be taken back, a
 * config that was only found in the folder has a word where nothing else was asked for.
 */
async function attributesFrom(
  flags: PrepareFlags,
  config: Config,
): Promise<NonNullable<PrepareOptions["attributes"]>> {
  const { customAttribute, parseCustomAttribute } = await import("../core/custom-attribute.ts");
  const { presetMappingOf } = await import("../run/preset-mapping.ts");
  const { mappedCustomAttributes } = await import("../transform/mapped-attributes.ts");
  const { attribute = [], from, config: named } = flags;
  const preset = from === undefined ? undefined : presetMappingOf(from.split(":")[0] ?? "");
  const isMeant = typeof named === "string" || !isAnythingAsked(flags);
  const wanted = [
    ...attribute.map(parseCustomAttribute),
    ...mappedCustomAttributes(preset, isMeant ? config.mapping : undefined).map(customAttribute),
  ];
  const byName = new Map(wanted.toReversed().map((each) => [each.name, each] as const));
  return [...byName.values()].toReversed();
}

/** A role's name; of a flag without one that of the config's role, or the usual one. */
async function roleNameFrom(
  stated: string | true | undefined,
  configured?: string,
): Promise<string | undefined> {
  if (stated !== true) return stated;
  const { DEFAULT_LOG_ROLE, roleNameOf } = await import("../cognito/log-role.ts");
  return configured === undefined ? DEFAULT_LOG_ROLE : roleNameOf(configured);
}

async function remove(flags: PrepareFlags, work: Work): Promise<RemovalSummary> {
  if (flags.dryRun !== true) requireConfirmable(flags, "Add --yes, or look only, with --dry-run");
  const { previewRemoval, removeLogsRole } = await import("../run/remove-logs-role.ts");
  const { regionOfPool } = await import("../cognito/read-pool.ts");
  const { config } = await findConfig(flags);
  const userPoolId = flags.userPoolId ?? config.userPool?.id;
  const endpointUrl = flags.endpointUrl ?? config.userPool?.endpointUrl;
  if (endpointUrl !== undefined) requireUrl(endpointUrl);
  const region = flags.region ?? config.userPool?.region;
  const options = {
    logsRole: (await roleNameFrom(flags.removeLogsRole, config.importJob?.logsRoleArn)) ?? "",
    region: region ?? (userPoolId === undefined ? undefined : regionOfPool(userPoolId)),
    profile: flags.profile ?? config.userPool?.profile,
    endpointUrl,
    ...accountEndpoints(endpointUrl),
    ...work,
  };
  const preview = await previewRemoval(options);
  if (flags.dryRun === true || preview.state === "absent") return preview;
  const question = `Delete the role ${preview.arn ?? ""}? [y/N] `;
  if (flags.yes !== true && !(await confirm(question, { signal: work.signal, whenInterrupted: UNTOUCHED }))) {
    printNote("Nothing was changed.");
    return preview;
  }
  return removeLogsRole(options);
}
