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

/** What a user may do only so often in an hour (documented). */
type Limited = "reset" | "resend" | "confirm" | "change-password";

/**
 * Counts a request for a code or a guess at one, or a change of the password; too many in an hour are refused
 * (documented; when the hour begins is a guess).
 */
export function countAttempt(caller: AttemptPlace, user: User, kind: Limited): void {
  const { attempts, clock } = caller.account;
  const key = keyOf(kind, caller, user);
  const before = attempts.get(key);
  const isOld = before === undefined || clock() >= before.lastMs + HOUR_MS;
  attempts.set(key, isOld ? { count: 1, lastMs: clock() } : { ...before, count: before.count + 1 });
  checkAttempts(caller, user, kind);
}

/** Refuses what was tried too often within the hour: a right code, too (guess). */
export function checkAttempts(caller: AttemptPlace, user: User, kind: Limited): void {
  const { rules, attempts, clock } = caller.account;
  const most: Readonly<Record<Limited, number>> = {
    reset: rules.resetAttemptsInHour,
    resend: rules.codeResendsInHour,
    confirm: rules.confirmationsInHour,
    "change-password": rules.passwordChangesInHour,
  };
  const counted = attempts.get(keyOf(kind, caller, user));
  if (counted === undefined || clock() >= counted.lastMs + HOUR_MS) return;
  if (counted.count > most[kind]) throw attemptLimit();
}

type AttemptPlace = Pick<Caller, "account" | "pool">;

function keyOf(kind: "sign-in" | Limited, { pool }: Pick<Caller, "pool">, { sub }: User): string {
  return `${kind} ${pool.settings.id} ${sub}`;
}
