import { createHmac } from "node:crypto";

import type { Caller } from "./caller.ts";
import { notAuthorized } from "./refusals.ts";

/** The proof that a request knows its client's secret (documented). */
function secretHash(name: string, clientId: string, secret: string): string {
  return createHmac("sha256", secret)
    .update(name + clientId)
    .digest("base64");
}

/**
 * Refuses a request that does not prove its client's secret, or proves one where there is none (wording
 * reported, but for the last). Any of the names may have been hashed.
 */
export function checkSecretHash(
  { account, client }: Caller,
  names: readonly string[],
  given: string | undefined,
): void {
  if (client.secret === undefined) {
    if (given === undefined) return;
    throw notAuthorized(account.rules.texts.secretHashUnexpected);
  }
  if (given === undefined) {
    throw notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  }
  const { id, secret } = client;
  if (names.some((name) => secretHash(name, id, secret) === given)) return;
  throw notAuthorized(`SecretHash does not match for the client: ${id}`);
}
