import type { Pool } from "../state/pool.ts";

/** A pool as the API shows it. UsernameConfiguration is left out unless it was set (reported). */
export function viewPool(pool: Pool): object {
  const { settings } = pool;
  return {
    ...settings.echoed,
    ...settings.echoedForever,
    Id: settings.id,
    Arn: settings.arn,
    Name: settings.name,
    CreationDate: settings.createdMs / 1000,
    LastModifiedDate: settings.modifiedMs / 1000,
    SchemaAttributes: [...settings.schema.values()],
    MfaConfiguration: settings.mfa,
    EstimatedNumberOfUsers: pool.users.size,
  };
}
