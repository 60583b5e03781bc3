import { Cognito } from "../cognito/cognito.ts";
import { describePool, regionOfPool } from "../cognito/read-pool.ts";
import type { SharedQuotas } from "../cognito/limiters.ts";
import type { Connection } from "../core/connection.ts";
import type { Pool } from "../core/pool.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import type { PlanOptions } from "./plan.ts";
import { cognitoFor, connectionOf } from "./planned-connection.ts";
import type { RunObserver } from "./run-event.ts";
import type { OpenRun } from "./run-ledger.ts";

/** How a run's pool is reached. */
interface RunConnection {
  readonly connection: Connection;
  /** That of the plan when undefined. */
  readonly quotaShare?: number | undefined;
}

/** A way to Cognito for a run, at a pace that it shares with whoever else works with its ledger's database. */
export function cognitoForRun(
  { ledger: { facts }, rate }: Pick<OpenRun, "ledger" | "rate">,
  { connection, quotaShare = facts.quotaShare }: RunConnection,
  observe: RunObserver,
): Cognito {
  return new Cognito(connection, observe, quotaShare, {
    sharedQuotas: rate === undefined ? undefined : sharedQuotas(rate, facts.pool, connection),
  });
}

/** A way to Cognito for a sync, at a pace that it shares in the same way. */
export async function cognitoForSync(
  options: PlanOptions,
  {
    rate,
    observe,
    signal,
  }: {
    readonly rate: SharedRate | undefined;
    readonly observe: RunObserver;
    readonly signal: AbortSignal;
  },
): Promise<Cognito> {
  if (rate === undefined) return cognitoFor(options, observe);
  // Whose quotas they are, the pool tells.
  await using first = cognitoFor(options, observe);
  const { pool } = await describePool(first, options.userPoolId, signal);
  const connection = connectionOf(options);
  return new Cognito(connection, observe, options.quotaShare, {
    sharedQuotas: sharedQuotas(rate, pool, connection),
  });
}

/** What the rates of a pool's account are shared by. Another service than AWS has quotas of its own, whoever uses it. */
function sharedQuotas(
  rate: SharedRate,
  { id, account }: Pick<Pool, "id" | "account">,
  { region = regionOfPool(id) ?? "region unknown", endpointUrl }: Connection,
): SharedQuotas {
  return { rate, account: endpointUrl ?? account ?? "account unknown", region, userPoolId: id };
}
