/**
 * Names of source fields that hold secrets: hashes, salts, passwords (also in German, French, Spanish, Portuguese, Dutch
 * and Polish), one-time-password seeds, recovery answers, tokens, and the stamp of which ASP.NET Identity makes its codes.
 * Matched against the name without its separators and accents, in lower case.
 */
const SECRET_FIELD =
  /passw(or)?[dt](?!changed|set|updated|lastset|last|reset(?!code|key)|policies)|pwd(?!last)|^pass$|^pw$|kennwort|motdepasse|contrasen|^clave$|^senha|wachtwoord|hasl?o$|hasla$|^hasl?o|sicherheitsfrage|passhash|passphrase|passcode|userpass$|digest$|hash(ed)?$|^hash(?!tag)|salt|secret(?!ary)|totp(?!s?enabled)|otp(seed|key)|^otp$|^pin(code)?$|recoverycodes?|backupcodes?|recoveryquestion|(recovery|security)answer|token|credentials?$|(private|api|access|activation)key|securitystamp/;

/** Characters of a name that is looked at; what is longer is no name but somebody's data, and is kept out as a secret. */
const MAX_LENGTH = 1_000;

/**
 * Whether a source field of this name holds a secret. Such a field is dropped when the row is stored, so that it
 * reaches neither the ledger's copy of the row nor a report.
 */
export function isSecretField(name: string): boolean {
  return (
    name.length > MAX_LENGTH ||
    SECRET_FIELD.test(
      name
        .normalize("NFKD")
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, ""),
    )
  );
}
