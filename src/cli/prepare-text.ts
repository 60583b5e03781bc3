import pc from "picocolors";
import { attributeTypeText } from "../core/custom-attribute.ts";
import type { PrepareStep, PrepareSummary } from "../run/prepare-pool.ts";
import type { RemovalSummary } from "../run/remove-logs-role.ts";

/** What a pool has of what it is to have, a line each. */
export function prepareText({
  userPoolId,
  userPoolName,
  account,
  region,
  steps,
  logsRoleArn,
}: PrepareSummary): string {
  const where = [...(account === undefined ? [] : [`account ${account}`]), `region ${region}`].join(", ");
  const isNew = steps.some(({ kind, state }) => kind === "logs-role" && state === "created");
  return [
    `${pc.bold(`User pool "${userPoolName}"`)} ${userPoolId}, ${where}`,
    ...steps.map((step) => `  ${stepText(step)}`),
    ...(steps.length === 0 ? ["  The mapping names no custom attribute: there is nothing to prepare"] : []),
    ...(logsRoleArn === undefined ? [] : [`For plan and migrate: --logs-role-arn ${logsRoleArn}`]),
    ...(isNew
      ? ["A new role may take some seconds to be known all over AWS: if apply says LOGS_ROLE_REFUSED, resume"]
      : []),
  ].join("\n");
}

function stepText(step: PrepareStep): string {
  switch (step.kind) {
    case "attribute":
      return `${MARKS[step.state]} ${step.name}, ${attributeTypeText(step)}: ${ATTRIBUTE_STATES[step.state]}`;
    case "group":
      return `${MARKS[step.state]} group ${step.name}: ${GROUP_STATES[step.state]}`;
    case "logs-role": {
      const remarks = step.remarks.length === 0 ? "" : `; it ${step.remarks.join(" and ")}`;
      return `${MARKS[step.state]} role ${step.name}: ${ROLE_STATES[step.state]}${remarks}`;
    }
  }
}

type State = PrepareStep["state"];

const MARKS: Readonly<Record<State, string>> = {
  present: pc.dim("="),
  missing: pc.yellow("+"),
  faulty: pc.yellow("~"),
  created: pc.green("+"),
  mended: pc.green("~"),
};

const ATTRIBUTE_STATES = {
  present: "there already",
  missing: "to be added, and never to be taken back or changed",
  created: "added",
} as const;

const GROUP_STATES = { present: "there already", missing: "to be created", created: "created" } as const;

const ROLE_STATES: Readonly<Record<State, string>> = {
  present: "there already",
  missing: "to be created; Cognito alone may take it on, to write the logs of import jobs",
  faulty: "to be mended",
  created: "created",
  mended: "mended",
};

/** What became of a role that is to go. */
export function removalText({ logsRole, state }: RemovalSummary): string {
  switch (state) {
    case "absent":
      return `There is no role ${logsRole}`;
    case "present":
      return `The role ${logsRole} is there, and would be deleted`;
    case "removed":
      return `The role ${logsRole} was deleted`;
  }
}
