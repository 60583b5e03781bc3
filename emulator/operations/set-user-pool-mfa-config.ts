import type { Pool, PoolSettings } from "../state/pool.ts";
import { viewMfaConfig } from "../view/mfa-config.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly MfaConfiguration?: PoolSettings["mfa"];
  readonly SmsMfaConfiguration?: {
    readonly SmsAuthenticationMessage?: string;
    readonly SmsConfiguration?: object;
  };
  readonly SoftwareTokenMfaConfiguration?: { readonly Enabled?: boolean };
  readonly EmailMfaConfiguration?: object;
  readonly WebAuthnConfiguration?: object;
}

/** Sets a pool's second factors; what the request leaves out stays as it is (guess). */
export function setUserPoolMfaConfig({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  checkTier(pool, request);
  const settings = applyRequest(pool.settings, request);
  checkFactors(settings, request);
  pool.settings = { ...settings, modifiedMs: account.clock() };
  return viewMfaConfig(pool);
}

// Documented as a matter of the plan; the words are reported for another feature.
function checkTier({ settings }: Pool, { EmailMfaConfiguration: email }: Request): void {
  if (email === undefined || settings.tier !== "LITE") return;
  const message =
    "The following features need to be disabled for the LITE pricing tier configured: Email MFA";
  throw new ApiError("FeatureUnavailableInTierException", message);
}

function applyRequest(settings: PoolSettings, request: Request): PoolSettings {
  const { SmsMfaConfiguration: sms, MfaConfiguration: mfa = settings.mfa } = request;
  const mfaConfigurations = { ...settings.mfaConfigurations };
  for (const name of [
    "SoftwareTokenMfaConfiguration",
    "EmailMfaConfiguration",
    "WebAuthnConfiguration",
  ] as const) {
    if (request[name] !== undefined) mfaConfigurations[name] = request[name];
  }
  return { ...settings, mfa, mfaConfigurations, echoed: { ...settings.echoed, ...sms } };
}

// Both rules and their words are reported; what counts as switching a factor on is in part a guess.
function checkFactors(settings: PoolSettings, request: Request): void {
  const { mfaConfigurations, echoed } = settings;
  const isSwitchedOn =
    request.SmsMfaConfiguration?.SmsConfiguration !== undefined ||
    request.SoftwareTokenMfaConfiguration?.Enabled === true ||
    request.EmailMfaConfiguration !== undefined;
  if (request.MfaConfiguration === "OFF" && isSwitchedOn) {
    throw invalidParameter(
      "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    );
  }
  const token = mfaConfigurations["SoftwareTokenMfaConfiguration"];
  const isAnyOn =
    echoed["SmsConfiguration"] !== undefined ||
    mfaConfigurations["EmailMfaConfiguration"] !== undefined ||
    (typeof token === "object" && token !== null && "Enabled" in token && token.Enabled === true);
  if (settings.mfa !== "OFF" && !isAnyOn) {
    throw invalidParameter(
      "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
    );
  }
}
