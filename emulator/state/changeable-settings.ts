import { invalidParameter } from "../wire/error.ts";
import type { FirstFactor, PasswordPolicy, PoolSettings, VerifiableName } from "./pool.ts";

/** The settings of a pool that can be changed, as CreateUserPool and UpdateUserPool ask for them. */
export interface ChangeableRequest {
  readonly AutoVerifiedAttributes?: readonly VerifiableName[];
  readonly MfaConfiguration?: PoolSettings["mfa"];
  readonly Policies?: {
    readonly PasswordPolicy?: Partial<PasswordPolicy>;
    readonly SignInPolicy?: { readonly AllowedFirstAuthFactors?: readonly FirstFactor[] };
  };
  readonly AdminCreateUserConfig?: { readonly AllowAdminCreateUserOnly?: boolean };
  readonly DeletionProtection?: "ACTIVE" | "INACTIVE";
  readonly UserAttributeUpdateSettings?: {
    readonly AttributesRequireVerificationBeforeUpdate?: readonly VerifiableName[];
  };
  readonly UserPoolTier?: PoolSettings["tier"];
  readonly [member: string]: unknown;
}

type Changeable = Pick<
  PoolSettings,
  | "autoVerified"
  | "verifiedBeforeUpdate"
  | "tier"
  | "mfa"
  | "passwordPolicy"
  | "firstFactors"
  | "adminCreatesOnly"
  | "isProtected"
  | "echoed"
>;

/** Reads a pool's changeable settings, with AWS's defaults (samples and documentation) for what the request leaves out. */
export function readChangeable(request: ChangeableRequest): Changeable {
  const { Policies: policies = {}, AutoVerifiedAttributes: autoVerified = [] } = request;
  const passwordPolicy = completePasswordPolicy(policies.PasswordPolicy);
  return {
    autoVerified,
    verifiedBeforeUpdate: readVerifiedBeforeUpdate(request, autoVerified),
    tier: request.UserPoolTier ?? DEFAULTS.UserPoolTier,
    mfa: request.MfaConfiguration ?? "OFF",
    passwordPolicy,
    firstFactors: policies.SignInPolicy?.AllowedFirstAuthFactors ?? ["PASSWORD"],
    adminCreatesOnly: request.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
    isProtected: request.DeletionProtection === "ACTIVE",
    echoed: {
      ...DEFAULTS,
      ...Object.fromEntries(ECHOED.flatMap((name) => (name in request ? [[name, request[name]]] : []))),
      Policies: {
        SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD"] },
        ...policies,
        PasswordPolicy: passwordPolicy,
      },
    },
  };
}

/** The members that DescribeUserPool returns as they were given. */
const ECHOED = [
  "AccountRecoverySetting",
  "AdminCreateUserConfig",
  "AutoVerifiedAttributes",
  "DeletionProtection",
  "DeviceConfiguration",
  "EmailConfiguration",
  "EmailVerificationMessage",
  "EmailVerificationSubject",
  "IssuerConfiguration",
  "KeyConfiguration",
  "LambdaConfig",
  "SmsAuthenticationMessage",
  "SmsConfiguration",
  "SmsVerificationMessage",
  "UserAttributeUpdateSettings",
  "UserPoolAddOns",
  "UserPoolTags",
  "UserPoolTier",
  "VerificationMessageTemplate",
] as const;

const DEFAULTS = {
  DeletionProtection: "INACTIVE",
  LambdaConfig: {},
  VerificationMessageTemplate: { DefaultEmailOption: "CONFIRM_WITH_CODE" },
  EmailConfiguration: { EmailSendingAccount: "COGNITO_DEFAULT" },
  UserPoolTags: {},
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
  UserPoolTier: "ESSENTIALS",
} as const;

// Words reported.
function readVerifiedBeforeUpdate(
  { UserAttributeUpdateSettings: updates = {} }: ChangeableRequest,
  autoVerified: readonly VerifiableName[],
): readonly VerifiableName[] {
  const names = updates.AttributesRequireVerificationBeforeUpdate ?? [];
  if (names.every((name) => autoVerified.includes(name))) return names;
  throw invalidParameter(
    "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
  );
}

const DEFAULT_PASSWORD_POLICY: PasswordPolicy = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
  TemporaryPasswordValidityDays: 7,
};

// A policy that is given in part requires only what it names (reported).
function completePasswordPolicy(requested: Partial<PasswordPolicy> | undefined): PasswordPolicy {
  if (requested === undefined) return DEFAULT_PASSWORD_POLICY;
  return {
    ...DEFAULT_PASSWORD_POLICY,
    RequireUppercase: false,
    RequireLowercase: false,
    RequireNumbers: false,
    RequireSymbols: false,
    ...requested,
  };
}
