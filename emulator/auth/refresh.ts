import { signedIn, type SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { disabledUser, notAuthorized, required } from "./refusals.ts";
import { checkSecretHash } from "./secret-hash.ts";
import { renewTokens } from "./tokens.ts";

/** Makes new tokens for a refresh token, unless its user was disabled or deleted (wording reported). */
export function refreshSignIn(caller: Caller, parameters: Readonly<Record<string, string>>): SignInAnswer {
  const { account, pool, client } = caller;
  const grant = account.refreshTokens.get(required(parameters, "REFRESH_TOKEN"));
  const isOurs = grant?.poolId === pool.settings.id && grant.clientId === client.id;
  const user = isOurs ? pool.users.bySub(grant.sub) : undefined;
  const names = user === undefined ? [] : [user.username, user.sub];
  // Whose hash it would be is only known with the token.
  if (user !== undefined || client.secret === undefined) {
    checkSecretHash(caller, names, parameters["SECRET_HASH"]);
  }
  if (grant === undefined || !isOurs) throw notAuthorized("Invalid Refresh Token");
  if (account.clock() >= grant.expiresMs) throw notAuthorized("Refresh Token has expired");
  if (user === undefined) throw notAuthorized(account.rules.texts.refreshOfDeleted);
  if (!user.enabled) throw disabledUser();
  return signedIn(renewTokens(caller, user, grant));
}
