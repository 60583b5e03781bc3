import { randomUUID } from "node:crypto";

/**
 * The sub of a new user: a UUID in one piece. Node makes UUIDs of some fourteen pieces, which a million users
 * would keep: four hundred megabytes of them.
 */
export function newSub(): string {
  return Buffer.from(randomUUID(), "latin1").toString("latin1");
}
