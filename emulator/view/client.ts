import type { Client } from "../state/client.ts";
import type { Pool } from "../state/pool.ts";

/** An app client as the API shows it (AWS sample); the secret only where there is one. */
export function viewClient({ settings }: Pool, client: Client): object {
  return {
    ...client.echoed,
    UserPoolId: settings.id,
    ClientId: client.id,
    ClientName: client.name,
    ...(client.secret === undefined ? {} : { ClientSecret: client.secret }),
    CreationDate: client.createdMs / 1000,
    LastModifiedDate: client.modifiedMs / 1000,
  };
}
