import { aliasesOf, type Pool } from "./pool.ts";
import { flatAttribute, type AliasName, type FlatAttributes, type User } from "./user.ts";

/**
 * The aliases that a user with these attributes claims: e-mail and phone once they are verified (documented),
 * a preferred username at once. In a pool with UsernameAttributes those are claimed verified or not (reported).
 */
export function claimedAliases(pool: Pool, attributes: FlatAttributes): readonly AliasName[] {
  const { signIn } = pool.settings;
  const aliases = aliasesOf(signIn);
  const claimed = aliases.filter((name) => {
    if (flatAttribute(attributes, name) === undefined) return false;
    const isVerifiable = name !== "preferred_username";
    return (
      signIn.kind === "attribute" || !isVerifiable || flatAttribute(attributes, `${name}_verified`) === "true"
    );
  });
  // One list for the many users who claim all or nothing.
  if (claimed.length === aliases.length) return aliases;
  return claimed.length === 0 ? NO_ALIASES : claimed;
}

const NO_ALIASES: readonly AliasName[] = [];

/** Those of the claimed aliases that belong to someone already. */
export function takenAliases(
  pool: Pool,
  attributes: FlatAttributes,
  claimed: readonly AliasName[],
): readonly TakenAlias[] {
  return claimed.flatMap((name) => {
    const owner = pool.users.aliasOwner(name, flatAttribute(attributes, name) ?? "");
    return owner === undefined ? [] : [{ name, owner }];
  });
}

/** An alias and the user who has it. */
export interface TakenAlias {
  readonly name: AliasName;
  readonly owner: User;
}
