/** A statement of an IAM policy, as far as the emulator reads them. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  /** Nothing in a trust policy. */
  readonly resources: readonly string[];
  /** The services that it is about, in a trust policy. */
  readonly services: readonly string[];
}

/**
 * The statements of a policy, or nothing if it is none. Conditions are not looked at: a statement counts as if they
 * were met. A statement with NotAction, NotResource or NotPrincipal counts for nothing.
 */
export function parsePolicy(text: string): readonly Statement[] | undefined {
  const policy = parseObject(text);
  if (policy === undefined || policy["Statement"] === undefined) return undefined;
  const statements = Array.isArray(policy["Statement"]) ? policy["Statement"] : [policy["Statement"]];
  return statements.filter(isObject).map((statement) => ({
    effect: String(statement["Effect"]),
    actions: listOf(statement["Action"]),
    resources: listOf(statement["Resource"]),
    services: servicesOf(statement["Principal"]),
  }));
}

/** Whether `*` and `?` of a pattern can stand for what makes it the text. */
export function matchesWildcards(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function servicesOf(principal: unknown): readonly string[] {
  if (principal === "*") return ["*"];
  return isObject(principal)
    ? [...listOf(principal["Service"]), ...listOf(principal["AWS"]).filter(isAnyone)]
    : [];
}

function isAnyone(principal: string): boolean {
  return principal === "*";
}

function listOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
