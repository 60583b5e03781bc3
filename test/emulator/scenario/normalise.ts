import type { Taken } from "./drive-sdk.ts";

/** Members whose values are made anew each time. */
const MADE_ANEW =
  /(?:Date|Time|Timestamp|Token|^timestamp|Url|Session|^eventId|^RoleId|^UserId|ClientId|ClientSecret|^Destination)$/;

const IDS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  [/us-east-1_[0-9A-Za-z]{9}\b/g, "<pool>"],
  [/import-[0-9A-Za-z]{10}\b/g, "<job>"],
  [/"dateCreated":\d+/g, '"dateCreated":<time>'],
];

/** A transcript without what cannot be the same twice: ids, times, tokens, URLs. */
export function normalise(taken: readonly Taken[]): unknown {
  return taken.map(({ name, answer, error }) => ({
    name,
    ...(error === undefined ? { answer: withoutNoise(answer) } : { error: withoutNoise(error) }),
  }));
}

function withoutNoise(value: unknown): unknown {
  if (value instanceof Date) return "<time>";
  if (Array.isArray(value)) return value.map(withoutNoise);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, MADE_ANEW.test(name) ? `<${name}>` : withoutNoise(member)]),
    );
  }
  if (typeof value !== "string") return value;
  return IDS.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), value);
}
