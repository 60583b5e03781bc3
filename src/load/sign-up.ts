import { signUp } from "../cognito/sign-up.ts";
import type { UserToCreate } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import { sendUsers } from "./send-users.ts";
import { createTemporaryPassword } from "./temporary-password.ts";
import { withoutPassword } from "./without-password.ts";

/**
 * Signs up every user that is planned for it, with the password that the source has in plain text or else one that nobody
 * knows; see {@link sendUsers}.
 */
export async function signUpUsers(loading: Loading, onSettled: () => void): Promise<void> {
  const { cognito, ledger, signal, appClient } = loading;
  const route = "sign-up";
  if ((await ledger.countUnsettledOfRoute(route)) === 0) return;
  const { signUp: facts } = ledger.facts;
  if (appClient === undefined || facts === undefined) throw new Error("no app client to sign up with");
  const make = async ({ username, attributes, password: own }: UserToCreate): Promise<string | undefined> => {
    const password = own ?? createTemporaryPassword(facts.passwordLength);
    const user = { username, attributes, password, isOwnPassword: own !== undefined };
    try {
      return await signUp(cognito, appClient, { user, signal });
    } catch (error) {
      throw own === undefined ? error : withoutPassword(error, own);
    }
  };
  await sendUsers({ route, operation: "SignUp", make }, loading, onSettled);
}
