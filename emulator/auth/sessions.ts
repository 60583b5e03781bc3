import { randomBytes } from "node:crypto";

import type { Challenge, ChallengeSession } from "../state/challenge-session.ts";
import type { User } from "../state/user.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Caller } from "./caller.ts";
import { disabledUser, incorrectPassword, notAuthorized } from "./refusals.ts";

/** Who a challenge is put to. */
export interface Signer {
  /** The name that was given. */
  readonly name: string;
  /** Nothing for a user who does not exist while the client hides that. */
  readonly sub: string | undefined;
}

/** Remembers a challenge, and returns what the answer will name it by: a new session, or its SRP secret block. */
export function openSession({ account, pool, client }: Caller, signer: Signer, challenge: Challenge): string {
  const nowMs = account.clock();
  forgetExpired(account.sessions, nowMs);
  const isSrp = challenge.kind === "PASSWORD_VERIFIER";
  const id = isSrp ? challenge.secretBlock : randomBytes(384).toString("base64url");
  const expiresMs = nowMs + client.sessionMs;
  const place = { poolId: pool.settings.id, clientId: client.id, name: signer.name, sub: signer.sub };
  account.sessions.set(id, { ...place, challenge, expiresMs, isUsed: false });
  return id;
}

/** The open session that an answer names, for a challenge of the right kind, or AWS's error (wording reported). */
export function findSession<Kind extends Challenge["kind"]>(
  { account, pool, client }: Caller,
  id: string | undefined,
  kind: Kind,
): ChallengeSession & { readonly challenge: Challenge & { readonly kind: Kind } } {
  if (id === undefined) throw invalidParameter("Missing required parameter Session");
  const session = account.sessions.get(id);
  if (
    session === undefined ||
    session.poolId !== pool.settings.id ||
    session.clientId !== client.id ||
    session.challenge.kind !== kind
  ) {
    throw notAuthorized("Invalid session for the user.");
  }
  if (account.clock() >= session.expiresMs) {
    throw notAuthorized("Invalid session for the user, session is expired.");
  }
  if (session.isUsed) {
    throw notAuthorized("Invalid session for the user, session can only be used once.");
  }
  // Its kind has just been compared.
  return session as ChallengeSession & { readonly challenge: Challenge & { readonly kind: Kind } };
}

/** The user of a session, who may have gone or been disabled since. */
export function userOfSession({ pool }: Caller, { sub }: ChallengeSession): User {
  const user = pool.users.bySub(sub ?? "");
  if (user === undefined) throw incorrectPassword();
  if (!user.enabled) throw disabledUser();
  return user;
}

/** Closes a session: it cannot be answered again. */
export function closeSession({ account }: Caller, id: string): void {
  const session = account.sessions.get(id);
  if (session !== undefined) account.sessions.set(id, { ...session, isUsed: true });
}

// The oldest come first, and few clients let theirs last longer than others.
function forgetExpired(sessions: Map<string, ChallengeSession>, nowMs: number): void {
  for (const [id, { expiresMs }] of sessions) {
    // An expired session is named as such for as long again.
    if (expiresMs + KEPT_AFTER_EXPIRY_MS > nowMs) return;
    sessions.delete(id);
  }
}

const KEPT_AFTER_EXPIRY_MS = 3 * 60 * 1000;
