import { AwsAccount, type AccountConnection } from "../cognito/aws-account.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { deleteLogRole, readLogRole, type LogRole } from "../cognito/log-role.ts";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import { withoutRun } from "./without-run.ts";

/** The role that is to go. */
export interface RemovalOptions extends AccountConnection {
  readonly logsRole: string;
  readonly signal?: AbortSignal | undefined;
}

/** What became of a role that is to go, as `--json` prints it. */
export interface RemovalSummary {
  readonly logsRole: string;
  /** Undefined where there is none. */
  readonly arn: string | undefined;
  readonly state: "absent" | "present" | "removed";
  readonly exitCode: ExitCode;
}

/** Says whether there is a role that {@link removeLogsRole} would delete. Throws LOGS_ROLE_FOREIGN. */
export async function previewRemoval(options: RemovalOptions): Promise<RemovalSummary> {
  return withRole(options, (role) => Promise.resolve(summaryOf(options, role, "present")));
}

/**
 * Deletes a role that poolferry made for the log of import jobs, with its policies; one that is not there is gone already. Throws
 * LOGS_ROLE_FOREIGN for any other role.
 */
export async function removeLogsRole(options: RemovalOptions): Promise<RemovalSummary> {
  return withRole(options, async (role, account, signal) => {
    if (role !== undefined) await deleteLogRole(account, role, signal);
    return summaryOf(options, role, "removed");
  });
}

async function withRole(
  options: RemovalOptions,
  work: (role: LogRole | undefined, account: AwsAccount, signal: AbortSignal) => Promise<RemovalSummary>,
): Promise<RemovalSummary> {
  const { logsRole, signal = new AbortController().signal } = options;
  try {
    await using account = await AwsAccount.open(options);
    const role = await readLogRole(account, logsRole, signal);
    if (role?.isOurs === false) {
      throw new FerryError(
        "LOGS_ROLE_FOREIGN",
        `The role ${logsRole} was not made by poolferry pool prepare`,
        {
          hint: `Nothing was changed. If it is of no more use: aws iam delete-role --role-name ${logsRole}, once its policies are deleted`,
        },
      );
    }
    return await work(role, account, signal);
  } catch (error) {
    throw withoutRun(explainServiceError(error), "Interrupted; repeating the command removes what is left");
  }
}

function summaryOf(
  { logsRole }: RemovalOptions,
  role: LogRole | undefined,
  state: "present" | "removed",
): RemovalSummary {
  return { logsRole, arn: role?.arn, state: role === undefined ? "absent" : state, exitCode: EXIT_CODES.ok };
}
