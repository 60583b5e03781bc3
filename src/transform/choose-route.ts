import { afterCreate } from "../core/after-create.ts";
import type { FollowUp } from "../core/follow-up.ts";
import { isRejecting, type Issue } from "../core/issue.ts";
import type { PasswordHash } from "../core/password-hash.ts";
import type { Attributes, NotSent, PlannedUser } from "../core/planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Pool } from "../core/pool.ts";
import { createImportRowEncoder, isSafeInImportCsv, MAX_ROW_CHARACTERS } from "./import-csv.ts";
import type { Policies } from "./policies.ts";

/** What is known of a user before its route. */
export interface Draft {
  readonly username: string | undefined;
  /** Attributes in API encoding. */
  readonly values: ReadonlyMap<string, string>;
  readonly smsMfa: boolean;
  readonly passwordHash: PasswordHash | undefined;
  /** In plain text. */
  readonly password: string | undefined;
  readonly isDisabled: boolean;
  /** Takes what the choice finds. */
  readonly issues: Issue[];
}

/** A route, and what goes by it. */
export interface ChosenRoute extends Pick<
  PlannedUser,
  "route" | "attributes" | "passwordHash" | "password" | "notSent"
> {
  /** What has to follow since the route cannot do it. */
  readonly followUps: readonly FollowUp[];
}

/** Chooses a route for a user whom no policy skips. */
export type ChooseRoute = (draft: Draft) => ChosenRoute;

/**
 * Makes the function that chooses a route: an import job, which alone takes password hashes, where it can carry the
 * user; where it cannot carry some of the attributes, it carries the others; or else what the policy says.
 */
export function createRouteChooser(pool: Pool, policies: Policies): ChooseRoute {
  const settableAfter = new Set(
    policies.unsafeValues === "set-after"
      ? pool.attributes.filter(({ mutable, required }) => mutable && !required).map(({ name }) => name)
      : [],
  );
  return (draft) => {
    const { username, values, issues, passwordHash } = draft;
    const unsafe = unsafeNames(username, values);
    const reasons = [...unverified(values, pool)];
    const isSetAfter = reasons.length === 0 && unsafe.every((name) => settableAfter.has(name));
    const unsafeIssues = unsafe.map((name) => unsafeIn(name, isSetAfter));
    if (!isSetAfter) reasons.push(...unsafeIssues);
    const [carried, setAfter] = isSetAfter ? partition(values, unsafe) : [[...values], []];
    if (username !== undefined && isTooLong({ ...draft, username }, carried, pool)) reasons.push(TOO_LONG);
    issues.push(...(reasons.length > 0 ? reasons : unsafeIssues));

    const causes = issues.filter(isRejecting);
    if (policies.unimportable === "reject") causes.push(...reasons);
    if (causes.length > 0) return notSentFor("rejected", causes, values);
    if (reasons.length === 0) {
      // A hash costs no call, and makes nobody active.
      const password = passwordHash === undefined ? draft.password : undefined;
      const followUps = [
        ...(setAfter.length > 0 ? [{ kind: "set-attributes", attributes: setAfter } as const] : []),
        ...setting(password),
      ];
      return {
        route: "import-job",
        attributes: carried,
        followUps,
        passwordHash,
        password,
        notSent: undefined,
      };
    }
    const attributes = [...values];
    const { smsMfa, isDisabled, password } = draft;
    const hasHash = passwordHash !== undefined;
    const user = { attributes, smsMfa, hasHash, isDisabled, hasPassword: password !== undefined };
    const after = afterCreate(user, policies);
    issues.push(...after.issues);
    return {
      route: "admin-create",
      attributes,
      followUps: [...setting(password), ...after.followUps],
      passwordHash: undefined,
      password,
      notSent: undefined,
    };
  };
}

function setting(password: string | undefined): readonly FollowUp[] {
  return password === undefined ? [] : [{ kind: "set-own-password" }];
}

/** The choice for a user who is not sent. */
export function notSentFor(
  kind: NotSent["kind"],
  causes: readonly Issue[],
  values: ReadonlyMap<string, string>,
): ChosenRoute {
  return {
    route: "none",
    attributes: [...values],
    followUps: [],
    passwordHash: undefined,
    password: undefined,
    notSent: { kind, causes },
  };
}

const TOO_LONG: Issue = {
  code: "row-too-long",
  attribute: undefined,
  message: `the row would have more than ${MAX_ROW_CHARACTERS} characters`,
};

/** Documented: with one auto-verified attribute, that one must be verified; with two, either. */
function unverified(values: ReadonlyMap<string, string>, pool: Pool): readonly Issue[] {
  if (pool.autoVerified.some((contact) => values.get(VERIFIED_FLAG[contact]) === "true")) return [];
  if (!CONTACTS.some((contact) => values.has(contact))) {
    const message = "there is neither an e-mail address nor a phone number";
    return [{ code: "no-contact", attribute: undefined, message }];
  }
  const wanted = pool.autoVerified.map((contact) =>
    values.has(contact) ? `${contact} is not verified` : `there is no ${contact}`,
  );
  return [{ code: "nothing-verified", attribute: undefined, message: wanted.join(" and ") }];
}

/** The attributes, and `username`, that an import job's CSV would not carry as they are. */
function unsafeNames(username: string | undefined, values: ReadonlyMap<string, string>): readonly string[] {
  const names: string[] = [];
  if (username !== undefined && !isSafeInImportCsv(username)) names.push("username");
  for (const [name, value] of values) {
    if (!isSafeInImportCsv(value)) names.push(name);
  }
  return names;
}

function unsafeIn(name: string, isSetAfter: boolean): Issue {
  const what = `${name} holds a backslash, a double quote, a tab or a line break`;
  return {
    code: isSetAfter ? "value-set-after" : "value-unsafe-in-csv",
    attribute: name,
    message: isSetAfter ? `${what}, so it is set after the import` : what,
  };
}

function partition(
  values: ReadonlyMap<string, string>,
  names: readonly string[],
): readonly [carried: Attributes, setAfter: Attributes] {
  const entries = [...values];
  if (names.length === 0) return [entries, []];
  return [
    entries.filter(([name]) => !names.includes(name)),
    entries.filter(([name]) => names.includes(name)),
  ];
}

function isTooLong(draft: Draft & { readonly username: string }, carried: Attributes, pool: Pool): boolean {
  const { username, smsMfa, passwordHash } = draft;
  let characters = passwordHash?.value.length ?? 0;
  for (const [, value] of carried) characters += value.length;
  // Escaping at most doubles a value, so only rows of half the limit need to be encoded to know.
  if (characters <= MAX_ROW_CHARACTERS / 2 - 1_000) return false;
  const encodeRow = createImportRowEncoder(pool, passwordHash?.algorithm);
  const row = encodeRow({ username, attributes: carried, smsMfa, passwordHash: passwordHash?.value });
  return row.length > MAX_ROW_CHARACTERS;
}
