import { ApiError } from "../wire/error.ts";
import type { Account } from "./account.ts";
import { isActive } from "./import-job.ts";
import type { Pool } from "./pool.ts";

/** Refuses a change of a pool while one of its import jobs is active, with the error that the API model declares. */
export function checkNoImport(account: Account, pool: Pool): void {
  const { rules } = account;
  if (rules.poolChangesDuringImport === "allowed") return;
  for (const job of pool.jobs.values()) {
    account.moveOn(job);
    if (isActive(job)) throw new ApiError("UserImportInProgressException", rules.texts.importInProgress);
  }
}
