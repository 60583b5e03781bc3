import { CATEGORIES, isCategory } from "../quota/categories.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly LimitDefinition: {
    readonly LimitClass: "API_CATEGORY";
    readonly Attributes: Readonly<Record<string, string>>;
  };
}

/** Shows a category's rate now and by default. That every category can be asked for is a guess, and so are the words. */
export function getProvisionedLimit({ quotas }: Context, { LimitDefinition }: Request): object {
  const category = LimitDefinition.Attributes["Category"] ?? "";
  if (!isCategory(category) || category.startsWith("Logs")) {
    throw invalidParameter(`There is no API category ${category}.`);
  }
  // The API has whole numbers only, and no word for no limit.
  const rps = Math.min(quotas.settings.categories[category], GREATEST_INTEGER);
  const ProvisionedLimitValue = Math.floor(rps);
  return { Limit: { LimitDefinition, ProvisionedLimitValue, FreeLimitValue: CATEGORIES[category].rps } };
}

const GREATEST_INTEGER = 2 ** 31 - 1;
