import { z } from "zod";
import { EXIT_CODES } from "../core/ferry-error.ts";

/** A number of users, or of whatever else is counted. */
export const count = z.int().min(0);

/** A time as all reports write it: ISO 8601, in UTC. */
export const iso = z.iso.datetime();

/** What the command that prints a report ends with. */
export const exitCode = z
  .literal(Object.values(EXIT_CODES))
  .describe("The exit code that the command ends with; the end of poolferry --help says what each means");

/** An object with something for each of these words. */
export function each<Word extends string, Value extends z.ZodType>(
  words: readonly Word[],
  value: Value,
): z.ZodObject<Record<Word, Value>, z.core.$strict> {
  return z.strictObject(Object.fromEntries(words.map((word) => [word, value])) as Record<Word, Value>);
}

/** The version of a report, with what it means. */
export function version<Version extends number>(current: Version): z.ZodLiteral<Version> {
  return z
    .literal(current)
    .describe("Grows when a key goes or means something else; new keys may come without it");
}

/** The JSON Schema of a report, for editors, generators and programs of others. */
export function toJsonSchema(report: z.ZodType): object {
  return z.toJSONSchema(report, { target: "draft-7", reused: "inline" });
}
