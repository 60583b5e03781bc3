import {
  Pool,
  type FirstFactor,
  type PasswordPolicy,
  type SignIn,
  type VerifiableName,
} from "../state/pool.ts";
import { randomId } from "../state/random-id.ts";
import { buildSchema, type RequestedAttribute } from "../state/schema.ts";
import type { AliasName } from "../state/user.ts";
import { viewPool } from "../view/pool.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly PoolName: string;
  readonly Schema?: readonly RequestedAttribute[];
  readonly AliasAttributes?: readonly AliasName[];
  readonly UsernameAttributes?: readonly VerifiableName[];
  readonly AutoVerifiedAttributes?: readonly VerifiableName[];
  readonly UsernameConfiguration?: { readonly CaseSensitive: boolean };
  readonly MfaConfiguration?: "OFF" | "ON" | "OPTIONAL";
  readonly Policies?: {
    readonly PasswordPolicy?: Partial<PasswordPolicy>;
    readonly SignInPolicy?: { readonly AllowedFirstAuthFactors?: readonly FirstFactor[] };
  };
  readonly AdminCreateUserConfig?: { readonly AllowAdminCreateUserOnly?: boolean };
  readonly DeletionProtection?: "ACTIVE" | "INACTIVE";
  readonly [member: string]: unknown;
}

/** Creates a user pool with AWS's defaults (samples and documentation) for what the request leaves out. */
export function createUserPool({ account }: Context, request: Request): object {
  const { PoolName: name, Schema: schema = [], Policies: policies = {}, ...echoed } = request;
  const id = `${account.region}_${randomId(9)}`;
  const passwordPolicy = completePasswordPolicy(policies.PasswordPolicy);
  const nowMs = account.clock();
  const pool = new Pool({
    id,
    arn: `arn:aws:cognito-idp:${account.region}:${account.id}:userpool/${id}`,
    name,
    createdMs: nowMs,
    modifiedMs: nowMs,
    schema: buildSchema(schema),
    signIn: readSignIn(request),
    caseSensitive: request.UsernameConfiguration?.CaseSensitive ?? true,
    autoVerified: request.AutoVerifiedAttributes ?? [],
    mfa: request.MfaConfiguration ?? "OFF",
    mfaConfigurations: {},
    passwordPolicy,
    firstFactors: policies.SignInPolicy?.AllowedFirstAuthFactors ?? ["PASSWORD"],
    adminCreatesOnly: request.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
    isProtected: request.DeletionProtection === "ACTIVE",
    echoed: {
      ...DEFAULTS,
      ...echoed,
      Policies: {
        SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD"] },
        ...policies,
        PasswordPolicy: passwordPolicy,
      },
    },
  });
  account.pools.set(id, pool);
  return { UserPool: viewPool(pool) };
}

const DEFAULTS = {
  DeletionProtection: "INACTIVE",
  LambdaConfig: {},
  VerificationMessageTemplate: { DefaultEmailOption: "CONFIRM_WITH_CODE" },
  EmailConfiguration: { EmailSendingAccount: "COGNITO_DEFAULT" },
  UserPoolTags: {},
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
  UserPoolTier: "ESSENTIALS",
};

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

function readSignIn({ AliasAttributes: aliases = [], UsernameAttributes: attributes = [] }: Request): SignIn {
  if (aliases.length > 0 && attributes.length > 0) {
    // Wording reported.
    throw invalidParameter(
      "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
    );
  }
  return attributes.length > 0 ? { kind: "attribute", attributes } : { kind: "username", aliases };
}
