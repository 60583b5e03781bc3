import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

import type { SrpExchange } from "../state/challenge-session.ts";

// RFC 5054's 3072-bit group, generator 2: what AWS's clients use.
const MODULUS_DIGITS =
  "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
  "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
  "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
  "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
  "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
  "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
  "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
  "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
const MODULUS = BigInt(`0x${MODULUS_DIGITS}`);
const GENERATOR = 2n;
const MULTIPLIER = hashNumbers(MODULUS, GENERATOR);
const KEY_LABEL = "Caldera Derived Key";
const KEY_BYTES = 16;

/** Whose password is meant: the pool without its region, and the user's own name. */
export interface SrpIdentity {
  readonly poolId: string;
  readonly userId: string;
}

/** What the server keeps in place of a password: g to the power of a hash of it, in hexadecimal digits. */
export function srpVerifier(identity: SrpIdentity, password: string, salt: string): string {
  const inner = sha256(`${shortPoolId(identity.poolId)}${identity.userId}:${password}`);
  const secret = BigInt(
    `0x${sha256(Buffer.concat([signedBytes(BigInt(`0x${salt}`)), inner])).toString("hex")}`,
  );
  return power(GENERATOR, secret).toString(16);
}

/** Starts an exchange; nothing for a public value that no client computes. */
export function beginSrp(
  clientPublic: string,
  known: { readonly userId: string; readonly salt: string; readonly verifier: string },
): SrpExchange | undefined {
  if (!/^[0-9a-f]{1,1024}$/i.test(clientPublic) || BigInt(`0x${clientPublic}`) % MODULUS === 0n) {
    return undefined;
  }
  const serverSecret = randomBytes(32).toString("hex");
  const secretBlock = randomBytes(768).toString("base64");
  return { ...known, clientPublic, serverSecret, secretBlock };
}

/** The server's public value B, in hexadecimal digits. */
export function srpServerPublic({ verifier, serverSecret }: SrpExchange): string {
  const sum = MULTIPLIER * BigInt(`0x${verifier}`) + power(GENERATOR, BigInt(`0x${serverSecret}`));
  return (sum % MODULUS).toString(16);
}

/** The signature that only a client which knows the password can give, in base64. */
export function srpSignature(poolId: string, exchange: SrpExchange, timestamp: string): string {
  return createHmac("sha256", sharedKey(exchange))
    .update(shortPoolId(poolId))
    .update(exchange.userId)
    .update(Buffer.from(exchange.secretBlock, "base64"))
    .update(timestamp)
    .digest("base64");
}

function sharedKey(exchange: SrpExchange): Uint8Array {
  const clientPublic = BigInt(`0x${exchange.clientPublic}`);
  const scramble = hashNumbers(clientPublic, BigInt(`0x${srpServerPublic(exchange)}`));
  const base = (clientPublic * power(BigInt(`0x${exchange.verifier}`), scramble)) % MODULUS;
  const secret = power(base, BigInt(`0x${exchange.serverSecret}`));
  return new Uint8Array(hkdfSync("sha256", signedBytes(secret), signedBytes(scramble), KEY_LABEL, KEY_BYTES));
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % MODULUS;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % MODULUS;
    square = (square * square) % MODULUS;
  }
  return result;
}

function hashNumbers(...numbers: readonly bigint[]): bigint {
  return BigInt(`0x${sha256(Buffer.concat(numbers.map(signedBytes))).toString("hex")}`);
}

// As Java writes numbers: a leading zero byte where the first bit would be a sign.
function signedBytes(number: bigint): Buffer {
  const digits = number.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Buffer.from(/^[89a-f]/i.test(even) ? `00${even}` : even, "hex");
}

function sha256(content: string | Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

function shortPoolId(poolId: string): string {
  return poolId.slice(poolId.indexOf("_") + 1);
}
