/** What is looked at of a JSON Schema. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** The keys that an object at a path of a document may have by a JSON Schema, whichever of its alternatives is meant. */
export function keysAt(root: Schema, path: readonly (string | number)[]): readonly string[] {
  let places = alternativesOf(root, root);
  for (const part of path)
    places = places.flatMap((place) => below(place, part)).flatMap((place) => alternativesOf(place, root));
  return [...new Set(places.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

function below(
  { properties, additionalProperties, items }: Schema,
  part: string | number,
): readonly Schema[] {
  const other = typeof additionalProperties === "object" ? additionalProperties : undefined;
  const found = typeof part === "number" ? items : (properties?.[part] ?? other);
  return found === undefined ? [] : [found];
}

/** A schema with all that stand in its place. */
function alternativesOf(schema: Schema, root: Schema): readonly Schema[] {
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema;
  const meant = $ref === undefined ? [] : [referred($ref, root)];
  return [schema, ...[...meant, ...anyOf, ...oneOf, ...allOf].flatMap((each) => alternativesOf(each, root))];
}

/** What a reference within the document stands for. */
function referred(reference: string, root: Schema): Schema {
  const parts = reference.split("/").slice(1);
  return parts.reduce<unknown>(
    (place, part) => (place as Readonly<Record<string, unknown>>)[part],
    root,
  ) as Schema;
}
