/** The commands whose permissions are looked at; each has a policy of its name in docs/policies. */
export const CHECKED_COMMANDS = [
  "plan",
  "apply",
  "verify",
  "undo",
  "sync",
  "sign-up",
  "export",
  "jobs",
] as const;

/** One of {@link CHECKED_COMMANDS}. */
export type CheckedCommand = (typeof CHECKED_COMMANDS)[number];

/** The actions of a command. */
interface CommandActions {
  /** Without these it does nothing of use. */
  readonly needed: readonly string[];
  /** Some users, policies or options need these. */
  readonly perhaps: readonly string[];
}

const READ_RATES = "cognito-idp:GetProvisionedLimit";

const READ_APP_CLIENTS = ["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient"];

/** What is done to users once they are in the pool. */
const FOLLOW_UPS = [
  "cognito-idp:AdminDisableUser",
  "cognito-idp:AdminUpdateUserAttributes",
  "cognito-idp:AdminSetUserMFAPreference",
  "cognito-idp:AdminLinkProviderForUser",
  "cognito-idp:ListGroups",
  "cognito-idp:CreateGroup",
  "cognito-idp:AdminAddUserToGroup",
];

const PLAN: CommandActions = {
  needed: ["cognito-idp:DescribeUserPool", "cognito-idp:GetCSVHeader"],
  perhaps: ["cognito-idp:ListGroups", ...READ_APP_CLIENTS, READ_RATES],
};

const APPLY: CommandActions = {
  needed: [
    ...PLAN.needed,
    "cognito-idp:ListUsers",
    "cognito-idp:CreateUserImportJob",
    "cognito-idp:StartUserImportJob",
    "cognito-idp:DescribeUserImportJob",
    "cognito-idp:ListUserImportJobs",
    "iam:PassRole",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
  ],
  perhaps: [
    "cognito-idp:AdminCreateUser",
    ...FOLLOW_UPS,
    "cognito-idp:AdminSetUserPassword",
    "cognito-idp:AdminResetUserPassword",
    READ_RATES,
  ],
};

/** The actions of each command, as docs/policies allows them. */
export const COMMAND_ACTIONS: Readonly<Record<CheckedCommand, CommandActions>> = {
  plan: PLAN,
  apply: APPLY,
  verify: {
    needed: ["cognito-idp:DescribeUserPool", "cognito-idp:ListUsers", "cognito-idp:ListUsersInGroup"],
    perhaps: [READ_RATES],
  },
  undo: {
    needed: ["cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserImportJob", "cognito-idp:ListUsers"],
    perhaps: ["cognito-idp:AdminDeleteUser", "cognito-idp:AdminDisableUser", READ_RATES],
  },
  sync: {
    needed: [...APPLY.needed, "cognito-idp:ListUsersInGroup"],
    perhaps: [
      ...APPLY.perhaps,
      "cognito-idp:AdminEnableUser",
      "cognito-idp:AdminDeleteUserAttributes",
      "cognito-idp:AdminRemoveUserFromGroup",
      "cognito-idp:AdminDeleteUser",
    ],
  },
  "sign-up": {
    needed: ["cognito-idp:DescribeUserPool", "cognito-idp:ListUsers"],
    perhaps: ["cognito-idp:AdminConfirmSignUp", ...FOLLOW_UPS, READ_RATES],
  },
  export: {
    needed: [
      ...PLAN.needed,
      "cognito-idp:ListUsers",
      "cognito-idp:ListGroups",
      "cognito-idp:ListUsersInGroup",
    ],
    perhaps: [READ_RATES],
  },
  jobs: {
    needed: ["cognito-idp:DescribeUserImportJob", "cognito-idp:ListUserImportJobs"],
    perhaps: ["cognito-idp:StopUserImportJob"],
  },
};
