import type { Socket } from "node:net";
import type pg from "pg";

/**
 * The connections of a pool, so that they can be ended while they wait for a server that stands still, or behind a network that
 * swallows everything: a query that was sent has no time limit of its own, as some may take long.
 */
export class PostgresSockets {
  readonly #clients = new Set<pg.PoolClient>();

  constructor(pool: pg.Pool) {
    pool.on("connect", (client) => void this.#clients.add(client));
    pool.on("remove", (client) => void this.#clients.delete(client));
  }

  /** Whoever waits for an answer gets this error instead. */
  destroy(why: Error): void {
    for (const client of this.#clients) socketOf(client)?.destroy(why);
  }
}

/** The socket of a connection, which the driver keeps to itself. */
function socketOf(client: pg.PoolClient): Socket | undefined {
  return (client as unknown as { readonly connection?: { readonly stream?: Socket } }).connection?.stream;
}
