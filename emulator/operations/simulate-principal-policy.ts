import type { Context } from "./context.ts";

interface Request {
  readonly PolicySourceArn: string;
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[];
}

/**
 * Says of each action on each resource that it is allowed, since the keys of this server may do everything (not AWS's
 * behaviour).
 */
export function simulatePrincipalPolicy(
  _context: Context,
  { ActionNames, ResourceArns = ["*"] }: Request,
): object {
  return {
    EvaluationResults: ActionNames.flatMap((EvalActionName) =>
      ResourceArns.map((EvalResourceName) => ({ EvalActionName, EvalResourceName, EvalDecision: "allowed" })),
    ),
    IsTruncated: false,
  };
}
