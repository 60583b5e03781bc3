import { regionOfPool } from "../cognito/read-pool.ts";
import type { Environment } from "./client-secret.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { requireRun, runFolderAt } from "./run-folder.ts";
import { readLedger } from "./run-ledger.ts";

/** Where a run sends its users, as its plan found it. */
export interface RunTarget {
  readonly userPoolId: string;
  readonly userPoolName: string;
  /** Undefined where neither the plan nor the pool's id says it. */
  readonly region: string | undefined;
  /** The id of the AWS account, 12 digits; undefined where nothing says it. */
  readonly account: string | undefined;
  /** The service in place of AWS; undefined for AWS. */
  readonly endpointUrl: string | undefined;
}

/** Tells where the run in a folder sends its users. Throws RUN_NOT_FOUND. */
export async function runTarget(runDir: string, environment?: Environment): Promise<RunTarget> {
  const folder = runFolderAt(runDir, environment);
  try {
    await requireRun(folder);
    await using ledger = await readLedger(folder);
    const { pool, connection } = ledger.facts;
    return {
      userPoolId: pool.id,
      userPoolName: pool.name,
      region: connection.region ?? regionOfPool(pool.id),
      account: pool.account,
      endpointUrl: connection.endpointUrl,
    };
  } catch (error) {
    throw explainDiskError(error, folder.path);
  }
}
