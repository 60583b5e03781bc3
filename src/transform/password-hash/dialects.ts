import { convertArgon2 } from "./argon2.ts";
import { convertAspnetIdentity, isAspnetIdentity } from "./aspnet-identity.ts";
import {
  convertDjangoPbkdf2,
  convertLdapPbkdf2,
  convertModularPbkdf2,
  convertPhcPbkdf2,
  convertWerkzeugPbkdf2,
} from "./pbkdf2.ts";
import {
  convertDjangoScrypt,
  convertPackedScrypt,
  convertPhcScrypt,
  convertPlainScrypt,
  convertWerkzeugScrypt,
} from "./scrypt.ts";
import { spellBcrypt, type Converted } from "./spell.ts";
import { unrecognised, unsupported } from "./trouble.ts";

/** One way in which systems write a whole password hash into one text. */
interface Dialect {
  /** What a person calls it. */
  readonly name: string;
  /** Whether a text is meant to be of this dialect, whole or damaged. */
  readonly matches: (text: string) => boolean;
  readonly convert: (text: string) => Converted;
}

/** A dialect told by how its texts begin. */
function dialect(name: string, pattern: RegExp, convert: Dialect["convert"]): Dialect {
  return { name, matches: (text) => pattern.test(text), convert };
}

/** A dialect that no import job can verify. */
function foreign(name: string, pattern: RegExp): Dialect {
  return dialect(name, pattern, () => unsupported(`of ${name}`));
}

/** `{scheme}hash`, as LDAP servers, Dovecot and Spring Security write it. Spring's schemes may have a version behind @. */
const SCHEMED = /^\{([A-Za-z][\w.-]*)(?:@\w+)?\}(.*)$/;

/** Schemes that only say what the text behind them shows itself. */
const OPEN_SCHEMES = new Set(["crypt", "bcrypt", "blf-crypt", "argon2", "argon2id", "scrypt"]);

/** Schemes for what no import job can verify. */
const FOREIGN_SCHEMES: Readonly<Record<string, string>> = {
  ssha: "salted SHA-1",
  sha: "SHA-1",
  "sha-1": "SHA-1",
  sha1: "SHA-1",
  ssha256: "salted SHA-256",
  sha256: "SHA-256",
  "sha-256": "SHA-256",
  ssha384: "salted SHA-384",
  ssha512: "salted SHA-512",
  sha512: "SHA-512",
  "sha256-crypt": "SHA-256-crypt",
  "sha512-crypt": "SHA-512-crypt",
  smd5: "salted MD5",
  md5: "MD5",
  "md5-crypt": "MD5-crypt",
  md4: "MD4",
  ldap: "salted SHA-1",
  pbkdf2: "PBKDF2 with SHA-1, or with parameters that the hash does not tell",
  "pbkdf2-sha1": "PBKDF2 with SHA-1",
  "pbkdf2-sha512": "PBKDF2 with SHA-512",
  pkcs5s2: "PBKDF2 with SHA-1",
  argon2i: "Argon2i instead of Argon2id",
};

/** Schemes for a password that is no hash at all. */
const CLEAR_SCHEMES = new Set(["noop", "clear", "cleartext", "plain"]);

function convertSchemed(text: string): Converted {
  const [, scheme = "", rest = ""] = SCHEMED.exec(text) ?? [];
  const name = scheme.toLowerCase();
  if (name === "pbkdf2-sha256") return convertLdapPbkdf2(text);
  if (CLEAR_SCHEMES.has(name)) return unsupported("a password in clear text");
  const kind = Object.hasOwn(FOREIGN_SCHEMES, name) ? FOREIGN_SCHEMES[name] : undefined;
  if (kind !== undefined) return unsupported(`of ${kind}`);
  if (!OPEN_SCHEMES.has(name)) return unrecognised();
  // One scheme alone: nobody nests them, and a text of nothing but schemes is not worth a deep recursion.
  const inner = SCHEMED.test(rest) ? undefined : DIALECTS.find((each) => each.matches(rest));
  if (inner !== undefined) return inner.convert(rest);
  return name === "crypt" ? unsupported("of the traditional crypt") : unrecognised();
}

const HEXADECIMAL_DIGEST =
  /^(?:0x)?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;

/** All dialects; the first that a text matches is its own. */
const DIALECTS: readonly Dialect[] = [
  foreign("bcrypt's first version ($2$)", /^\$2\$/),
  dialect("bcrypt", /^\$2[a-z]\$/, spellBcrypt),
  dialect("Django's bcrypt", /^bcrypt\$\$2/, (text) => spellBcrypt(text.slice("bcrypt$".length))),
  foreign("bcrypt over a SHA-256 of the password", /^\$?bcrypt[-_]sha256\$/),
  foreign("WordPress's bcrypt over an HMAC of the password", /^\$wp\$/),
  dialect("Argon2", /^\$argon2/, convertArgon2),
  dialect("Django's Argon2", /^argon2\$\$?argon2/, (text) =>
    convertArgon2(text.replace(/^argon2\$\$?/, "$")),
  ),
  dialect("PBKDF2-SHA256 in the PHC format", /^\$pbkdf2-sha256\$i=/, convertPhcPbkdf2),
  dialect("PBKDF2-SHA256 in passlib's format", /^\$pbkdf2-sha256\$/, convertModularPbkdf2),
  dialect("Django's PBKDF2-SHA256", /^pbkdf2_sha256\$/, convertDjangoPbkdf2),
  dialect("werkzeug's PBKDF2-SHA256", /^pbkdf2:sha256:/, convertWerkzeugPbkdf2),
  foreign("PBKDF2 with SHA-1", /^(?:\$pbkdf2(?:-sha1)?\$|pbkdf2_sha1\$|pbkdf2:sha1:|\$p5k2\$)/),
  foreign(
    "PBKDF2 with SHA-512",
    /^(?:\$pbkdf2-sha512\$|pbkdf2_sha512\$|pbkdf2:sha512:|grub\.pbkdf2\.sha512\.)/,
  ),
  foreign("PBKDF2 with another digest than SHA-256", /^(?:\$pbkdf2-|pbkdf2_|pbkdf2:)/),
  dialect("scrypt in the PHC format", /^\$scrypt\$/, convertPhcScrypt),
  dialect("werkzeug's scrypt", /^scrypt:\d/, convertWerkzeugScrypt),
  dialect("Django's scrypt", /^scrypt\$/, convertDjangoScrypt),
  dialect("scrypt in Spring Security's format", /^(?:\$s0)?\$[0-9a-f]{5,8}\$/i, convertPackedScrypt),
  dialect(
    "plain scrypt",
    /^[0-9a-f]{1,10}\$[0-9a-f]{1,10}\$[0-9a-f]{1,10}\$[0-9a-f]*(?:\$[0-9a-f]*)?$/i,
    convertPlainScrypt,
  ),
  foreign("scrypt in the crypt format ($7$)", /^\$7\$/),
  foreign("yescrypt", /^\$g?y\$/),
  foreign("phpass", /^(?:U?\$P\$|\$H\$)/),
  foreign("Drupal 7's SHA-512", /^U?\$S\$/),
  foreign("MD5-crypt", /^\$(?:1|apr1|md5)[$,]/),
  foreign("SHA-256-crypt", /^\$5\$/),
  foreign("SHA-512-crypt", /^\$6\$/),
  foreign("SHA-1-crypt", /^\$sha1\$/),
  foreign("Windows' NT hash", /^\$3\$/),
  foreign("a salted MD5 or SHA", /^(?:unsalted_)?(?:md5|sha1|sha224|sha256|sha384|sha512)\$/),
  foreign("the traditional crypt", /^crypt\$/),
  foreign("MediaWiki's MD5", /^:[AB]:/),
  foreign("Apache Shiro", /^\$shiro\d\$/),
  foreign("SCRAM", /^SCRAM-SHA-/),
  foreign("MySQL's SHA-1", /^\*[0-9A-F]{40}$/),
  foreign("a bare hexadecimal digest, as MD5 and SHA write it", HEXADECIMAL_DIGEST),
  dialect("a hash with its scheme in braces", SCHEMED, convertSchemed),
  { name: "ASP.NET Core Identity", matches: isAspnetIdentity, convert: convertAspnetIdentity },
];

/** Converts a whole hash, recognised by its shape. */
export function convertText(text: string): Converted {
  return DIALECTS.find((each) => each.matches(text))?.convert(text) ?? unrecognised();
}

/** What a person calls the dialect that a text looks like, or undefined when it looks like none. Never holds the text. */
export function describeHash(text: string): string | undefined {
  const trimmed = text.trim();
  return DIALECTS.find((each) => each.matches(trimmed))?.name;
}
