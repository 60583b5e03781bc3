import type { Account } from "../state/account.ts";
import { countUnnamed } from "../state/count-unnamed.ts";
import type { Pool } from "../state/pool.ts";
import { isSocial } from "../state/social-provider.ts";
import type { LinkedIdentity, User } from "../state/user.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface ProviderUser {
  readonly ProviderName?: string;
  readonly ProviderAttributeName?: string;
  readonly ProviderAttributeValue?: string;
}

interface Request {
  readonly UserPoolId: string;
  readonly DestinationUser: ProviderUser;
  readonly SourceUser: ProviderUser;
}

/**
 * Lets a user of an identity provider, who has not signed in yet, sign in as a user of the pool. Pools have no
 * identity providers here, so any name is taken for one, and every source is one who has not signed in.
 */
export function adminLinkProviderForUser({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const user = findDestination(pool, request.DestinationUser);
  const identity = readSource(request.SourceUser, account.clock());
  checkLink(account, pool, user, identity);
  pool.users.link(user, identity);
  user.modifiedMs = account.clock();
  countUnnamed(account, { pool, user }, "AdminLinkProviderForUser");
  return {};
}

// A native user is named by its username with the provider Cognito (documented); there are no others here.
function findDestination(
  { users }: Pool,
  { ProviderName: provider, ProviderAttributeValue: name }: ProviderUser,
) {
  const user = provider === "Cognito" ? users.find(name ?? "") : undefined;
  if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
  return user;
}

// The rules are documented, the words are guesses.
function readSource(source: ProviderUser, linkedMs: number): LinkedIdentity {
  const {
    ProviderName: providerName = "",
    ProviderAttributeName: attributeName = "",
    ProviderAttributeValue: attributeValue = "",
  } = source;
  if (providerName === "" || attributeName === "" || attributeValue === "") {
    throw invalidParameter("SourceUser needs a provider name, an attribute name and an attribute value.");
  }
  if (providerName === "Cognito")
    throw invalidParameter("SourceUser must be a user of an identity provider.");
  if (isSocial(providerName) && attributeName !== "Cognito_Subject") {
    throw invalidParameter(`ProviderAttributeName must be Cognito_Subject for ${providerName}.`);
  }
  return { providerName, attributeName, attributeValue, linkedMs };
}

function checkLink({ rules }: Account, { users }: Pool, user: User, identity: LinkedIdentity): void {
  const owner = users.byIdentity(identity);
  // Words reported.
  if (owner === user) throw invalidParameter("SourceUser is already linked to DestinationUser");
  if (owner !== undefined) throw new ApiError("AliasExistsException", rules.texts.identityOfOther);
  if ((user.extras?.identities.length ?? 0) >= rules.identitiesOfUser) {
    throw new ApiError("LimitExceededException", rules.texts.tooManyIdentities);
  }
}
