import { FerryError } from "../core/ferry-error.ts";
import { inOrder, type FollowUp } from "../core/follow-up.ts";
import type { Issue, IssueCode } from "../core/issue.ts";
import type { Attributes, PlannedUser } from "../core/planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool, type PoolAttribute } from "../core/pool.ts";
import type { Row, SourceRecord, SourceShape } from "../core/row.ts";
import type { UserClass } from "../core/user-class.ts";
import { AttributeValues } from "./attribute-values.ts";
import { createRouteChooser, notSentFor, type Draft } from "./choose-route.ts";
import { beyondSignUp, createSignUpChooser, type SignUpRules } from "./choose-sign-up.ts";
import { chooseUsername } from "./choose-username.ts";
import { claimsOf } from "./claims.ts";
import type { CompiledMapping } from "./compile-mapping.ts";
import { parseFlag } from "./parse-flag.ts";
import { isPlainText } from "./plain-text.ts";
import { policyFor, type Policies } from "./policies.ts";
import { readCredentials } from "./read-credentials.ts";
import { readDate } from "./read-date.ts";
import { readSmsMfa } from "./read-mfa.ts";
import { isPresent, Unusable, type Reading } from "./reading.ts";
import { createRowStorer } from "./stored-row.ts";
import { textOf } from "./text-of.ts";

/** What decisions depend on, beside the row. */
export interface DecisionRules {
  readonly pool: Pool;
  readonly mapping: CompiledMapping;
  readonly shape: SourceShape;
  readonly policies: Policies;
  /** The pool's groups, where no other is to be created and they are known. */
  readonly onlyGroups?: ReadonlySet<string> | undefined;
  /** Where users sign up; undefined where import jobs and AdminCreateUser make them. */
  readonly signUp?: SignUpRules | undefined;
}

/** Decides for one row what will happen to its user. Pure: the same row always gets the same decision. */
export type DecideUser = (row: Row) => PlannedUser;

/**
 * Makes the function that decides users for one source, mapping and pool. Throws MAPPING_INVALID when a policy needs a
 * rule that the mapping does not have.
 */
export function createUserDecider(rules: DecisionRules): DecideUser {
  const { pool, mapping, shape, policies, signUp } = rules;
  requireLinks(rules);
  const storeRow = createRowStorer(shape, mapping.secretFields, mapping.keptPaths);
  const chooseRoute =
    signUp === undefined ? createRouteChooser(pool, policies) : createSignUpChooser(pool, signUp);
  const hasRights = signUp?.access !== "client";
  const isToConfirm = signUp?.confirm === true;
  const required = pool.attributes.filter((attribute) => attribute.required && attribute.name !== "sub");

  return (row) => {
    if (row.record === undefined) return unreadable(row.seq, row.line, row.issue);
    const { record } = row;
    const sourceRow = storeRow(record);
    if (sourceRow === undefined) return unreadable(row.seq, row.line, tooDeep());
    mapping.noteFound(record);
    const issues: Issue[] = [];
    const skippedByHook = mapping.runHook?.(row, issues);
    const values = readAttributes(record, mapping, issues);
    const username = decideUsername(record, values, rules, issues);
    dropUnbackedFlags(values);
    for (const { name } of required) {
      if (!values.has(name))
        issues.push(issue("attribute-required", name, `${name} is missing, and the pool requires it`));
    }
    const sourceId = readSourceId(record, mapping, issues);
    const changedAt = readChangedAt(record, mapping, values, issues);
    const classes = readClasses(record, mapping, issues);
    const isDisabled = readDisabled(record, mapping, issues);
    const smsMfa = readSmsMfa(mapping.mfa, record, { pool, hasPhone: values.has("phone_number"), issues });
    const groups = presentOf(mapping.readGroups(record, issues), rules.onlyGroups, issues);
    const links = mapping.readLinks(record, issues);
    if (classes.includes("social-only") && policies.socialOnly === "link" && links.length === 0) {
      issues.push(
        issue("provider-unmapped", undefined, "none of the user's providers has a name in the pool"),
      );
    }
    if (!hasRights) issues.push(...beyondSignUp({ isDisabled, smsMfa, groups, links: links.length }));
    const { passwordHash, password } = readCredentials({ record, isDisabled, issues }, mapping, policies);
    const skippedFor = skippedByHook ?? skippedByPolicy(classes, isDisabled, policies);
    const chosen =
      skippedFor === undefined
        ? chooseRoute({ username, values, smsMfa, passwordHash, password, isDisabled, issues })
        : notSentFor("skipped", [skippedFor], values);
    return {
      seq: row.seq,
      line: row.line,
      sourceId,
      username,
      attributes: chosen.attributes,
      smsMfa,
      passwordHash: chosen.passwordHash,
      password: chosen.password,
      route: chosen.route,
      followUps:
        chosen.notSent === undefined && hasRights
          ? followUpsOf({ isDisabled, isToConfirm, chosen: chosen.followUps, groups, links })
          : NO_FOLLOW_UPS,
      notSent: chosen.notSent,
      // Of a user who is passed over, nothing else matters.
      issues: skippedFor === undefined ? issues : [skippedFor],
      claims: skippedFor === undefined ? claimsOfFit({ username, values, issues }, pool) : undefined,
      changedAt,
      sourceRow,
    };
  };
}

/** What of a user is done once it is there. */
interface ToFollow {
  readonly isDisabled: boolean;
  readonly isToConfirm: boolean;
  /** What the route cannot do. */
  readonly chosen: readonly FollowUp[];
  readonly groups: readonly string[];
  readonly links: readonly FollowUp[];
}

const NO_FOLLOW_UPS: readonly FollowUp[] = [];

function followUpsOf({ isDisabled, isToConfirm, chosen, groups, links }: ToFollow): readonly FollowUp[] {
  const isNothing = !isDisabled && !isToConfirm && chosen.length + groups.length + links.length === 0;
  if (isNothing) return NO_FOLLOW_UPS;
  return inOrder([
    ...(isDisabled ? [{ kind: "disable" } as const] : []),
    ...(isToConfirm ? [{ kind: "confirm" } as const] : []),
    ...chosen,
    ...groups.map((group) => ({ kind: "add-to-group", group }) as const),
    ...links,
  ]);
}

/** The groups that are in the pool, or may be: the others are left out, which is said. */
function presentOf(
  groups: readonly string[],
  present: ReadonlySet<string> | undefined,
  issues: Issue[],
): readonly string[] {
  if (present === undefined) return groups;
  return groups.filter((group) => {
    if (present.has(group)) return true;
    issues.push(issue("group-missing", "groups", `the pool has no group ${group}`));
    return false;
  });
}

function requireLinks({ policies, mapping }: DecisionRules): void {
  if (policies.socialOnly !== "link" || mapping.hasLinks) return;
  throw new FerryError(
    "MAPPING_INVALID",
    "policies.socialOnly is link, and no rule says to which of the pool's providers",
    { hint: "Add mapping.linkedProviders with the pool's name for each provider of the source" },
  );
}

const CLASS_ISSUES: Readonly<Record<UserClass, Issue>> = {
  deleted: issue("user-deleted", undefined, "the source counts the user as deleted"),
  "service-account": issue("user-service-account", undefined, "the user is no person"),
  anonymous: issue("user-anonymous", undefined, "nobody can sign in as this user"),
  "social-only": issue("user-social-only", undefined, "the user signs in through another provider only"),
};

/** Every class of the user: one that is to be skipped is skipped, whatever else it is. */
function readClasses(record: SourceRecord, mapping: CompiledMapping, issues: Issue[]): readonly UserClass[] {
  const classes: UserClass[] = [];
  for (const { name, read } of mapping.classes) {
    const flag = flagOf(read(record));
    if (flag === true) classes.push(name);
    if (flag === undefined) {
      const message = `whether the user is of the class ${name} is neither true nor false, so it does not count as one`;
      issues.push(issue("flag-unreadable", name, message));
    }
  }
  if (mapping.isSocialOnly(record)) classes.push("social-only");
  return classes;
}

function readDisabled(record: SourceRecord, { disabled }: CompiledMapping, issues: Issue[]): boolean {
  if (disabled === undefined) return false;
  const flag = flagOf(disabled(record));
  if (flag !== undefined) return flag;
  // Letting a disabled user in is the worse mistake.
  const message = "whether the user is disabled is neither true nor false, so it counts as disabled";
  issues.push(issue("flag-unreadable", "disabled", message));
  return true;
}

/** The flag that a rule reads; undefined when it is neither true nor false. */
function flagOf(reading: Reading): boolean | undefined {
  return reading instanceof Unusable ? undefined : parseFlag(reading);
}

function skippedByPolicy(
  classes: readonly UserClass[],
  isDisabled: boolean,
  policies: Policies,
): Issue | undefined {
  for (const userClass of classes)
    if (policyFor(userClass, policies) === "skip") return CLASS_ISSUES[userClass];
  return isDisabled && policies.disabled === "skip"
    ? issue("user-disabled", undefined, "the user is disabled at the source")
    : undefined;
}

// A rejected user still claims: once mended, it would be the same user as its twin.
function claimsOfFit(
  { username, values, issues }: Pick<Draft, "username" | "values" | "issues">,
  pool: Pool,
): PlannedUser["claims"] {
  if (username === undefined) return undefined;
  for (const { code } of issues) if (code.startsWith("username-")) return undefined;
  return claimsOf(username, values, pool);
}

/** When the source last changed the user, in milliseconds since 1970: by a rule of its own, or else by `updated_at`. */
function readChangedAt(
  record: SourceRecord,
  { changedAt }: CompiledMapping,
  values: AttributeValues,
  issues: Issue[],
): number | undefined {
  if (changedAt === undefined) {
    const updatedAt = values.get("updated_at");
    return updatedAt === undefined ? undefined : Number(updatedAt) * 1000;
  }
  const reading = changedAt(record);
  if (reading === undefined || !isPresent(reading)) return undefined;
  const instant = reading instanceof Unusable ? reading : readDate(reading, "iso", undefined);
  if (!(instant instanceof Unusable)) return Date.parse(instant);
  issues.push(issue(instant.code, "changedAt", `changedAt: ${instant.message}`));
  return undefined;
}

function readSourceId(record: SourceRecord, mapping: CompiledMapping, issues: Issue[]): string | undefined {
  const sourceId = textOfSourceId(mapping.sourceId?.(record));
  if (!(sourceId instanceof Unusable)) return sourceId;
  issues.push(issue(sourceId.code, "sourceId", `sourceId: ${sourceId.message}`));
  return undefined;
}

function textOfSourceId(reading: Reading): string | undefined | Unusable {
  if (reading instanceof Unusable) return reading;
  if (typeof reading === "object" && reading !== null)
    return new Unusable("attribute-type", "it is a list or an object");
  if (reading === undefined || !isPresent(reading)) return undefined;
  // As it is written: an application's own id is not ours to trim.
  const text = typeof reading === "string" ? reading : textOf(reading);
  if (text instanceof Unusable) return text;
  // Neither a file nor a database keeps half a character.
  return text.isWellFormed() ? text : new Unusable("attribute-type", "it holds half a character");
}

function tooDeep(): Issue {
  return issue("row-unreadable", undefined, "the record is nested too deeply to be read");
}

const NO_ATTRIBUTES: Attributes = [];

function unreadable(seq: number, line: number | undefined, found: Issue): PlannedUser {
  return {
    seq,
    line,
    sourceId: undefined,
    username: undefined,
    attributes: NO_ATTRIBUTES,
    smsMfa: false,
    passwordHash: undefined,
    password: undefined,
    route: "none",
    followUps: NO_FOLLOW_UPS,
    notSent: { kind: "rejected", causes: [found] },
    issues: [found],
    claims: undefined,
    changedAt: undefined,
    sourceRow: "",
  };
}

function readAttributes(record: SourceRecord, mapping: CompiledMapping, issues: Issue[]): AttributeValues {
  const values = new AttributeValues();
  for (const { attribute, read, normalise, normalisePlain } of mapping.attributes) {
    const reading = read(record);
    const isPlain = typeof reading === "string" && isPlainText(reading);
    const normalised = isPlain ? normalisePlain(reading) : normalise(reading);
    if (typeof normalised === "string") {
      if (isPlain) values.addSafe(attribute.name, normalised);
      else values.add(attribute.name, normalised);
    } else if (normalised !== undefined) {
      issues.push(issue(normalised.code, attribute.name, normalised.message));
      requireMutable(attribute, issues);
    }
  }
  return values;
}

/** Documented: an attribute that is not mutable is set when the user is created, or never. */
function requireMutable({ name, mutable }: PoolAttribute, issues: Issue[]): void {
  if (mutable) return;
  issues.push(
    issue("attribute-immutable", name, `${name} would be left out, and the pool never lets it be set later`),
  );
}

/** The username; where a contact is the username, the contact is set to it, since the two must be equal. */
function decideUsername(
  record: SourceRecord,
  values: AttributeValues,
  { mapping, pool }: DecisionRules,
  issues: Issue[],
): string | undefined {
  const chosen = chooseUsername(mapping.usernames, record, { pool, options: mapping.options });
  if (chosen.kind === "none") {
    issues.push(chosen.issue);
    return chosen.username;
  }
  const { username } = chosen;
  if (pool.usernameAttributes.length === 0) return username;
  const contact: Contact = username.includes("@") ? "email" : "phone_number";
  const flag = VERIFIED_FLAG[contact];
  const value = values.get(contact);
  // One that was dropped differs too, and its verified flag must not pass to the username.
  if (value === undefined ? issues.some(({ attribute }) => attribute === contact) : value !== username) {
    issues.push(
      issue(
        "username-differs",
        contact,
        `${contact} differs from the username, which is the ${contact} in this pool`,
      ),
    );
  } else if (value === undefined && values.get(flag) === "true" && mapping.hasContactField(contact, record)) {
    // A flag beside an empty contact is not about the username.
    values.delete(flag);
    issues.push(issue("flag-unbacked", flag, `${flag} stands beside an empty ${contact}`));
  }
  values.set(contact, username);
  return username;
}

// A flag without its contact would make the whole row fail.
function dropUnbackedFlags(values: AttributeValues): void {
  for (const contact of CONTACTS) {
    if (!values.has(contact)) values.delete(VERIFIED_FLAG[contact]);
  }
}

function issue(code: IssueCode, attribute: string | undefined, message: string): Issue {
  return { code, attribute, message };
}
