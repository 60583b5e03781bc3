/** The password-hash algorithms that an import job takes, one for each job (API model: PasswordHashingAlgorithm). */
export const HASH_ALGORITHMS = ["BCRYPT", "SCRYPT", "ARGON2ID", "PBKDF2_SHA256"] as const;

/** One of {@link HASH_ALGORITHMS}. */
export type HashAlgorithm = (typeof HASH_ALGORITHMS)[number];

/** A password hash in the spelling that an import job takes. A secret: it stands in the ledger and its parts only. */
export interface PasswordHash {
  readonly algorithm: HashAlgorithm;
  readonly value: string;
}
