import { Cognito } from "../cognito/cognito.ts";
import { regionOfPool } from "../cognito/read-pool.ts";
import type { Connection } from "../core/connection.ts";
import type { PlanOptions } from "./plan.ts";
import type { RunObserver } from "./run-event.ts";

/** How the pool is reached, as the ledger keeps it. */
export function connectionOf(options: PlanOptions): Connection {
  return {
    region: options.region ?? regionOfPool(options.userPoolId),
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    logsEndpointUrl: options.logsEndpointUrl,
    ...(options.poolDescription === undefined ? {} : { isAnonymous: true }),
  };
}

/** The way to Cognito that a plan's options say. */
export function cognitoFor(options: PlanOptions, observe: RunObserver): Cognito {
  return new Cognito(connectionOf(options), observe, options.quotaShare);
}
