import type { Api } from "./api.ts";

/**
 * A value without the members that its shape does not have, and without those that are null, at any depth: a
 * member that AWS does not know is ignored, so it must not come back in an answer, and null is as good as not given.
 */
export function keepKnown(api: Api, shapeName: string, value: unknown): unknown {
  const shape = api.shapes[shapeName];
  if (Array.isArray(value)) return value.map((item) => keepKnown(api, shape?.member ?? "", item));
  if (typeof value !== "object" || value === null) return value;
  const given = Object.entries(value).filter(([, member]) => member !== null);
  if (shape?.type === "map") {
    return Object.fromEntries(given.map(([key, item]) => [key, keepKnown(api, shape.value ?? "", item)]));
  }
  const members = shape?.members ?? {};
  return Object.fromEntries(
    given
      .filter(([name]) => Object.hasOwn(members, name))
      .map(([name, member]) => [name, keepKnown(api, members[name] ?? "", member)]),
  );
}
