import { randomBytes, timingSafeEqual } from "node:crypto";

import type { SrpExchange } from "../state/challenge-session.ts";
import type { User } from "../state/user.ts";
import { invalidParameter } from "../wire/error.ts";
import { sha256 } from "../wire/signature.ts";
import type { SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { stepAfterPassword } from "./next-step.ts";
import { provePassword } from "./prove-password.ts";
import { incorrectPassword, notAuthorized, required } from "./refusals.ts";
import { closeSession, findSession, openSession, type Signer } from "./sessions.ts";
import { beginSrp, srpServerPublic, srpSignature, srpVerifier } from "./srp.ts";

/** Puts the SRP challenge; a user who is hidden or knows no password gets one that cannot be met (documented). */
export function askSrp(caller: Caller, name: string, user: User | undefined, clientPublic: string): Asked {
  const exchange = beginSrp(clientPublic, srpSecrets(caller, name, user));
  if (exchange === undefined) throw incorrectPassword();
  const signer: Signer = { name: exchange.userId, sub: user?.sub };
  openSession(caller, signer, { kind: "PASSWORD_VERIFIER", ...exchange });
  return {
    ChallengeName: "PASSWORD_VERIFIER",
    ChallengeParameters: {
      SALT: exchange.salt,
      SECRET_BLOCK: exchange.secretBlock,
      SRP_B: srpServerPublic(exchange),
      USERNAME: exchange.userId,
      USER_ID_FOR_SRP: exchange.userId,
    },
  };
}

type Asked = Exclude<SignInAnswer, { readonly AuthenticationResult: unknown }>;

const TIMESTAMP =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2} \d\d:\d\d:\d\d UTC \d{4}$/;

/** Checks the answer to the SRP challenge. Its secret block stands for the session (reported: clients send none). */
export async function answerSrp(
  caller: Caller,
  responses: Readonly<Record<string, string>>,
): Promise<SignInAnswer> {
  const id = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK");
  const signature = required(responses, "PASSWORD_CLAIM_SIGNATURE");
  const timestamp = required(responses, "TIMESTAMP");
  if (!TIMESTAMP.test(timestamp)) {
    // Wording reported.
    throw invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.");
  }
  const { challenge, sub } = findSession(caller, id, "PASSWORD_VERIFIER");
  closeSession(caller, id);
  const user = caller.pool.users.bySub(sub ?? "");
  if (user === undefined) throw incorrectPassword();
  if (user.credential?.kind === "hash") throw notAuthorized(caller.account.rules.texts.srpWithHash);
  await provePassword(caller, user, () => {
    return (
      isOfPassword(caller, challenge, user) &&
      isSame(signature, srpSignature(caller.pool.settings.id, challenge, timestamp))
    );
  });
  return stepAfterPassword(caller, user);
}

// A password that was changed since the challenge was put is no longer the user's (guess).
function isOfPassword(
  { pool }: Caller,
  { userId, salt, verifier }: SrpExchange,
  { credential }: User,
): boolean {
  if (credential === undefined || credential.kind === "hash") return false;
  return srpVerifier({ poolId: pool.settings.id, userId }, credential.password, salt) === verifier;
}

// Real users get a new salt each time, as nothing but the client ever sees it; others always the same (documented).
function srpSecrets({ pool }: Caller, name: string, user: User | undefined) {
  const poolId = pool.settings.id;
  const credential = user?.credential;
  const userId = user?.username ?? pretendedId(poolId, name);
  if (credential === undefined || credential.kind === "hash") {
    return { userId, salt: sha256(`salt ${poolId} ${name}`).slice(0, 32), verifier: randomHex(384) };
  }
  const salt = randomHex(16);
  return { userId, salt, verifier: srpVerifier({ poolId, userId }, credential.password, salt) };
}

function pretendedId(poolId: string, name: string): string {
  const digits = sha256(`id ${poolId} ${name}`);
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => digits.slice(from, to))
    .join("-");
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
