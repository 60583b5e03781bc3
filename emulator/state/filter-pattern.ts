import type { Rules } from "../rules.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";

/** Whether a log line passes. */
export type LineFilter = (message: string) => boolean;

// A term alone, with ? or with - before it; anything but letters, digits and underscores only in quotes (documented).
const TERM = /^([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+?))(?=\s|$)/s;

/**
 * Reads the pattern of FilterLogEvents: terms that must all be there, `-term` that must not, and `?term`s of which
 * one must be there (documented), unless other terms stand beside them: then they count for nothing (guess). Terms
 * tell upper from lower case (documented). Patterns for JSON, for columns and with regular expressions are not done.
 */
export function parseFilterPattern(pattern: string, rules: Rules): LineFilter {
  const terms = readTerms(pattern);
  const matches = rules.filterTermsMatch === "words" ? holdsWord : holdsPart;
  const [required, refused, optional] = ["", "-", "?"].map((sign) => {
    return terms.filter((term) => term.sign === sign).map(({ text }) => text);
  }) as [string[], string[], string[]];
  const isEitherEnough = required.length === 0 && refused.length === 0 && optional.length > 0;
  return (message) => {
    if (isEitherEnough) return optional.some((text) => matches(message, text));
    return (
      required.every((text) => matches(message, text)) && !refused.some((text) => matches(message, text))
    );
  };
}

interface Term {
  readonly sign: string;
  readonly text: string;
}

function readTerms(pattern: string): readonly Term[] {
  let rest = pattern.trim();
  if (/^[{[]|%/.test(rest)) {
    const message = `Filter patterns like '${pattern}' are a part of AWS that poolferry's local Cognito does not have yet.`;
    throw new ApiError("NotImplementedByEmulator", message, { status: 501 });
  }
  const terms: Term[] = [];
  while (rest !== "") {
    const [match, sign = "", quoted, plain] = TERM.exec(rest) ?? [];
    if (match === undefined) throw invalidParameter("Invalid filter pattern");
    if (plain !== undefined && !/^\w+$/u.test(plain)) {
      // Words reported.
      throw invalidParameter(`Invalid character(s) in term '${plain}'`);
    }
    terms.push({ sign, text: plain ?? (quoted ?? "").replaceAll(/\\(.)/gs, "$1") });
    rest = rest.slice(match.length).trim();
  }
  return terms;
}

function holdsPart(message: string, text: string): boolean {
  return message.includes(text);
}

// A word ends where letters, digits and underscores do.
function holdsWord(message: string, text: string): boolean {
  for (let place = message.indexOf(text); place !== -1; place = message.indexOf(text, place + 1)) {
    const end = place + text.length;
    const isWhole = (left: string, right: string) => !/^\w\w$/.test(left + right);
    if (
      isWhole(message.charAt(place - 1), message.charAt(place)) &&
      isWhole(message.charAt(end - 1), message.charAt(end))
    ) {
      return true;
    }
  }
  return false;
}
