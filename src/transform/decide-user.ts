import { isRejecting, type Issue, type IssueCode } from "../core/issue.ts";
import type { Attributes, PlannedUser } from "../core/planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";
import type { ReadableRow, Row, SourceRecord, SourceShape } from "../core/row.ts";
import { chooseUsername } from "./choose-username.ts";
import { claimsOf } from "./claims.ts";
import type { CompiledMapping } from "./compile-mapping.ts";
import { createImportRowEncoder, isSafeInImportCsv, MAX_ROW_CHARACTERS } from "./import-csv.ts";
import { normaliseAttribute } from "./normalise-attribute.ts";
import { createRowStorer } from "./stored-row.ts";

/** What to do with users who sign in through other providers only. */
export type SocialOnlyPolicy = "skip" | "create";

/** What decisions depend on, beside the row. */
export interface DecisionRules {
  readonly pool: Pool;
  readonly mapping: CompiledMapping;
  readonly shape: SourceShape;
  readonly socialOnly: SocialOnlyPolicy;
}

/** Decides for one row what will happen to its user. Pure: the same row always gets the same decision. */
export type DecideUser = (row: Row) => PlannedUser;

/** Makes the function that decides users for one source, mapping and pool. */
export function createUserDecider(rules: DecisionRules): DecideUser {
  const { pool, mapping, shape } = rules;
  const storeRow = createRowStorer(shape.kind === "table" ? shape.columns : undefined);
  const encodeRow = createImportRowEncoder(pool);
  const required = pool.attributes.filter((attribute) => attribute.required && attribute.name !== "sub");

  return (row) => {
    if (row.record === undefined) return unreadable(row.seq, row.line, row.issue);
    mapping.noteFound(row.record);
    const issues: Issue[] = [];
    const values = readAttributes(row.record, mapping, issues);
    const username = decideUsername(row.record, values, rules, issues);
    dropUnbackedFlags(values);
    for (const { name } of required) {
      if (!values.has(name))
        issues.push(issue("attribute-required", name, `${name} is missing, and the pool requires it`));
    }
    requireVerified(values, pool, issues);
    requireSafe(username, values, issues);
    const isDisabled = mapping.isDisabled(row.record);
    if (isDisabled !== false) {
      // A flag that cannot be read counts as set: letting a disabled user in is the worse mistake.
      const why =
        isDisabled === undefined
          ? "whether the user is disabled is neither true nor false, so it counts as disabled"
          : "the user is disabled at the source";
      issues.push(issue("user-disabled", undefined, why));
    }
    const attributes = [...values];
    if (
      username !== undefined &&
      isLong(values) &&
      encodeRow({ username, attributes }).length > MAX_ROW_CHARACTERS
    ) {
      issues.push(
        issue("row-too-long", undefined, `the row would have more than ${MAX_ROW_CHARACTERS} characters`),
      );
    }
    return conclude(row, { username, attributes, issues }, rules, storeRow(row.record));
  };
}

const SOCIAL_ONLY: Issue = {
  code: "user-social-only",
  attribute: undefined,
  message: "the user signs in through another provider only",
};

interface Findings {
  readonly username: string | undefined;
  readonly attributes: readonly [string, string][];
  readonly issues: Issue[];
}

function conclude(
  row: ReadableRow,
  findings: Findings,
  rules: DecisionRules,
  sourceRow: string,
): PlannedUser {
  const { username, attributes } = findings;
  const { mapping, pool, socialOnly } = rules;
  const isSkipped = socialOnly === "skip" && mapping.isSocialOnly(row.record);
  // Of a user who is passed over, nothing else matters.
  const issues = isSkipped ? [SOCIAL_ONLY] : findings.issues;
  const notSent = isSkipped
    ? "skipped"
    : username === undefined || issues.some(isRejecting)
      ? "rejected"
      : undefined;
  const isAccepted = username !== undefined && !issues.some(({ code }) => code.startsWith("username-"));
  const sourceId = mapping.sourceId?.(row.record);
  return {
    seq: row.seq,
    line: row.line,
    sourceId:
      sourceId === undefined || sourceId === null || sourceId === "" || typeof sourceId === "object"
        ? undefined
        : String(sourceId),
    username,
    attributes,
    route: notSent === undefined ? "import-job" : "none",
    notSent,
    issues,
    // A rejected user still claims: once mended, it would be the same user as its twin.
    claims: isSkipped || !isAccepted ? undefined : claimsOf(username ?? "", attributes, pool),
    changedAt: changedAtOf(attributes),
    sourceRow,
  };
}

function changedAtOf(attributes: Attributes): number | undefined {
  const updatedAt = attributes.find(([name]) => name === "updated_at")?.[1];
  return updatedAt === undefined ? undefined : Number(updatedAt) * 1_000;
}

function unreadable(seq: number, line: number | undefined, found: Issue): PlannedUser {
  return {
    seq,
    line,
    sourceId: undefined,
    username: undefined,
    attributes: [],
    route: "none",
    notSent: "rejected",
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
    const normalised = normaliseAttribute(attribute, read(record));
    if (normalised.kind === "value") values.set(attribute.name, normalised.value);
    else if (normalised.kind === "dropped")
      issues.push(issue(normalised.code, attribute.name, normalised.message));
  }
  return values;
}

/** The username; where a contact is the username, the contact is set to it, since the two must be equal. */
function decideUsername(
  record: SourceRecord,
  values: Map<string, string>,
  { mapping, pool }: DecisionRules,
  issues: Issue[],
): string | undefined {
  const chosen = chooseUsername(mapping.usernames, record, pool);
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
function requireVerified(values: ReadonlyMap<string, string>, pool: Pool, issues: Issue[]): void {
  if (pool.autoVerified.some((contact) => values.get(VERIFIED_FLAG[contact]) === "true")) return;
  const wanted = pool.autoVerified.map((contact) =>
    values.has(contact) ? `${contact} is not verified` : `there is no ${contact}`,
  );
  issues.push(issue("nothing-verified", undefined, wanted.join(" and ")));
}

function requireSafe(
  username: string | undefined,
  values: ReadonlyMap<string, string>,
  issues: Issue[],
): void {
  if (username !== undefined && !isSafeInImportCsv(username)) issues.push(unsafe("username"));
  for (const [name, value] of values) {
    if (!isSafeInImportCsv(value)) issues.push(unsafe(name));
  }
}

function unsafe(name: string): Issue {
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
