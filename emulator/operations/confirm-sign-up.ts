import { accountNamed, callerOf, type Caller } from "../auth/caller.ts";
import { checkCode, dropCode } from "../auth/codes.ts";
import { countAttempt } from "../auth/lock-out.ts";
import { disabledUser, notAuthorized, wrongCode } from "../auth/refusals.ts";
import { checkSecretHash } from "../auth/secret-hash.ts";
import { claimAliases } from "../state/claim-aliases.ts";
import { attributeOf, withAttributes, type SentCode, type User } from "../state/user.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly ClientId: string;
  readonly SecretHash?: string;
  readonly Username: string;
  readonly ConfirmationCode: string;
  readonly ForceAliasCreation?: boolean;
}

/**
 * Confirms a user by the code that was sent, which verifies the address that it was sent to, and claims it as an
 * alias (documented); that counts the user as active (documented).
 */
export function confirmSignUp({ account }: Context, request: Request): object {
  const caller = callerOf(account, request);
  const { pool } = caller;
  checkSecretHash(caller, [request.Username], request.SecretHash);
  const user = accountNamed(caller, request.Username);
  // Whoever does not exist has no code either (documented for clients that hide it).
  if (user === undefined) throw wrongCode();
  if (!user.enabled) throw disabledUser();
  // Wording reported.
  if (user.status !== "UNCONFIRMED") {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
  }
  countAttempt(caller, user, "confirm");
  const sent = checkCode(account, user, { purpose: "confirm-sign-up", code: request.ConfirmationCode });
  verify(caller, user, { sent, ofOthers: request.ForceAliasCreation === true ? "move" : "refuse" });
  dropCode(user);
  user.status = "CONFIRMED";
  user.modifiedMs = account.clock();
  pool.countActive(user, account.clock());
  return {};
}

function verify(
  { account, pool }: Caller,
  user: User,
  { sent, ofOthers }: { readonly sent: SentCode; readonly ofOthers: "move" | "refuse" },
): void {
  // The address may have been taken away since: then there is nothing to verify.
  if (attributeOf(user, sent.attribute) === undefined) return;
  const attributes = withAttributes(user.attributes, [`${sent.attribute}_verified`, "true"]);
  const aliases = claimAliases(pool, { claimant: user, attributes, ofOthers }, account.rules);
  pool.users.change(user, attributes, aliases);
}
