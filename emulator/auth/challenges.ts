import { ApiError, invalidParameter } from "../wire/error.ts";
import { signedIn, type SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { answerNewPassword } from "./new-password.ts";
import { askCode } from "./next-step.ts";
import { incorrectPassword, notAuthorized, required } from "./refusals.ts";
import { checkSecretHash } from "./secret-hash.ts";
import { closeSession, findSession, userOfSession } from "./sessions.ts";
import { answerChoice, answerChosen } from "./sign-in-choice.ts";
import { answerSrp } from "./sign-in-srp.ts";
import { issueTokens } from "./tokens.ts";

/** The answer to a challenge. */
export interface ChallengeRequest {
  readonly ChallengeName: string;
  readonly ChallengeResponses?: Readonly<Record<string, string>>;
  readonly Session?: string;
}

/** Takes the answer to a challenge: the next one follows, or tokens. */
export async function answerChallenge(caller: Caller, request: ChallengeRequest): Promise<SignInAnswer> {
  const { ChallengeName: name, ChallengeResponses: responses = {}, Session: id } = request;
  const username = required(responses, "USERNAME");
  checkSecretHash(caller, [username], responses["SECRET_HASH"]);
  checkOwner(caller, username, id ?? responses["PASSWORD_CLAIM_SECRET_BLOCK"]);
  switch (name) {
    case "PASSWORD_VERIFIER":
      return answerSrp(caller, responses);
    case "NEW_PASSWORD_REQUIRED":
      return answerNewPassword(caller, responses, id);
    case "SELECT_CHALLENGE":
      return answerChoice(caller, responses, id);
    case "PASSWORD":
    case "PASSWORD_SRP":
      return answerChosen(caller, name, { responses, id });
    case "SMS_MFA":
    case "EMAIL_OTP":
    case "SMS_OTP":
      return answerCode(caller, name, { given: required(responses, `${name}_CODE`), id });
    case "SELECT_MFA_TYPE":
      return answerFactor(caller, required(responses, "ANSWER"), id);
    case "MFA_SETUP":
      findSession(caller, id, name);
      // No authenticator app can be enrolled here.
      throw new ApiError("SoftwareTokenMFANotFoundException", "User has not set up software token mfa");
    default:
      // Challenges of triggers and devices are never put here; the words are a guess.
      throw invalidParameter(`The challenge ${name} was not put.`);
  }
}

function answerCode(
  caller: Caller,
  kind: "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP",
  { given, id }: { readonly given: string; readonly id: string | undefined },
): SignInAnswer {
  const session = findSession(caller, id, kind);
  if (session.challenge.code !== given) {
    // Wording reported; that the session stays open too.
    throw new ApiError("CodeMismatchException", "Invalid code or auth state for the user.");
  }
  closeSession(caller, id ?? "");
  return signedIn(issueTokens(caller, userOfSession(caller, session)));
}

function answerFactor(caller: Caller, answer: string, id: string | undefined): SignInAnswer {
  const session = findSession(caller, id, "SELECT_MFA_TYPE");
  const kind = session.challenge.factors.find((factor) => factor === answer);
  if (kind === undefined) throw invalidParameter(`${answer} is not an available challenge.`);
  closeSession(caller, id ?? "");
  return askCode(caller, userOfSession(caller, session), kind);
}

// The name may be any that finds the session's user (guess).
function checkOwner({ account, pool }: Caller, username: string, id: string | undefined): void {
  const session = account.sessions.get(id ?? "");
  if (session === undefined || session.name === username) return;
  if (session.sub !== undefined && pool.users.find(username)?.sub === session.sub) return;
  if (session.sub === undefined) throw incorrectPassword();
  throw notAuthorized("Invalid session for the user.");
}
