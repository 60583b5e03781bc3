import type { Command } from "commander";
import type { PoolAddress } from "../run/pool-address.ts";
import { requireUrl } from "./plan-options.ts";

/** What the command line says of a pool that is no run's. */
export interface PoolFlags {
  readonly userPoolId: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
}

/** Adds the options that name a pool. */
export function addPoolOptions(command: Command): Command {
  return command
    .requiredOption("--user-pool-id <id>", "the user pool")
    .option("--region <region>", "its region (default: the one its id names)")
    .option(
      "--profile <name>",
      "a profile of your AWS configuration (default: the usual AWS credential chain)",
    )
    .option("--endpoint-url <url>", "a Cognito-compatible service instead of AWS");
}

/** The pool that the flags name. Throws USAGE for an address that is none. */
export function poolAddress({ userPoolId, region, profile, endpointUrl }: PoolFlags): PoolAddress {
  if (endpointUrl !== undefined) requireUrl(endpointUrl);
  return { userPoolId, region, profile, endpointUrl };
}
