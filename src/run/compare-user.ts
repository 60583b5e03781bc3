import type { ListedUser } from "../cognito/list-users.ts";
import type { Pool } from "../core/pool.ts";
import type { ExpectedUser } from "../ledger/ledger.ts";

/**
 * The statuses in which a user of each kind comes into the pool (documented), and CONFIRMED, which each of them becomes
 * by setting a password or entering a code, or at once in a pool without passwords.
 */
const STATUSES = {
  password: ["CONFIRMED"],
  "import-job": ["RESET_REQUIRED", "CONFIRMED"],
  "admin-create": ["FORCE_CHANGE_PASSWORD", "CONFIRMED"],
  reset: ["RESET_REQUIRED", "CONFIRMED"],
  "sign-up": ["UNCONFIRMED", "CONFIRMED"],
  confirm: ["CONFIRMED"],
} as const;

/** Attributes that Cognito gives by itself. */
const COGNITOS_OWN: ReadonlySet<string> = new Set(["sub", "identities"]);

/** An import job writes FALSE for these where nothing was said, and a missing one means the same. */
const FLAGS: ReadonlySet<string> = new Set(["email_verified", "phone_number_verified"]);

/**
 * The names of all that differs between a user that a run created and what the pool lists: attributes, `sub`,
 * `enabled`, `status`, `identities`. Never a value. Second factors are not listed, so they cannot be compared.
 */
export function differencesOf(expected: ExpectedUser, listed: ListedUser, pool: Pool): readonly string[] {
  const differences = attributeDifferences(expected, listed, pool);
  if (expected.sub !== undefined && listed.sub !== undefined && listed.sub !== expected.sub)
    differences.push("sub");
  if (listed.enabled === expected.isDisabled) differences.push("enabled");
  if (listed.status !== undefined && !statusesOf(expected).includes(listed.status))
    differences.push("status");
  if (!hasIdentities(expected, listed)) differences.push("identities");
  return differences;
}

function attributeDifferences(expected: ExpectedUser, listed: ListedUser, pool: Pool): string[] {
  const want = new Map([...nameAttribute(expected, pool), ...expected.attributes]);
  const have = new Map(listed.attributes);
  const names = new Set([...want.keys(), ...have.keys()]);
  return [...names].filter((name) => {
    if (COGNITOS_OWN.has(name)) return false;
    // Who has entered the code is verified, and nobody asked for the opposite.
    if (expected.route === "sign-up" && FLAGS.has(name) && !want.has(name)) return false;
    const nothing = FLAGS.has(name) ? "false" : undefined;
    return (want.get(name) ?? nothing) !== (have.get(name) ?? nothing);
  });
}

// Where a contact is the username, Cognito makes an attribute of it (reported).
function nameAttribute({ username }: ExpectedUser, { usernameAttributes }: Pool): [string, string][] {
  if (usernameAttributes.length === 0) return [];
  return [[username.includes("@") ? "email" : "phone_number", username]];
}

function statusesOf({ route, hasHash, hasPassword, isReset, isConfirmed }: ExpectedUser): readonly string[] {
  if (hasHash || hasPassword) return STATUSES.password;
  if (isReset) return STATUSES.reset;
  if (isConfirmed) return STATUSES.confirm;
  return STATUSES[route === "none" ? "import-job" : route];
}

/** Whether the identities that were to be linked are; the form in which they are listed is reported. */
function hasIdentities({ identities }: ExpectedUser, { attributes }: ListedUser): boolean {
  if (identities.length === 0) return true;
  const linked = readIdentities(attributes.find(([name]) => name === "identities")?.[1] ?? "[]");
  return identities.every(({ provider, subject }) =>
    linked.some(({ providerName, userId }) => providerName === provider && userId === subject),
  );
}

function readIdentities(
  json: string,
): readonly { readonly providerName?: unknown; readonly userId?: unknown }[] {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.filter((entry) => typeof entry === "object" && entry !== null) : [];
  } catch {
    return [];
  }
}
