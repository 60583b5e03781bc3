import type { Rule } from "../rule.ts";
import type { Suggestion } from "./preset.ts";

/**
 * The rule of `address`, which no preset has of itself: its JSON has quotes, which the CSV of an import job cannot carry
 * (documented), so it is set by AdminUpdateUserAttributes, and that makes a user active (documented).
 */
export function suggestAddress(value: Rule): Suggestion {
  return {
    attribute: "address",
    value,
    why: "costs one call and one monthly active user for each who has an address, as no import job carries its JSON",
  };
}
