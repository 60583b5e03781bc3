import { sendMessage } from "../state/outbox.ts";
import type { VerifiableName } from "../state/pool.ts";
import { attributeOf, type User } from "../state/user.ts";
import type { CodeFactor } from "../state/challenge-session.ts";
import { viewAttributes } from "../view/user.ts";
import { signedIn, type SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { makeCode } from "./codes.ts";
import { maskDestination, mediumOf, pretendedDelivery } from "./delivery.ts";
import { openSession } from "./sessions.ts";
import { issueTokens } from "./tokens.ts";

/** What comes after a password was proven: a new one for a temporary one, then a second factor, then tokens. */
export function stepAfterPassword(caller: Caller, user: User): SignInAnswer {
  return user.credential?.kind === "temporary" ? askNewPassword(caller, user) : stepAfterLogin(caller, user);
}

/** What comes after the password is settled: a second factor if there is one, then tokens. */
export function stepAfterLogin(caller: Caller, user: User): SignInAnswer {
  const { mfa } = caller.pool.settings;
  if (mfa === "OFF") return signedIn(issueTokens(caller, user));
  const factors = chosenFactors(user);
  if (factors.length > 1) return askWhichFactor(caller, user, factors);
  const factor = factors[0] ?? (mfa === "ON" ? defaultFactor(user) : undefined);
  if (factor !== undefined) return askCode(caller, user, factor);
  return mfa === "ON" ? askMfaSetup(caller, user) : signedIn(issueTokens(caller, user));
}

/** Asks for a code that is sent, as the first factor or the second. */
export function askCode(caller: Caller, user: User, kind: CodeFactor | "SMS_OTP"): SignInAnswer {
  const { account, pool } = caller;
  const code = makeCode(CODE_DIGITS[kind]);
  const attribute = attributeFor(kind);
  const medium = mediumOf(attribute);
  const destination = sendMessage(account, { pool, user }, { kind: "sign-in", medium, secret: code });
  return {
    ChallengeName: kind,
    Session: openSession(caller, signerOf(user), { kind, code }),
    ChallengeParameters: {
      USERNAME: user.username,
      USER_ID_FOR_SRP: user.username,
      CODE_DELIVERY_DELIVERY_MEDIUM: medium,
      CODE_DELIVERY_DESTINATION: maskDestination(destination ?? ""),
    },
  };
}

/**
 * Seems to ask somebody for a code who does not exist, while the client hides that (reported; that a wrong code
 * is named as such is a guess). Nothing is sent, and no code will do.
 */
export function pretendToAskCode(caller: Caller, name: string, kind: "EMAIL_OTP" | "SMS_OTP"): SignInAnswer {
  const attribute = attributeFor(kind);
  const pretended = pretendedDelivery(name);
  const destination = pretended.attribute === attribute ? pretended.destination : "+15555550100";
  const signer = { name, sub: undefined };
  return {
    ChallengeName: kind,
    Session: openSession(caller, signer, { kind, code: makeCode(CODE_DIGITS[kind]) }),
    ChallengeParameters: {
      USERNAME: name,
      USER_ID_FOR_SRP: name,
      CODE_DELIVERY_DELIVERY_MEDIUM: mediumOf(attribute),
      CODE_DELIVERY_DESTINATION: maskDestination(destination),
    },
  };
}

// Eight to sign in with is reported for e-mail; that the other codes of sign-ins are so long or short is a guess.
const CODE_DIGITS = { EMAIL_OTP: 8, SMS_OTP: 8, SMS_MFA: 6 } as const;

function attributeFor(kind: CodeFactor | "SMS_OTP"): VerifiableName {
  return kind === "EMAIL_OTP" ? "email" : "phone_number";
}

/** A user as a session names it. */
export function signerOf(user: User): { readonly name: string; readonly sub: string } {
  return { name: user.username, sub: user.sub };
}

/** The attributes that the pool requires and a user lacks: those must come with the new password (documented). */
export function missingAttributes({ pool }: Caller, user: User): readonly string[] {
  const required = [...pool.settings.schema.values()].filter(({ Required }) => Required);
  return required.map(({ Name }) => Name).filter((name) => attributeOf(user, name) === undefined);
}

function askNewPassword(caller: Caller, user: User): SignInAnswer {
  const shown = viewAttributes(user).filter(({ Name }) => Name !== "sub" && !Name.startsWith("dev:"));
  const missing = missingAttributes(caller, user).map((name) => `userAttributes.${name}`);
  return {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: openSession(caller, signerOf(user), { kind: "NEW_PASSWORD_REQUIRED" }),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(missing),
      userAttributes: JSON.stringify(Object.fromEntries(shown.map(({ Name, Value }) => [Name, Value]))),
    },
  };
}

// The preferred factor alone, or all that are in use. Authenticator apps cannot be enrolled here.
function chosenFactors({ extras }: User): readonly CodeFactor[] {
  const { enabled = [], preferred } = extras?.mfa ?? {};
  if (preferred === "SMS_MFA" || preferred === "EMAIL_OTP") return [preferred];
  return enabled.filter((factor) => factor !== "SOFTWARE_TOKEN_MFA");
}

// Where a second factor is a must, a phone number is enough to be asked by SMS (documented); that an e-mail
// address is too is a guess.
function defaultFactor(user: User): CodeFactor | undefined {
  if (attributeOf(user, "phone_number") !== undefined) return "SMS_MFA";
  return attributeOf(user, "email_verified") === "true" ? "EMAIL_OTP" : undefined;
}

function askWhichFactor(caller: Caller, user: User, factors: readonly CodeFactor[]): SignInAnswer {
  return {
    ChallengeName: "SELECT_MFA_TYPE",
    Session: openSession(caller, signerOf(user), { kind: "SELECT_MFA_TYPE", factors }),
    ChallengeParameters: { USER_ID_FOR_SRP: user.username, MFAS_CAN_CHOOSE: JSON.stringify(factors) },
  };
}

function askMfaSetup(caller: Caller, user: User): SignInAnswer {
  return {
    ChallengeName: "MFA_SETUP",
    Session: openSession(caller, signerOf(user), { kind: "MFA_SETUP" }),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      MFAS_CAN_SETUP: JSON.stringify(["SOFTWARE_TOKEN_MFA"]),
    },
  };
}
