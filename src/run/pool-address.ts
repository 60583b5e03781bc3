import { Cognito } from "../cognito/cognito.ts";
import { regionOfPool, requirePoolId } from "../cognito/read-pool.ts";
import type { RunObserver } from "./run-event.ts";

/** A user pool that is no run's, and how it is reached. */
export interface PoolAddress {
  /** Such as `eu-central-1_AbCd12345`. */
  readonly userPoolId: string;
  /** The one that the pool's id names when undefined. */
  readonly region?: string | undefined;
  /** A profile of the AWS configuration; the SDK's own chain of credentials when undefined. */
  readonly profile?: string | undefined;
  /** A Cognito-compatible service instead of AWS. */
  readonly endpointUrl?: string | undefined;
}

/** Opens the door to the service that a pool is at; the caller closes it. Throws USAGE for what is no pool's id. */
export function openCognito(address: PoolAddress, observe: RunObserver): Cognito {
  const { userPoolId, region, profile, endpointUrl } = address;
  requirePoolId(userPoolId);
  const connection = {
    region: region ?? regionOfPool(userPoolId),
    profile,
    endpointUrl,
    logsEndpointUrl: undefined,
  };
  return new Cognito(connection, observe);
}
