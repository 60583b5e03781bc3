import { randomInt } from "node:crypto";

import type { Account, UserOfPool } from "../state/account.ts";
import { sendMessage } from "../state/outbox.ts";
import { extrasOf, type SentCode, type User } from "../state/user.ts";
import { mediumOf, type Delivery } from "./delivery.ts";
import { expiredCode, wrongCode } from "./refusals.ts";

const HOUR_MS = 60 * 60 * 1000;

/** How long a code can be entered (documented). */
const LIFETIME_MS: Readonly<Record<SentCode["purpose"], number>> = {
  "confirm-sign-up": 24 * HOUR_MS,
  "reset-password": HOUR_MS,
};

/** Random digits: six, or as many as are asked for. */
export function makeCode(digits = 6): string {
  return String(randomInt(10 ** digits)).padStart(digits, "0");
}

/** Sends a user a code; the one sent before no longer holds (documented). */
export function sendCode(
  account: Account,
  { pool, user }: UserOfPool,
  { purpose, delivery }: { readonly purpose: SentCode["purpose"]; readonly delivery: Delivery },
): void {
  const code = makeCode();
  const { attribute } = delivery;
  extrasOf(user).code = { purpose, attribute, code, sentMs: account.clock() };
  sendMessage(account, { pool, user }, { kind: purpose, medium: mediumOf(attribute), secret: code });
}

/** The code that a user was sent, if this is it and it still holds, or AWS's error (wording reported). */
export function checkCode(
  account: Account,
  user: User,
  given: { readonly purpose: SentCode["purpose"]; readonly code: string },
): SentCode {
  const sent = user.extras?.code;
  if (sent === undefined || sent.purpose !== given.purpose) throw expiredCode();
  if (account.clock() >= sent.sentMs + LIFETIME_MS[sent.purpose]) throw expiredCode();
  if (sent.code !== given.code) throw wrongCode();
  return sent;
}

/** Takes a code back once it was used. */
export function dropCode(user: User): void {
  if (user.extras !== undefined) user.extras.code = undefined;
}
