import { decodeBase64 } from "./decode.ts";
import { spellPbkdf2, type Converted } from "./spell.ts";
import { damaged, unsupported } from "./trouble.ts";

/** Marker, PRF, iterations and salt length: one byte and three numbers of four, the highest byte first. */
const V3_HEADER_BYTES = 13;
/** The PRFs of KeyDerivationPrf, by number. */
const PRFS = ["SHA-1", "SHA-256", "SHA-512"] as const;
/** Version 2 is one length: marker, 16 bytes of salt and 32 of hash, PBKDF2 with SHA-1. */
const V2_BYTES = 49;

/** Whether a text is a password hash of ASP.NET Core Identity: base64 of a layout that hardly comes about by chance. */
export function isAspnetIdentity(text: string): boolean {
  const bytes = decodeBase64(text);
  return bytes !== undefined && (isV2(bytes) || isV3(bytes));
}

/** Converts a hash of ASP.NET Core Identity, version 3 with SHA-256. */
export function convertAspnetIdentity(text: string): Converted {
  const bytes = decodeBase64(text);
  if (bytes === undefined) return damaged("the ASP.NET Identity hash is not base64: it was cut or changed");
  if (isV2(bytes)) return unsupported("of ASP.NET Identity version 2, PBKDF2 with SHA-1");
  const prf = PRFS[bytes.readUInt32BE(1)];
  if (prf !== "SHA-256") return unsupported(`of ASP.NET Identity with PBKDF2 with ${prf}`);
  const hashAt = V3_HEADER_BYTES + bytes.readUInt32BE(9);
  return spellPbkdf2({
    iterations: bytes.readUInt32BE(5),
    salt: bytes.subarray(V3_HEADER_BYTES, hashAt),
    hash: bytes.subarray(hashAt),
  });
}

function isV2(bytes: Buffer): boolean {
  return bytes.length === V2_BYTES && bytes[0] === 0;
}

function isV3(bytes: Buffer): boolean {
  if (bytes.length < V3_HEADER_BYTES || bytes[0] !== 1) return false;
  return bytes.readUInt32BE(1) < PRFS.length && V3_HEADER_BYTES + bytes.readUInt32BE(9) < bytes.length;
}
