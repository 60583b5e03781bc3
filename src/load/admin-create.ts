import { AdminUsers } from "../cognito/admin-users.ts";
import { readMinimumPasswordLength } from "../cognito/password-policy.ts";
import type { UserToCreate } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import { sendUsers } from "./send-users.ts";
import { createTemporaryPassword } from "./temporary-password.ts";

/** Creates every user that is planned for AdminCreateUser, or whose row an import job refused; see {@link sendUsers}. */
export async function createUsers(loading: Loading, onSettled: () => void): Promise<void> {
  const { cognito, ledger, signal } = loading;
  const route = "admin-create";
  if ((await ledger.countUnsettledOfRoute(route)) === 0) return;
  const { pool, policies } = ledger.facts;
  const { forceAliasCreation } = policies;
  let passwordLength: Promise<number> | undefined;
  const users = new AdminUsers(cognito, pool.id, signal);
  const make = async ({ username, attributes }: UserToCreate): Promise<string | undefined> => {
    // Once the first is to be created: all of them may be other workers'.
    passwordLength ??= readMinimumPasswordLength(cognito, pool.id, signal);
    const temporaryPassword = createTemporaryPassword(await passwordLength);
    return users.create({ username, attributes, temporaryPassword, forceAliasCreation });
  };
  await sendUsers({ route, operation: "AdminCreateUser", make }, loading, onSettled);
}
