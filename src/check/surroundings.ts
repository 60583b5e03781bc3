import type { AwsAccount, CallerIdentity } from "../cognito/aws-account.ts";
import type { Cognito } from "../cognito/cognito.ts";
import type { Connection } from "../core/connection.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Pool } from "../core/pool.ts";

/** What checks of the account and the pool look at. */
export interface Surroundings {
  readonly account: AwsAccount;
  readonly cognito: Cognito;
  readonly connection: Connection;
  readonly userPoolId: string;
  /** Who asks; rejects where STS does not say. */
  readonly identity: Promise<CallerIdentity>;
  /** The pool; rejects where it cannot be read. */
  readonly pool: Promise<Pool>;
  readonly logsRoleArn: string | undefined;
  /** The account in which the pool must be; any when undefined. */
  readonly expectAccount: string | undefined;
  readonly signal: AbortSignal;
}

/** The result of a promise, or undefined where it rejects: whoever made it tells of that. */
export async function resultOf<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  return promise.catch(() => undefined);
}

/** Whether the pool answers, were it by a refusal for lack of permission, so that there is a use in asking it more. */
export async function isPoolThere({ pool }: Surroundings): Promise<boolean> {
  return pool.then(
    () => true,
    (error: unknown) => error instanceof FerryError && error.code === "ACCESS_DENIED",
  );
}
