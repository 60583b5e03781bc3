import type { IncomingMessage, ServerResponse } from "node:http";

import { viewKeys } from "./auth/signing-key.ts";
import type { Account } from "./state/account.ts";

const KEYS_PATH = /^\/([\w-]+_[0-9a-zA-Z]+)\/\.well-known\/jwks\.json(?:\?|$)/;

/** The pool whose public keys a GET asks for; nothing for any other request. */
export function poolOfKeys({ method, url = "" }: IncomingMessage): string | undefined {
  return method === "GET" ? KEYS_PATH.exec(url)?.[1] : undefined;
}

/** Answers with the public keys that a pool's tokens can be verified with, where AWS has them (documented). */
export function serveKeys(account: Account, poolId: string, response: ServerResponse): void {
  const isThere = account.pools.has(poolId);
  const content = isThere ? viewKeys(account, poolId) : { message: `User pool ${poolId} does not exist.` };
  response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(content));
}
