import { failure, ok, type Finding } from "./check.ts";
import { resultOf, type Surroundings } from "./surroundings.ts";

/** Whether the pool can be read, is in the right account, and takes import jobs. Throws what reading it throws. */
export async function checkUserPool(surroundings: Surroundings): Promise<Finding> {
  const { identity, expectAccount } = surroundings;
  const { id, name, account, autoVerified } = await surroundings.pool;
  const caller = (await resultOf(identity))?.account;
  const named = `"${name}" ${id}`;
  if (expectAccount !== undefined && account !== expectAccount) {
    return failure(
      `${named} is in the account ${account ?? "nobody says which"}, and ${expectAccount} is expected`,
      "Check --profile, the credentials, --user-pool-id and --expect-account",
    );
  }
  if (account !== undefined && caller !== undefined && account !== caller) {
    return failure(
      `${named} is in the account ${account}, and the credentials are of ${caller}`,
      "Import jobs need a role of the pool's account: use credentials of that one",
    );
  }
  if (autoVerified.length === 0) {
    return failure(
      `${named} verifies neither e-mail addresses nor phone numbers by itself, so Cognito refuses import jobs`,
      "Set its auto-verified attributes, in the console or by update-user-pool, which sets all else to its default that is not repeated",
    );
  }
  return ok(`${named}, verifies ${autoVerified.join(" and ")} by itself`);
}
