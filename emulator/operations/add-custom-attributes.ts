import { checkNoImport } from "../state/check-no-import.ts";
import { customAttribute, type RequestedAttribute, type SchemaAttribute } from "../state/schema.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly CustomAttributes: readonly RequestedAttribute[];
}

/** Adds custom attributes to a pool's schema, all or none of them. A standard attribute's name is free (reported). */
export function addCustomAttributes({ account }: Context, request: Request): object {
  const { rules } = account;
  const pool = account.pool(request.UserPoolId);
  checkNoImport(account, pool);
  const schema = new Map(pool.settings.schema);
  for (const requested of request.CustomAttributes) addAttribute(schema, requested);
  const customs = [...schema.keys()].filter((name) => name.includes("custom:"));
  if (customs.length > rules.customAttributesInPool) {
    throw invalidParameter(rules.texts.tooManyCustomAttributes);
  }
  pool.settings = { ...pool.settings, schema, modifiedMs: account.clock() };
  return {};
}

function addAttribute(schema: Map<string, SchemaAttribute>, requested: RequestedAttribute): void {
  const { Name: name } = requested;
  if (name === undefined) throw invalidParameter("Schema attributes need a name.");
  const attribute = customAttribute(name, requested);
  if (schema.has(attribute.Name)) {
    // Words reported.
    throw invalidParameter(`custom:${name}: Existing attribute already has name ${attribute.Name}.`);
  }
  schema.set(attribute.Name, attribute);
}
