import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BIN, type LocalPool } from "./local-pool.ts";
import { runNode } from "./run-node.ts";
import { writeUnverifiedUsers } from "./unverified-users.ts";

/** Where users are created one by one. */
interface Target {
  readonly pool: LocalPool;
  /** That of a service in front of the pool, or the pool's own. */
  readonly url: string;
}

/**
 * Plans users whom only AdminCreateUser can make, for an apply that takes all of the quota and begins with no trial;
 * returns the run's folder, which is new in the given one.
 */
export async function planAlone(folder: string, users: number, { pool, url }: Target): Promise<string> {
  const path = join(folder, "users.csv");
  const config = join(folder, "ferry.json");
  const runDir = join(folder, "planned");
  writeUnverifiedUsers(path, users);
  const content = {
    source: { type: "csv", path },
    userPool: { id: pool.userPoolId, endpointUrl: url },
    limits: { canaryUsers: 0, quotaShare: 1 },
  };
  writeFileSync(config, JSON.stringify(content));
  await runNode(BIN, "plan", "--config", config, "--run-dir", runDir);
  return runDir;
}
