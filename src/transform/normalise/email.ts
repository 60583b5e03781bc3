import { domainToASCII, domainToUnicode } from "node:url";
import { dropped, type Normalised } from "./normalised.ts";

/** Octets of the part before the @, and of the whole address (RFC 5321, 4.5.3.1; the path's 256 less its brackets). */
const MAX_LOCAL_OCTETS = 64;
const MAX_OCTETS = 254;

// One @, no spaces, a dot in the domain: what Cognito surely refuses is caught, the rest is Cognito's to judge.
const ASCII_EMAIL = /^[!#-'*+\--9=?A-Z^-~]+@[!#-'*+\-/-9=?A-Z^-~]+(\.[!#-'*+\-/-9=?A-Z^-~]+)+$/;
const EMAIL = /^[^\s@,"\\<>()[\]:;]+@[^\s@,"\\<>()[\]:;.]+(\.[^\s@,"\\<>()[\]:;.]+)+$/;
const NON_ASCII = /[\u0080-\uffff]/;

/** How e-mail addresses are brought into form. */
export interface EmailOptions {
  /** Whether the address is written in lower case: a pool made case sensitive would else hold Ada@ beside ada@. */
  readonly lowerCaseEmail: boolean;
}

/**
 * A trimmed NFC text as one e-mail address, in lower case unless told otherwise, or the reason why it is none: a
 * display name, several addresses, or longer than RFC 5321 allows.
 *
 * A domain with other than ASCII letters is written as its A-label (`xn--…`). Cognito documents the value as an RFC
 * 5322 address, whose domain is ASCII, and SES, which sends Cognito's mail, documents that it needs Punycode there;
 * that Cognito itself refuses the other spelling is our guess. Only the spelling changes: a domain that would read
 * back as another one (full-width letters, invisible characters) is dropped, since a verified address must never
 * become somebody else's. The part before the @ has no such spelling and is left to Cognito to judge.
 */
export function normaliseEmail(text: string, options: EmailOptions): Normalised {
  const address = options.lowerCaseEmail ? text.toLowerCase() : text;
  const isShort = address.length <= MAX_OCTETS && address.indexOf("@") <= MAX_LOCAL_OCTETS;
  if (isShort && ASCII_EMAIL.test(address)) return address;
  return isShort && EMAIL.test(address)
    ? spellDomain(address)
    : dropped("email-invalid", "email is not an e-mail address");
}

function spellDomain(address: string): Normalised {
  const at = address.indexOf("@");
  const local = address.slice(0, at).normalize("NFC");
  const domain = address.slice(at + 1);
  const spelled = NON_ASCII.test(domain) ? asciiDomain(domain) : domain;
  if (spelled === undefined)
    return dropped("email-invalid", "email has a domain with characters that stand for others");
  const result = `${local}@${spelled}`;
  return Buffer.byteLength(local) <= MAX_LOCAL_OCTETS && Buffer.byteLength(result) <= MAX_OCTETS
    ? result
    : dropped("email-invalid", "email is longer than an e-mail address can be");
}

function asciiDomain(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  const isSameDomain = ascii !== "" && domainToUnicode(ascii) === domain.toLowerCase().normalize("NFC");
  return isSameDomain ? ascii : undefined;
}
