import type { ForecastFinding } from "../core/forecast.ts";
import { countOf } from "./data-findings.ts";
import type { Known } from "./known.ts";
import { users } from "./words.ts";

/** How users will sign in, and who cannot as they are used to. */
export function signInFindings(known: Known): readonly ForecastFinding[] {
  return [...aliasShaped(known), ...nameOnly(known), ...caseSensitive(known), ...secondFactor(known)];
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

/** Documented: an address or number is an alias once it is verified; without one a user signs in by the username. */
function nameOnly({ pool, counts: { signIn } }: Known): readonly ForecastFinding[] {
  const { aliasAttributes } = pool;
  const code = "sign-in-by-username-only";
  if (signIn.withoutAlias > 0) {
    return [
      {
        code,
        severity: "warning",
        message: `The pool lets users sign in by ${aliasAttributes.join(" or ")} once that is verified; of ${users(signIn.withoutAlias)} none is, so the username is all they get in by`,
        fix: "Verify them at the source, or tell these users their usernames",
        users: signIn.withoutAlias,
      },
    ];
  }
  if (signIn.otherName === 0) return [];
  return [
    {
      code,
      severity: "note",
      message: `The pool signs in by username alone, and those of ${users(signIn.otherName)} with an e-mail address are none`,
      fix: "If they are used to their addresses, make a pool with these as aliases or usernames: it cannot be changed later",
      users: signIn.otherName,
    },
  ];
}

/** Documented: users without a valid second factor come in, and cannot sign in before one is set. */
function secondFactor({ pool, counts: { signIn } }: Known): readonly ForecastFinding[] {
  if (pool.mfa !== "ON") return [];
  const lacking = signIn.withoutPhone;
  if (lacking === 0) return [];
  return [
    {
      code: "mfa-required",
      severity: "warning",
      message: `The pool asks everyone for a second factor, and ${users(lacking)} come without a phone number; authenticator apps and passkeys cannot be moved at all`,
      fix: "See that your application lets them set up a factor at their first sign-in, or make it optional in the pool until they have one",
      users: lacking,
    },
  ];
}
