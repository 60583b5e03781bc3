import type * as Countries from "i18n-iso-countries";
import { createRequire } from "node:module";
import { remember } from "./normalise/remember.ts";

/** Characters that a country's name may have: a text is compared with hundreds of names. */
const MAX_LENGTH = 100;

let loaded: typeof Countries | undefined;

/** i18n-iso-countries with the English names, loaded (some 15 ms) by the first name that is looked for. */
function library(): typeof Countries {
  if (loaded !== undefined) return loaded;
  const packaged = createRequire(import.meta.url);
  loaded = packaged("i18n-iso-countries/index.js") as typeof Countries;
  loaded.registerLocale(packaged("i18n-iso-countries/langs/en.json") as Countries.LocaleData);
  return loaded;
}

/**
 * The ISO 3166 alpha-2 code of a country that is named by such a code, by an alpha-3 code or in English, in any case;
 * undefined when it is not known. Numbers are not taken: they could be dialling codes.
 */
export const findCountry: (text: string) => string | undefined = remember((text) => {
  const name = text.trim();
  if (name.length > MAX_LENGTH) return undefined;
  const code = name.toUpperCase();
  const countries = library();
  if (/^[A-Z]{2}$/.test(code) && countries.isValid(code)) return code;
  if (/^[A-Z]{3}$/.test(code) && countries.isValid(code)) return countries.alpha3ToAlpha2(code);
  return /^\d*$/.test(name) ? undefined : countries.getSimpleAlpha2Code(name, "en");
});
