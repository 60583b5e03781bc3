import type { Rules } from "../rules.ts";
import { ApiError } from "../wire/error.ts";
import { claimedAliases, takenAliases } from "./claim.ts";
import type { Pool } from "./pool.ts";
import { withAttributes, type AliasName, type FlatAttributes, type User } from "./user.ts";

/** Who claims aliases, and whether they may be taken from others. */
export interface AliasClaim {
  /** The user that claims; nothing for one that is being created. */
  readonly claimant: User | undefined;
  readonly attributes: FlatAttributes;
  /** Whether an alias of another user moves here, or is refused. */
  readonly ofOthers: "move" | "refuse";
  /** Whether an administrator changes attributes: AWS has other words for it. */
  readonly isUpdate?: boolean;
}

/**
 * Claims the aliases that these attributes give a user, and returns them. A name that users sign in with in
 * place of a username never moves (guess), nor does a preferred username, as only verified attributes do
 * (documented); an alias that moves leaves its former owner's attribute unverified (reported).
 */
export function claimAliases(pool: Pool, claim: AliasClaim, rules: Rules): readonly AliasName[] {
  const aliases = claimedAliases(pool, claim.attributes);
  const taken = takenAliases(pool, claim.attributes, aliases).filter(({ owner }) => owner !== claim.claimant);
  // For creating a user the type is a setting; users who are there already have it from the API model.
  const takenError = claim.claimant === undefined ? rules.aliasExistsError : "AliasExistsException";
  for (const { name } of taken) {
    const isMovable = pool.settings.signIn.kind === "username" && name !== "preferred_username";
    if (!isMovable || claim.ofOthers === "refuse") {
      throw new ApiError(takenError, takenWords(name, claim));
    }
  }
  for (const { name, owner } of taken) moveAlias(pool, owner, name);
  return aliases;
}

// All reported, but "phone number".
function takenWords(name: AliasName, { isUpdate }: AliasClaim): string {
  if (name === "preferred_username") return "Already found an entry for the provided username.";
  if (isUpdate === true) return `An account with the given ${name} already exists.`;
  return `An account with the ${name === "email" ? "email" : "phone number"} already exists.`;
}

/** Takes an alias from its owner, who keeps the value, unverified (reported). */
export function moveAlias(pool: Pool, owner: User, name: AliasName): void {
  const unverified = name === "preferred_username" ? [] : [`${name}_verified`, "false"];
  const rest = owner.aliases.filter((alias) => alias !== name);
  pool.users.change(owner, withAttributes(owner.attributes, unverified), rest);
}
