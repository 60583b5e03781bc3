import {
  AdminDeleteUserAttributesCommand,
  AdminSetUserMFAPreferenceCommand,
  type AdminSetUserMFAPreferenceCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import type { UserStatus } from "../../emulator/index.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, type TestPool } from "./support/pool.ts";
import { addUser, getUser, userIn, type Attributes } from "./support/user.ts";

type Preference = Partial<AdminSetUserMFAPreferenceCommandInput>;

const ON = { Enabled: true };
const OFF = { Enabled: false };
const PREFERRED = { Enabled: true, PreferredMfa: true };
const PHONE: Attributes = { phone_number: "+4917" };
const BOTH: Attributes = { ...PHONE, email: "ann@example.com" };

async function prefer({ cognito, poolId }: TestPool, preference: Preference) {
  const command = new AdminSetUserMFAPreferenceCommand({
    UserPoolId: poolId,
    Username: "ann",
    ...preference,
  });
  return cognito.send(command);
}

async function shown(pool: TestPool) {
  const { UserMFASettingList: enabled, PreferredMfaSetting: preferred } = await getUser(pool);
  return { enabled, preferred };
}

test("mfa-preferred: shows what is enabled and what is preferred, and keeps what is left out", async () => {
  await using pool = await aPool();
  await addUser(pool, "ann", BOTH);
  expect(await shown(pool)).toEqual({ enabled: undefined, preferred: undefined });
  await prefer(pool, { SMSMfaSettings: ON });
  expect(await shown(pool)).toEqual({ enabled: ["SMS_MFA"], preferred: undefined });
  await prefer(pool, { SMSMfaSettings: PREFERRED });
  expect((await shown(pool)).preferred).toBe("SMS_MFA");
  await prefer(pool, { SMSMfaSettings: ON });
  expect((await shown(pool)).preferred).toBeUndefined();
  await prefer(pool, { SMSMfaSettings: PREFERRED });
  await prefer(pool, { EmailMfaSettings: ON });
  expect(await shown(pool)).toEqual({ enabled: ["SMS_MFA", "EMAIL_OTP"], preferred: "SMS_MFA" });
  await prefer(pool, { EmailMfaSettings: PREFERRED });
  expect(await shown(pool)).toEqual({ enabled: ["SMS_MFA", "EMAIL_OTP"], preferred: "EMAIL_OTP" });
  await prefer(pool, { EmailMfaSettings: OFF });
  expect(await shown(pool)).toEqual({ enabled: ["SMS_MFA"], preferred: undefined });
  await prefer(pool, { SMSMfaSettings: OFF });
  expect(await shown(pool)).toEqual({ enabled: undefined, preferred: undefined });
});

test.each<[string, Attributes, Preference, string]>([
  [
    "mfa-factor: SMS without a phone number",
    {},
    { SMSMfaSettings: ON },
    "User does not have a phone_number set to turn on SMS MFA",
  ],
  [
    "mfa-factor: a token that was never enrolled",
    BOTH,
    { SoftwareTokenMfaSettings: ON },
    "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
  ],
  [
    "mfa-email: e-mail without an address",
    PHONE,
    { EmailMfaSettings: ON },
    DEFAULT_RULES.texts.emailMfaNoEmail,
  ],
  [
    "mfa-off: no SMS without a phone number",
    {},
    { SMSMfaSettings: OFF },
    "User does not have a phone_number set to turn on SMS MFA",
  ],
  [
    "mfa-off: no token where there is none",
    BOTH,
    { SoftwareTokenMfaSettings: OFF },
    "User has not set up software token mfa",
  ],
  [
    "mfa-preferred: two preferred factors",
    BOTH,
    { SMSMfaSettings: PREFERRED, EmailMfaSettings: PREFERRED },
    "Only one MFA factor can be the preferred one.",
  ],
  [
    "mfa-preferred: a preferred factor that is off",
    BOTH,
    { SMSMfaSettings: { PreferredMfa: true } },
    "The preferred MFA factor must be enabled.",
  ],
])("refuses %s", async (_, attributes, preference, message) => {
  await using pool = await aPool();
  await addUser(pool, "ann", attributes);
  const refused = prefer(pool, preference);
  await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message });
  expect(await shown(pool)).toEqual({ enabled: undefined, preferred: undefined });
});

test("mfa-off: takes no for an answer where the settings say so", async () => {
  await using pool = await aPool({}, { rules: { mfaOffNeedsFactor: false } });
  await addUser(pool);
  await prefer(pool, { SMSMfaSettings: OFF, SoftwareTokenMfaSettings: OFF, EmailMfaSettings: OFF });
  expect(await shown(pool)).toEqual({ enabled: undefined, preferred: undefined });
});

test("mfa-email: is not for the LITE plan", async () => {
  await using pool = await aPool({ UserPoolTier: "LITE" });
  await addUser(pool, "ann", BOTH);
  await expect(prefer(pool, { EmailMfaSettings: ON })).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: DEFAULT_RULES.texts.emailMfaTier,
  });
});

test("mfa-passkey: says that there are none here", async () => {
  await using pool = await aPool();
  await addUser(pool);
  await expect(prefer(pool, { WebAuthnMfaSettings: ON })).rejects.toMatchObject({
    name: "OperationNotEnabledException",
    message: expect.stringContaining("poolferry"),
  });
});

test.each<[UserStatus, string, string]>([
  ["RESET_REQUIRED", "PasswordResetRequiredException", "Password reset required for the user"],
  ["UNCONFIRMED", "UserNotConfirmedException", "User is not confirmed."],
])(
  "mfa-status: a user who is %s is refused, unless the settings say otherwise",
  async (status, name, message) => {
    await using strict = await aPool();
    await using lax = await aPool({}, { rules: { mfaPreferenceRefusedFor: [] } });
    for (const pool of [strict, lax]) {
      await addUser(pool, "ann", PHONE);
      userIn(pool).status = status;
    }
    await expect(prefer(strict, { SMSMfaSettings: ON })).rejects.toMatchObject({ name, message });
    await prefer(lax, { SMSMfaSettings: ON });
    expect(await shown(lax)).toMatchObject({ enabled: ["SMS_MFA"] });
  },
);

test("change-factor: a phone number that required MFA needs cannot be taken away", async () => {
  await using required = await aPool({ MfaConfiguration: "ON" });
  await using optional = await aPool({ MfaConfiguration: "OPTIONAL" });
  const remove = async ({ cognito, poolId }: TestPool, names: string[]) => {
    const request = { UserPoolId: poolId, Username: "ann", UserAttributeNames: names };
    return cognito.send(new AdminDeleteUserAttributesCommand(request));
  };
  for (const pool of [required, optional]) {
    await addUser(pool, "ann", BOTH);
    await prefer(pool, { SMSMfaSettings: ON });
    await remove(pool, ["email"]);
  }
  await remove(optional, ["phone_number"]);
  await expect(remove(required, ["phone_number"])).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
});
