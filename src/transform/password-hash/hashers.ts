import type { HashAlgorithm } from "../../core/password-hash.ts";

/** What a word for an algorithm stands for: one that an import job takes, or one that it does not, in words. */
export type Hasher =
  | { readonly kind: "takes"; readonly algorithm: HashAlgorithm }
  | { readonly kind: "foreign"; readonly name: string };

/** The words of Clerk, FusionAuth, Firebase, Stytch and WorkOS, in small letters and digits. */
const ALGORITHM_BY_WORD: Readonly<Record<string, HashAlgorithm>> = {
  bcrypt: "BCRYPT",
  argon2: "ARGON2ID",
  argon2id: "ARGON2ID",
  scrypt: "SCRYPT",
  standardscrypt: "SCRYPT",
  scryptwerkzeug: "SCRYPT",
  pbkdf2sha256: "PBKDF2_SHA256",
  pbkdf2sha256django: "PBKDF2_SHA256",
  saltedpbkdf2hmacsha256: "PBKDF2_SHA256",
  saltedpbkdf2hmacsha256512: "PBKDF2_SHA256",
};

const FOREIGN_BY_WORD: Readonly<Record<string, string>> = {
  argon2i: "Argon2i instead of Argon2id",
  argon2d: "Argon2d instead of Argon2id",
  awscognito: "Cognito itself",
  bcryptpeppered: "bcrypt with a pepper",
  bcryptsha256django: "bcrypt over a SHA-256 of the password",
  firebasescrypt: "Firebase's own scrypt",
  scryptfirebase: "Firebase's own scrypt",
  ldapssha: "salted SHA-1",
  ssha: "salted SHA-1",
  pbkdf2sha1: "PBKDF2 with SHA-1",
  saltedpbkdf2hmacsha1: "PBKDF2 with SHA-1",
  pbkdf2sha512: "PBKDF2 with SHA-512",
  pbkdf2sha512hex: "PBKDF2 with SHA-512",
  saltedpbkdf2hmacsha512: "PBKDF2 with SHA-512",
  saltedpbkdf2hmacsha512512: "PBKDF2 with SHA-512",
  phpass: "phpass",
  md5phpass: "phpass",
  phpassmd5: "phpass",
  phpasssha512: "phpass with SHA-512",
  md5: "MD5",
  md5salted: "salted MD5",
  saltedmd5: "salted MD5",
  universalmd5: "salted MD5",
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha256salted: "salted SHA-256",
  saltedsha256: "salted SHA-256",
  saltedhmacsha256: "HMAC-SHA-256",
  hmacsha256utf16b64: "HMAC-SHA-256",
  sha512: "SHA-512",
  sha512symfony: "salted SHA-512",
};

/** What a source's word for an algorithm stands for; undefined for a word that poolferry does not know. */
export function hasherOf(word: string): Hasher | undefined {
  const key = word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const algorithm = Object.hasOwn(ALGORITHM_BY_WORD, key) ? ALGORITHM_BY_WORD[key] : undefined;
  if (algorithm !== undefined) return { kind: "takes", algorithm };
  const name = Object.hasOwn(FOREIGN_BY_WORD, key) ? FOREIGN_BY_WORD[key] : undefined;
  return name === undefined ? undefined : { kind: "foreign", name };
}
