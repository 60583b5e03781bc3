import type { Group } from "../state/group.ts";

/** A group as the API shows it. */
export function viewGroup(poolId: string, group: Group): object {
  return {
    GroupName: group.name,
    UserPoolId: poolId,
    ...(group.description === undefined ? {} : { Description: group.description }),
    ...(group.roleArn === undefined ? {} : { RoleArn: group.roleArn }),
    ...(group.precedence === undefined ? {} : { Precedence: group.precedence }),
    LastModifiedDate: group.modifiedMs / 1000,
    CreationDate: group.createdMs / 1000,
  };
}
