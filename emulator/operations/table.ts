import { addCustomAttributes } from "./add-custom-attributes.ts";
import { adminAddUserToGroup } from "./admin-add-user-to-group.ts";
import { adminConfirmSignUp } from "./admin-confirm-sign-up.ts";
import { adminCreateUser } from "./admin-create-user.ts";
import { adminDeleteUser } from "./admin-delete-user.ts";
import { adminDeleteUserAttributes } from "./admin-delete-user-attributes.ts";
import { adminDisableUser } from "./admin-disable-user.ts";
import { adminEnableUser } from "./admin-enable-user.ts";
import { adminGetUser } from "./admin-get-user.ts";
import { adminInitiateAuth } from "./admin-initiate-auth.ts";
import { adminLinkProviderForUser } from "./admin-link-provider-for-user.ts";
import { adminListGroupsForUser } from "./admin-list-groups-for-user.ts";
import { adminRemoveUserFromGroup } from "./admin-remove-user-from-group.ts";
import { adminResetUserPassword } from "./admin-reset-user-password.ts";
import { adminRespondToAuthChallenge } from "./admin-respond-to-auth-challenge.ts";
import { adminSetUserMfaPreference } from "./admin-set-user-mfa-preference.ts";
import { adminSetUserPassword } from "./admin-set-user-password.ts";
import { adminUpdateUserAttributes } from "./admin-update-user-attributes.ts";
import { changePassword } from "./change-password.ts";
import { confirmForgotPassword } from "./confirm-forgot-password.ts";
import { confirmSignUp } from "./confirm-sign-up.ts";
import type { Context } from "./context.ts";
import { createGroup } from "./create-group.ts";
import { createRole } from "./create-role.ts";
import { createUserImportJob } from "./create-user-import-job.ts";
import { createUserPool } from "./create-user-pool.ts";
import { createUserPoolClient } from "./create-user-pool-client.ts";
import { deleteGroup } from "./delete-group.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteRolePolicy } from "./delete-role-policy.ts";
import { deleteUserPool } from "./delete-user-pool.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { describeUserImportJob } from "./describe-user-import-job.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { describeUserPoolClient } from "./describe-user-pool-client.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { forgotPassword } from "./forgot-password.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { getCsvHeader } from "./get-csv-header.ts";
import { getGroup } from "./get-group.ts";
import { getLogEvents } from "./get-log-events.ts";
import { getProvisionedLimit } from "./get-provisioned-limit.ts";
import { getRole } from "./get-role.ts";
import { getRolePolicy } from "./get-role-policy.ts";
import { getUser } from "./get-user.ts";
import { getUserPoolMfaConfig } from "./get-user-pool-mfa-config.ts";
import { initiateAuth } from "./initiate-auth.ts";
import { listAttachedRolePolicies } from "./list-attached-role-policies.ts";
import { listGroups } from "./list-groups.ts";
import { listRolePolicies } from "./list-role-policies.ts";
import { listUserImportJobs } from "./list-user-import-jobs.ts";
import { listUserPoolClients } from "./list-user-pool-clients.ts";
import { listUserPools } from "./list-user-pools.ts";
import { listUsers } from "./list-users.ts";
import { listUsersInGroup } from "./list-users-in-group.ts";
import { putRolePolicy } from "./put-role-policy.ts";
import { resendConfirmationCode } from "./resend-confirmation-code.ts";
import { respondToAuthChallenge } from "./respond-to-auth-challenge.ts";
import { setUserPoolMfaConfig } from "./set-user-pool-mfa-config.ts";
import { signUp } from "./sign-up.ts";
import { simulatePrincipalPolicy } from "./simulate-principal-policy.ts";
import { startUserImportJob } from "./start-user-import-job.ts";
import { stopUserImportJob } from "./stop-user-import-job.ts";
import { updateAssumeRolePolicy } from "./update-assume-role-policy.ts";
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
  AdminInitiateAuth: adminInitiateAuth,
  AdminLinkProviderForUser: adminLinkProviderForUser,
  AdminListGroupsForUser: adminListGroupsForUser,
  AdminRemoveUserFromGroup: adminRemoveUserFromGroup,
  AdminResetUserPassword: adminResetUserPassword,
  AdminRespondToAuthChallenge: adminRespondToAuthChallenge,
  AdminSetUserMFAPreference: adminSetUserMfaPreference,
  AdminSetUserPassword: adminSetUserPassword,
  AdminUpdateUserAttributes: adminUpdateUserAttributes,
  ChangePassword: changePassword,
  ConfirmForgotPassword: confirmForgotPassword,
  ConfirmSignUp: confirmSignUp,
  CreateGroup: createGroup,
  CreateRole: createRole,
  CreateUserImportJob: createUserImportJob,
  CreateUserPool: createUserPool,
  CreateUserPoolClient: createUserPoolClient,
  DeleteGroup: deleteGroup,
  DeleteRole: deleteRole,
  DeleteRolePolicy: deleteRolePolicy,
  DeleteUserPool: deleteUserPool,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  DescribeUserImportJob: describeUserImportJob,
  DescribeUserPool: describeUserPool,
  DescribeUserPoolClient: describeUserPoolClient,
  FilterLogEvents: filterLogEvents,
  ForgotPassword: forgotPassword,
  GetCSVHeader: getCsvHeader,
  GetCallerIdentity: getCallerIdentity,
  GetGroup: getGroup,
  GetLogEvents: getLogEvents,
  GetProvisionedLimit: getProvisionedLimit,
  GetRole: getRole,
  GetRolePolicy: getRolePolicy,
  GetUser: getUser,
  GetUserPoolMfaConfig: getUserPoolMfaConfig,
  InitiateAuth: initiateAuth,
  ListAttachedRolePolicies: listAttachedRolePolicies,
  ListGroups: listGroups,
  ListRolePolicies: listRolePolicies,
  ListUserImportJobs: listUserImportJobs,
  ListUserPoolClients: listUserPoolClients,
  ListUserPools: listUserPools,
  ListUsers: listUsers,
  ListUsersInGroup: listUsersInGroup,
  PutRolePolicy: putRolePolicy,
  ResendConfirmationCode: resendConfirmationCode,
  RespondToAuthChallenge: respondToAuthChallenge,
  SetUserPoolMfaConfig: setUserPoolMfaConfig,
  SignUp: signUp,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  StartUserImportJob: startUserImportJob,
  StopUserImportJob: stopUserImportJob,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  UpdateGroup: updateGroup,
  UpdateUserPool: updateUserPool,
};
