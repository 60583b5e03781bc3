import { invalidParameter } from "../wire/error.ts";

/** The types an attribute can have (API model). */
type AttributeDataType = "String" | "Number" | "DateTime" | "Boolean";

/** An attribute of a pool's schema, in the API's own form. */
export interface SchemaAttribute {
  readonly Name: string;
  readonly AttributeDataType: AttributeDataType;
  readonly DeveloperOnlyAttribute: boolean;
  readonly Mutable: boolean;
  readonly Required: boolean;
  readonly StringAttributeConstraints?: { readonly MinLength?: string; readonly MaxLength?: string };
  readonly NumberAttributeConstraints?: { readonly MinValue?: string; readonly MaxValue?: string };
}

/** An attribute as CreateUserPool asks for it. */
export type RequestedAttribute = Partial<SchemaAttribute>;

/** A pool's attributes by their full name (`email`, `custom:x`, `dev:custom:x`), in the schema's order. */
export type Schema = ReadonlyMap<string, SchemaAttribute>;

/** The schema of a new pool: every standard attribute (AWS sample), then the custom ones in the order given. */
export function buildSchema(requested: readonly RequestedAttribute[]): Schema {
  const schema = new Map(STANDARD_ATTRIBUTES.map((attribute) => [attribute.Name, attribute]));
  for (const attribute of requested) {
    const name = attribute.Name;
    if (name === undefined) throw invalidParameter("Schema attributes need a name.");
    const standard = schema.get(name);
    const added = standard === undefined ? customAttribute(name, attribute) : adjusted(standard, attribute);
    if (standard === undefined && schema.has(added.Name)) {
      throw invalidParameter(`The attribute ${added.Name} is given twice in the schema.`);
    }
    schema.set(added.Name, added);
  }
  return schema;
}

// That a standard attribute keeps its type and that a custom one cannot be required is documented; the words are reported.
function adjusted(standard: SchemaAttribute, requested: RequestedAttribute): SchemaAttribute {
  const isOtherType =
    requested.AttributeDataType !== undefined && requested.AttributeDataType !== standard.AttributeDataType;
  if (isOtherType || requested.DeveloperOnlyAttribute === true) {
    throw invalidParameter(
      `You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute ${standard.Name}`,
    );
  }
  return {
    ...standard,
    Mutable: requested.Mutable ?? standard.Mutable,
    Required: requested.Required ?? standard.Required,
    ...(requested.StringAttributeConstraints === undefined
      ? {}
      : {
          StringAttributeConstraints: {
            ...standard.StringAttributeConstraints,
            ...requested.StringAttributeConstraints,
          },
        }),
    ...(requested.NumberAttributeConstraints === undefined
      ? {}
      : {
          NumberAttributeConstraints: {
            ...standard.NumberAttributeConstraints,
            ...requested.NumberAttributeConstraints,
          },
        }),
  };
}

/**
 * A custom attribute, as it stands in a schema. Its defaults are reported by users of infrastructure tools: a
 * string, immutable.
 */
export function customAttribute(name: string, requested: RequestedAttribute): SchemaAttribute {
  if (requested.Required === true) {
    throw invalidParameter("Required custom attributes are not supported currently.");
  }
  const type = requested.AttributeDataType ?? "String";
  const isDeveloperOnly = requested.DeveloperOnlyAttribute ?? false;
  return {
    Name: `${isDeveloperOnly ? "dev:" : ""}custom:${name}`,
    AttributeDataType: type,
    DeveloperOnlyAttribute: isDeveloperOnly,
    Mutable: requested.Mutable ?? false,
    Required: false,
    ...(type === "String" ? { StringAttributeConstraints: requested.StringAttributeConstraints ?? {} } : {}),
    ...(type === "Number" ? { NumberAttributeConstraints: requested.NumberAttributeConstraints ?? {} } : {}),
  };
}

const STANDARD_ATTRIBUTES: readonly SchemaAttribute[] = [
  { ...text("sub", 1, 2048), Mutable: false, Required: true },
  text("name"),
  text("given_name"),
  text("family_name"),
  text("middle_name"),
  text("nickname"),
  text("preferred_username"),
  text("profile"),
  text("picture"),
  text("website"),
  text("email"),
  flag("email_verified"),
  text("gender"),
  text("birthdate", 10, 10),
  text("zoneinfo"),
  text("locale"),
  text("phone_number"),
  flag("phone_number_verified"),
  text("address"),
  {
    Name: "updated_at",
    AttributeDataType: "Number",
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    NumberAttributeConstraints: { MinValue: "0" },
  },
];

function text(name: string, minimum = 0, maximum = 2048): SchemaAttribute {
  return {
    Name: name,
    AttributeDataType: "String",
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    StringAttributeConstraints: { MinLength: String(minimum), MaxLength: String(maximum) },
  };
}

function flag(name: string): SchemaAttribute {
  return {
    Name: name,
    AttributeDataType: "Boolean",
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
  };
}
