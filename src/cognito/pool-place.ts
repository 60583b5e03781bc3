import { FerryError } from "../core/ferry-error.ts";
import { accountOf } from "./account-of.ts";
import type { Cognito } from "./cognito.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { isException } from "./explain-error.ts";

/** Where a pool is, for people who must not mistake it for another. */
export interface PoolPlace {
  readonly name: string;
  readonly region: string;
  /** The id of the AWS account; undefined where the service does not say. */
  readonly account: string | undefined;
  /** How many users it has, about. */
  readonly users: number;
}

/** Reads where a pool is, in one call. Throws POOL_NOT_FOUND. */
export async function readPoolPlace(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<PoolPlace> {
  const region = await cognito.region();
  try {
    const pool = await describeUserPool(cognito, poolId, signal);
    return {
      name: pool?.Name ?? "",
      region,
      account: accountOf(pool?.Arn),
      users: pool?.EstimatedNumberOfUsers ?? 0,
    };
  } catch (error) {
    if (!isException(error, "ResourceNotFoundException")) throw error;
    throw new FerryError("POOL_NOT_FOUND", `There is no user pool ${poolId} in ${region}`, {
      hint: "Check the profile, and the account and region of the credentials",
      cause: error,
    });
  }
}
