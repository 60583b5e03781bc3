import type { SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { stepAfterPassword } from "./next-step.ts";
import { keepPassword, knowsPassword, provePassword } from "./prove-password.ts";
import { incorrectPassword } from "./refusals.ts";
import type { User } from "../state/user.ts";

/** Signs a user in with a password that came over the wire. */
export async function signInWithPassword(
  caller: Caller,
  user: User | undefined,
  password: string,
): Promise<SignInAnswer> {
  if (user === undefined) throw incorrectPassword();
  await provePassword(caller, user, () => knowsPassword(user, password));
  keepPassword(user, password);
  return stepAfterPassword(caller, user);
}
