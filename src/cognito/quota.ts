/**
 * Request-rate quotas by category, in requests per second for one account and Region (documented; adjustable ones
 * at their default).
 */
export const CATEGORY_RPS = {
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
  UserList: 30,
  UserCreation: 50,
  UserUpdate: 25,
  UserResourceUpdate: 25,
  UserAccountRecovery: 30,
  LimitManagement: 1,
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
  SignUp: "UserCreation",
  AdminConfirmSignUp: "UserCreation",
  AdminDeleteUser: "UserUpdate",
  AdminDisableUser: "UserUpdate",
  AdminEnableUser: "UserUpdate",
  AdminUpdateUserAttributes: "UserUpdate",
  AdminDeleteUserAttributes: "UserUpdate",
  AdminAddUserToGroup: "UserUpdate",
  AdminRemoveUserFromGroup: "UserUpdate",
  AdminLinkProviderForUser: "UserUpdate",
  AdminSetUserPassword: "UserAccountRecovery",
  AdminResetUserPassword: "UserAccountRecovery",
  AdminSetUserMFAPreference: "UserResourceUpdate",
  ListGroups: "UserPoolResourceRead",
  CreateGroup: "UserPoolResourceUpdate",
  AddCustomAttributes: "UserPoolResourceUpdate",
  ListUserPoolClients: "UserPoolClientRead",
  DescribeUserPoolClient: "UserPoolClientRead",
  GetProvisionedLimit: "LimitManagement",
  DescribeLogGroups: "Logs",
  DescribeLogStreams: "Logs",
  GetLogEvents: "Logs",
} as const satisfies Record<string, Category>;

/** An operation that poolferry calls. */
export type Operation = keyof typeof CATEGORY_BY_OPERATION;

/** The share of every quota that a run takes unless told otherwise; the rest is left to the sign-ups of production. */
export const DEFAULT_QUOTA_SHARE = 0.8;

/** The categories in which every operation by itself is held to a rate in each pool, and that rate (documented). */
const CAPPED_PER_POOL: ReadonlySet<Category> = new Set([
  "UserPoolResourceRead",
  "UserPoolResourceUpdate",
  "UserPoolClientRead",
]);
const OPERATION_IN_POOL_RPS = 5;

/**
 * The categories whose requests grow with the number of users: an account may have other rates there, so it is asked
 * for them. Only that of UserCreation can be raised by everyone (documented).
 */
const ASKED_FOR: ReadonlySet<string> = new Set<Category>([
  "UserCreation",
  "UserUpdate",
  "UserResourceUpdate",
  "UserList",
]);

/** Whether an account may have another rate in a category than the documented one. */
export function isAskedFor(category: string): boolean {
  return ASKED_FOR.has(category);
}

/** Writes of one user a second (documented), whatever the operation. */
const WRITES_OF_USER_RPS = 10;

/** Milliseconds between two writes of the same user; nobody else's share depends on it. */
export const USER_WRITE_PAUSE_MS = 1000 / (WRITES_OF_USER_RPS * DEFAULT_QUOTA_SHARE);

/** A rate that an operation is held to, together with all that have a quota of the same name. */
export interface Quota {
  readonly name: string;
  /** Requests a second, as documented. */
  readonly rps: number;
  /** Whether the account may have another rate, under this name. */
  readonly isAskedFor: boolean;
  /** Whether each pool has one of its own. */
  readonly isOfPool: boolean;
}

/** The quotas that an operation counts against, all of them at once: in some categories its own, and its category's. */
export function quotasOf(operation: Operation): readonly Quota[] {
  const category: Category = CATEGORY_BY_OPERATION[operation];
  const shared = {
    name: category,
    rps: CATEGORY_RPS[category],
    isAskedFor: isAskedFor(category),
    isOfPool: false,
  };
  if (!CAPPED_PER_POOL.has(category)) return [shared];
  return [{ name: operation, rps: OPERATION_IN_POOL_RPS, isAskedFor: false, isOfPool: true }, shared];
}
