import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

import type { Account } from "../state/account.ts";
import type { SigningKey } from "../state/signing-key.ts";

/** The pool's key, made when it is first asked for. */
export function signingKeyOf({ signingKeys }: Account, poolId: string): SigningKey {
  const known = signingKeys.get(poolId);
  if (known !== undefined) return known;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: "jwk" }) };
  const key = { id: Buffer.from(`${poolId} key`).toString("base64url"), jwk };
  signingKeys.set(poolId, key);
  return key;
}

/** The key to sign with. */
export function privateKeyOf({ jwk }: SigningKey): KeyObject {
  return createPrivateKey({ format: "jwk", key: jwk });
}

/** The key to verify with. */
export function publicKeyOf({ jwk }: SigningKey): KeyObject {
  return createPublicKey({ format: "jwk", key: publicPart(jwk) });
}

/** The pool's public keys, as its `jwks.json` lists them (documented). */
export function viewKeys(account: Account, poolId: string): object {
  const { id, jwk } = signingKeyOf(account, poolId);
  return { keys: [{ alg: "RS256", kid: id, use: "sig", ...publicPart(jwk) }] };
}

function publicPart({ e, kty, n }: SigningKey["jwk"]): SigningKey["jwk"] {
  return { e, kty, n };
}
