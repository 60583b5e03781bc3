/** How an operation's answers may differ from AWS's samples: a member, or all below it, and why. */
export interface Difference {
  readonly lacks?: Readonly<Record<string, string>>;
  readonly "has besides"?: Readonly<Record<string, string>>;
  readonly "has otherwise"?: Readonly<Record<string, string>>;
}

const NEW_DEVICE = "the sample's pool remembers devices; no device is ever remembered here";
const NOT_SHOWN = "in the API model, and shown by later samples of the same pool; this sample is older";

/** Every difference, by operation. Members that a request of the scenario set itself need no entry. */
export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  AdminGetUser: {
    "has besides": {
      PreferredMfaSetting: "the sample's user has no second factor",
      UserMFASettingList: "the sample's user has no second factor",
    },
  },
  AdminInitiateAuth: {
    lacks: { "ChallengeParameters.FRIENDLY_DEVICE_NAME": "the sample's user has a token generator" },
    "has besides": {
      "ChallengeParameters.requiredAttributes": "the scenario's challenge is NEW_PASSWORD_REQUIRED",
      "ChallengeParameters.userAttributes": "the scenario's challenge is NEW_PASSWORD_REQUIRED",
    },
  },
  AdminRespondToAuthChallenge: { lacks: { "AuthenticationResult.NewDeviceMetadata": NEW_DEVICE } },
  CreateUserPool: {
    "has besides": {
      "UserPool.Arn": NOT_SHOWN,
      "UserPool.Policies.PasswordPolicy.TemporaryPasswordValidityDays": NOT_SHOWN,
      "UserPool.Policies.SignInPolicy": "in the API model; the samples are older than choice-based sign-in",
      "UserPool.UserPoolTier": "in the API model; the samples are older than feature plans",
    },
  },
  DescribeUserImportJob: {
    "has besides": {
      "UserImportJob.StartDate": "the sample's job has not begun",
      "UserImportJob.CompletionDate": "the sample's job has not begun",
      "UserImportJob.CompletionMessage": "the sample's job has not begun",
    },
  },
  DescribeUserPool: {
    lacks: {
      "UserPool.CustomDomain": "there are no domains here",
      "UserPool.Domain": "there are no domains here",
    },
    "has besides": {
      "UserPool.Policies.SignInPolicy": "in the API model; the samples are older than choice-based sign-in",
      "UserPool.UserPoolTier": "in the API model; the samples are older than feature plans",
    },
  },
  DescribeUserPoolClient: {
    "has besides": {
      "UserPoolClient.AuthSessionValidity": NOT_SHOWN,
      "UserPoolClient.EnablePropagateAdditionalUserContextData": NOT_SHOWN,
      "UserPoolClient.EnableTokenRevocation": NOT_SHOWN,
    },
  },
  InitiateAuth: {
    lacks: { "AuthenticationResult.NewDeviceMetadata": NEW_DEVICE },
    "has besides": {
      "ChallengeParameters.USER_ID_FOR_SRP": "the sample's sign-in needs no challenge",
      "ChallengeParameters.requiredAttributes": "the sample's sign-in needs no challenge",
      "ChallengeParameters.userAttributes": "the sample's sign-in needs no challenge",
    },
  },
  RespondToAuthChallenge: {
    lacks: {
      "AuthenticationResult.NewDeviceMetadata": NEW_DEVICE,
      ChallengeName: "one sample's first answer is a further challenge",
      "ChallengeParameters.FRIENDLY_DEVICE_NAME": "one sample's user has a token generator",
      Session: "one sample's first answer is a further challenge",
    },
  },
  SignUp: {
    "has besides": {
      CodeDeliveryDetails: "documented for a pool that verifies; the sample's sends nothing",
    },
  },
  StopUserImportJob: {
    lacks: { "UserImportJob.StartDate": "the scenario stops its job before it begins" },
  },
};
