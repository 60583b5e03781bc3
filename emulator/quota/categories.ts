/** A category of operations that share a request rate, for one account and Region. */
export interface Category {
  /** Requests per second; the default where it can be raised. */
  readonly rps: number;
  /** Whether every single operation is also held to a rate of its own in each pool. */
  readonly isCappedPerPool?: true;
  /** What a request of this category does to the user that it names, which has rates of its own. */
  readonly toUser?: "reads" | "writes";
  readonly operations: readonly string[];
}

/**
 * Cognito's request-rate categories, their default rates and their operations (documented), and CloudWatch
 * Logs' rates, which are per operation (documented). Operations that are in none of them are not held back.
 */
export const CATEGORIES = {
  UserAuthentication: {
    rps: 120,
    toUser: "reads",
    operations: [
      "AdminInitiateAuth",
      "AdminRespondToAuthChallenge",
      "InitiateAuth",
      "RespondToAuthChallenge",
    ],
  },
  UserCreation: {
    rps: 50,
    toUser: "writes",
    operations: ["AdminConfirmSignUp", "AdminCreateUser", "ConfirmSignUp", "SignUp"],
  },
  UserAccountRecovery: {
    rps: 30,
    toUser: "writes",
    operations: [
      "AdminResetUserPassword",
      "AdminSetUserPassword",
      "ChangePassword",
      "ConfirmForgotPassword",
      "ForgotPassword",
    ],
  },
  UserRead: { rps: 120, toUser: "reads", operations: ["AdminGetUser", "GetUser"] },
  UserUpdate: {
    rps: 25,
    toUser: "writes",
    operations: [
      "AdminAddUserToGroup",
      "AdminDeleteUser",
      "AdminDeleteUserAttributes",
      "AdminDisableUser",
      "AdminEnableUser",
      "AdminLinkProviderForUser",
      "AdminRemoveUserFromGroup",
      "AdminUpdateUserAttributes",
    ],
  },
  UserResourceRead: {
    rps: 50,
    toUser: "reads",
    operations: ["AdminListGroupsForUser", "ResendConfirmationCode"],
  },
  UserResourceUpdate: { rps: 25, toUser: "writes", operations: ["AdminSetUserMFAPreference"] },
  UserList: { rps: 30, operations: ["ListUsers", "ListUsersInGroup"] },
  UserPoolRead: { rps: 15, operations: ["DescribeUserPool", "ListUserPools"] },
  UserPoolUpdate: { rps: 15, operations: ["CreateUserPool", "DeleteUserPool", "UpdateUserPool"] },
  UserPoolResourceRead: {
    rps: 20,
    isCappedPerPool: true,
    operations: [
      "DescribeUserImportJob",
      "GetCSVHeader",
      "GetGroup",
      "GetUserPoolMfaConfig",
      "ListGroups",
      "ListUserImportJobs",
    ],
  },
  UserPoolResourceUpdate: {
    rps: 15,
    isCappedPerPool: true,
    operations: [
      "AddCustomAttributes",
      "CreateGroup",
      "CreateUserImportJob",
      "DeleteGroup",
      "SetUserPoolMfaConfig",
      "StartUserImportJob",
      "StopUserImportJob",
      "UpdateGroup",
    ],
  },
  UserPoolClientRead: {
    rps: 15,
    isCappedPerPool: true,
    operations: ["DescribeUserPoolClient", "ListUserPoolClients"],
  },
  UserPoolClientUpdate: { rps: 15, isCappedPerPool: true, operations: ["CreateUserPoolClient"] },
  LimitManagement: { rps: 1, operations: ["GetProvisionedLimit"] },
  LogsDescribeLogGroups: { rps: 10, operations: ["DescribeLogGroups"] },
  LogsDescribeLogStreams: { rps: 25, operations: ["DescribeLogStreams"] },
  LogsGetLogEvents: { rps: 25, operations: ["GetLogEvents"] },
  LogsFilterLogEvents: { rps: 10, operations: ["FilterLogEvents"] },
} as const satisfies Readonly<Record<string, Category>>;

/** A category's name. */
export type CategoryName = keyof typeof CATEGORIES;

const NAMES_BY_OPERATION: ReadonlyMap<string, CategoryName> = new Map(
  Object.entries(CATEGORIES).flatMap(([name, { operations }]) => {
    return operations.map((operation) => [operation, name as CategoryName] as const);
  }),
);

/** The category that an operation counts against; answers to challenges by the challenge, too. */
export function categoryOf(operation: string, challenge?: string): CategoryName | undefined {
  // A new password for a temporary one counts as a password's recovery does (documented).
  if (answersChallenge(operation) && challenge === "NEW_PASSWORD_REQUIRED") return "UserAccountRecovery";
  return NAMES_BY_OPERATION.get(operation);
}

/**
 * Whether a request answers a challenge: those have a rate of their own, three times that of sign-ins, and what
 * is above it counts as sign-ins do (documented).
 */
export function answersChallenge(operation: string): boolean {
  return operation === "RespondToAuthChallenge" || operation === "AdminRespondToAuthChallenge";
}

/** Whether this is a category's name. */
export function isCategory(name: string): name is CategoryName {
  return Object.hasOwn(CATEGORIES, name);
}
