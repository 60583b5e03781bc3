import type { Quotas } from "../quota/quotas.ts";
import type { Account } from "../state/account.ts";
import type { ImportJob } from "../state/import-job.ts";
import type { Pool } from "../state/pool.ts";

/** What an operation may use besides its request. */
export interface Context {
  readonly account: Account;
  /** The request rates that clients are held to. */
  readonly quotas: Quotas;
  /** Signs the URL at which a new job's file is uploaded. */
  readonly presignUpload: (poolId: string, jobId: string) => string;
  /** Sets a Pending job going in the background. */
  readonly runJob: (pool: Pool, job: ImportJob) => void;
}
