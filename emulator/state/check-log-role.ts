import type { Account } from "./account.ts";
import { matchesWildcards, parsePolicy, type Statement } from "./policy.ts";

/** What Cognito does with the log role (documented). */
const ACTIONS = [
  "logs:CreateLogGroup",
  "logs:CreateLogStream",
  "logs:DescribeLogStreams",
  "logs:PutLogEvents",
];

const COGNITO = "cognito-idp.amazonaws.com";

/**
 * Whether Cognito can write a job's log with this role: it exists, trusts Cognito, and its inline policies allow
 * what is needed on the log group (documented). Attached policies and conditions are not looked at.
 */
export function isLogRoleUsable(account: Account, roleArn: string, groupName: string): boolean {
  const role = account.roles.byArn(roleArn);
  if (role === undefined) return false;
  const trust = (parsePolicy(role.trust) ?? []).filter(({ services }) => {
    return services.some((service) => matchesWildcards(service, COGNITO));
  });
  if (!isAllowed(trust, "sts:AssumeRole")) return false;
  const resource = `arn:aws:logs:${account.region}:${account.id}:log-group:${groupName}`;
  const statements = [...role.policies.values()].flatMap((policy) => parsePolicy(policy) ?? []);
  const onGroup = statements.filter(({ resources }) => {
    // What is inside the group is named after it: `…:*`, `…:log-stream:…`.
    return resources.some((pattern) =>
      [resource, `${resource}:*`].some((arn) => matchesWildcards(pattern, arn)),
    );
  });
  return ACTIONS.every((action) => isAllowed(onGroup, action));
}

// A refusal outweighs every permission (documented); names of actions ignore case.
function isAllowed(statements: readonly Statement[], action: string): boolean {
  const about = statements.filter(({ actions }) => {
    return actions.some((pattern) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase()));
  });
  return about.some(({ effect }) => effect === "Allow") && about.every(({ effect }) => effect !== "Deny");
}
