import type { Issue, IssueCode } from "../core/issue.ts";
import { toNfc } from "../core/nfc.ts";
import type { Pool } from "../core/pool.ts";
import type { SourceRecord } from "../core/row.ts";
import type { NormaliseOptions } from "./normalise-attribute.ts";
import { normaliseEmail } from "./normalise/email.ts";
import { normalisePhone } from "./normalise/phone.ts";
import { Unusable, type Reader } from "./reading.ts";
import { textOf } from "./text-of.ts";

/** Cognito's documented pattern and length: 1 to 128 letters, marks, symbols, numbers and punctuation. */
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
const MAX_USERNAME_LENGTH = 128;

/**
 * Cognito names a federated user after its provider and the user's id there; a native user of such a name keeps the
 * federated one from signing in (reported). These are the providers that have a fixed name in every pool.
 */
const FEDERATED_USERNAME = /^(Google|Facebook|LoginWithAmazon|SignInWithApple)_./i;

/**
 * What is shaped like an address or a number without being a good one. How exact Cognito is where such a username is
 * refused is not documented, so the shape decides: one that is refused after all would be lost in the import job.
 */
const SHAPE = { email: /^[^@]+@[^@]+\.[^@]+$/, phone: /^\+\d+$/ } as const;

/** A username that the pool accepts, or the reason why none of the candidates is one. */
export type ChosenUsername =
  | { readonly kind: "username"; readonly username: string }
  | { readonly kind: "none"; readonly username: string | undefined; readonly issue: Issue };

/** What decides whether a username fits. */
export interface UsernameRules {
  readonly pool: Pool;
  readonly options: NormaliseOptions;
}

/**
 * The first candidate that this pool accepts as `cognito:username`: an e-mail address or phone number where those are
 * the usernames, and nothing shaped like one where they are aliases (documented; AWS's own import workflow does the
 * same).
 */
export function chooseUsername(
  usernames: readonly Reader[],
  record: SourceRecord,
  rules: UsernameRules,
): ChosenUsername {
  let refused: ChosenUsername | undefined;
  for (const read of usernames) {
    const reading = read(record);
    const candidate = reading instanceof Unusable ? reading : textOf(reading ?? "");
    if (candidate instanceof Unusable) {
      refused ??= none(undefined, "username-missing", `the row gives no username: ${candidate.message}`);
      continue;
    }
    if (candidate === "") continue;
    const fitted =
      rules.pool.usernameAttributes.length > 0
        ? fitContact(toNfc(candidate), rules)
        : fitUsername(toNfc(candidate), rules.pool);
    if (fitted.kind === "username") return fitted;
    refused ??= fitted;
  }
  return refused ?? none(undefined, "username-missing", "the row gives no username");
}

function fitUsername(candidate: string, pool: Pool): ChosenUsername {
  if (candidate.length > MAX_USERNAME_LENGTH || !USERNAME.test(candidate)) {
    return none(candidate, "username-invalid", "the username is not 1 to 128 characters without spaces");
  }
  if (FEDERATED_USERNAME.test(candidate)) {
    return none(
      candidate,
      "username-reserved",
      "the username is shaped like that of a user who signs in through another provider",
    );
  }
  if (pool.aliasAttributes.includes("email") && SHAPE.email.test(candidate)) {
    return none(
      candidate,
      "username-shaped-like-alias",
      "the username is an e-mail address, which is an alias in this pool",
    );
  }
  if (pool.aliasAttributes.includes("phone_number") && isShapedLikePhone(candidate)) {
    return none(
      candidate,
      "username-shaped-like-alias",
      "the username is a phone number, which is an alias in this pool",
    );
  }
  return { kind: "username", username: candidate };
}

function isShapedLikePhone(candidate: string): boolean {
  return SHAPE.phone.test(candidate) || typeof normalisePhone(candidate) === "string";
}

function fitContact(candidate: string, { pool, options }: UsernameRules): ChosenUsername {
  const email = pool.usernameAttributes.includes("email") ? normaliseEmail(candidate, options) : undefined;
  if (typeof email === "string" && email.length <= MAX_USERNAME_LENGTH && USERNAME.test(email)) {
    return { kind: "username", username: email };
  }
  const phone = pool.usernameAttributes.includes("phone_number")
    ? normalisePhone(candidate, options.phoneCountry)
    : undefined;
  if (typeof phone === "string") return { kind: "username", username: phone };
  const wanted = pool.usernameAttributes.map((contact) =>
    contact === "email" ? "an e-mail address" : "a phone number",
  );
  return none(
    candidate,
    "username-not-alias",
    `the username is not ${wanted.join(" or ")}, as this pool's usernames are`,
  );
}

function none(username: string | undefined, code: IssueCode, message: string): ChosenUsername {
  return { kind: "none", username, issue: { code, attribute: "username", message } };
}
