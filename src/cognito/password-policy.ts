import type { UserPoolType } from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "./cognito.ts";
import { describeUserPool } from "./describe-user-pool.ts";

/** Cognito's least length where a pool states none (documented: 6 to 99; 8 by default). */
const DEFAULT_MINIMUM_LENGTH = 8;

/** The least length that a pool asks of passwords, as it is described. */
export function minimumPasswordLengthOf({ Policies }: UserPoolType): number {
  return Policies?.PasswordPolicy?.MinimumLength ?? DEFAULT_MINIMUM_LENGTH;
}

/**
 * Reads the least length that a pool asks of passwords, as it is now. Which kinds of characters it asks for does not
 * matter: a temporary password has all of them.
 */
export async function readMinimumPasswordLength(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<number> {
  return minimumPasswordLengthOf((await describeUserPool(cognito, poolId, signal)) ?? {});
}
