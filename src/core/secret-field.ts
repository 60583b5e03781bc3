/**
 * Names of source fields that hold secrets: hashes, salts, passwords (also in German, French, Spanish, Portuguese, Dutch
 * and Polish), one-time-password seeds, recovery answers, tokens, and the stamp of which ASP.NET Identity makes its codes;
 * not Entra's BlockCredential, which says who may not sign in.
 * Matched against the name without its separators and accents, in lower case.
 */
const SECRET_FIELD =
  /passw(or)?[dt](?!changed|set|updated|lastset|last|reset(?!code|key)|policies)|pwd(?!last)|^pass$|^pw$|kennwort|motdepasse|contrasen|^clave$|^senha|wachtwoord|hasl?o$|hasla$|^hasl?o|sicherheitsfrage|passhash|passphrase|passcode|userpass$|digest$|hash(ed)?$|^hash(?!tag)|salt|secret(?!ary)|totp(?!s?enabled)|otp(seed|key)|^otp$|^pin(code)?$|recoverycodes?|backupcodes?|recoveryquestion|(recovery|security)answer|token|(?<!^block)credentials?$|(private|api|access|activation)key|securitystamp/;

/** Characters of a name that is looked at; what is longer is no name but somebody's data, and is kept out as a secret. */
const MAX_LENGTH = 1_000;

/**
 * Whether a source field of this name holds a secret. Such a field is dropped when the row is stored, so that it
 * reaches neither the ledger's copy of the row nor a report.
 */
export function isSecretField(name: string): boolean {
  return name.length > MAX_LENGTH || SECRET_FIELD.test(spellingOf(name));
}

/** Names of fields that hold a password or its hash, among those that tell something about one. */
const PASSWORD_FIELD =
  /passw(or)?[dt]|pwd|^pass$|^pw$|^pw(hash|digest)|userpass$|passhash|kennwort|motdepasse|contrasen|^clave$|^senha|wachtwoord|hasl?o$|hasla$|^hasl?o|^hash(?!tag)|hash(ed)?$|digest$/;

/** What else such names tell: when and how a password changes or fails, how it was hashed, or what another hash is of. */
const TELLS_OF_PASSWORD =
  /chang|geander|geaender|modif|updat|reset|forgot|recover|polic|last|expir|ablauf|histor|lock|fail|attempt|(?<!ac)count|bad|must|force|require|need|never|^(is|has|can|use|no)pass|set(at|on|date)?$|at$|^date|date$|time$|timestamp|age$|days$|status|strength|score|length|hint|question|answer|function|algorithm|algo$|scheme|hasher|method|type$|format|version|iteration|round|cost|salt|config|param|token|code$|link|url|enabled|disabled|provider|passwordprofile|sent|valid|verified|^(e?mail|gravatar|avatar|phone|image|photo|picture|file|content|commit|device|ip|user|session|daily|weekly|monthly|news)(address|number)?(hash(ed)?|digest)$/;

/**
 * Whether a source field of this name can hold passwords or their hashes; not one that only tells when they change, how
 * they were hashed or which rules they obey.
 */
export function mayHoldPassword(name: string): boolean {
  if (name.length > MAX_LENGTH) return false;
  // A form's note beside the name is no part of it: "Password [Required]".
  const spelling = spellingOf(name.replace(/\[[^\]]*\]$/, ""));
  return PASSWORD_FIELD.test(spelling) && !TELLS_OF_PASSWORD.test(spelling);
}

function spellingOf(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
}
