import { dropped, type Normalised } from "./normalised.ts";
import { remember } from "./remember.ts";

const languageNames = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/**
 * A locale as a canonical BCP 47 tag, as OIDC has it: en_US, which OIDC says some write, becomes en-US. What is not
 * well-formed, two letters that are no language (ISO 639-1 is a closed list), and words such as english are dropped;
 * so are the names of POSIX with an encoding (de_DE.UTF-8), which say more than a tag can. Cognito is not known to
 * check it.
 */
export const normaliseLocale: (text: string) => Normalised = remember((text) => {
  const tag = canonicalTag(text.replaceAll("_", "-"));
  return tag ?? dropped("locale-invalid", "locale is not a BCP 47 language tag");
});

function canonicalTag(text: string): string | undefined {
  try {
    const [tag] = Intl.getCanonicalLocales(text);
    return tag !== undefined && isLanguage(tag.split("-", 1)[0] ?? "") ? tag : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

// ISO 639-3 has more three-letter languages than any table of names, and longer subtags were never registered.
function isLanguage(subtag: string): boolean {
  return subtag.length === 3 || (subtag.length === 2 && languageNames.of(subtag) !== undefined);
}
