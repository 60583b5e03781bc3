import type { AwsAccount } from "../cognito/aws-account.ts";
import {
  createLogRole,
  faultsOf,
  mendLogRole,
  readLogRole,
  type LogPlace,
  type LogRole,
} from "../cognito/log-role.ts";
import { FerryError } from "../core/ferry-error.ts";

/** The role for the log of import jobs, and what became of it. */
export interface LogRoleStep {
  readonly kind: "logs-role";
  readonly name: string;
  /** Undefined while there is none. */
  readonly arn: string | undefined;
  readonly state: "present" | "missing" | "created" | "faulty" | "mended";
  /** What is wrong with it, or cannot be told: clauses. */
  readonly remarks: readonly string[];
}

/** A role, and the log that it is to write. */
export interface WantedLogRole {
  readonly name: string;
  readonly place: LogPlace;
  readonly signal: AbortSignal;
}

/**
 * Looks whether the role is there and right, and, when it is to be made, creates or mends it. Only a role that poolferry made
 * is changed: throws LOGS_ROLE_FOREIGN for another one that Cognito could not use.
 */
export async function prepareLogRole(
  account: AwsAccount,
  { name, place, signal }: WantedLogRole,
  mode: "look" | "make",
): Promise<LogRoleStep> {
  const role = await readLogRole(account, name, signal);
  const made = { name, partition: place.partition };
  if (role === undefined) {
    if (mode === "look") return { kind: "logs-role", name, arn: undefined, state: "missing", remarks: [] };
    const arn = await createLogRole(account, made, signal);
    return { kind: "logs-role", name, arn, state: "created", remarks: [] };
  }
  const { wrong, unsure } = faultsOf(role, place);
  const known = { kind: "logs-role", name: role.name, arn: role.arn } as const;
  if (wrong.length === 0) return { ...known, state: "present", remarks: unsure };
  if (!role.isOurs) throw foreign(role, wrong);
  if (mode === "look") return { ...known, state: "faulty", remarks: wrong };
  await mendLogRole(account, made, signal);
  return { ...known, state: "mended", remarks: wrong };
}

function foreign({ name }: LogRole, wrong: readonly string[]): FerryError {
  return new FerryError(
    "LOGS_ROLE_FOREIGN",
    `There is a role ${name} already, which ${wrong.join(" and ")}`,
    {
      hint: "It was not made by poolferry pool prepare, so it is left alone: name another with --logs-role, or mend it yourself (docs/permissions.md). Nothing was changed",
    },
  );
}
