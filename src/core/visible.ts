/**
 * Characters on which a terminal acts, or that change how what follows is read: control characters, line breaks,
 * direction marks, halves of a character. Joiners stay: scripts and emoji need them.
 */
const ACTIVE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Characters of one text that are shown. */
const MAX_LENGTH = 2_000;

/**
 * A text on one line that a terminal only shows: line breaks and tabs become a space, what else it would act on is spelt
 * as `\u001b`, and what is endless is cut.
 */
export function visible(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return escapeActive(shown.replaceAll(/[\t-\r]+/g, " "));
}

/** JSON without such characters, and of the same meaning: they can only stand in its texts. */
export function visibleJson(value: unknown): string {
  return escapeActive(JSON.stringify(value));
}

/** A copy of a value whose texts are all {@link visible}, at any depth; its keys stay. */
export function visibleWithin<T>(value: T): T {
  if (typeof value === "string") return visible(value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => visibleWithin(each)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visibleWithin(each)])) as T;
}

function escapeActive(text: string): string {
  return text.replaceAll(
    ACTIVE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
