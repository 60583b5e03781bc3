import { DescribeUserPoolCommand, type UserPoolType } from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "./cognito.ts";

/** A pool as DescribeUserPool gives it; undefined where the service answers without one. */
export async function describeUserPool(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<UserPoolType | undefined> {
  const { UserPool } = await cognito.call(
    "DescribeUserPool",
    (client, abort) => client.send(new DescribeUserPoolCommand({ UserPoolId: poolId }), abort),
    { repeat: "safe", signal },
  );
  return UserPool;
}
