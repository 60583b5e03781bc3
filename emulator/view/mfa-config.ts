import type { Pool } from "../state/pool.ts";

/**
 * A pool's second factors as GetUserPoolMfaConfig shows them. What sends its text messages is one setting with
 * that of UpdateUserPool (guess).
 */
export function viewMfaConfig({ settings }: Pool): object {
  const { SmsConfiguration, SmsAuthenticationMessage } = settings.echoed;
  const sms = {
    ...(SmsAuthenticationMessage === undefined ? {} : { SmsAuthenticationMessage }),
    ...(SmsConfiguration === undefined ? {} : { SmsConfiguration }),
  };
  return {
    ...(SmsConfiguration === undefined ? {} : { SmsMfaConfiguration: sms }),
    ...settings.mfaConfigurations,
    MfaConfiguration: settings.mfa,
  };
}
