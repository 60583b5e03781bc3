/**
 * Request-rate quotas by category, in requests per second for one account and Region (documented; adjustable ones
 * at their default).
 */
const CATEGORY_RPS = {
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserList: 30,
  /** CloudWatch Logs' own quotas are per operation; the lowest of those used here (documented: DescribeLogStreams 25). */
  Logs: 10,
} as const;

/** A request-rate quota category of Cognito, or CloudWatch Logs as a whole. */
export type Category = keyof typeof CATEGORY_RPS;

const CATEGORY_BY_OPERATION = {
  DescribeUserPool: "UserPoolRead",
  GetCSVHeader: "UserPoolResourceRead",
  DescribeUserImportJob: "UserPoolResourceRead",
  ListUserImportJobs: "UserPoolResourceRead",
  CreateUserImportJob: "UserPoolResourceUpdate",
  StartUserImportJob: "UserPoolResourceUpdate",
  ListUsers: "UserList",
  DescribeLogGroups: "Logs",
  DescribeLogStreams: "Logs",
  GetLogEvents: "Logs",
} as const satisfies Record<string, Category>;

/** An operation that poolferry calls. */
export type Operation = keyof typeof CATEGORY_BY_OPERATION;

/** The share of a quota that a run takes; the rest is left to the sign-ups of production. */
const HEADROOM_SHARE = 0.8;

/** The category an operation counts against. */
export function categoryOf(operation: Operation): Category {
  return CATEGORY_BY_OPERATION[operation];
}

/** Milliseconds between two requests of a category at the share of its quota that a run takes. */
export function pauseMs(category: Category): number {
  return Math.ceil(1000 / (CATEGORY_RPS[category] * HEADROOM_SHARE));
}
