import { adminCreateUser } from "./admin-create-user.ts";
import { adminGetUser } from "./admin-get-user.ts";
import type { Context } from "./context.ts";
import { createUserImportJob } from "./create-user-import-job.ts";
import { createUserPool } from "./create-user-pool.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { describeUserImportJob } from "./describe-user-import-job.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { getCsvHeader } from "./get-csv-header.ts";
import { getLogEvents } from "./get-log-events.ts";
import { getProvisionedLimit } from "./get-provisioned-limit.ts";
import { listUserImportJobs } from "./list-user-import-jobs.ts";
import { listUsers } from "./list-users.ts";
import { startUserImportJob } from "./start-user-import-job.ts";
import { stopUserImportJob } from "./stop-user-import-job.ts";

/** Carries out a request that has been validated against its operation's shapes; throws an ApiError to refuse it. */
export type Operation = (context: Context, request: never) => object | Promise<object>;

/** The operations by their API name. A new one is a file of its own and a line here. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AdminCreateUser: adminCreateUser,
  AdminGetUser: adminGetUser,
  CreateUserImportJob: createUserImportJob,
  CreateUserPool: createUserPool,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  DescribeUserImportJob: describeUserImportJob,
  DescribeUserPool: describeUserPool,
  GetCSVHeader: getCsvHeader,
  GetLogEvents: getLogEvents,
  GetProvisionedLimit: getProvisionedLimit,
  ListUserImportJobs: listUserImportJobs,
  ListUsers: listUsers,
  StartUserImportJob: startUserImportJob,
  StopUserImportJob: stopUserImportJob,
};
