import { FerryError } from "../core/ferry-error.ts";
import type { FollowUp } from "../core/follow-up.ts";
import { isRejecting, type Issue, type IssueCode } from "../core/issue.ts";
import type { PasswordHash } from "../core/password-hash.ts";
import type { NotSent, PlannedUser } from "../core/planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool, type PoolAttribute } from "../core/pool.ts";
import type { ReadableRow, Row, SourceRecord, SourceShape } from "../core/row.ts";
import type { UserClass } from "../core/user-class.ts";
import { chooseUsername } from "./choose-username.ts";
import { claimsOf } from "./claims.ts";
import { isPresent } from "./compile-rule.ts";
import type { CompiledMapping } from "./compile-mapping.ts";
import { createImportRowEncoder, isSafeInImportCsv, MAX_ROW_CHARACTERS } from "./import-csv.ts";
import { parseFlag } from "./parse-flag.ts";
import { policyFor, type Policies } from "./policies.ts";
import { readDate } from "./read-date.ts";
import { readSmsMfa } from "./read-mfa.ts";
import { Unusable, type Reading } from "./reading.ts";
import { createRowStorer } from "./stored-row.ts";

/** What decisions depend on, beside the row. */
export interface DecisionRules {
  readonly pool: Pool;
  readonly mapping: CompiledMapping;
  readonly shape: SourceShape;
  readonly policies: Policies;
}

/** Decides for one row what will happen to its user. Pure: the same row always gets the same decision. */
export type DecideUser = (row: Row) => PlannedUser;

/**
 * Makes the function that decides users for one source, mapping and pool. Throws MAPPING_INVALID when a policy needs a
 * rule that the mapping does not have.
 */
export function createUserDecider(rules: DecisionRules): DecideUser {
  const { pool, mapping, shape, policies } = rules;
  requireLinks(rules);
  const storeRow = createRowStorer(shape, mapping.secretFields);
  const chooseRoute = createRouteChooser(pool, policies);
  const required = pool.attributes.filter((attribute) => attribute.required && attribute.name !== "sub");

  return (row) => {
    if (row.record === undefined) return unreadable(row.seq, row.line, row.issue);
    const { record } = row;
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
    const place = placeOf(row, mapping, issues);
    const changedAt = readChangedAt(record, mapping, values, issues);
    const userClass = readClass(record, mapping, issues);
    const isDisabled = readDisabled(record, mapping, issues);
    const smsMfa = readSmsMfa(mapping.mfa, record, { pool, hasPhone: values.has("phone_number"), issues });
    const groups = mapping.readGroups(record, issues);
    const links = mapping.readLinks(record, issues);
    if (userClass === "social-only" && policies.socialOnly === "link" && links.length === 0) {
      issues.push(
        issue("provider-unmapped", undefined, "none of the user's providers has a name in the pool"),
      );
    }
    const passwordHash = readPasswordHash(record, rules, issues);
    const draft = { username, attributes: [...values], smsMfa, passwordHash, issues };
    const skippedFor = skippedByHook ?? skippedByPolicy(userClass, isDisabled, policies);
    const chosen = chooseRoute(draft, values, skippedFor);
    const { route, notSent } = chosen;
    const followUps: readonly FollowUp[] = [
      ...(isDisabled ? [{ kind: "disable" } as const] : []),
      ...(route === "admin-create" && policies.passwordAfterCreate === "random-permanent"
        ? [{ kind: "set-password" } as const]
        : []),
      ...groups.map((group) => ({ kind: "add-to-group", group }) as const),
      // An import job has a column for it.
      ...(smsMfa && route === "admin-create" ? [{ kind: "set-mfa" } as const] : []),
      ...links,
    ];
    return {
      ...place,
      username,
      attributes: draft.attributes,
      smsMfa,
      ...chosen,
      followUps: notSent === undefined ? followUps : [],
      // Of a user who is passed over, nothing else matters.
      issues: skippedFor === undefined ? issues : [skippedFor],
      claims: skippedFor === undefined ? claimsOfDraft(draft, pool) : undefined,
      changedAt,
      sourceRow: storeRow(record),
    };
  };
}

function readPasswordHash(
  record: SourceRecord,
  { mapping, policies }: DecisionRules,
  issues: Issue[],
): PasswordHash | undefined {
  if (policies.passwordHashes === "drop") return undefined;
  const hash = mapping.readPasswordHash(record);
  if (!(hash instanceof Unusable)) return hash;
  issues.push(issue(hash.code, "passwordHash", hash.message));
  return undefined;
}

function requireLinks({ policies, mapping }: DecisionRules): void {
  if (policies.socialOnly !== "link" || mapping.hasLinks) return;
  throw new FerryError(
    "MAPPING_INVALID",
    "policies.socialOnly is link, and no rule says to which of the pool's providers",
    { hint: "Add mapping.linkedProviders with the pool's name for each provider of the source" },
  );
}

/** What is known of a user before its route. */
interface Draft {
  readonly username: string | undefined;
  readonly attributes: readonly (readonly [string, string])[];
  readonly smsMfa: boolean;
  readonly passwordHash: PasswordHash | undefined;
  readonly issues: Issue[];
}

type Chosen = Pick<PlannedUser, "route" | "passwordHash" | "notSent">;

/** Makes the function that chooses a route: an import job where it can carry the user, or else what the policy says. */
function createRouteChooser(
  pool: Pool,
  policies: Policies,
): (draft: Draft, values: ReadonlyMap<string, string>, skippedFor: Issue | undefined) => Chosen {
  return (draft, values, skippedFor) => {
    const { username, issues, passwordHash } = draft;
    if (skippedFor !== undefined) return notSentFor("skipped", [skippedFor]);
    const reasons = [...unverified(values, pool), ...unsafe(username, values)];
    if (username !== undefined && isLong(values)) {
      const encodeRow = createImportRowEncoder(pool, passwordHash?.algorithm);
      const row = encodeRow({ ...draft, username, passwordHash: passwordHash?.value });
      if (row.length > MAX_ROW_CHARACTERS) {
        reasons.push(
          issue("row-too-long", undefined, `the row would have more than ${MAX_ROW_CHARACTERS} characters`),
        );
      }
    }
    issues.push(...reasons);
    const causes = issues.filter(isRejecting);
    if (policies.unimportable === "reject") causes.push(...reasons);
    if (causes.length > 0) return notSentFor("rejected", causes);
    if (reasons.length === 0) return { route: "import-job", passwordHash, notSent: undefined };
    if (passwordHash !== undefined) {
      issues.push(
        issue(
          "password-not-carried",
          undefined,
          "the user goes by AdminCreateUser, which takes no password hash",
        ),
      );
    }
    return { route: "admin-create", passwordHash: undefined, notSent: undefined };
  };
}

function notSentFor(kind: NotSent["kind"], causes: readonly Issue[]): Chosen {
  return { route: "none", passwordHash: undefined, notSent: { kind, causes } };
}

const CLASS_ISSUES: Readonly<Record<UserClass, Issue>> = {
  deleted: issue("user-deleted", undefined, "the source counts the user as deleted"),
  "service-account": issue("user-service-account", undefined, "the user is no person"),
  anonymous: issue("user-anonymous", undefined, "nobody can sign in as this user"),
  "social-only": issue("user-social-only", undefined, "the user signs in through another provider only"),
};

function readClass(record: SourceRecord, mapping: CompiledMapping, issues: Issue[]): UserClass | undefined {
  for (const { name, read } of mapping.classes) {
    const flag = flagOf(read(record));
    if (flag === true) return name;
    if (flag === undefined) {
      const message = `whether the user is of the class ${name} is neither true nor false, so it does not count as one`;
      issues.push(issue("flag-unreadable", name, message));
    }
  }
  return mapping.isSocialOnly(record) ? "social-only" : undefined;
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
  userClass: UserClass | undefined,
  isDisabled: boolean,
  policies: Policies,
): Issue | undefined {
  if (userClass !== undefined && policyFor(userClass, policies) === "skip") return CLASS_ISSUES[userClass];
  return isDisabled && policies.disabled === "skip"
    ? issue("user-disabled", undefined, "the user is disabled at the source")
    : undefined;
}

// A rejected user still claims: once mended, it would be the same user as its twin.
function claimsOfDraft({ username, attributes, issues }: Draft, pool: Pool): PlannedUser["claims"] {
  const isFit = username !== undefined && !issues.some(({ code }) => code.startsWith("username-"));
  return isFit ? claimsOf(username, attributes, pool) : undefined;
}

/** When the source last changed the user, in milliseconds since 1970: by a rule of its own, or else by `updated_at`. */
function readChangedAt(
  record: SourceRecord,
  { changedAt }: CompiledMapping,
  values: ReadonlyMap<string, string>,
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

function placeOf(
  { seq, line, record }: ReadableRow,
  mapping: CompiledMapping,
  issues: Issue[],
): Pick<PlannedUser, "seq" | "line" | "sourceId"> {
  const sourceId = mapping.sourceId?.(record);
  if (typeof sourceId !== "object" || sourceId === null) {
    return { seq, line, sourceId: isPresent(sourceId) ? String(sourceId) : undefined };
  }
  const message = sourceId instanceof Unusable ? sourceId.message : "it is a list or an object";
  const code = sourceId instanceof Unusable ? sourceId.code : "attribute-type";
  issues.push(issue(code, "sourceId", `sourceId: ${message}`));
  return { seq, line, sourceId: undefined };
}

function unreadable(seq: number, line: number | undefined, found: Issue): PlannedUser {
  return {
    seq,
    line,
    sourceId: undefined,
    username: undefined,
    attributes: [],
    smsMfa: false,
    passwordHash: undefined,
    route: "none",
    followUps: [],
    notSent: { kind: "rejected", causes: [found] },
    issues: [found],
    claims: undefined,
    changedAt: undefined,
    sourceRow: "",
  };
}

function readAttributes(
  record: SourceRecord,
  mapping: CompiledMapping,
  issues: Issue[],
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { attribute, read } of mapping.attributes) {
    const normalised = mapping.normalise(attribute, read(record));
    if (normalised.kind === "value") values.set(attribute.name, normalised.value);
    else if (normalised.kind === "dropped") {
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
  values: Map<string, string>,
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
  } else if (value === undefined && values.get(flag) === "true" && isLeftEmpty(record, contact, mapping)) {
    // A flag beside an empty contact is not about the username.
    values.delete(flag);
    issues.push(issue("flag-unbacked", flag, `${flag} stands beside an empty ${contact}`));
  }
  values.set(contact, username);
  return username;
}

function isLeftEmpty(record: SourceRecord, contact: Contact, mapping: CompiledMapping): boolean {
  const rule = mapping.attributes.find(({ attribute }) => attribute.name === contact);
  return rule !== undefined && rule.read(record) !== undefined;
}

// A flag without its contact would make the whole row fail.
function dropUnbackedFlags(values: Map<string, string>): void {
  for (const contact of CONTACTS) {
    if (!values.has(contact)) values.delete(VERIFIED_FLAG[contact]);
  }
}

/** Documented: with one auto-verified attribute, that one must be verified; with two, either. */
function unverified(values: ReadonlyMap<string, string>, pool: Pool): readonly Issue[] {
  if (pool.autoVerified.some((contact) => values.get(VERIFIED_FLAG[contact]) === "true")) return [];
  if (!CONTACTS.some((contact) => values.has(contact)))
    return [issue("no-contact", undefined, "there is neither an e-mail address nor a phone number")];
  const wanted = pool.autoVerified.map((contact) =>
    values.has(contact) ? `${contact} is not verified` : `there is no ${contact}`,
  );
  return [issue("nothing-verified", undefined, wanted.join(" and "))];
}

function unsafe(username: string | undefined, values: ReadonlyMap<string, string>): readonly Issue[] {
  const issues: Issue[] = [];
  if (username !== undefined && !isSafeInImportCsv(username)) issues.push(unsafeIn("username"));
  for (const [name, value] of values) {
    if (!isSafeInImportCsv(value)) issues.push(unsafeIn(name));
  }
  return issues;
}

function unsafeIn(name: string): Issue {
  return issue(
    "value-unsafe-in-csv",
    name,
    `${name} holds a backslash, a double quote, a tab or a line break`,
  );
}

// Escaping at most doubles a value, so only rows of half the limit need to be encoded to know.
function isLong(values: ReadonlyMap<string, string>): boolean {
  let characters = 0;
  for (const value of values.values()) characters += value.length;
  return characters > MAX_ROW_CHARACTERS / 2 - 1_000;
}

function issue(code: IssueCode, attribute: string | undefined, message: string): Issue {
  return { code, attribute, message };
}
