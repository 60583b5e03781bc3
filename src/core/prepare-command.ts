/** What Cognito takes for the name of a custom attribute (documented: 20 characters), as far as a shell needs no quotes for it. */
const PLAIN_NAME = /^custom:[\w.-]{1,20}$/;

/**
 * The command that adds custom attributes to a pool, as texts: they take any value. Undefined where Cognito takes none of the names.
 */
export function prepareCommand(userPoolId: string, names: readonly string[]): string | undefined {
  const attributes = names
    .filter((name) => PLAIN_NAME.test(name))
    .map((name) => `--attribute ${name}:String`);
  if (attributes.length === 0) return undefined;
  return `poolferry pool prepare --user-pool-id ${userPoolId} ${attributes.join(" ")}`;
}
