import { checkPassword } from "../state/password.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly Password: string;
  readonly Permanent?: boolean;
}

/**
 * Sets a user's password: a permanent one confirms the user, a temporary one must be changed at the next sign-in
 * (documented); either counts the user as active (documented).
 */
export function adminSetUserPassword({ account }: Context, request: Request): object {
  const { pool, user } = account.user(request);
  const { Password: password, Permanent: isPermanent = false } = request;
  checkPassword(password, pool.settings.passwordPolicy);
  const nowMs = account.clock();
  user.credential = isPermanent
    ? { kind: "permanent", password }
    : { kind: "temporary", password, setMs: nowMs };
  user.status = isPermanent ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD";
  user.modifiedMs = nowMs;
  pool.countActive(user, nowMs);
  return {};
}
