import type { UnnamedOperation } from "../rules.ts";
import type { Account, UserOfPool } from "./account.ts";

/** Counts a user as active where the settings say that the operation does so. */
export function countUnnamed(
  account: Account,
  { pool, user }: UserOfPool,
  operation: UnnamedOperation,
): void {
  if (account.rules.alsoCountsAsActive.includes(operation)) pool.countActive(user, account.clock());
}
