import { requireRegionOfPool } from "../cognito/read-pool.ts";
import { ok, type Finding } from "./check.ts";
import type { Surroundings } from "./surroundings.ts";

/** Whether the region is known, and is that of the pool. Throws REGION_MISSING and REGION_MISMATCH. */
export async function checkRegion({ cognito, connection, userPoolId }: Surroundings): Promise<Finding> {
  requireRegionOfPool(userPoolId, connection);
  return ok(await cognito.region());
}
