import { z } from "zod";
import { passwordHashRuleSchema } from "./password-hash/password-hash-rule.ts";
import { ruleSchema } from "./rule.ts";

const socialOnlySchema = z.strictObject({
  path: ruleSchema.describe(
    "Where the row lists its sign-in providers, for instance identities[*].provider; or a rule that gives them",
  ),
  noneOf: z.array(z.string()).describe("The providers with which a user signs in at the source itself"),
});

const groupsSchema = z.union([
  ruleSchema,
  z
    .strictObject({
      from: ruleSchema,
      rdn: z
        .literal(true)
        .optional()
        .describe(
          "Groups are distinguished names, and are called by their own part alone: Crew of CN=Crew,OU=Groups",
        ),
      clean: z
        .string()
        .min(1)
        .max(1)
        .optional()
        .describe("What takes the place of each run of spaces and slashes; slashes at the ends go"),
    })
    .describe("Groups whose names are brought into the form that Cognito takes"),
]);

const linkedProvidersSchema = z.strictObject({
  list: z
    .string()
    .min(1)
    .optional()
    .describe("Where the row lists the user's identities; left out when there is one, in fields of its own"),
  provider: z.string().min(1).describe("The provider's name, in an element of the list"),
  subject: z.string().min(1).describe("The user's id at the provider, in an element of the list"),
  names: z
    .record(z.string(), z.string().min(1))
    .describe("The pool's name for each of the source's providers; others are not linked"),
});

/** The mapping part of a config file: how a row becomes a user. Every part overrides the preset's. */
export const mappingSchema = z.strictObject({
  username: ruleSchema
    .optional()
    .describe("The username; of firstOf, the first value that this pool accepts as a username"),
  sourceId: ruleSchema.optional().describe("The user's id at the source, for identity-map.csv"),
  changedAt: ruleSchema
    .optional()
    .describe(
      "When the source last changed the user, for policies.duplicates: newest; the rule of updated_at when left out",
    ),
  disabled: ruleSchema.optional().describe("A flag that says that the user may not sign in"),
  enabled: ruleSchema.optional().describe("A flag that says that the user may sign in; instead of disabled"),
  deleted: ruleSchema.optional().describe("A flag that says that the source counts the user as deleted"),
  serviceAccount: ruleSchema.optional().describe("A flag that says that the user is no person"),
  anonymous: ruleSchema.optional().describe("A flag that says that nobody can sign in as this user"),
  socialOnly: socialOnlySchema
    .optional()
    .describe("How to tell users who sign in through other providers only"),
  linkedProviders: linkedProvidersSchema
    .optional()
    .describe("Identities at other providers that are linked to the user"),
  groups: groupsSchema.optional().describe("The groups of the user: a list, or one name"),
  mfa: ruleSchema
    .optional()
    .describe("The user's second factor: true or sms for text messages; authenticators cannot be moved"),
  passwordHash: passwordHashRuleSchema(ruleSchema)
    .nullable()
    .optional()
    .describe("The password hash, imported where Cognito takes it; null leaves a preset's rule away"),
  password: ruleSchema
    .nullable()
    .optional()
    .describe(
      "The password in plain text, which is set once the user is in the pool; a hash goes before it where both are there; null leaves a preset's rule away",
    ),
  attributes: z
    .record(z.string(), ruleSchema.nullable())
    .optional()
    .describe("A rule for each Cognito attribute (custom: ones too); null removes a preset's rule"),
  attributesByName: z
    .boolean()
    .optional()
    .describe(
      "Whether an attribute of the pool that no rule speaks of is read from the field of its own name, as it is of a source without a preset",
    ),
  lowerCaseEmail: z
    .boolean()
    .optional()
    .describe("Whether e-mail addresses become lower case; they do when left out"),
  phoneCountry: z
    .string()
    .optional()
    .describe(
      "The country (two letters of ISO 3166) of phone numbers that name none; they are left out without it",
    ),
  lineBreaks: z
    .enum(["keep", "space"])
    .optional()
    .describe(
      "Line breaks in values: keep them, which no import job's CSV can carry (policies.unsafeValues), or make a space of them; keep when left out",
    ),
  nullWords: z
    .array(z.string().min(1))
    .optional()
    .describe("Texts that mean nothing in this source, exactly as written: NULL, N/A, \\N"),
});

/** Declarative rules from row to user; docs/configuration.md says what each part does. */
export type Mapping = z.infer<typeof mappingSchema>;

/** The mapping with each part of `over` put in place of the same part of `base`. */
export function overrideMapping(base: Mapping, over: Mapping): Mapping {
  const attributes = { ...base.attributes, ...over.attributes };
  // The two say the same thing: the operator's takes the place of the preset's, whichever it is.
  const { enabled, disabled, ...others } = base;
  const isStated = over.enabled !== undefined || over.disabled !== undefined;
  const state = {
    ...(enabled === undefined ? {} : { enabled }),
    ...(disabled === undefined ? {} : { disabled }),
  };
  return { ...others, ...(isStated ? {} : state), ...over, attributes };
}
