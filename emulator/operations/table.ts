import { addCustomAttributes } from "./add-custom-attributes.ts";
import { adminAddUserToGroup } from "./admin-add-user-to-group.ts";
import { adminConfirmSignUp } from "./admin-confirm-sign-up.ts";
import { adminCreateUser } from "./admin-create-user.ts";
import { adminDeleteUser } from "./admin-delete-user.ts";
import { adminDeleteUserAttributes } from "./admin-delete-user-attributes.ts";
import { adminDisableUser } from "./admin-disable-user.ts";
import { adminEnableUser } from "./admin-enable-user.ts";
import { adminGetUser } from "./admin-get-user.ts";
import { adminLinkProviderForUser } from "./admin-link-provider-for-user.ts";
import { adminListGroupsForUser } from "./admin-list-groups-for-user.ts";
import { adminRemoveUserFromGroup } from "./admin-remove-user-from-group.ts";
import { adminSetUserMfaPreference } from "./admin-set-user-mfa-preference.ts";
import { adminUpdateUserAttributes } from "./admin-update-user-attributes.ts";
import type { Context } from "./context.ts";
import { createGroup } from "./create-group.ts";
import { createUserImportJob } from "./create-user-import-job.ts";
import { createUserPool } from "./create-user-pool.ts";
import { deleteGroup } from "./delete-group.ts";
import { deleteUserPool } from "./delete-user-pool.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { describeUserImportJob } from "./describe-user-import-job.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { getCsvHeader } from "./get-csv-header.ts";
import { getGroup } from "./get-group.ts";
import { getLogEvents } from "./get-log-events.ts";
import { getProvisionedLimit } from "./get-provisioned-limit.ts";
import { getUserPoolMfaConfig } from "./get-user-pool-mfa-config.ts";
import { listGroups } from "./list-groups.ts";
import { listUserImportJobs } from "./list-user-import-jobs.ts";
import { listUserPools } from "./list-user-pools.ts";
import { listUsers } from "./list-users.ts";
import { listUsersInGroup } from "./list-users-in-group.ts";
import { setUserPoolMfaConfig } from "./set-user-pool-mfa-config.ts";
import { startUserImportJob } from "./start-user-import-job.ts";
import { stopUserImportJob } from "./stop-user-import-job.ts";
import { updateGroup } from "./update-group.ts";
import { updateUserPool } from "./update-user-pool.ts";

/** Carries out a request that has been validated against its operation's shapes; throws an ApiError to refuse it. */
export type Operation = (context: Context, request: never) => object | Promise<object>;

/** The operations by their API name. A new one is a file of its own and a line here. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AddCustomAttributes: addCustomAttributes,
  AdminAddUserToGroup: adminAddUserToGroup,
  AdminConfirmSignUp: adminConfirmSignUp,
  AdminCreateUser: adminCreateUser,
  AdminDeleteUser: adminDeleteUser,
  AdminDeleteUserAttributes: adminDeleteUserAttributes,
  AdminDisableUser: adminDisableUser,
  AdminEnableUser: adminEnableUser,
  AdminGetUser: adminGetUser,
  AdminLinkProviderForUser: adminLinkProviderForUser,
  AdminListGroupsForUser: adminListGroupsForUser,
  AdminRemoveUserFromGroup: adminRemoveUserFromGroup,
  AdminSetUserMFAPreference: adminSetUserMfaPreference,
  AdminUpdateUserAttributes: adminUpdateUserAttributes,
  CreateGroup: createGroup,
  CreateUserImportJob: createUserImportJob,
  CreateUserPool: createUserPool,
  DeleteGroup: deleteGroup,
  DeleteUserPool: deleteUserPool,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  DescribeUserImportJob: describeUserImportJob,
  DescribeUserPool: describeUserPool,
  GetCSVHeader: getCsvHeader,
  GetGroup: getGroup,
  GetLogEvents: getLogEvents,
  GetProvisionedLimit: getProvisionedLimit,
  GetUserPoolMfaConfig: getUserPoolMfaConfig,
  ListGroups: listGroups,
  ListUserImportJobs: listUserImportJobs,
  ListUserPools: listUserPools,
  ListUsers: listUsers,
  ListUsersInGroup: listUsersInGroup,
  SetUserPoolMfaConfig: setUserPoolMfaConfig,
  StartUserImportJob: startUserImportJob,
  StopUserImportJob: stopUserImportJob,
  UpdateGroup: updateGroup,
  UpdateUserPool: updateUserPool,
};
