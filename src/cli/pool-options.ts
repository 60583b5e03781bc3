import type { Command } from "commander";
import type { PoolAddress } from "../run/pool-address.ts";
import { underHeading } from "./help-text.ts";
import { requireUrl } from "./require-url.ts";
import { settableOption } from "./settable-option.ts";

/** What the command line says of a pool that is no run's. */
export interface PoolFlags {
  readonly userPoolId: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
}

/** Adds the options that name a pool. */
export function addPoolOptions(command: Command): Command {
  return underHeading(command, "Pool:", (pool) =>
    addPoolPlaceOptions(
      pool.addOption(settableOption("--user-pool-id <id>", "the user pool").makeOptionMandatory()),
    ),
  );
}

/** Adds the options that say where a pool is and who asks. */
export function addPoolPlaceOptions(command: Command): Command {
  return command
    .addOption(settableOption("--region <region>", "its region (default: the one its id names)"))
    .addOption(profileOption("the usual AWS credential chain"))
    .addOption(settableOption("--endpoint-url <url>", "a Cognito-compatible service instead of AWS"));
}

/** The option of an AWS profile, with what is taken without it. */
export function profileOption(otherwise: string): ReturnType<typeof settableOption> {
  return settableOption("--profile <name>", `a profile of your AWS configuration (default: ${otherwise})`);
}

/** The option of the folder of a run. */
export function runDirOption(description: string): ReturnType<typeof settableOption> {
  return settableOption("--run-dir <dir>", description);
}

/** The pool that the flags name. Throws USAGE for an address that is none. */
export function poolAddress({ userPoolId, region, profile, endpointUrl }: PoolFlags): PoolAddress {
  if (endpointUrl !== undefined) requireUrl(endpointUrl);
  return { userPoolId, region, profile, endpointUrl };
}
