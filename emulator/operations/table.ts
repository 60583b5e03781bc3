import { adminCreateUser } from "./admin-create-user.ts";
import { adminGetUser } from "./admin-get-user.ts";
import type { Context } from "./context.ts";
import { createRole } from "./create-role.ts";
import { createUserImportJob } from "./create-user-import-job.ts";
import { createUserPool } from "./create-user-pool.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { describeUserImportJob } from "./describe-user-import-job.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { getCsvHeader } from "./get-csv-header.ts";
import { getLogEvents } from "./get-log-events.ts";
import { getRole } from "./get-role.ts";
import { listUserImportJobs } from "./list-user-import-jobs.ts";
import { listUsers } from "./list-users.ts";
import { putRolePolicy } from "./put-role-policy.ts";
import { startUserImportJob } from "./start-user-import-job.ts";
import { stopUserImportJob } from "./stop-user-import-job.ts";

/** Carries out a request that has been validated against its operation's shapes; throws an ApiError to refuse it. */
export type Operation = (context: Context, request: never) => object | Promise<object>;

/** The operations by their API name. A new one is a file of its own and a line here. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AdminCreateUser: adminCreateUser,
  AdminGetUser: adminGetUser,
  CreateRole: createRole,
  CreateUserImportJob: createUserImportJob,
  CreateUserPool: createUserPool,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  DescribeUserImportJob: describeUserImportJob,
  DescribeUserPool: describeUserPool,
  FilterLogEvents: filterLogEvents,
  GetCSVHeader: getCsvHeader,
  GetCallerIdentity: getCallerIdentity,
  GetLogEvents: getLogEvents,
  GetRole: getRole,
  ListUserImportJobs: listUserImportJobs,
  ListUsers: listUsers,
  PutRolePolicy: putRolePolicy,
  StartUserImportJob: startUserImportJob,
  StopUserImportJob: stopUserImportJob,
};
