import { z } from "zod";

/** One way to get a value out of a row. */
export type Rule =
  | string
  | { readonly constant: string | number | boolean }
  | { readonly firstOf: readonly Rule[] }
  | { readonly not: Rule };

const ruleSchema: z.ZodType<Rule> = z.lazy(() =>
  z.union([
    z
      .string()
      .min(1)
      .describe("A column of a table, or a path into a document: profile.email, emails[0].value"),
    z
      .strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) })
      .describe("The same value for every user"),
    z.strictObject({ firstOf: z.array(ruleSchema).min(1) }).describe("The first of these that has a value"),
    z.strictObject({ not: ruleSchema }).describe("The opposite of a flag"),
  ]),
);

const socialOnlySchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("Where the row lists its sign-in providers, for instance identities[*].provider"),
  noneOf: z
    .array(z.string())
    .min(1)
    .describe("The providers with which a user signs in at the source itself"),
});

/** The mapping part of a config file: how a row becomes a user. Every part overrides the preset's. */
export const mappingSchema = z.strictObject({
  username: ruleSchema
    .optional()
    .describe("The username; of firstOf, the first value that this pool accepts as a username"),
  sourceId: ruleSchema.optional().describe("The user's id at the source, for identity-map.csv"),
  disabled: ruleSchema.optional().describe("A flag that says that the user may not sign in"),
  socialOnly: socialOnlySchema
    .optional()
    .describe("How to tell users who sign in through other providers only"),
  attributes: z
    .record(z.string(), ruleSchema.nullable())
    .optional()
    .describe("A rule for each Cognito attribute (custom: ones too); null removes a preset's rule"),
});

/** Declarative rules from row to user; see {@link mappingSchema}. */
export type Mapping = z.infer<typeof mappingSchema>;

/** The mapping with each part of `over` put in place of the same part of `base`. */
export function overrideMapping(base: Mapping, over: Mapping): Mapping {
  return { ...base, ...over, attributes: { ...base.attributes, ...over.attributes } };
}
