import { codeSentTo } from "../core/code-sent.ts";
import { isRejecting, type Issue } from "../core/issue.ts";
import type { Attributes } from "../core/planned-user.ts";
import { VERIFIED_FLAG, type Contact, type Pool, type PoolAttribute } from "../core/pool.ts";
import type { SignUpFacts } from "../core/sign-up.ts";
import type { AttributeValues } from "./attribute-values.ts";
import { notSentFor, type ChooseRoute } from "./choose-route.ts";

/** What decisions depend on where users sign up. */
export type SignUpRules = Pick<SignUpFacts, "access" | "confirm">;

/**
 * Makes the function that sends every user by SignUp. What SignUp cannot carry is set afterwards where the run has rights
 * on the pool, and is left out with an issue where it has none. No password hash goes by it; a password in plain text does.
 */
export function createSignUpChooser(pool: Pool, rules: SignUpRules): ChooseRoute {
  const carry = createSorter(pool, rules);
  return ({ values, issues, passwordHash, password, smsMfa }) => {
    const carried: (readonly [string, string])[] = [];
    const setAfter = new Map<string, string>();
    for (const [name, value] of values.entries) {
      const way = carry(name, value);
      if (way.by === "sign-up") carried.push([name, value]);
      else if (way.by === "afterwards")
        for (const each of withContact(name, value, values)) setAfter.set(...each);
      else if (way.issue !== undefined) issues.push(way.issue);
    }
    if (smsMfa && rules.access === "pool" && !rules.confirm) issues.push(MFA_UNCONFIRMED);
    if (passwordHash !== undefined && password === undefined) issues.push(NOT_CARRIED);
    const causes = issues.filter(isRejecting);
    if (causes.length > 0) return notSentFor("rejected", causes, values);
    const messaged = CODE_ORDER.find((contact) => pool.autoVerified.includes(contact) && values.has(contact));
    if (messaged !== undefined) issues.push(codeSentTo(messaged));
    return {
      route: "sign-up",
      attributes: carried,
      followUps: [
        ...(setAfter.size > 0 ? [{ kind: "set-attributes", attributes: [...setAfter] } as const] : []),
        ...(smsMfa && rules.confirm ? [{ kind: "set-mfa" } as const] : []),
      ],
      passwordHash: undefined,
      password,
      notSent: undefined,
    };
  };
}

/** What users without rights on the pool cannot be given, each with what it is called. */
export interface BeyondSignUp {
  readonly isDisabled: boolean;
  readonly smsMfa: boolean;
  readonly groups: readonly string[];
  readonly links: number;
}

/** The issues of a user who would need more than SignUp, in a run that can call nothing else. */
export function beyondSignUp({ isDisabled, smsMfa, groups, links }: BeyondSignUp): readonly Issue[] {
  const missing = (attribute: string, message: string): Issue => ({
    code: "rights-missing",
    attribute,
    message,
  });
  return [
    ...(isDisabled ? [DISABLE_NEEDS_RIGHTS] : []),
    ...(smsMfa ? [missing("mfa", "text messages do not become the second factor")] : []),
    ...groups.map((group) => missing("groups", `the user is not put into the group ${group}`)),
    ...(links > 0
      ? [missing("linkedProviders", `${links} identities at other providers are not linked`)]
      : []),
  ];
}

const DISABLE_NEEDS_RIGHTS: Issue = {
  code: "disable-needs-rights",
  attribute: undefined,
  message: "the user may not sign in, and this run has no right to disable it",
};

const NOT_CARRIED: Issue = {
  code: "password-not-carried",
  attribute: undefined,
  message: "the user goes by SignUp, which takes no password hash",
};

const MFA_UNCONFIRMED: Issue = {
  code: "not-by-sign-up",
  attribute: "mfa",
  message: "text messages do not become the second factor of a user who is not confirmed",
};

/** Documented: of two contacts that the pool verifies, the phone number gets the code. */
const CODE_ORDER: readonly Contact[] = ["phone_number", "email"];

/** How one value of a user goes on its way. */
type Way =
  | { readonly by: "sign-up" }
  | { readonly by: "afterwards" }
  /** No issue where nothing is lost. */
  | { readonly by: "nobody"; readonly issue: Issue | undefined };

const FLAGS: ReadonlySet<string> = new Set(Object.values(VERIFIED_FLAG));

function createSorter(pool: Pool, { access, confirm }: SignUpRules): (name: string, value: string) => Way {
  const attributes = new Map(pool.attributes.map((attribute) => [attribute.name, attribute]));
  const nameIsAlias = pool.aliasAttributes.includes("preferred_username");
  const hasRights = access === "pool";
  return (name, value) => {
    const attribute = attributes.get(name);
    if (FLAGS.has(name)) {
      // What is not verified is what SignUp makes of it.
      if (value !== "true") return { by: "nobody", issue: undefined };
      return hasRights ? { by: "afterwards" } : leaveOut(attribute, name, "only an administrator can set it");
    }
    // Documented: developer-only attributes are written by administrators, an alias by whoever is confirmed.
    if (name.startsWith("dev:")) {
      const isSettable = hasRights && attribute?.mutable === true && !attribute.required;
      return isSettable
        ? { by: "afterwards" }
        : leaveOut(attribute, name, "only an administrator can set it");
    }
    if (name === "preferred_username" && nameIsAlias) {
      const isSettable = hasRights && confirm && attribute?.required !== true;
      const why = "it is an alias, which only a confirmed user can have";
      return isSettable ? { by: "afterwards" } : leaveOut(attribute, name, why);
    }
    return { by: "sign-up" };
  };
}

/** What the pool requires, or never lets be set later, is never left out silently. */
function leaveOut(attribute: PoolAttribute | undefined, name: string, why: string): Way {
  const message = `SignUp cannot set ${name}: ${why}`;
  if (attribute?.required === true)
    return { by: "nobody", issue: { code: "attribute-required", attribute: name, message } };
  if (attribute?.mutable === false)
    return { by: "nobody", issue: { code: "attribute-immutable", attribute: name, message } };
  return { by: "nobody", issue: { code: "not-by-sign-up", attribute: name, message } };
}

// Sent together with its flag, a contact is verified without a code (documented).
function withContact(name: string, value: string, values: AttributeValues): Attributes {
  const contact = CODE_ORDER.find((each) => VERIFIED_FLAG[each] === name);
  const address = contact === undefined ? undefined : values.get(contact);
  if (contact === undefined || address === undefined) return [[name, value]];
  return [
    [contact, address],
    [name, value],
  ];
}
