import type { ForecastFinding } from "../core/forecast.ts";
import type { Known } from "./known.ts";
import { users } from "./words.ts";

/** E-mails that Cognito's own sender sends in a day, for all pools of an account together (documented). */
const EMAILS_A_DAY = 50;

/** Whether the codes that users will need can be sent. */
export function messageFindings(known: Known): readonly ForecastFinding[] {
  return [...emails(known), ...texts(known)];
}

/** Users who get in with no password of theirs, and so will ask for a code, or are sent one by the run. */
export function toReset({ counts, policies }: Known): number {
  const { created, withHash, withPassword, withTemporary } = counts;
  const locked = policies.passwordAfterCreate === "none" ? withTemporary : 0;
  return Math.max(0, created - withHash - withPassword - locked);
}

function emails(known: Known): readonly ForecastFinding[] {
  const { setup } = known.pool;
  const { signUp, counts } = known;
  // Who signs up is sent a code at once, where the pool verifies addresses.
  const count = signUp === undefined ? toReset(known) - counts.signIn.phoneOnly : counts.routes["sign-up"];
  const mayEmail = signUp === undefined || known.pool.autoVerified.includes("email");
  if (setup?.emailSender !== "cognito" || setup.triggers.includes("CustomEmailSender")) return [];
  if (!mayEmail || count <= EMAILS_A_DAY) return [];
  const days = Math.ceil(count / EMAILS_A_DAY);
  return [
    {
      code: "email-daily-limit",
      severity: "warning",
      message: `The pool sends e-mails by Cognito itself, ${EMAILS_A_DAY} a day for the whole account; ${users(count)} will need one to set a password or to be confirmed, which takes ${days.toLocaleString("en-US")} days`,
      fix: "Have the pool send by Amazon SES before users come (EmailConfiguration: DEVELOPER)",
      users: count,
    },
  ];
}

function texts({ pool, counts: { signIn } }: Known): readonly ForecastFinding[] {
  const { setup } = pool;
  if (setup === undefined || signIn.phoneOnly === 0 || setup.triggers.includes("CustomSMSSender")) return [];
  const whom = `${users(signIn.phoneOnly)} have a verified phone number and no verified e-mail address, so codes reach them by text message only`;
  return [
    setup.sendsSms
      ? {
          code: "sms-needed",
          severity: "note",
          message: `${whom}; each costs, and Amazon SNS stops at your account's monthly spending limit`,
          fix: "Look at that limit in Amazon SNS, and whether the account still is in its SMS sandbox, where only numbers that you verified get a message",
          users: signIn.phoneOnly,
        }
      : {
          code: "sms-needed",
          severity: "warning",
          message: `${whom}, and the pool cannot send any`,
          fix: "Set the pool's SmsConfiguration, or map an e-mail address for them",
          users: signIn.phoneOnly,
        },
  ];
}
