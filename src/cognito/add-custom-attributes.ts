import {
  AddCustomAttributesCommand,
  type SchemaAttributeType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { CustomAttribute } from "../core/custom-attribute.ts";
import type { Cognito } from "./cognito.ts";

/** Attributes that one request adds at the most (API model). */
const REQUEST_ATTRIBUTES = 25;

/**
 * Adds custom attributes to a pool's schema, which can neither be taken back nor changed afterwards (documented). Users may be
 * given other values later, and app clients read and write them as they do any attribute.
 */
export async function addCustomAttributes(
  cognito: Cognito,
  { poolId, attributes }: { readonly poolId: string; readonly attributes: readonly CustomAttribute[] },
  signal: AbortSignal,
): Promise<void> {
  for (let start = 0; start < attributes.length; start += REQUEST_ATTRIBUTES) {
    const CustomAttributes = attributes.slice(start, start + REQUEST_ATTRIBUTES).map(toSchema);
    const input = { UserPoolId: poolId, CustomAttributes };
    await cognito.call(
      "AddCustomAttributes",
      (client, abort) => client.send(new AddCustomAttributesCommand(input), abort),
      { repeat: "once", signal, whenInterrupted: "finish" },
    );
  }
}

// The API takes names without their prefix, and bounds as strings.
function toSchema({ name, type = "String", min, max }: CustomAttribute): SchemaAttributeType {
  const schema = {
    Name: name.replace(/^custom:/, ""),
    AttributeDataType: type,
    Mutable: true,
    DeveloperOnlyAttribute: false,
  };
  const lowest = min === undefined ? undefined : String(min);
  const highest = max === undefined ? undefined : String(max);
  switch (type) {
    case "String":
      return { ...schema, StringAttributeConstraints: { MinLength: lowest, MaxLength: highest } };
    case "Number":
      return { ...schema, NumberAttributeConstraints: { MinValue: lowest, MaxValue: highest } };
    case "DateTime":
    case "Boolean":
      return schema;
  }
}
