import type { ForecastFinding } from "../core/forecast.ts";
import { countOf } from "./data-findings.ts";
import type { Known } from "./known.ts";
import { users } from "./words.ts";

/** How users will sign in, and who cannot as they are used to. */
export function signInFindings(known: Known): readonly ForecastFinding[] {
  return [...aliasShaped(known), ...caseSensitive(known)];
}

function aliasShaped(known: Known): readonly ForecastFinding[] {
  const shaped = countOf(known, "username-shaped-like-alias");
  if (shaped === 0) return [];
  const { aliasAttributes } = known.pool;
  return [
    {
      code: "username-shaped-like-alias",
      severity: "error",
      message: `The usernames of ${users(shaped)} are e-mail addresses or phone numbers, which a pool refuses that has ${aliasAttributes.join(" and ")} as aliases`,
      fix: "Map the username to another field; or make a pool whose usernames are addresses or numbers (UsernameAttributes), which cannot be changed later",
      users: shaped,
    },
  ];
}

/** Documented: whether case matters is set when a pool is made, for good; AWS advises against it. */
function caseSensitive({ pool, counts: { casingTwins } }: Known): readonly ForecastFinding[] {
  if (!pool.caseSensitive) return [];
  const message = "The pool tells upper from lower case in usernames and e-mail addresses";
  if (casingTwins === 0) {
    return [
      {
        code: "case-sensitive",
        severity: "note",
        message: `${message}: users sign in only as they are spelt here`,
        fix: "If that is not wanted, make another pool now: it cannot be changed later",
      },
    ];
  }
  return [
    {
      code: "case-sensitive",
      severity: "warning",
      message: `${message}: ${users(casingTwins)} whose names differ from another's by that alone become users of their own`,
      fix: "See whether these are the same people; if they are, make a pool that does not tell case apart: it cannot be changed later",
      users: casingTwins,
    },
  ];
}
