import { countAttempt } from "../auth/lock-out.ts";
import { knowsPassword } from "../auth/prove-password.ts";
import { incorrectPassword } from "../auth/refusals.ts";
import { userOfAccessToken } from "../auth/tokens.ts";
import { checkPassword } from "../state/password.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly AccessToken: string;
  readonly PreviousPassword?: string;
  readonly ProposedPassword: string;
}

/** Replaces the password of a user who is signed in and knows it; one who has none yet need not (documented). */
export async function changePassword({ account }: Context, request: Request): Promise<object> {
  const { pool, user } = userOfAccessToken(account, request.AccessToken);
  countAttempt({ account, pool }, user, "change-password");
  const isKnown =
    user.credential === undefined || (await knowsPassword(user, request.PreviousPassword ?? ""));
  if (!isKnown) throw incorrectPassword();
  // A hash takes its time: the user may have been disabled or deleted by now.
  userOfAccessToken(account, request.AccessToken);
  checkPassword(request.ProposedPassword, pool.settings.passwordPolicy);
  user.credential = { kind: "permanent", password: request.ProposedPassword };
  user.modifiedMs = account.clock();
  pool.countActive(user, account.clock());
  return {};
}
