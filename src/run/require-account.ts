import { FerryError } from "../core/ferry-error.ts";
import type { Pool } from "../core/pool.ts";

/** The account in which a pool must be, and who says so. */
export interface WantedAccount {
  /** What the operator names, 12 digits; undefined where nothing is expected. */
  readonly expected: string | undefined;
  /** The account that the plan was made for; undefined before the plan, and where it did not learn it. */
  readonly planned?: string | undefined;
}

/**
 * Throws ACCOUNT_MISMATCH when a pool is in another AWS account than the one that is expected or that its plan was made for, or
 * when one is expected and nobody says where the pool is.
 */
export function requireAccount(
  { id, account }: Pick<Pool, "id" | "account">,
  { expected, planned }: WantedAccount,
): void {
  if (expected !== undefined && account !== expected) throw mismatch(id, account, `${expected} is expected`);
  if (planned !== undefined && account !== undefined && account !== planned)
    throw mismatch(id, account, `its plan was made for ${planned}`);
}

function mismatch(id: string, account: string | undefined, wanted: string): FerryError {
  const where =
    account === undefined
      ? `Nothing says in which AWS account the user pool ${id} is`
      : `The user pool ${id} is in the AWS account ${account}`;
  return new FerryError("ACCOUNT_MISMATCH", `${where}, and ${wanted}`, {
    hint: "Nothing was written. Check --profile, the credentials, --user-pool-id and --expect-account",
  });
}
