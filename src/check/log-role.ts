import { faultsOf, readLogRole, roleNameOf } from "../cognito/log-role.ts";
import { FerryError } from "../core/ferry-error.ts";
import { failure, notTried, ok, warning, type Finding } from "./check.ts";
import { resultOf, type Surroundings } from "./surroundings.ts";

/** Whether the role for the log of import jobs is there, trusts Cognito, and may write the log of this pool. */
export async function checkLogRole(surroundings: Surroundings): Promise<Finding> {
  const { logsRoleArn, userPoolId, cognito, account, signal } = surroundings;
  const make = `poolferry pool prepare --user-pool-id ${userPoolId} --logs-role`;
  if (logsRoleArn === undefined) {
    return warning(
      "No role is named, and import jobs need one for their log",
      `${make}, and --logs-role-arn with what it prints`,
    );
  }
  const pool = await resultOf(surroundings.pool);
  const identity = await resultOf(surroundings.identity);
  if (pool === undefined || identity === undefined) return notTried("The pool or the account is not known");
  const [, partition = "aws", , , owner = ""] = logsRoleArn.split(":");
  const own = pool.account ?? identity.account;
  if (owner !== own) {
    return failure(
      `${logsRoleArn} is of another account than the pool's, ${own}`,
      `Name a role of that account: ${make}`,
    );
  }
  const name = roleNameOf(logsRoleArn);
  try {
    const role = await readLogRole(account, name, signal);
    if (role === undefined) return failure(`There is no role ${name}`, make);
    if (role.arn !== logsRoleArn) {
      return failure(`The role ${name} is ${role.arn}, and not ${logsRoleArn}`, "Check --logs-role-arn");
    }
    const place = {
      partition,
      region: await cognito.region(),
      account: own,
      poolId: pool.id,
      poolName: pool.name,
    };
    const { wrong, unsure } = faultsOf(role, place);
    if (wrong.length > 0) {
      const fix = role.isOurs ? `${make} ${name} mends it` : "Mend it, as docs/permissions.md shows";
      return failure(`The role ${name} ${wrong.join(" and ")}`, fix);
    }
    if (unsure.length > 0) {
      return warning(
        `The role ${name} ${unsure.join(" and ")}`,
        "Check whether that fits; the first import job tells",
      );
    }
    return ok(`The role ${name} trusts Cognito and may write the log`);
  } catch (error) {
    if (!(error instanceof FerryError && error.code === "ACCESS_DENIED")) throw error;
    return warning(
      `The role ${name} cannot be looked at (${error.message})`,
      "Allow it with docs/policies/doctor.json, or have somebody look who may; the first import job tells",
    );
  }
}
