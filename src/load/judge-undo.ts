import type { ListedUser } from "../cognito/list-users.ts";
import { CLOCK_TOLERANCE_MS } from "../cognito/service-clock.ts";
import type { UndoAction, UndoResult } from "../core/undo.ts";
import type { UndoCandidate } from "../ledger/ledger.ts";

/** What an undo is to do, and what it goes by. */
export interface UndoRules {
  readonly action: UndoAction;
  /** Whether users who were changed since the run are taken back too. */
  readonly includeChanged: boolean;
  /** When the run last wrote to the pool, at the latest, by the service's clock; undefined where it is not known. */
  readonly lastWroteAt: number | undefined;
}

/** What is to become of a user: taken back, left as it is with a result, or left since it is not the run's. */
export type UndoVerdict =
  | { readonly kind: "undo" | "foreign" }
  | { readonly kind: "leave"; readonly result: UndoResult; readonly message: string };

/**
 * How long after its creation a user may have been changed by the creation itself. AdminCreateUser's answer has both times
 * alike (AWS's sample); of import jobs nothing is published, so this is our guess. Where it is too short, users are kept.
 */
const CREATION_MS = 10_000;

/** How long AdminCreateUser may have been on its way when a session was killed: its repeats are given up by then. */
const SENDING_MS = 600_000;

/** Judges a user of the run by what the pool lists of the one that has its sub or, without a sub, its name. */
export function judgeUndo(candidate: UndoCandidate, listed: ListedUser, rules: UndoRules): UndoVerdict {
  const origin =
    candidate.sub === undefined ? originByName(candidate, listed, rules) : originBySub(candidate, listed);
  if (origin === "another's") return { kind: "foreign" };
  if (origin === "unknown") {
    const message = "it cannot be told whether the run created the user who has this name";
    return { kind: "leave", result: "kept", message };
  }
  if (rules.action === "disable" && listed.enabled === false)
    return { kind: "leave", result: "disabled", message: "the user was disabled already" };
  if (isChanged(candidate, listed) && !rules.includeChanged) {
    const message = "the user was changed after the run; --include-changed takes such users too";
    return { kind: "leave", result: "changed-since", message };
  }
  return { kind: "undo" };
}

type Origin = "the run's" | "another's" | "unknown";

/** A sub names one account for ever; that it is older than the run would mean that the ledger errs. */
function originBySub({ since }: UndoCandidate, { createdAt }: ListedUser): Origin {
  const isOlder = since !== undefined && createdAt !== undefined && createdAt < since - CLOCK_TOLERANCE_MS;
  return isOlder ? "unknown" : "the run's";
}

/** A name can be another account's: one from before, or one that was made anew since. */
function originByName(candidate: UndoCandidate, listed: ListedUser, rules: UndoRules): Origin {
  const { isImported, since, route } = candidate;
  const { createdAt } = listed;
  if (since === undefined || createdAt === undefined) return isImported ? "unknown" : "another's";
  // Who was in the pool before was in the way, so the run did not create anybody.
  if (createdAt < since - CLOCK_TOLERANCE_MS) return isImported ? "unknown" : "another's";
  const sentUntil = route === "admin-create" ? since + SENDING_MS : since;
  const until = Math.max(rules.lastWroteAt ?? 0, sentUntil) + CLOCK_TOLERANCE_MS;
  const isOurs =
    createdAt <= until && isAsCreated(candidate, listed) && (isImported || isAsSent(candidate, listed));
  return isOurs ? "the run's" : "unknown";
}

/**
 * Whether the user has a status in which the run creates users and nobody who signed up by itself without a hash is. Where
 * the run's users sign up, there is no such status.
 */
function isAsCreated({ route, hasPassword }: UndoCandidate, { status }: ListedUser): boolean {
  if (route === "sign-up") return false;
  if (hasPassword && status === "CONFIRMED") return true;
  return status === (route === "admin-create" ? "FORCE_CHANGE_PASSWORD" : "RESET_REQUIRED");
}

/**
 * Whether the user has what the run sent: who was created by somebody else at the very moment of the sending can be told by
 * nothing but that. A flag that is missing is false.
 */
function isAsSent({ attributes }: UndoCandidate, listed: ListedUser): boolean {
  const have = new Map(listed.attributes);
  return attributes.every(([name, value]) => (have.get(name) ?? "false") === value);
}

/** Whether somebody else changed the user after the run did; where that cannot be told, it counts as changed. */
function isChanged({ hasPassword, wroteAt }: UndoCandidate, listed: ListedUser): boolean {
  const { createdAt, modifiedAt, status } = listed;
  if (createdAt === undefined || modifiedAt === undefined) return true;
  if (modifiedAt <= createdAt + CREATION_MS) return false;
  // Only a user who sets a password becomes so.
  if (status === "CONFIRMED" && !hasPassword) return true;
  return wroteAt === undefined || modifiedAt > wroteAt + CLOCK_TOLERANCE_MS;
}
