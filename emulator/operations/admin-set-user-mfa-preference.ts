import type { Account, UserOfPool } from "../state/account.ts";
import { countUnnamed } from "../state/count-unnamed.ts";
import {
  attributeOf,
  extrasOf,
  type MfaFactor,
  type MfaSettings,
  type User,
  type UserStatus,
} from "../state/user.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Preference {
  readonly Enabled?: boolean;
  readonly PreferredMfa?: boolean;
}

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly SMSMfaSettings?: Preference;
  readonly SoftwareTokenMfaSettings?: Preference;
  readonly EmailMfaSettings?: Preference;
  readonly WebAuthnMfaSettings?: { readonly Enabled?: boolean };
}

type Preferences = ReadonlyMap<MfaFactor, Preference>;

/** Sets which second factors a user is asked for; factors that are left out stay as they are (guess). */
export function adminSetUserMfaPreference({ account }: Context, request: Request): object {
  const found = account.user(request);
  checkStatus(account, found.user);
  const preferences = readPreferences(request);
  for (const [factor, preference] of preferences) checkFactor(account, found, factor, preference);
  const mfa = applyPreferences(found.user.extras?.mfa, preferences);
  if (mfa !== undefined || found.user.extras !== undefined) extrasOf(found.user).mfa = mfa;
  found.user.modifiedMs = account.clock();
  countUnnamed(account, found, "AdminSetUserMFAPreference");
  return {};
}

// The API model declares these errors; the words are Cognito's at a sign-in (reported).
const REFUSALS: Readonly<Partial<Record<UserStatus, readonly [type: string, message: string]>>> = {
  RESET_REQUIRED: ["PasswordResetRequiredException", "Password reset required for the user"],
  UNCONFIRMED: ["UserNotConfirmedException", "User is not confirmed."],
};

function checkStatus({ rules }: Account, { status }: User): void {
  if (!rules.mfaPreferenceRefusedFor.includes(status)) return;
  const [type, message] = REFUSALS[status] ?? ["NotAuthorizedException", `User status is ${status}.`];
  throw new ApiError(type, message);
}

// The words for passkeys are the emulator's own, those for preferences are guesses.
function readPreferences(request: Request): Preferences {
  if (request.WebAuthnMfaSettings?.Enabled === true) {
    throw new ApiError(
      "OperationNotEnabledException",
      "This is poolferry's local Cognito, which has no passkeys: leave WebAuthnMfaSettings out.",
    );
  }
  const given: readonly [MfaFactor, Preference | undefined][] = [
    ["SMS_MFA", request.SMSMfaSettings],
    ["SOFTWARE_TOKEN_MFA", request.SoftwareTokenMfaSettings],
    ["EMAIL_OTP", request.EmailMfaSettings],
  ];
  const preferences = new Map<MfaFactor, Preference>();
  for (const [factor, preference] of given) {
    if (preference !== undefined) preferences.set(factor, preference);
  }
  const preferred = [...preferences.values()].filter(({ PreferredMfa }) => PreferredMfa === true);
  if (preferred.length > 1) throw invalidParameter("Only one MFA factor can be the preferred one.");
  if (preferred.some(({ Enabled }) => Enabled !== true)) {
    throw invalidParameter("The preferred MFA factor must be enabled.");
  }
  return preferences;
}

// The words for SMS and TOTP are reported. Nothing here can enrol a TOTP token, so no user has one.
function checkFactor(
  { rules }: Account,
  { pool, user }: UserOfPool,
  factor: MfaFactor,
  { Enabled = false }: Preference,
): void {
  if (!Enabled && !rules.mfaOffNeedsFactor) return;
  switch (factor) {
    case "SMS_MFA":
      if (attributeOf(user, "phone_number") !== undefined) return;
      throw invalidParameter("User does not have a phone_number set to turn on SMS MFA");
    case "SOFTWARE_TOKEN_MFA":
      throw invalidParameter(
        Enabled
          ? "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
          : "User has not set up software token mfa",
      );
    case "EMAIL_OTP":
      if (pool.settings.tier === "LITE") throw invalidParameter(rules.texts.emailMfaTier);
      if (attributeOf(user, "email") === undefined) throw invalidParameter(rules.texts.emailMfaNoEmail);
  }
}

function applyPreferences(
  before: MfaSettings | undefined,
  preferences: Preferences,
): MfaSettings | undefined {
  const isEnabled = (factor: MfaFactor) => {
    const preference = preferences.get(factor);
    return preference === undefined ? before?.enabled.includes(factor) === true : preference.Enabled === true;
  };
  const enabled = (["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] as const).filter(isEnabled);
  if (enabled.length === 0) return undefined;
  const chosen = enabled.find((factor) => preferences.get(factor)?.PreferredMfa === true);
  // What was preferred stays so until another factor is, or this one no longer.
  const kept = enabled.find((factor) => factor === before?.preferred && !preferences.has(factor));
  return { enabled, preferred: chosen ?? kept };
}
