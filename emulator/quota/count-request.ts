import type { Account } from "../state/account.ts";
import { categoryOf } from "./categories.ts";
import type { CountedRequest } from "./quotas.ts";

/** What of a request counts for the rates: its operation, and the pool and the user that it names in whatever way. */
export function countRequest(account: Account, operation: string, parameters: unknown): CountedRequest {
  // The shapes have been checked, so this is a record.
  const given = parameters as Readonly<Record<string, unknown>>;
  // Sign-ins name their user among other parameters.
  const signIn = (given["AuthParameters"] ?? given["ChallengeResponses"] ?? {}) as typeof given;
  const poolId = textOf(given["UserPoolId"]);
  const clientId = textOf(given["ClientId"]) ?? "";
  const pool = poolId === undefined ? account.findClient(clientId)?.pool : account.pools.get(poolId);
  const challenge = textOf(given["ChallengeName"]);
  const name = textOf(given["Username"] ?? signIn["USERNAME"]);
  // Whoever is being created has no other name yet.
  const isNew = categoryOf(operation, challenge) === "UserCreation";
  const user = name === undefined || isNew ? undefined : pool?.users.find(name);
  return { operation, poolId: pool?.settings.id, username: user?.username ?? name, challenge };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
