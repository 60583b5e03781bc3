import type { User } from "../state/user.ts";
import type { Caller } from "./caller.ts";
import { attemptLimit, notAuthorized } from "./refusals.ts";

const HOUR_MS = 60 * 60 * 1000;

/**
 * Refuses a sign-in while its user is locked out: for a second after five failures, twice as long after each
 * further one, at most for a quarter of an hour; refused tries change nothing (documented).
 */
export function checkLockOut(caller: Caller, user: User): void {
  const { rules, attempts, clock } = caller.account;
  const failures = attempts.get(keyOf("sign-in", caller, user));
  if (failures === undefined || failures.count < rules.signInAttempts) return;
  const lockOutMs = rules.firstLockOutMs * 2 ** (failures.count - rules.signInAttempts);
  if (clock() < failures.lastMs + Math.min(lockOutMs, rules.longestLockOutMs)) {
    throw notAuthorized("Password attempts exceeded");
  }
}

/** Counts a failed sign-in; failures are forgotten after a quarter of an hour without any (documented). */
export function countFailure(caller: Caller, user: User): void {
  const { rules, attempts, clock } = caller.account;
  const key = keyOf("sign-in", caller, user);
  const before = attempts.get(key);
  const isOld = before === undefined || clock() >= before.lastMs + rules.longestLockOutMs;
  attempts.set(key, { count: isOld ? 1 : before.count + 1, lastMs: clock() });
}

/** Forgets failed sign-ins after one that succeeded (documented). */
export function forgetFailures(caller: Caller, user: User): void {
  caller.account.attempts.delete(keyOf("sign-in", caller, user));
}

/** Counts a request for, or a wrong guess at, a reset code; too many in an hour are refused (documented). */
export function countReset(caller: Caller, user: User): void {
  const { rules, attempts, clock } = caller.account;
  const key = keyOf("reset", caller, user);
  const before = attempts.get(key);
  const isOld = before === undefined || clock() >= before.lastMs + HOUR_MS;
  const counted = isOld ? { count: 1, lastMs: clock() } : { ...before, count: before.count + 1 };
  attempts.set(key, counted);
  if (counted.count > rules.resetAttemptsInHour) throw attemptLimit();
}

/** Refuses a code, right or wrong, once too many were asked for or guessed at (guess). */
export function checkResets(caller: Caller, user: User): void {
  const { rules, attempts, clock } = caller.account;
  const counted = attempts.get(keyOf("reset", caller, user));
  if (counted === undefined || clock() >= counted.lastMs + HOUR_MS) return;
  if (counted.count > rules.resetAttemptsInHour) throw attemptLimit();
}

function keyOf(kind: "sign-in" | "reset", { pool }: Caller, { sub }: User): string {
  return `${kind} ${pool.settings.id} ${sub}`;
}
