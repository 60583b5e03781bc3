import { z } from "zod";

/** A value that a config file can state. */
export type Scalar = string | number | boolean;

/** One way to get a value out of a row. */
export type Rule =
  | string
  | { readonly constant: Scalar }
  | { readonly firstOf: readonly Rule[] }
  | { readonly template: string }
  | JoinRule
  | SplitRule
  | LookupRule
  | ParseRule
  | DateRule
  | PhoneRule
  | PickRule
  | { readonly allOf: readonly Rule[] }
  | { readonly anyOf: readonly Rule[] }
  | { readonly inFuture: Rule }
  | BitRule
  | PrefixedRule
  | { readonly json: Rule }
  | { readonly object: Readonly<Record<string, Rule>> }
  | { readonly not: Rule }
  | { readonly present: Rule }
  | { readonly keys: Rule }
  | ListedRule
  | UnlessRule
  | { readonly uuid: Rule }
  | { readonly trustSource: true; readonly of?: Rule | undefined };

/** The values of several rules, or of one list, as one text. */
export interface JoinRule {
  /** The values, or one list of them; those without a value are passed over. */
  readonly join: Rule | readonly Rule[];
  readonly with: string;
}

/** A text cut into a list, or one element of it. */
export interface SplitRule {
  /** The text. */
  readonly split: Rule;
  readonly at: string;
  readonly take?: number | undefined;
}

/** What a table says of a value. */
export interface LookupRule {
  readonly lookup: Rule;
  readonly table: Readonly<Record<string, Scalar | null>>;
  readonly otherwise?: Scalar | undefined;
  readonly keepOthers?: boolean | undefined;
}

/** JSON, or what PHP serialised, that stands in a text. */
export interface ParseRule {
  readonly parse: Rule;
  readonly format?: "json" | "php" | undefined;
  readonly path?: string | undefined;
}

/** Whether a value stands in a list. */
export interface ListedRule {
  readonly listed: Rule;
  readonly in: Rule;
}

/** A value that counts only where a flag is not true. */
export interface UnlessRule {
  readonly unless: Rule;
  readonly value: Rule;
}

/** A date in a stated format. */
export interface DateRule {
  readonly date: Rule;
  readonly format: string;
  readonly zone?: string | undefined;
}

/** A phone number with the country that its own row states, or one that begins with its country code. */
export interface PhoneRule {
  readonly phone: Rule;
  readonly country?: Rule | undefined;
  readonly withoutPlus?: true | undefined;
}

/** Those elements of a list whose fields have these values, or a field of each of them. */
export interface PickRule {
  readonly pick: Rule;
  readonly where: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly path?: string | undefined;
  readonly take?: number | undefined;
}

/** Whether a number has one of the bits of a mask. */
export interface BitRule {
  readonly bit: Rule;
  readonly mask: number;
}

/** What stands behind a prefix, in the first element of a list that begins with it. */
export interface PrefixedRule {
  readonly prefixed: Rule;
  readonly with: string;
}

/** The key by which each rule that is an object is known. */
export const RULE_KEYS: readonly string[] = [
  "constant",
  "firstOf",
  "template",
  "join",
  "split",
  "lookup",
  "parse",
  "date",
  "phone",
  "pick",
  "allOf",
  "anyOf",
  "inFuture",
  "bit",
  "prefixed",
  "object",
  "json",
  "keys",
  "listed",
  "not",
  "present",
  "unless",
  "uuid",
  "trustSource",
];

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

const rule: z.ZodType<Rule> = z.lazy(() => ruleSchema);

/** A rule in a config file. */
export const ruleSchema: z.ZodType<Rule> = z.union([
  z
    .string()
    .min(1)
    .describe("A column of a table, or a path into a document: profile.email, emails[0].value"),
  z.strictObject({ constant: scalarSchema }).describe("The same value for every user"),
  z.strictObject({ firstOf: z.array(rule).min(1) }).describe("The first of these that has a value"),
  z
    .strictObject({ template: z.string().min(1) })
    .describe("Text with paths in braces: {first} {last}; no value unless each of them has one"),
  z
    .strictObject({ join: z.union([rule, z.array(rule).min(1)]), with: z.string() })
    .describe(
      "The values of these rules, or of one list, as one text; those without a value are passed over",
    ),
  z
    .strictObject({ split: rule, at: z.string().min(1), take: z.int().optional() })
    .describe(
      "A text cut into a list at a separator; with take, the element of that number: 0 is the first, -1 the last",
    ),
  z
    .strictObject({
      lookup: rule,
      table: z.record(z.string(), scalarSchema.nullable()),
      otherwise: scalarSchema.optional(),
      keepOthers: z.boolean().optional(),
    })
    .describe(
      "What the table says of the value, or of each element of a list; null says nothing. Case matters, unless the table says true, false and null alone. Values that are not in it become otherwise, stay with keepOthers, or are an issue",
    ),
  z
    .strictObject({
      parse: rule,
      format: z.enum(["json", "php"]).optional(),
      path: z.string().min(1).optional(),
    })
    .describe("JSON that stands in a text, or with format php what PHP serialised, and a path into it"),
  z
    .strictObject({ date: rule, format: z.string().min(1), zone: z.string().min(1).optional() })
    .describe(
      "A date in a stated format: epoch-s, epoch-ms, filetime, generalized-time, iso, or Luxon's tokens such as dd.MM.yyyy HH:mm; zone for times that name none",
    ),
  z
    .strictObject({ phone: rule, country: rule.optional(), withoutPlus: z.literal(true).optional() })
    .check(({ value, issues }) => {
      if ((value.country === undefined) === (value.withoutPlus !== undefined)) return;
      const message = "a phone number takes either its country or withoutPlus: true";
      issues.push({ code: "custom", path: ["country"], message, input: value });
    })
    .describe(
      "A phone number, with its country where it names none: a code of ISO 3166 or an English name; or, withoutPlus, one that begins with its country code, whether or not a + stands before it",
    ),
  z
    .strictObject({
      pick: rule,
      where: z.record(z.string().min(1), z.union([scalarSchema, z.array(scalarSchema).min(1)])),
      path: z.string().min(1).optional(),
      take: z.int().optional(),
    })
    .describe(
      "The elements of a list of objects whose fields have these values, whatever their case, or what stands at the path in each of them; with take, the one of that number: 0 is the first, -1 the last",
    ),
  z.strictObject({ allOf: z.array(rule).min(1) }).describe("True where each of these flags is true"),
  z.strictObject({ anyOf: z.array(rule).min(1) }).describe("True where one of these flags is true"),
  z
    .strictObject({ inFuture: rule })
    .describe(
      "Whether a time lies behind the beginning of the plan: ISO 8601 with its zone, or a date rule, of any year",
    ),
  z
    .strictObject({ bit: rule, mask: z.int().min(1) })
    .describe(
      "True where a whole number has one of the bits of the mask: 2 in userAccountControl is disabled",
    ),
  z
    .strictObject({ prefixed: rule, with: z.string().min(1) })
    .describe(
      "What stands behind this text, in the first element of a list that begins with it: SMTP: in proxyAddresses",
    ),
  z.strictObject({ json: rule }).describe("The value as JSON text"),
  z.strictObject({ object: z.record(z.string(), rule) }).describe("An object of these rules' values"),
  z
    .strictObject({ listed: rule, in: rule })
    .describe(
      "True where a value stands in a list, whatever its case: an address in the list of verified ones",
    ),
  z
    .strictObject({ unless: rule, value: rule })
    .describe("The value of a rule, but none where a flag is true: a password that is not a temporary one"),
  z.strictObject({ not: rule }).describe("The opposite of a flag"),
  z.strictObject({ present: rule }).describe("True where the rule has a value, otherwise false"),
  z
    .strictObject({ keys: rule })
    .describe("The keys of an object that are set to true, as a list; a list stays as it is"),
  z
    .strictObject({ uuid: rule })
    .describe("A UUID made of the value; the same value always gives the same UUID"),
  z
    .strictObject({ trustSource: z.literal(true), of: rule.optional() })
    .describe(
      "Only for email_verified and phone_number_verified: taken as verified although no row says so; of: only where this rule is true",
    ),
]);
