import { adminCreateUser } from "./admin-create-user.ts";
import { adminGetUser } from "./admin-get-user.ts";
import { adminInitiateAuth } from "./admin-initiate-auth.ts";
import { adminResetUserPassword } from "./admin-reset-user-password.ts";
import { adminRespondToAuthChallenge } from "./admin-respond-to-auth-challenge.ts";
import { adminSetUserPassword } from "./admin-set-user-password.ts";
import { changePassword } from "./change-password.ts";
import { confirmForgotPassword } from "./confirm-forgot-password.ts";
import { confirmSignUp } from "./confirm-sign-up.ts";
import type { Context } from "./context.ts";
import { createUserImportJob } from "./create-user-import-job.ts";
import { createUserPoolClient } from "./create-user-pool-client.ts";
import { createUserPool } from "./create-user-pool.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { describeUserImportJob } from "./describe-user-import-job.ts";
import { describeUserPoolClient } from "./describe-user-pool-client.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { forgotPassword } from "./forgot-password.ts";
import { getCsvHeader } from "./get-csv-header.ts";
import { getLogEvents } from "./get-log-events.ts";
import { initiateAuth } from "./initiate-auth.ts";
import { listUserImportJobs } from "./list-user-import-jobs.ts";
import { listUserPoolClients } from "./list-user-pool-clients.ts";
import { listUsers } from "./list-users.ts";
import { resendConfirmationCode } from "./resend-confirmation-code.ts";
import { respondToAuthChallenge } from "./respond-to-auth-challenge.ts";
import { signUp } from "./sign-up.ts";
import { startUserImportJob } from "./start-user-import-job.ts";
import { stopUserImportJob } from "./stop-user-import-job.ts";

/** Carries out a request that has been validated against its operation's shapes; throws an ApiError to refuse it. */
export type Operation = (context: Context, request: never) => object | Promise<object>;

/** The operations by their API name. A new one is a file of its own and a line here. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AdminCreateUser: adminCreateUser,
  AdminGetUser: adminGetUser,
  AdminInitiateAuth: adminInitiateAuth,
  AdminResetUserPassword: adminResetUserPassword,
  AdminRespondToAuthChallenge: adminRespondToAuthChallenge,
  AdminSetUserPassword: adminSetUserPassword,
  ChangePassword: changePassword,
  ConfirmForgotPassword: confirmForgotPassword,
  ConfirmSignUp: confirmSignUp,
  CreateUserImportJob: createUserImportJob,
  CreateUserPool: createUserPool,
  CreateUserPoolClient: createUserPoolClient,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  DescribeUserImportJob: describeUserImportJob,
  DescribeUserPool: describeUserPool,
  DescribeUserPoolClient: describeUserPoolClient,
  ForgotPassword: forgotPassword,
  GetCSVHeader: getCsvHeader,
  GetLogEvents: getLogEvents,
  InitiateAuth: initiateAuth,
  ListUserImportJobs: listUserImportJobs,
  ListUserPoolClients: listUserPoolClients,
  ListUsers: listUsers,
  ResendConfirmationCode: resendConfirmationCode,
  RespondToAuthChallenge: respondToAuthChallenge,
  SignUp: signUp,
  StartUserImportJob: startUserImportJob,
  StopUserImportJob: stopUserImportJob,
};
