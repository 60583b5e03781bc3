import type { ListRolePoliciesCommandOutput, Role } from "@aws-sdk/client-iam";
import { PolicyDocuments } from "../core/policy-document.ts";
import type { AwsAccount } from "./aws-account.ts";
import { pause } from "./clock.ts";
import { isException } from "./explain-error.ts";
import { pages } from "./pages.ts";

/** What the role is called unless another name is given. */
export const DEFAULT_LOG_ROLE = "poolferry-import-log";

/** The inline policy that poolferry gives a role. */
const POLICY_NAME = "write-import-log";

/** Who writes the log (documented). */
const COGNITO = "cognito-idp.amazonaws.com";

/** What Cognito does with the role (documented). */
const LOG_ACTIONS = [
  "logs:CreateLogGroup",
  "logs:CreateLogStream",
  "logs:DescribeLogStreams",
  "logs:PutLogEvents",
] as const;

/** The tag by which poolferry knows the roles that it made, and may change or delete. */
const MADE_BY = { Key: "made-by", Value: "poolferry" } as const;

/** A role, as far as the log of an import job hangs on it. */
export interface LogRole {
  readonly name: string;
  readonly arn: string;
  /** Whether poolferry made it. */
  readonly isOurs: boolean;
  /** Who may assume it: a policy, as JSON. */
  readonly trust: string;
  /** Its inline policies by name, as JSON. */
  readonly policies: ReadonlyMap<string, string>;
  /** The names of its managed policies, which are not looked into. */
  readonly managed: readonly string[];
}

/** A log group that a role is to write to. */
export interface LogPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly poolId: string;
  readonly poolName: string;
}

/** What of a role is not as Cognito needs it, or cannot be told: clauses, in the order of importance. */
export interface LogRoleFaults {
  readonly wrong: readonly string[];
  readonly unsure: readonly string[];
}

/** The name of a role, which stands at the end of its ARN, behind its path. */
export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Reads a role with its inline policies; undefined when there is none of this name. */
export async function readLogRole(
  account: AwsAccount,
  name: string,
  signal: AbortSignal,
): Promise<LogRole | undefined> {
  const role = await readRole(account, name, signal);
  if (role === undefined) return undefined;
  const call = { repeat: "safe", signal } as const;
  const policies = new Map<string, string>();
  for (const policy of await policyNames(account, name, signal)) {
    const { PolicyDocument = "" } = await account.callIam(
      "GetRolePolicy",
      (iam, abort, sdk) =>
        iam.send(new sdk.GetRolePolicyCommand({ RoleName: name, PolicyName: policy }), abort),
      call,
    );
    policies.set(policy, decodeURIComponent(PolicyDocument));
  }
  const { AttachedPolicies = [] } = await account.callIam(
    "ListAttachedRolePolicies",
    (iam, abort, sdk) => iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: name }), abort),
    call,
  );
  return {
    name: role.RoleName ?? name,
    arn: role.Arn ?? "",
    isOurs: role.Tags?.some(({ Key, Value }) => Key === MADE_BY.Key && Value === MADE_BY.Value) ?? false,
    // Policies come encoded for URLs (documented).
    trust: decodeURIComponent(role.AssumeRolePolicyDocument ?? ""),
    policies,
    managed: AttachedPolicies.map(({ PolicyName = "" }) => PolicyName),
  };
}

/** What keeps Cognito from writing a log with this role (documented: its trust, and four actions on the log group). */
export function faultsOf(role: LogRole, place: LogPlace): LogRoleFaults {
  const trust = new PolicyDocuments([role.trust]).trusts(COGNITO);
  const documents = new PolicyDocuments([...role.policies.values()]);
  const group = groupArnOf(place);
  // What is inside a group is named after it (documented), and policies are written with either.
  const arns = [group, `${group}:*`, `${group}:log-stream:any`];
  const answers = LOG_ACTIONS.map((action) => [action, documents.allows(action, arns)] as const);
  const refused = answers.filter(([, answer]) => answer === "refused").map(([action]) => action);
  const unsure = answers.filter(([, answer]) => answer === "unsure").map(([action]) => action);
  const lacks = refused.length === 0 ? [] : [`may not call ${refused.join(", ")} on ${group}`];
  const isManaged = role.managed.length > 0;
  return {
    wrong: [...(trust === "refused" ? [`does not trust ${COGNITO}`] : []), ...(isManaged ? [] : lacks)],
    unsure: [
      ...(trust === "unsure" ? [`trusts ${COGNITO} on conditions`] : []),
      ...(unsure.length > 0 ? [`allows ${unsure.join(", ")} on conditions`] : []),
      ...(isManaged && refused.length > 0
        ? [`has managed policies (${role.managed.join(", ")}), which are not looked into`]
        : []),
    ],
  };
}

/** The log group of a pool's import jobs (documented). */
function groupArnOf({ partition, region, account, poolId, poolName }: LogPlace): string {
  return `arn:${partition}:logs:${region}:${account}:log-group:/aws/cognito/userpools/${poolId}/${poolName}`;
}

/** How long a new role may take to show, in milliseconds; IAM says it is eventually consistent, and not how long (documented). */
const SHOWS_WITHIN_MS = 20_000;
const LOOK_INTERVAL_MS = 500;

/**
 * Creates the role, tagged as poolferry's, lets Cognito write logs with it, and waits until IAM shows it. Returns its ARN.
 * Other parts of AWS may take some seconds more to know it (documented).
 */
export async function createLogRole(
  account: AwsAccount,
  { name, partition }: { readonly name: string; readonly partition: string },
  signal: AbortSignal,
): Promise<string> {
  const input = {
    RoleName: name,
    Description: "Lets Amazon Cognito write the log of user import jobs",
    AssumeRolePolicyDocument: trustPolicy(),
    Tags: [MADE_BY],
  };
  const { Role: made } = await account.callIam(
    "CreateRole",
    (iam, abort, sdk) => iam.send(new sdk.CreateRoleCommand(input), abort),
    { repeat: "once", signal },
  );
  await putLogPolicy(account, { name, partition }, signal);
  for (let waitedMs = 0; waitedMs < SHOWS_WITHIN_MS; waitedMs += LOOK_INTERVAL_MS) {
    if ((await readRole(account, name, signal)) !== undefined) break;
    await pause(LOOK_INTERVAL_MS, signal);
  }
  return made?.Arn ?? "";
}

/** Gives a role that poolferry made the trust and the policy that it is to have. */
export async function mendLogRole(
  account: AwsAccount,
  { name, partition }: { readonly name: string; readonly partition: string },
  signal: AbortSignal,
): Promise<void> {
  const input = { RoleName: name, PolicyDocument: trustPolicy() };
  await account.callIam(
    "UpdateAssumeRolePolicy",
    (iam, abort, sdk) => iam.send(new sdk.UpdateAssumeRolePolicyCommand(input), abort),
    { repeat: "safe", signal },
  );
  await putLogPolicy(account, { name, partition }, signal);
}

/** Deletes a role with its inline policies. */
export async function deleteLogRole(
  account: AwsAccount,
  { name, policies }: Pick<LogRole, "name" | "policies">,
  signal: AbortSignal,
): Promise<void> {
  const call = { repeat: "once", signal } as const;
  for (const PolicyName of policies.keys()) {
    await account.callIam(
      "DeleteRolePolicy",
      (iam, abort, sdk) => iam.send(new sdk.DeleteRolePolicyCommand({ RoleName: name, PolicyName }), abort),
      call,
    );
  }
  await account.callIam(
    "DeleteRole",
    (iam, abort, sdk) => iam.send(new sdk.DeleteRoleCommand({ RoleName: name }), abort),
    call,
  );
}

async function readRole(account: AwsAccount, name: string, signal: AbortSignal): Promise<Role | undefined> {
  try {
    const { Role: role } = await account.callIam(
      "GetRole",
      (iam, abort, sdk) => iam.send(new sdk.GetRoleCommand({ RoleName: name }), abort),
      { repeat: "safe", signal },
    );
    return role;
  } catch (error) {
    if (isException(error, "NoSuchEntityException")) return undefined;
    throw error;
  }
}

async function policyNames(
  account: AwsAccount,
  RoleName: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  const read = (Marker: string | undefined): Promise<ListRolePoliciesCommandOutput> =>
    account.callIam(
      "ListRolePolicies",
      (iam, abort, sdk) => iam.send(new sdk.ListRolePoliciesCommand({ RoleName, Marker }), abort),
      { repeat: "safe", signal },
    );
  for await (const { PolicyNames = [] } of pages(read, ({ Marker }) => Marker)) names.push(...PolicyNames);
  return names;
}

async function putLogPolicy(
  account: AwsAccount,
  { name, partition }: { readonly name: string; readonly partition: string },
  signal: AbortSignal,
): Promise<void> {
  const PolicyDocument = logPolicy(partition);
  await account.callIam(
    "PutRolePolicy",
    (iam, abort, sdk) =>
      iam.send(
        new sdk.PutRolePolicyCommand({ RoleName: name, PolicyName: POLICY_NAME, PolicyDocument }),
        abort,
      ),
    { repeat: "safe", signal },
  );
}

function trustPolicy(): string {
  const statement = { Effect: "Allow", Principal: { Service: COGNITO }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** The policy that AWS's documentation gives, for all regions and so that one role does for every pool. */
function logPolicy(partition: string): string {
  const Resource = `arn:${partition}:logs:*:*:log-group:/aws/cognito/*`;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: LOG_ACTIONS, Resource }],
  });
}
