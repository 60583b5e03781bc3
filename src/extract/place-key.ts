import type { PlaceKind } from "./source.ts";
import { SOURCE_TYPES } from "./sources.ts";

/** The keys of the config that say where a source is. */
export const PLACE_KEYS = {
  file: "path",
  module: "path",
  environment: "urlEnv",
  "user-pool": "userPoolId",
} as const satisfies Record<PlaceKind, string>;

/** One of {@link PLACE_KEYS}. */
export type PlaceKey = (typeof PLACE_KEYS)[PlaceKind];

/** The key that says where a source of this type is. */
export function placeKeyOf(type: string): PlaceKey {
  return PLACE_KEYS[SOURCE_TYPES.find((each) => each.type === type)?.place ?? "file"];
}
