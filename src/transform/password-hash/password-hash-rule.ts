import { z } from "zod";

import { ENCODINGS, type Encoding } from "./decode.ts";

/** How a hash is to be read where its shape does not tell. */
export const HASH_FORMATS = [
  "auto",
  "bcrypt",
  "pbkdf2-sha256",
  "scrypt",
  "clerk",
  "firebase-scrypt",
] as const;

/** One of {@link HASH_FORMATS}. */
export type HashFormat = (typeof HASH_FORMATS)[number];

/** A hash with what the source says of it in other fields. */
export interface HashFieldsRule<Rule> {
  readonly hash: Rule;
  readonly format?: HashFormat | undefined;
  readonly hasher?: Rule | undefined;
  readonly salt?: Rule | undefined;
  readonly iterations?: Rule | undefined;
  readonly blockSize?: Rule | undefined;
  readonly parallelism?: Rule | undefined;
  readonly saltEncoding?: Encoding | undefined;
  readonly hashEncoding?: Encoding | undefined;
  readonly peppered?: boolean | undefined;
}

/** The two columns of Keycloak's table CREDENTIAL that hold a password. */
export interface KeycloakColumnsRule<Rule> {
  readonly keycloak: { readonly secretData: Rule; readonly credentialData: Rule };
}

/** The rule `mapping.passwordHash`. `Rule` is a plain rule of the mapping. */
export type PasswordHashRule<Rule> = Rule | HashFieldsRule<Rule> | KeycloakColumnsRule<Rule>;

/** Whether a rule names the columns of Keycloak's database. */
export function isKeycloakColumns<Rule>(rule: PasswordHashRule<Rule>): rule is KeycloakColumnsRule<Rule> {
  return typeof rule === "object" && rule !== null && "keycloak" in rule;
}

/** Whether a rule says more than where the hash stands. */
export function isHashFields<Rule>(rule: PasswordHashRule<Rule>): rule is HashFieldsRule<Rule> {
  return typeof rule === "object" && rule !== null && "hash" in rule;
}

/** The schema of `mapping.passwordHash`, from the schema of a plain rule. */
export function passwordHashRuleSchema<Rule>(ruleSchema: z.ZodType<Rule>): z.ZodType<PasswordHashRule<Rule>> {
  const union: z.ZodType<PasswordHashRule<Rule>> = z.union([
    ruleSchema.describe("Where the hash stands; it is recognised by its shape"),
    keycloakColumnsSchema(ruleSchema),
    hashFieldsSchema(ruleSchema),
  ]);
  // Checked on the union, not in its part: of a union that fails, nobody reads the parts' reasons.
  return union.check(({ value, issues }) => {
    if (!isHashFields(value)) return;
    for (const message of contradictions(value)) issues.push({ code: "custom", message, input: value });
  });
}

function keycloakColumnsSchema<Rule>(ruleSchema: z.ZodType<Rule>) {
  return z
    .strictObject({ keycloak: z.strictObject({ secretData: ruleSchema, credentialData: ruleSchema }) })
    .describe("The columns secret_data and credential_data of Keycloak's database");
}

function hashFieldsSchema<Rule>(ruleSchema: z.ZodType<Rule>) {
  const encoding = z.enum(ENCODINGS);
  return z.strictObject({
    hash: ruleSchema.describe("Where the hash stands"),
    format: z.enum(HASH_FORMATS).optional().describe("How to read it; auto: by its shape"),
    hasher: ruleSchema
      .optional()
      .describe("Where the source names the algorithm, as Clerk's password_hasher"),
    salt: ruleSchema.optional().describe("Where the salt stands, if not in the hash"),
    iterations: ruleSchema
      .optional()
      .describe("PBKDF2's iterations, scrypt's N or bcrypt's cost, beside a salt"),
    blockSize: ruleSchema.optional().describe("scrypt's r, beside a salt"),
    parallelism: ruleSchema.optional().describe("scrypt's p, beside a salt"),
    saltEncoding: encoding.optional().describe("How the salt is written; utf8: the text itself is the salt"),
    hashEncoding: encoding.exclude(["utf8"]).optional().describe("How the hash is written, beside a salt"),
    peppered: z.boolean().optional().describe("Whether a secret went into every hash; none can be used then"),
  });
}

/** What does not go together in a rule, each in a sentence for the operator. */
function contradictions<Rule>(rule: HashFieldsRule<Rule>): readonly string[] {
  const { format = "auto", hasher, salt } = rule;
  const found: string[] = [];
  if (format === "clerk" && hasher === undefined) found.push("format clerk needs hasher");
  if (hasher !== undefined && format !== "auto" && format !== "clerk") {
    found.push("hasher goes with format auto or clerk only");
  }
  return [...found, ...(salt === undefined ? withoutSalt(rule) : withSalt(rule, format))];
}

function withoutSalt<Rule>(rule: HashFieldsRule<Rule>): readonly string[] {
  const names = ["iterations", "blockSize", "parallelism", "saltEncoding", "hashEncoding"] as const;
  return names.filter((name) => rule[name] !== undefined).map((name) => `${name} goes with salt only`);
}

function withSalt<Rule>(rule: HashFieldsRule<Rule>, format: HashFormat): readonly string[] {
  const found: string[] = [];
  const isNamed = rule.hasher !== undefined && format === "auto";
  if (!isNamed && format !== "bcrypt" && format !== "pbkdf2-sha256" && format !== "scrypt") {
    found.push("a hash with its salt elsewhere needs format bcrypt, pbkdf2-sha256 or scrypt, or hasher");
  }
  const wanted = ["iterations"] as (keyof HashFieldsRule<Rule>)[];
  if (format !== "bcrypt") wanted.push("saltEncoding", "hashEncoding");
  if (format === "scrypt") wanted.push("blockSize", "parallelism");
  const missing = wanted.filter((name) => rule[name] === undefined);
  if (missing.length > 0) found.push(`a hash with its salt elsewhere needs ${missing.join(", ")} as well`);
  return found;
}
