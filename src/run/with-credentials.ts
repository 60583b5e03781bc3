import type { Connection } from "../core/connection.ts";

/** How a run's pool is reached by what takes credentials, also where the run itself did without; a given profile wins. */
export function withCredentials(connection: Connection, profile: string | undefined): Connection {
  return { ...connection, isAnonymous: undefined, profile: profile ?? connection.profile };
}
