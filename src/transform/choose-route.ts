import { afterCreate } from "../core/after-create.ts";
import type { FollowUp } from "../core/follow-up.ts";
import { isRejecting, type Issue } from "../core/issue.ts";
import type { PasswordHash } from "../core/password-hash.ts";
import type { Attributes, NotSent, PlannedUser } from "../core/planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Pool } from "../core/pool.ts";
import type { AttributeValues } from "./attribute-values.ts";
import { createImportRowEncoder, isSafeInImportCsv, MAX_ROW_CHARACTERS } from "./import-csv.ts";
import type { Policies } from "./policies.ts";

/** What is known of a user before its route. */
export interface Draft {
  readonly username: string | undefined;
  readonly values: AttributeValues;
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
    const { values, issues, passwordHash } = draft;
    const { reasons, carried, setAfter } = carry(draft, pool, settableAfter);
    const causes = issues.filter(isRejecting);
    if (policies.unimportable === "reject") causes.push(...reasons);
    if (causes.length > 0) return notSentFor("rejected", causes, values);
    if (reasons.length === 0) {
      // A hash costs no call, and makes nobody active.
      const password = passwordHash === undefined ? draft.password : undefined;
      return {
        route: "import-job",
        attributes: carried,
        followUps:
          setAfter.length === 0
            ? setting(password)
            : [{ kind: "set-attributes", attributes: setAfter }, ...setting(password)],
        passwordHash,
        password,
        notSent: undefined,
      };
    }
    const attributes = values.entries;
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

/** What an import job can carry of a user. */
interface Carried {
  /** Why it cannot carry the user; none where it can. */
  readonly reasons: readonly Issue[];
  readonly carried: Attributes;
  /** What is set once the user is there. */
  readonly setAfter: Attributes;
}

const NOTHING: readonly never[] = [];

/** Tells what an import job can carry of a user, and adds what it cannot to the issues. */
function carry(draft: Draft, pool: Pool, settableAfter: ReadonlySet<string>): Carried {
  const { username, values, issues } = draft;
  const { entries } = values;
  const notVerified = unverified(values, pool);
  const unsafe = unsafeNames(username, values);
  const isPlain = notVerified === undefined && unsafe.length === 0 && !isTooLong(draft, entries, pool);
  if (isPlain) return { reasons: NOTHING, carried: entries, setAfter: NOTHING };
  const isSetAfter = notVerified === undefined && unsafe.every((name) => settableAfter.has(name));
  const unsafeIssues = unsafe.map((name) => unsafeIn(name, isSetAfter));
  const reasons = notVerified === undefined ? [] : [notVerified];
  if (!isSetAfter) reasons.push(...unsafeIssues);
  const [carried, setAfter] = isSetAfter ? partition(entries, unsafe) : [entries, NOTHING];
  if (isTooLong(draft, carried, pool)) reasons.push(TOO_LONG);
  issues.push(...(reasons.length > 0 ? reasons : unsafeIssues));
  return { reasons, carried, setAfter };
}

const SET_OWN_PASSWORD: readonly FollowUp[] = [{ kind: "set-own-password" }];

function setting(password: string | undefined): readonly FollowUp[] {
  return password === undefined ? NOTHING : SET_OWN_PASSWORD;
}

/** The choice for a user who is not sent. */
export function notSentFor(
  kind: NotSent["kind"],
  causes: readonly Issue[],
  values: AttributeValues,
): ChosenRoute {
  return {
    route: "none",
    attributes: values.entries,
    followUps: NOTHING,
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
function unverified(values: AttributeValues, pool: Pool): Issue | undefined {
  if (pool.autoVerified.some((contact) => values.get(VERIFIED_FLAG[contact]) === "true")) return undefined;
  if (!CONTACTS.some((contact) => values.has(contact))) {
    const message = "there is neither an e-mail address nor a phone number";
    return { code: "no-contact", attribute: undefined, message };
  }
  const wanted = pool.autoVerified.map((contact) =>
    values.has(contact) ? `${contact} is not verified` : `there is no ${contact}`,
  );
  return { code: "nothing-verified", attribute: undefined, message: wanted.join(" and ") };
}

/** The attributes, and `username`, that an import job's CSV would not carry as they are. */
function unsafeNames(username: string | undefined, values: AttributeValues): readonly string[] {
  const isUnsafe = username !== undefined && !isSafeInImportCsv(username);
  if (!isUnsafe && !values.mayBeUnsafe) return NOTHING;
  const names = isUnsafe ? ["username"] : [];
  for (const [name, value] of values.entries) {
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
  entries: Attributes,
  names: readonly string[],
): readonly [carried: Attributes, setAfter: Attributes] {
  return [
    entries.filter(([name]) => !names.includes(name)),
    entries.filter(([name]) => names.includes(name)),
  ];
}

function isTooLong({ username, smsMfa, passwordHash }: Draft, carried: Attributes, pool: Pool): boolean {
  if (username === undefined) return false;
  let characters = passwordHash?.value.length ?? 0;
  for (const [, value] of carried) characters += value.length;
  // Escaping at most doubles a value, so only rows of half the limit need to be encoded to know.
  if (characters <= MAX_ROW_CHARACTERS / 2 - 1_000) return false;
  const encodeRow = createImportRowEncoder(pool, passwordHash?.algorithm);
  const row = encodeRow({ username, attributes: carried, smsMfa, passwordHash: passwordHash?.value });
  return row.length > MAX_ROW_CHARACTERS;
}
