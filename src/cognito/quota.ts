/**
 * Request-rate quotas by category, in requests per second for one account and Region (documented; adjustable ones
 * at their default).
 */
const CATEGORY_RPS = {
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserList: 30,
  UserCreation: 50,
  UserUpdate: 25,
  UserResourceUpdate: 25,
  UserAccountRecovery: 30,
  /** CloudWatch Logs' own quotas are per operation; the lowest of those used here (documented: DescribeLogStreams 25). */
  Logs: 10,
} as const;

/** A request-rate quota category of Cognito, or CloudWatch Logs as a whole. */
type Category = keyof typeof CATEGORY_RPS;

const CATEGORY_BY_OPERATION = {
  DescribeUserPool: "UserPoolRead",
  GetCSVHeader: "UserPoolResourceRead",
  DescribeUserImportJob: "UserPoolResourceRead",
  ListUserImportJobs: "UserPoolResourceRead",
  CreateUserImportJob: "UserPoolResourceUpdate",
  StartUserImportJob: "UserPoolResourceUpdate",
  StopUserImportJob: "UserPoolResourceUpdate",
  ListUsers: "UserList",
  ListUsersInGroup: "UserList",
  AdminCreateUser: "UserCreation",
  AdminDisableUser: "UserUpdate",
  AdminUpdateUserAttributes: "UserUpdate",
  AdminAddUserToGroup: "UserUpdate",
  AdminLinkProviderForUser: "UserUpdate",
  AdminSetUserPassword: "UserAccountRecovery",
  AdminSetUserMFAPreference: "UserResourceUpdate",
  ListGroups: "UserPoolResourceRead",
  CreateGroup: "UserPoolResourceUpdate",
  DescribeLogGroups: "Logs",
  DescribeLogStreams: "Logs",
  GetLogEvents: "Logs",
} as const satisfies Record<string, Category>;

/** An operation that poolferry calls. */
export type Operation = keyof typeof CATEGORY_BY_OPERATION;

/** The share of a quota that a run takes; the rest is left to the sign-ups of production. */
const HEADROOM_SHARE = 0.8;

/** The categories in which every operation by itself is held to a rate in each pool, and that rate (documented). */
const CAPPED_PER_POOL: ReadonlySet<Category> = new Set(["UserPoolResourceRead", "UserPoolResourceUpdate"]);
const OPERATION_IN_POOL_RPS = 5;

/** Writes of one user a second (documented), whatever the operation. */
const WRITES_OF_USER_RPS = 10;

/** Milliseconds between two writes of the same user at the share of the quota that a run takes. */
export const USER_WRITE_PAUSE_MS = pauseAt(WRITES_OF_USER_RPS);

/** A rate that an operation is held to, together with all that have a pace of the same name. */
export interface Pace {
  readonly name: string;
  /** Milliseconds between two requests at the share of the quota that a run takes. */
  readonly pauseMs: number;
}

/** The paces that an operation keeps, all of them at once: its category's, and in some its own. */
export function pacesOf(operation: Operation): readonly Pace[] {
  const category: Category = CATEGORY_BY_OPERATION[operation];
  const shared = { name: category, pauseMs: pauseAt(CATEGORY_RPS[category]) };
  if (!CAPPED_PER_POOL.has(category)) return [shared];
  return [{ name: operation, pauseMs: pauseAt(OPERATION_IN_POOL_RPS) }, shared];
}

function pauseAt(rps: number): number {
  return Math.ceil(1000 / (rps * HEADROOM_SHARE));
}
