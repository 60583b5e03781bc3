import type { Account } from "../state/account.ts";
import { createUser } from "../state/create-user.ts";
import { sendMessage } from "../state/outbox.ts";
import { checkPassword, generatePassword, POLICY_WORDS } from "../state/password.ts";
import { isPasswordless, type Pool } from "../state/pool.ts";
import type { GivenAttribute } from "../state/read-attributes.ts";
import type { Credential, User } from "../state/user.ts";
import { viewAttributes, viewUser } from "../view/user.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributes?: readonly GivenAttribute[];
  readonly TemporaryPassword?: string;
  readonly ForceAliasCreation?: boolean;
  readonly MessageAction?: "RESEND" | "SUPPRESS";
  readonly DesiredDeliveryMediums?: readonly ("SMS" | "EMAIL")[];
}

/** Creates a user, or sends a created one its invitation again; either counts the user as active (documented). */
export function adminCreateUser({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const credential = chooseCredential(account, pool, request);
  const user =
    request.MessageAction === "RESEND"
      ? inviteAgain(account, request, credential)
      : createUser(account, pool, {
          username: request.Username,
          attributes: request.UserAttributes ?? [],
          ofOthers: request.ForceAliasCreation === true ? "move" : "refuse",
          credential,
          // A user without a password has none to change (guess).
          status: credential === undefined ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD",
        });
  if (request.MessageAction !== "SUPPRESS") sendInvitation(account, { pool, user, request });
  pool.countActive(user, account.clock());
  return { User: viewUser(user, viewAttributes(user)) };
}

// Cognito makes up a password unless the pool lets users in by codes; then a new user may have none (documented).
// Whoever is invited again has one, and gets another (guess).
function chooseCredential(account: Account, pool: Pool, request: Request): Credential | undefined {
  const { settings } = pool;
  const given = request.TemporaryPassword ?? "";
  const isAgain = request.MessageAction === "RESEND";
  if (given === "" && !isAgain && isPasswordless(settings)) return undefined;
  if (given === "" && !isAgain && settings.firstFactors.some((factor) => factor !== "PASSWORD")) {
    // Reported for a pool with passkeys but no codes.
    throw invalidParameter("User is required to have a password");
  }
  const password = given === "" ? generatePassword(settings.passwordPolicy) : given;
  if (given !== "") checkPassword(given, settings.passwordPolicy, POLICY_WORDS.adminCreateUser);
  return { kind: "temporary", password, setMs: account.clock() };
}

// Types documented; the words are reported, and so is that only this status can be resent to.
function inviteAgain(account: Account, request: Request, credential: Credential | undefined): User {
  const { user } = account.user(request);
  if (user.status !== "FORCE_CHANGE_PASSWORD") {
    const message = `Resend not possible. ${user.sub} status is not FORCE_CHANGE_PASSWORD`;
    throw new ApiError("UnsupportedUserStateException", message);
  }
  user.credential = credential;
  user.modifiedMs = account.clock();
  return user;
}

interface Invitation {
  readonly pool: Pool;
  readonly user: User;
  readonly request: Request;
}

// SMS is the default (API model); where a user has no such address nothing is sent (guess).
function sendInvitation(account: Account, { pool, user, request }: Invitation): void {
  const { credential } = user;
  if (credential?.kind !== "temporary") return;
  for (const medium of request.DesiredDeliveryMediums ?? ["SMS" as const]) {
    sendMessage(account, { pool, user }, { kind: "invitation", medium, secret: credential.password });
  }
}
