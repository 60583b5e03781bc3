import { Option, type Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import type { Hook } from "../core/hook.ts";
import { VARIABLE_NAME } from "../core/variable-name.ts";
import type { SourceSpec } from "../extract/open-source.ts";
import type { Config } from "../run/config.ts";
import type { PlanOptions } from "../run/plan.ts";
import { addAccountOption, type AccountFlags } from "./account-option.ts";
import { oneOf } from "./choice.ts";
import { addConfigOption, type ConfigFlags } from "./find-config.ts";
import { OUTPUT, underHeading } from "./help-text.ts";
import { LOG_FORMATS, LOG_LEVELS } from "./progress.ts";
import { addPoolPlaceOptions, runDirOption } from "./pool-options.ts";
import { FORMATS, type OutputFlags, type SummaryFlags } from "./run-command.ts";
import { requireUrl } from "./require-url.ts";
import { settableOption } from "./settable-option.ts";

/** What the command line can say of where users come from and go to. */
export interface ReadingFlags extends OutputFlags, AccountFlags, ConfigFlags {
  readonly from?: string;
  readonly userPoolId?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly logsRoleArn?: string;
}

/** What the command line can say of a plan. */
export interface PlanFlags extends ReadingFlags, SummaryFlags {
  readonly runDir?: string;
  readonly ledger?: string;
}

/** Adds the options of `plan` and `migrate`. */
export function addPlanOptions(command: Command): Command {
  addReadingOptions(command);
  underHeading(command, "Run:", (run) =>
    addLedgerOption(
      run.addOption(runDirOption("the folder of the run (default: a new one under poolferry-runs)")),
    ),
  );
  return addFormatOption(addOutputOptions(command));
}

/** Adds the option that says where the ledger is kept. */
export function addLedgerOption(command: Command): Command {
  return command.addOption(
    settableOption(
      "--ledger <postgres:variable>",
      "keep the ledger in PostgreSQL, for many workers: the variable that holds the database's address (default: a file in the folder)",
    ),
  );
}

/** Adds the options of every command that reads users and takes them to a pool. */
export function addReadingOptions(command: Command): Command {
  return underHeading(command, "Source and pool:", (place) => {
    addConfigOption(place)
      .addOption(
        settableOption(
          "--from <type:place>",
          `the source: its type, a colon, and its file (csv, ndjson, json, auth0, firebase, keycloak, okta, cognito-export, scim, entra, b2c, google-workspace, clerk, supabase, kratos, stytch, fusionauth, ldif, authjs, wordpress, django, devise, laravel, aspnet, sqlite, module; auto to tell by the file), the variable that holds its address (postgres, mysql, ldap, okta-api), or its pool's id (cognito)`,
        ),
      )
      .addOption(settableOption("--user-pool-id <id>", "the target user pool"));
    addAccountOption(addPoolPlaceOptions(place)).addOption(
      settableOption("--logs-role-arn <arn>", "the role that lets an import job write its log"),
    );
  });
}

/** Adds the options that every command with a result has. */
export function addOutputOptions(command: Command): Command {
  return underHeading(command, OUTPUT, (output) =>
    output
      .option("--json", "print the result as one JSON object on stdout")
      .option("-q, --quiet", "tell nothing on stderr but errors")
      .addOption(
        oneOf(
          settableOption(
            "--log-level <level>",
            "the least of the progress that is told (default: all as text, info as json)",
          ),
          LOG_LEVELS,
        ),
      )
      .addOption(
        oneOf(
          settableOption(
            "--log-format <format>",
            "write what a run tells on stderr as lines of text or of JSON (default: text)",
          ),
          LOG_FORMATS,
        ),
      ),
  );
}

/** Adds the option that says how the summary of a run or a sync is printed. */
export function addFormatOption(command: Command): Command {
  return command.addOption(
    oneOf(
      new Option(
        "--format <format>",
        "print the result as text, as one JSON object (as --json does), or as Markdown for a pull request or a ticket (default: text)",
      ),
      FORMATS,
    )
      .conflicts("json")
      .helpGroup(OUTPUT),
  );
}

/** Puts flags and a config together; flags win. Throws USAGE for what both leave out. */
export async function planOptionsOf(flags: PlanFlags, config: Config): Promise<PlanOptions> {
  const source = await sourceFrom(flags.from, config.source);
  const userPoolId = flags.userPoolId ?? config.userPool?.id;
  if (source === undefined) throw missing("--from TYPE:PATH", "POOLFERRY_FROM", "source");
  if (userPoolId === undefined) throw missing("--user-pool-id ID", "POOLFERRY_USER_POOL_ID", "userPool.id");
  const endpointUrl = flags.endpointUrl ?? config.userPool?.endpointUrl;
  // An address of CloudWatch Logs in the environment is more exact than --endpoint-url.
  const logsEndpointUrl =
    config.userPool?.logsEndpointUrl ??
    (endpointUrl === undefined ? undefined : process.env["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]);
  return {
    source,
    userPoolId,
    region: flags.region ?? config.userPool?.region,
    expectAccount: flags.expectAccount ?? config.userPool?.expectAccount,
    profile: flags.profile ?? config.userPool?.profile,
    endpointUrl: endpointUrl === undefined ? undefined : requireUrl(endpointUrl),
    logsEndpointUrl: logsEndpointUrl === undefined ? undefined : requireUrl(logsEndpointUrl),
    poolDescription: config.userPool?.description,
    signUp: config.signUp,
    logsRoleArn: flags.logsRoleArn ?? config.importJob?.logsRoleArn,
    runDir: flags.runDir ?? config.runDir,
    ledger: flags.ledger ?? config.ledger,
    environment: process.env,
    mapping: config.mapping,
    hook: config.hook === undefined ? undefined : await loadHookFile(config.hook),
    policies: config.policies,
    maxUnreadableShare: config.limits?.unreadableRows,
    canaryUsers: config.limits?.canaryUsers,
    failedShare: config.limits?.failedShare,
    otherJobWaitMs: minutes(config.importJob?.waitMinutes),
    quotaShare: config.limits?.quotaShare,
  };
}

const minutes = (count: number | undefined): number | undefined =>
  count === undefined ? undefined : count * 60_000;

async function loadHookFile(path: string): Promise<Hook> {
  const { loadHook } = await import("../run/load-hook.ts");
  return loadHook(path);
}

/** The source that the flag or the config names, with the address that the environment holds. */
export async function sourceFrom(
  from: string | undefined,
  stated: Config["source"],
): Promise<SourceSpec | undefined> {
  const flag = from === undefined ? undefined : parseFrom(from);
  const type = flag?.type ?? stated?.type;
  if (type === undefined) return undefined;
  const { placeKeyOf } = await import("../extract/place-key.ts");
  const { path: _path, urlEnv: _urlEnv, userPoolId: _userPoolId, bindPasswordEnv, ...options } = stated ?? {};
  const key = placeKeyOf(type);
  // Which key it is, the config was checked for.
  const path = flag?.path ?? stated?.[key] ?? "";
  if (stated?.endpointUrl !== undefined) requireUrl(stated.endpointUrl, "source.endpointUrl");
  const spec = { ...options, type, path };
  if (key !== "urlEnv") return spec;
  const connectionUrl = fromEnvironment(
    String(path),
    `It holds the address of the source of type ${type}, with its credentials`,
  );
  if (bindPasswordEnv === undefined) return { ...spec, connectionUrl };
  const bindPassword = fromEnvironment(bindPasswordEnv, "It holds the password of source.bindDn");
  return { ...spec, connectionUrl, bindPassword };
}

/** What a variable of the environment holds. Throws USAGE where it is not set, and, without a word of it, for no name. */
function fromEnvironment(name: string, hint: string): string {
  if (!VARIABLE_NAME.test(name)) {
    throw new FerryError("USAGE", "What stands where an environment variable is named is no name of one", {
      hint: "Put the address into a variable (export DATABASE_URL=…) and name that: --from postgres:DATABASE_URL. If it was a secret, your shell's history has it now",
    });
  }
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  throw new FerryError("USAGE", `The environment variable ${name} is not set`, { hint });
}

function parseFrom(from: string): Pick<SourceSpec, "type" | "path"> {
  const colon = from.indexOf(":");
  const type = from.slice(0, colon);
  const path = from.slice(colon + 1);
  if (colon > 0 && path !== "") return { type, path };
  throw new FerryError("USAGE", "--from is not of the form TYPE:PLACE", {
    hint: "For instance --from csv:users.csv or --from auth0:export.json.gz",
  });
}

function missing(flag: string, variable: string, key: string): FerryError {
  return new FerryError("USAGE", `${flag} is missing`, {
    hint: `Give it, or set ${variable}, or say ${key} in a config (--config FILE, or poolferry.yaml in this folder)`,
  });
}
