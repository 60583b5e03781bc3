import type { AwsAccount, CallerIdentity } from "./aws-account.ts";

/** Actions that are asked about together, and what they are to be done on. */
export interface SimulatedActions {
  readonly actions: readonly string[];
  readonly resource: string;
}

/**
 * What IAM's simulation says of actions: allowed or not. It knows the policies of whoever asks, and not all that an organisation
 * may forbid (documented). Throws ACCESS_DENIED where the caller may not ask, and the service's exceptions.
 */
export async function simulatePolicy(
  account: AwsAccount,
  caller: CallerIdentity,
  { actions, resource, signal }: SimulatedActions & { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, boolean>> {
  const input = {
    PolicySourceArn: await principalOf(account, caller, signal),
    ActionNames: [...actions],
    ResourceArns: [resource],
    // What hands a role on is often allowed to one service alone.
    ContextEntries: [
      {
        ContextKeyName: "iam:PassedToService",
        ContextKeyType: "string" as const,
        ContextKeyValues: ["cognito-idp.amazonaws.com"],
      },
    ],
  };
  const { EvaluationResults = [] } = await account.callIam(
    "SimulatePrincipalPolicy",
    (iam, abort, sdk) => iam.send(new sdk.SimulatePrincipalPolicyCommand(input), abort),
    { repeat: "safe", signal },
  );
  return new Map(
    EvaluationResults.map(({ EvalActionName = "", EvalDecision }) => [
      EvalActionName,
      EvalDecision === "allowed",
    ]),
  );
}

/** The user, or the role that was assumed: STS names a session of it, without the path of its own name (documented). */
async function principalOf(
  account: AwsAccount,
  { arn }: CallerIdentity,
  signal: AbortSignal,
): Promise<string> {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (role === undefined) return arn;
  const { Role: assumed } = await account.callIam(
    "GetRole",
    (iam, abort, sdk) => iam.send(new sdk.GetRoleCommand({ RoleName: role }), abort),
    { repeat: "safe", signal },
  );
  return assumed?.Arn ?? arn;
}
