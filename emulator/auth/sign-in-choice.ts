import { isPasswordless } from "../state/pool.ts";
import { attributeOf, type User } from "../state/user.ts";
import { invalidParameter } from "../wire/error.ts";
import type { SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { askCode, pretendToAskCode, signerOf } from "./next-step.ts";
import { resetRequired, signerNamed } from "./prove-password.ts";
import { disabledUser, incorrectPassword, required, unconfirmedUser } from "./refusals.ts";
import { closeSession, findSession, openSession } from "./sessions.ts";
import { signInWithPassword } from "./sign-in-password.ts";
import { askSrp } from "./sign-in-srp.ts";

/** A way to sign in that a user may choose. */
type Choice = "PASSWORD" | "PASSWORD_SRP" | "EMAIL_OTP" | "SMS_OTP";

type Parameters = Readonly<Record<string, string>>;

/** Starts a sign-in whose user chooses how: at once by the preferred way, or asked with all that can be chosen. */
export async function beginChoice(caller: Caller, parameters: Parameters): Promise<SignInAnswer> {
  const name = required(parameters, "USERNAME");
  const user = signerNamed(caller, name);
  const choices = choicesOf(caller, user);
  const preferred = choices.find((choice) => choice === parameters["PREFERRED_CHALLENGE"]);
  if (preferred === undefined) {
    const signer = user === undefined ? { name, sub: undefined } : signerOf(user);
    return {
      ChallengeName: "SELECT_CHALLENGE",
      Session: openSession(caller, signer, { kind: "SELECT_CHALLENGE" }),
      ChallengeParameters: {},
      AvailableChallenges: choices,
    };
  }
  const answer = await goOn(caller, { name, user }, { choice: preferred, parameters });
  return "ChallengeName" in answer ? { ...answer, AvailableChallenges: choices } : answer;
}

/** Goes on with what a user chose. */
export async function answerChoice(
  caller: Caller,
  responses: Parameters,
  id: string | undefined,
): Promise<SignInAnswer> {
  const session = findSession(caller, id, "SELECT_CHALLENGE");
  const answer = required(responses, "ANSWER");
  const user = caller.pool.users.bySub(session.sub ?? "");
  const choice = choicesOf(caller, user).find((known) => known === answer);
  // Wording guessed.
  if (choice === undefined) throw invalidParameter(`${answer} is not an available challenge.`);
  closeSession(caller, id ?? "");
  return goOn(caller, { name: session.name, user }, { choice, parameters: responses });
}

/** Takes the password, or the SRP value, that a chosen challenge was put for. */
export async function answerChosen(
  caller: Caller,
  choice: "PASSWORD" | "PASSWORD_SRP",
  { responses, id }: { readonly responses: Parameters; readonly id: string | undefined },
): Promise<SignInAnswer> {
  const session = findSession(caller, id, choice);
  required(responses, choice === "PASSWORD" ? "PASSWORD" : "SRP_A");
  closeSession(caller, id ?? "");
  const user = caller.pool.users.bySub(session.sub ?? "");
  return goOn(caller, { name: session.name, user }, { choice, parameters: responses });
}

interface Chooser {
  readonly name: string;
  readonly user: User | undefined;
}

async function goOn(
  caller: Caller,
  chooser: Chooser,
  { choice, parameters }: { readonly choice: Choice; readonly parameters: Parameters },
): Promise<SignInAnswer> {
  const { name, user } = chooser;
  const { PASSWORD: password, SRP_A: clientPublic } = parameters;
  switch (choice) {
    case "PASSWORD":
      return password === undefined
        ? askChosen(caller, chooser, choice)
        : signInWithPassword(caller, user, password);
    case "PASSWORD_SRP": {
      if (clientPublic === undefined) return askChosen(caller, chooser, choice);
      const asked = askSrp(caller, name, user, clientPublic);
      // The secret block is the session, as in USER_SRP_AUTH; here AWS returns one (documented).
      return { ...asked, Session: asked.ChallengeParameters["SECRET_BLOCK"] ?? "" };
    }
    case "EMAIL_OTP":
    case "SMS_OTP":
      if (user === undefined) return pretendToAskCode(caller, name, choice);
      if (!user.enabled) throw disabledUser();
      return askCode(caller, user, choice);
  }
}

function askChosen(caller: Caller, { name, user }: Chooser, kind: "PASSWORD" | "PASSWORD_SRP"): SignInAnswer {
  const signer = user === undefined ? { name, sub: undefined } : signerOf(user);
  return { ChallengeName: kind, Session: openSession(caller, signer, { kind }), ChallengeParameters: {} };
}

// What the pool's sign-in policy allows (documented) and the user has the means for; codes are for those who
// need no new password (reported). Somebody who does not exist seems to have all.
function choicesOf(caller: Caller, user: User | undefined): readonly Choice[] {
  const { firstFactors } = caller.pool.settings;
  const offersPassword = firstFactors.includes("PASSWORD") && !isWithoutPassword(caller, user);
  const choices: Choice[] = offersPassword ? ["PASSWORD_SRP", "PASSWORD"] : [];
  for (const factor of ["EMAIL_OTP", "SMS_OTP"] as const) {
    if (firstFactors.includes(factor) && canReceive(caller, user, factor)) choices.push(factor);
  }
  if (choices.length > 0 || user === undefined) return choices;
  if (user.status === "UNCONFIRMED") throw unconfirmedUser();
  throw user.status === "RESET_REQUIRED" ? resetRequired(caller) : incorrectPassword();
}

function isWithoutPassword({ pool }: Caller, user: User | undefined): boolean {
  return user?.status === "CONFIRMED" && user.credential === undefined && isPasswordless(pool.settings);
}

function canReceive({ account }: Caller, user: User | undefined, factor: "EMAIL_OTP" | "SMS_OTP"): boolean {
  if (user === undefined) return true;
  const attribute = factor === "EMAIL_OTP" ? "email" : "phone_number";
  if (user.status !== "CONFIRMED" || attributeOf(user, attribute) === undefined) return false;
  return account.rules.signInCodesGoTo === "any" || attributeOf(user, `${attribute}_verified`) === "true";
}
