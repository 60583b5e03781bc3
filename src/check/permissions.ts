import { harmlessCalls } from "../cognito/harmless-calls.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { simulatePolicy } from "../cognito/simulate-policy.ts";
import { FerryError } from "../core/ferry-error.ts";
import { failure, notTried, ok, warning, type CheckResult, type Finding } from "./check.ts";
import { CHECKED_COMMANDS, COMMAND_ACTIONS, type CheckedCommand } from "./command-actions.ts";
import { isPoolThere, resultOf, type Surroundings } from "./surroundings.ts";

/** What is known of one action: by a call of it, or by what IAM's simulation says. */
type Answer = "allowed" | "refused" | "simulated" | "unknown";

/** Whether each command may do what it does, a finding each. */
export async function checkPermissions(surroundings: Surroundings): Promise<readonly CheckResult[]> {
  if (!(await isPoolThere(surroundings))) {
    return [{ name: "permissions", ...notTried("The pool could not be read") }];
  }
  const answers = await askAll(surroundings);
  return CHECKED_COMMANDS.map((command) => ({
    name: `permissions of ${command}`,
    ...findingOf(command, answers),
  }));
}

async function askAll(surroundings: Surroundings): Promise<ReadonlyMap<string, Answer>> {
  const { cognito, userPoolId, signal } = surroundings;
  const calls = [...harmlessCalls(userPoolId)];
  const tried = await Promise.all(
    calls.map(async ([operation, call]) => {
      const answer = await call(cognito, signal).then(() => "allowed" as const, answerOf);
      const service = /Log(?:Groups|Streams|Events)$/.test(operation) ? "logs" : "cognito-idp";
      return [`${service}:${operation}`, answer] as const;
    }),
  );
  return new Map([...tried, ...(await simulateRest(surroundings))]);
}

/** What a refusal means: one that is not for lack of permission comes from behind that gate. */
function answerOf(error: unknown): Answer {
  if (error instanceof FerryError) return error.code === "ACCESS_DENIED" ? "refused" : "unknown";
  // Whatever is not the service's own word is our bug.
  if (!(explainServiceError(error) instanceof FerryError)) throw error;
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata
    ?.httpStatusCode;
  return (status ?? 500) < 500 ? "allowed" : "unknown";
}

/** What creates something by its name alone, and so cannot be tried. */
const ON_POOL = ["cognito-idp:CreateUserImportJob", "cognito-idp:AdminCreateUser", "cognito-idp:CreateGroup"];
const ON_ROLE = ["iam:PassRole"];

async function simulateRest(surroundings: Surroundings): Promise<readonly (readonly [string, Answer])[]> {
  const { account, identity, userPoolId, logsRoleArn, cognito, signal } = surroundings;
  const caller = await resultOf(identity);
  if (caller === undefined) return [];
  const [, partition = "aws"] = caller.arn.split(":");
  const pool = `arn:${partition}:cognito-idp:${await cognito.region()}:${caller.account}:userpool/${userPoolId}`;
  const asked = [
    { actions: ON_POOL, resource: pool },
    ...(logsRoleArn === undefined ? [] : [{ actions: ON_ROLE, resource: logsRoleArn }]),
  ];
  const answers = await Promise.all(
    asked.map(async (actions) => {
      try {
        return [...(await simulatePolicy(account, caller, { ...actions, signal }))];
      } catch (error) {
        // Who may not ask, or asks what has no such operation, is told that it was not tried.
        if (error instanceof FerryError || explainServiceError(error) instanceof FerryError) return [];
        throw error;
      }
    }),
  );
  return answers.flat().map(([action, isAllowed]) => [action, isAllowed ? "simulated" : "refused"]);
}

function findingOf(command: CheckedCommand, answers: ReadonlyMap<string, Answer>): Finding {
  const { needed, perhaps } = COMMAND_ACTIONS[command];
  const all = [...needed, ...perhaps];
  const having = (answer: Answer): readonly string[] =>
    all.filter((action) => (answers.get(action) ?? "unknown") === answer);
  const refused = having("refused");
  const unknown = having("unknown");
  const untried = unknown.length === 0 ? "" : `not tried: ${unknown.join(", ")}`;
  if (refused.length > 0) {
    const message = [`It lacks ${refused.join(", ")}`, untried].filter(Boolean).join("; ");
    const fix = `docs/policies/${command}.json allows what it takes, and docs/permissions.md says what can be left out`;
    const isVital =
      (command === "plan" || command === "apply") && needed.some((action) => refused.includes(action));
    return isVital ? failure(message, fix) : warning(message, fix);
  }
  const simulated = having("simulated").length;
  const how = simulated === 0 ? "" : `, ${simulated} of them by IAM's simulation`;
  if (unknown.length === all.length) return notTried("No call was answered");
  const known = `It may do ${all.length - unknown.length} of ${all.length} actions${how}`;
  // Nothing speaks against it; what cannot be tried is said, so that nobody takes it for granted.
  return ok(untried === "" ? `It may do all of it: ${all.length} actions${how}` : `${known}; ${untried}`);
}
