/** A statement of an IAM policy, as far as its words tell what it allows. */
interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  /** None in a trust policy. */
  readonly resources: readonly string[];
  /** Services, and `*` for everybody, in a trust policy. */
  readonly services: readonly string[];
  /** Whether it says more than is read here: conditions, or NotAction and its like. */
  readonly hasMore: boolean;
}

/** What a policy says of an action: `unsure` where that hangs on a condition or on NotAction and its like. */
export type PolicyAnswer = "allowed" | "refused" | "unsure";

/** The statements of some policies together, which is how IAM reads those of a role. */
export class PolicyDocuments {
  readonly #statements: readonly Statement[];

  /** What is no policy counts as one that says nothing. */
  constructor(texts: readonly string[]) {
    this.#statements = texts.flatMap(statementsIn);
  }

  /** Whether a service may assume the role whose trust this is. */
  trusts(service: string): PolicyAnswer {
    const about = this.#statements.filter(({ services }) => services.some((each) => fits(each, service)));
    return answer(about, "sts:AssumeRole");
  }

  /**
   * Whether an action is allowed on what goes by any of these ARNs; a refusal outweighs every permission (documented).
   */
  allows(action: string, arns: readonly string[]): PolicyAnswer {
    const about = this.#statements.filter(
      ({ resources, hasMore }) =>
        resources.some((pattern) => arns.some((arn) => fits(pattern, arn))) ||
        (hasMore && resources.length === 0),
    );
    return answer(about, action);
  }
}

function answer(statements: readonly Statement[], action: string): PolicyAnswer {
  // Names of actions ignore case (documented).
  const about = statements.filter(
    ({ actions, hasMore }) =>
      actions.some((each) => fits(each.toLowerCase(), action.toLowerCase())) ||
      (hasMore && actions.length === 0),
  );
  const sure = about.filter(({ hasMore }) => !hasMore);
  if (sure.some(({ effect }) => effect === "Deny")) return "refused";
  if (about.some(({ effect, hasMore }) => hasMore && effect === "Deny")) return "unsure";
  if (sure.some(({ effect }) => effect === "Allow")) return "allowed";
  return about.some(({ effect }) => effect === "Allow") ? "unsure" : "refused";
}

function statementsIn(text: string): readonly Statement[] {
  const policy = parseObject(text);
  const stated = policy?.["Statement"];
  return (Array.isArray(stated) ? stated : [stated]).filter(isObject).map((statement) => ({
    effect: String(statement["Effect"]),
    actions: textsIn(statement["Action"]),
    resources: textsIn(statement["Resource"]),
    services: servicesIn(statement["Principal"]),
    hasMore: ["Condition", "NotAction", "NotResource", "NotPrincipal"].some((key) => key in statement),
  }));
}

function servicesIn(principal: unknown): readonly string[] {
  if (principal === "*") return ["*"];
  if (!isObject(principal)) return [];
  return [...textsIn(principal["Service"]), ...textsIn(principal["AWS"]).filter((each) => each === "*")];
}

/** Whether `*` and `?` of a pattern can stand for what makes it the text (documented). */
function fits(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, ".*")
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

function textsIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((each) => typeof each === "string");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
