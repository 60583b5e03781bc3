/** A request of the scenario. `${name}` in its parameters stands for what an earlier step saved. */
export interface CallStep {
  readonly name: string;
  /** Cognito unless given. */
  readonly service?: "logs" | "sts" | "iam";
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What later steps refer to, each by its path in the answer. */
  readonly save?: Readonly<Record<string, string>>;
  /** The type of the error that must come. */
  readonly error?: string;
  /** Asked again until the answer has this value at this path. */
  readonly until?: { readonly path: string; readonly value: string };
}

/** An upload of one user's row to a pre-signed URL. */
interface UploadStep {
  readonly name: string;
  readonly upload: {
    readonly url: string;
    readonly columns: string;
    readonly row: Readonly<Record<string, string>>;
  };
}

/** The latest message's code, saved under a name. */
interface MailStep {
  readonly name: string;
  readonly mail: string;
}

/** What every client does, in order. */
export type Step = CallStep | UploadStep | MailStep;

const ROLE_ARN = "arn:aws:iam::123456789012:role/Cognito-UserImport-Role";
const POOL = { UserPoolId: "${pool}" };
const ANN = { ...POOL, Username: "ann" };
const BOB = { ...POOL, Username: "bob" };
const CREW = { ...POOL, GroupName: "crew" };
const JOB = { ...POOL, JobId: "${job}" };
const CLIENT = { ClientId: "${client}" };
const LOG = { logGroupName: "/aws/cognito/userpools/${pool}/people" };

function aUser(name: string): Readonly<Record<string, unknown>> {
  return {
    ...POOL,
    Username: name,
    TemporaryPassword: "Temporary-1",
    MessageAction: "SUPPRESS",
    UserAttributes: [
      { Name: "email", Value: `${name}@example.com` },
      { Name: "email_verified", Value: "true" },
    ],
  };
}

const POOLS: readonly Step[] = [
  {
    name: "make a pool",
    operation: "CreateUserPool",
    parameters: {
      PoolName: "people",
      AutoVerifiedAttributes: ["email"],
      AliasAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      Policies: { PasswordPolicy: { MinimumLength: 8, RequireNumbers: true } },
      UserPoolTags: { team: "ferry" },
    },
    save: { pool: "UserPool.Id" },
  },
  { name: "show the pool", operation: "DescribeUserPool", parameters: POOL },
  {
    name: "show no pool",
    operation: "DescribeUserPool",
    parameters: { UserPoolId: "us-east-1_nothing11" },
    error: "ResourceNotFoundException",
  },
  { name: "list pools", operation: "ListUserPools", parameters: { MaxResults: 10 } },
  {
    name: "add an attribute",
    operation: "AddCustomAttributes",
    parameters: { ...POOL, CustomAttributes: [{ Name: "plan", AttributeDataType: "String", Mutable: true }] },
  },
  {
    name: "change the pool",
    operation: "UpdateUserPool",
    parameters: { ...POOL, AutoVerifiedAttributes: ["email"], DeletionProtection: "INACTIVE" },
  },
  {
    name: "allow second factors",
    operation: "SetUserPoolMfaConfig",
    parameters: { ...POOL, SoftwareTokenMfaConfiguration: { Enabled: true }, MfaConfiguration: "OPTIONAL" },
  },
  { name: "show second factors", operation: "GetUserPoolMfaConfig", parameters: POOL },
  {
    name: "make a client",
    operation: "CreateUserPoolClient",
    parameters: {
      ...POOL,
      ClientName: "web",
      ExplicitAuthFlows: [
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
      ],
    },
    save: { client: "UserPoolClient.ClientId" },
  },
  { name: "show the client", operation: "DescribeUserPoolClient", parameters: { ...POOL, ...CLIENT } },
  { name: "list clients", operation: "ListUserPoolClients", parameters: { ...POOL, MaxResults: 10 } },
  {
    name: "show a limit",
    operation: "GetProvisionedLimit",
    parameters: { LimitDefinition: { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } } },
  },
];

const USERS: readonly Step[] = [
  { name: "make ann", operation: "AdminCreateUser", parameters: aUser("ann") },
  {
    name: "make ann again",
    operation: "AdminCreateUser",
    parameters: aUser("ann"),
    error: "UsernameExistsException",
  },
  { name: "make bob", operation: "AdminCreateUser", parameters: aUser("bob") },
  { name: "show ann", operation: "AdminGetUser", parameters: ANN },
  {
    name: "show nobody",
    operation: "AdminGetUser",
    parameters: { ...POOL, Username: "nobody" },
    error: "UserNotFoundException",
  },
  {
    name: "sign ann in",
    operation: "AdminInitiateAuth",
    parameters: {
      ...POOL,
      ...CLIENT,
      AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "ann", PASSWORD: "Temporary-1" },
    },
    save: { annSession: "Session" },
  },
  {
    name: "give ann a password",
    operation: "AdminRespondToAuthChallenge",
    parameters: {
      ...POOL,
      ...CLIENT,
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session: "${annSession}",
      ChallengeResponses: { USERNAME: "ann", NEW_PASSWORD: "Permanent-1" },
    },
    save: { annToken: "AuthenticationResult.AccessToken" },
  },
  { name: "show ann to herself", operation: "GetUser", parameters: { AccessToken: "${annToken}" } },
  {
    name: "let ann change it",
    operation: "ChangePassword",
    parameters: {
      AccessToken: "${annToken}",
      PreviousPassword: "Permanent-1",
      ProposedPassword: "Permanent-2",
    },
  },
  {
    name: "let bob sign in",
    operation: "InitiateAuth",
    parameters: {
      ...CLIENT,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "bob", PASSWORD: "Temporary-1" },
    },
    save: { bobSession: "Session" },
  },
  {
    name: "let bob choose a password",
    operation: "RespondToAuthChallenge",
    parameters: {
      ...CLIENT,
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session: "${bobSession}",
      ChallengeResponses: { USERNAME: "bob", NEW_PASSWORD: "Permanent-1" },
    },
  },
  {
    name: "refuse a wrong password",
    operation: "InitiateAuth",
    parameters: {
      ...CLIENT,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "bob", PASSWORD: "Wrong-12345" },
    },
    error: "NotAuthorizedException",
  },
  {
    name: "set a password",
    operation: "AdminSetUserPassword",
    parameters: { ...BOB, Password: "Permanent-3", Permanent: true },
  },
  {
    name: "let bob sign in with it",
    operation: "InitiateAuth",
    parameters: {
      ...CLIENT,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "bob", PASSWORD: "Permanent-3" },
    },
  },
  {
    name: "refuse a weak password",
    operation: "AdminSetUserPassword",
    parameters: { ...BOB, Password: "weak", Permanent: true },
    error: "InvalidPasswordException",
  },
  {
    name: "name ann",
    operation: "AdminUpdateUserAttributes",
    parameters: {
      ...ANN,
      UserAttributes: [
        { Name: "name", Value: "Ann" },
        { Name: "custom:plan", Value: "pro" },
      ],
    },
  },
  { name: "show ann, named", operation: "AdminGetUser", parameters: ANN },
  {
    name: "forget ann's name",
    operation: "AdminDeleteUserAttributes",
    parameters: { ...ANN, UserAttributeNames: ["name"] },
  },
  {
    name: "forget it again",
    operation: "AdminDeleteUserAttributes",
    parameters: { ...ANN, UserAttributeNames: ["name"] },
  },
  {
    name: "choose ann's second factor",
    operation: "AdminSetUserMFAPreference",
    parameters: { ...ANN, EmailMfaSettings: { Enabled: true, PreferredMfa: true } },
  },
  { name: "disable ann", operation: "AdminDisableUser", parameters: ANN },
  { name: "disable ann again", operation: "AdminDisableUser", parameters: ANN },
  { name: "show ann, disabled", operation: "AdminGetUser", parameters: ANN },
  { name: "enable ann", operation: "AdminEnableUser", parameters: ANN },
  { name: "enable ann again", operation: "AdminEnableUser", parameters: ANN },
  {
    name: "link ann",
    operation: "AdminLinkProviderForUser",
    parameters: {
      ...POOL,
      DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: "ann" },
      SourceUser: {
        ProviderName: "Google",
        ProviderAttributeName: "Cognito_Subject",
        ProviderAttributeValue: "1",
      },
    },
  },
  { name: "reset bob", operation: "AdminResetUserPassword", parameters: BOB },
  { name: "show bob, reset", operation: "AdminGetUser", parameters: BOB },
  { name: "forget ann's password", operation: "ForgotPassword", parameters: { ...CLIENT, Username: "ann" } },
  { name: "read ann's code", mail: "annCode" },
  {
    name: "choose ann's new password",
    operation: "ConfirmForgotPassword",
    parameters: { ...CLIENT, Username: "ann", ConfirmationCode: "${annCode}", Password: "Permanent-4" },
  },
];

function aSignUp(name: string): Readonly<Record<string, unknown>> {
  return {
    ...CLIENT,
    Username: name,
    Password: "Permanent-1",
    UserAttributes: [{ Name: "email", Value: `${name}@example.com` }],
  };
}

const SIGN_UP: readonly Step[] = [
  { name: "sign cleo up", operation: "SignUp", parameters: aSignUp("cleo") },
  {
    name: "sign cleo up again",
    operation: "SignUp",
    parameters: aSignUp("cleo"),
    error: "UsernameExistsException",
  },
  {
    name: "send cleo another code",
    operation: "ResendConfirmationCode",
    parameters: { ...CLIENT, Username: "cleo" },
  },
  { name: "read cleo's code", mail: "cleoCode" },
  {
    name: "confirm cleo",
    operation: "ConfirmSignUp",
    parameters: { ...CLIENT, Username: "cleo", ConfirmationCode: "${cleoCode}" },
  },
  { name: "sign dora up", operation: "SignUp", parameters: aSignUp("dora") },
  {
    name: "show dora, unconfirmed",
    operation: "AdminGetUser",
    parameters: { ...POOL, Username: "dora" },
  },
  {
    name: "confirm dora",
    operation: "AdminConfirmSignUp",
    parameters: { ...POOL, Username: "dora" },
  },
  {
    name: "show dora, confirmed",
    operation: "AdminGetUser",
    parameters: { ...POOL, Username: "dora" },
  },
];

const LISTS: readonly Step[] = [
  { name: "list users", operation: "ListUsers", parameters: POOL },
  {
    name: "list a page of users",
    operation: "ListUsers",
    parameters: { ...POOL, Limit: 1 },
    save: { usersToken: "PaginationToken" },
  },
  {
    name: "list the next page of users",
    operation: "ListUsers",
    parameters: { ...POOL, Limit: 1, PaginationToken: "${usersToken}" },
  },
  { name: "find bob", operation: "ListUsers", parameters: { ...POOL, Filter: 'email = "bob@example.com"' } },
  { name: "find nobody", operation: "ListUsers", parameters: { ...POOL, Filter: 'username ^= "nob"' } },
  {
    name: "list too many users",
    operation: "ListUsers",
    parameters: { ...POOL, Limit: 60, Filter: "no filter" },
    error: "InvalidParameterException",
  },
];

const GROUPS: readonly Step[] = [
  {
    name: "make a group",
    operation: "CreateGroup",
    parameters: { ...CREW, Description: "Everyone", RoleArn: ROLE_ARN, Precedence: 1 },
  },
  { name: "make it again", operation: "CreateGroup", parameters: CREW, error: "GroupExistsException" },
  { name: "make another group", operation: "CreateGroup", parameters: { ...POOL, GroupName: "band" } },
  { name: "show the group", operation: "GetGroup", parameters: CREW },
  { name: "change the group", operation: "UpdateGroup", parameters: { ...CREW, Precedence: 2 } },
  { name: "list groups", operation: "ListGroups", parameters: POOL },
  { name: "list a page of groups", operation: "ListGroups", parameters: { ...POOL, Limit: 1 } },
  { name: "put ann into it", operation: "AdminAddUserToGroup", parameters: { ...CREW, Username: "ann" } },
  {
    name: "put ann into the other",
    operation: "AdminAddUserToGroup",
    parameters: { ...ANN, GroupName: "band" },
  },
  {
    name: "put ann into no group",
    operation: "AdminAddUserToGroup",
    parameters: { ...ANN, GroupName: "none" },
    error: "ResourceNotFoundException",
  },
  {
    name: "put nobody into it",
    operation: "AdminAddUserToGroup",
    parameters: { ...CREW, Username: "nobody" },
    error: "UserNotFoundException",
  },
  { name: "list ann's groups", operation: "AdminListGroupsForUser", parameters: ANN },
  { name: "list its users", operation: "ListUsersInGroup", parameters: CREW },
  {
    name: "take ann out of it",
    operation: "AdminRemoveUserFromGroup",
    parameters: { ...CREW, Username: "ann" },
  },
  { name: "list no users of it", operation: "ListUsersInGroup", parameters: CREW },
  {
    name: "take ann out of it again",
    operation: "AdminRemoveUserFromGroup",
    parameters: { ...CREW, Username: "ann" },
  },
  { name: "delete the group", operation: "DeleteGroup", parameters: CREW },
  {
    name: "take ann out of no group",
    operation: "AdminRemoveUserFromGroup",
    parameters: { ...CREW, Username: "ann" },
    error: "ResourceNotFoundException",
  },
  { name: "show no group", operation: "GetGroup", parameters: CREW, error: "ResourceNotFoundException" },
];

const SPARE = { RoleName: "Spare-Role" };

/** A role that is changed and taken away again. */
const SPARE_ROLE: readonly Step[] = [
  {
    name: "make a spare role",
    service: "iam",
    operation: "CreateRole",
    parameters: {
      ...SPARE,
      AssumeRolePolicyDocument: trustOf("lambda.amazonaws.com"),
      Tags: [{ Key: "made-by", Value: "ferry" }],
    },
  },
  {
    name: "let it read",
    service: "iam",
    operation: "PutRolePolicy",
    parameters: {
      ...SPARE,
      PolicyName: "read",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["logs:GetLogEvents"], Resource: ["*"] }],
      }),
    },
  },
  {
    name: "have it trust another",
    service: "iam",
    operation: "UpdateAssumeRolePolicy",
    parameters: { ...SPARE, PolicyDocument: trustOf("cognito-idp.amazonaws.com") },
  },
  { name: "show the spare role", service: "iam", operation: "GetRole", parameters: SPARE },
  { name: "list its policies", service: "iam", operation: "ListRolePolicies", parameters: SPARE },
  {
    name: "show its policy",
    service: "iam",
    operation: "GetRolePolicy",
    parameters: { ...SPARE, PolicyName: "read" },
  },
  {
    name: "show no policy of it",
    service: "iam",
    operation: "GetRolePolicy",
    parameters: { ...SPARE, PolicyName: "write" },
    error: "NoSuchEntity",
  },
  {
    name: "list its managed policies",
    service: "iam",
    operation: "ListAttachedRolePolicies",
    parameters: SPARE,
  },
  {
    name: "delete it too early",
    service: "iam",
    operation: "DeleteRole",
    parameters: SPARE,
    error: "DeleteConflict",
  },
  {
    name: "delete its policy",
    service: "iam",
    operation: "DeleteRolePolicy",
    parameters: { ...SPARE, PolicyName: "read" },
  },
  {
    name: "delete no policy of it",
    service: "iam",
    operation: "DeleteRolePolicy",
    parameters: { ...SPARE, PolicyName: "read" },
    error: "NoSuchEntity",
  },
  { name: "delete the spare role", service: "iam", operation: "DeleteRole", parameters: SPARE },
  {
    name: "delete no role",
    service: "iam",
    operation: "DeleteRole",
    parameters: SPARE,
    error: "NoSuchEntity",
  },
  {
    name: "ask whether one may",
    service: "iam",
    operation: "SimulatePrincipalPolicy",
    parameters: {
      PolicySourceArn: "arn:aws:iam::123456789012:user/emulator",
      ActionNames: ["cognito-idp:ListUsers", "cognito-idp:ListGroups"],
    },
  },
];

function trustOf(service: string): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const IMPORT: readonly Step[] = [
  { name: "show the columns", operation: "GetCSVHeader", parameters: POOL, save: { columns: "CSVHeader" } },
  {
    name: "make a role",
    service: "iam",
    operation: "CreateRole",
    parameters: {
      RoleName: "Cognito-UserImport-Role",
      Description: "writes the import's log",
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "cognito-idp.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
    },
  },
  {
    name: "let it write",
    service: "iam",
    operation: "PutRolePolicy",
    parameters: {
      RoleName: "Cognito-UserImport-Role",
      PolicyName: "logs",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["logs:*"], Resource: ["*"] }],
      }),
    },
  },
  {
    name: "show the role",
    service: "iam",
    operation: "GetRole",
    parameters: { RoleName: "Cognito-UserImport-Role" },
  },
  {
    name: "show no role",
    service: "iam",
    operation: "GetRole",
    parameters: { RoleName: "none" },
    error: "NoSuchEntity",
  },
  ...SPARE_ROLE,
  { name: "show who is asking", service: "sts", operation: "GetCallerIdentity", parameters: {} },
  {
    name: "make a job",
    operation: "CreateUserImportJob",
    parameters: { ...POOL, JobName: "move", CloudWatchLogsRoleArn: ROLE_ARN },
    save: { job: "UserImportJob.JobId", url: "UserImportJob.PreSignedUrl" },
  },
  {
    name: "start it too early",
    operation: "StartUserImportJob",
    parameters: JOB,
    error: "PreconditionNotMetException",
  },
  {
    name: "upload its file",
    upload: {
      url: "${url}",
      columns: "${columns}",
      row: {
        "cognito:username": "eve",
        email: "eve@example.com",
        email_verified: "true",
        "cognito:mfa_enabled": "false",
      },
    },
  },
  { name: "start the job", operation: "StartUserImportJob", parameters: JOB },
  {
    name: "wait for the job",
    operation: "DescribeUserImportJob",
    parameters: JOB,
    until: { path: "UserImportJob.Status", value: "Succeeded" },
  },
  {
    name: "make another job",
    operation: "CreateUserImportJob",
    parameters: { ...POOL, JobName: "again", CloudWatchLogsRoleArn: ROLE_ARN },
    save: { secondJob: "UserImportJob.JobId" },
  },
  { name: "stop it", operation: "StopUserImportJob", parameters: { ...POOL, JobId: "${secondJob}" } },
  { name: "list jobs", operation: "ListUserImportJobs", parameters: { ...POOL, MaxResults: 1 } },
  { name: "list all jobs", operation: "ListUserImportJobs", parameters: { ...POOL, MaxResults: 10 } },
  { name: "find eve", operation: "ListUsers", parameters: { ...POOL, Filter: 'username = "eve"' } },
  { name: "list logs", service: "logs", operation: "DescribeLogGroups", parameters: {} },
  { name: "list a log's streams", service: "logs", operation: "DescribeLogStreams", parameters: LOG },
  {
    name: "read the log",
    service: "logs",
    operation: "GetLogEvents",
    parameters: { ...LOG, logStreamName: "${job}/move", startFromHead: true },
  },
  {
    name: "search the log",
    service: "logs",
    operation: "FilterLogEvents",
    parameters: { ...LOG, filterPattern: "SUCCEEDED" },
  },
];

const END: readonly Step[] = [
  {
    name: "set an attribute that is none",
    operation: "AdminUpdateUserAttributes",
    parameters: { ...ANN, UserAttributes: [{ Name: "custom:none", Value: "x" }] },
    error: "InvalidParameterException",
  },
  {
    name: "delete dora",
    operation: "AdminDeleteUser",
    parameters: { ...POOL, Username: "dora" },
  },
  {
    name: "show no dora",
    operation: "AdminGetUser",
    parameters: { ...POOL, Username: "dora" },
    error: "UserNotFoundException",
  },
  ...[
    { name: "delete dora again", operation: "AdminDeleteUser" as const, more: {} },
    { name: "enable no dora", operation: "AdminEnableUser" as const, more: {} },
    {
      name: "change no dora",
      operation: "AdminUpdateUserAttributes" as const,
      more: { UserAttributes: [{ Name: "name", Value: "Dora" }] },
    },
    {
      name: "take nothing from no dora",
      operation: "AdminDeleteUserAttributes" as const,
      more: { UserAttributeNames: ["name"] },
    },
  ].map(({ name, operation, more }) => ({
    name,
    operation,
    parameters: { ...POOL, Username: "dora", ...more },
    error: "UserNotFoundException",
  })),
  { name: "delete the pool", operation: "DeleteUserPool", parameters: POOL },
  {
    name: "show the pool no more",
    operation: "DescribeUserPool",
    parameters: POOL,
    error: "ResourceNotFoundException",
  },
];

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:trigger";
const RICH = { UserPoolId: "${rich}" };
const SMS = { SnsCallerArn: ROLE_ARN, ExternalId: "ferry", SnsRegion: "us-east-1" };

/** A pool and a client that have everything set that can be. */
const RICH_POOL: readonly Step[] = [
  {
    name: "make a rich pool",
    operation: "CreateUserPool",
    parameters: {
      PoolName: "rich",
      UsernameAttributes: ["email"],
      AutoVerifiedAttributes: ["email"],
      EmailConfiguration: {
        ReplyToEmailAddress: "ferry@example.com",
        SourceArn: "arn:aws:ses:us-east-1:123456789012:identity/ferry@example.com",
        EmailSendingAccount: "DEVELOPER",
      },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Priority: 1, Name: "verified_email" }] },
      AdminCreateUserConfig: {
        AllowAdminCreateUserOnly: false,
        InviteMessageTemplate: {
          SMSMessage: "{username} {####}",
          EmailMessage: "{username} {####}",
          EmailSubject: "Welcome",
        },
      },
      DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false },
      EmailVerificationMessage: "Your code is {####}.",
      EmailVerificationSubject: "Your code",
      SmsVerificationMessage: "Your code is {####}.",
      SmsAuthenticationMessage: "Your code is {####}.",
      SmsConfiguration: SMS,
      VerificationMessageTemplate: {
        DefaultEmailOption: "CONFIRM_WITH_CODE",
        EmailMessage: "Your code is {####}.",
        EmailSubject: "Your code",
        EmailMessageByLink: "{##Here##}",
        EmailSubjectByLink: "Your link",
        SmsMessage: "Your code is {####}.",
      },
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
      UserPoolAddOns: { AdvancedSecurityMode: "AUDIT" },
      LambdaConfig: {
        ...Object.fromEntries(
          [
            "PreSignUp",
            "CustomMessage",
            "PostConfirmation",
            "PreAuthentication",
            "PostAuthentication",
            "DefineAuthChallenge",
            "CreateAuthChallenge",
            "VerifyAuthChallengeResponse",
            "PreTokenGeneration",
            "UserMigration",
          ].map((name) => [name, LAMBDA]),
        ),
        PreTokenGenerationConfig: { LambdaVersion: "V1_0", LambdaArn: LAMBDA },
        CustomSMSSender: { LambdaVersion: "V1_0", LambdaArn: LAMBDA },
        CustomEmailSender: { LambdaVersion: "V1_0", LambdaArn: LAMBDA },
        KMSKeyID: "arn:aws:kms:us-east-1:123456789012:key/ferry",
      },
    },
    save: { rich: "UserPool.Id" },
  },
  { name: "show the rich pool", operation: "DescribeUserPool", parameters: RICH },
  { name: "list a page of pools", operation: "ListUserPools", parameters: { MaxResults: 1 } },
  {
    name: "list the rich pool's neighbours",
    operation: "ListUserPools",
    parameters: { MaxResults: 60 },
  },
  {
    name: "allow every second factor",
    operation: "SetUserPoolMfaConfig",
    parameters: {
      ...RICH,
      MfaConfiguration: "OPTIONAL",
      SmsMfaConfiguration: { SmsAuthenticationMessage: "Your code is {####}.", SmsConfiguration: SMS },
      SoftwareTokenMfaConfiguration: { Enabled: true },
      EmailMfaConfiguration: { Message: "Your code is {####}.", Subject: "Your code" },
      WebAuthnConfiguration: { RelyingPartyId: "auth.example.com", UserVerification: "preferred" },
    },
  },
  { name: "show every second factor", operation: "GetUserPoolMfaConfig", parameters: RICH },
  {
    name: "make a rich client",
    operation: "CreateUserPoolClient",
    parameters: {
      ...RICH,
      ClientName: "rich",
      GenerateSecret: true,
      RefreshTokenValidity: 10,
      AccessTokenValidity: 30,
      IdTokenValidity: 30,
      TokenValidityUnits: { AccessToken: "minutes", IdToken: "minutes", RefreshToken: "days" },
      ReadAttributes: ["email"],
      WriteAttributes: ["email"],
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      SupportedIdentityProviders: ["COGNITO"],
      CallbackURLs: ["https://example.com/"],
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid"],
      AllowedOAuthFlowsUserPoolClient: true,
      PreventUserExistenceErrors: "ENABLED",
      AnalyticsConfiguration: {
        ApplicationArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/ferry",
        RoleArn: ROLE_ARN,
        UserDataShared: false,
      },
    },
    save: { richClient: "UserPoolClient.ClientId" },
  },
  {
    name: "show the rich client",
    operation: "DescribeUserPoolClient",
    parameters: { ...RICH, ClientId: "${richClient}" },
  },
  {
    name: "make a poor client",
    operation: "CreateUserPoolClient",
    parameters: { ...RICH, ClientName: "poor" },
  },
  {
    name: "list a page of clients",
    operation: "ListUserPoolClients",
    parameters: { ...RICH, MaxResults: 1 },
  },
  { name: "delete the rich pool", operation: "DeleteUserPool", parameters: RICH },
];

/** A migration's whole life, and every operation of the emulator in it. */
export const STEPS: readonly Step[] = [
  ...POOLS,
  ...USERS,
  ...LISTS,
  ...SIGN_UP,
  ...GROUPS,
  ...IMPORT,
  ...RICH_POOL,
  ...END,
];

/** The services that the JavaScript SDK is installed for. */
const SDK_SERVICES: ReadonlySet<string> = new Set(["cognito-idp", "logs"]);

/** Only the steps that the SDK for JavaScript can take. */
export function forSdk(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => !("service" in step) || SDK_SERVICES.has(step.service ?? ""));
}
