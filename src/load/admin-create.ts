import { AdminUsers } from "../cognito/admin-users.ts";
import { classOf } from "../cognito/error-class.ts";
import { isUnanswered } from "../cognito/explain-error.ts";
import { readMinimumPasswordLength } from "../cognito/password-policy.ts";
import { pause } from "../cognito/retry.ts";
import type { Outcome } from "../core/outcome.ts";
import type { PoolIdentity, UserToCreate } from "../ledger/ledger.ts";
import { batchesOf } from "./batches-of.ts";
import { requireFewFailuresInCreation } from "./breaker.ts";
import { findUsers, LOOK_WAITS_MS, type FoundUser } from "./find-users.ts";
import { workInFlight } from "./in-flight.ts";
import type { Loading } from "./loading.ts";
import { createTemporaryPassword } from "./temporary-password.ts";

/** Users whose sending is noted in one transaction, shortly before they are sent. */
const NOTED_TOGETHER = 20;

/** Users who are sent before they are settled and can be disabled: some ten seconds at the quota. */
const SENT_TOGETHER = 400;

/** Users who were looked up and are settled in one transaction. */
const FOUND_TOGETHER = 1_000;

/** Replies that may be lost before it is looked up what became of their users. */
const MAX_LOST_REPLIES = 10;

/** Times that everyone was tried and nobody was settled, before the run stops. */
const MAX_FRUITLESS = 2;

/** How far the service's clocks may be apart, in milliseconds (our guess: they are kept by NTP). */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Creates every user that is planned for AdminCreateUser and has no outcome yet, or as many as the session may send.
 * That a user is about to be sent is in the ledger before it is; whoever's reply was lost, or who was being sent when a
 * session ended, is looked up in the pool before it is sent again: it is ours when it was created after that, by the
 * service's clock. Calls `onSettled` whenever users have got their outcomes. Throws on the run's trouble and
 * INTERRUPTED, once what was in flight is settled.
 */
export async function createUsers(loading: Loading, onSettled: () => void): Promise<void> {
  const { cognito, ledger, signal, allowance } = loading;
  const route = "admin-create";
  if (ledger.countUnsettledOfRoute(route) === 0) return;
  const passwordLength = await readMinimumPasswordLength(cognito, ledger.facts.pool.id, signal);
  let fruitless = 0;
  let sent: Sent = { settled: 1, lost: undefined };
  for (;;) {
    const found = await settleInQuestion(loading);
    if (found > 0) onSettled();
    requireFewFailuresInCreation(loading);
    if (ledger.countUnsettledOfRoute(route) === 0 || allowance.left === 0) return;
    fruitless = found + sent.settled > 0 ? 0 : fruitless + 1;
    if (fruitless === MAX_FRUITLESS) throw sent.lost ?? new Error("users were sent, and nothing came of it");
    sent = await new Sending(loading, passwordLength, onSettled).sendAll();
  }
}

/** What came of sending everyone once. */
interface Sent {
  readonly settled: number;
  /** The last error of a reply that was lost, if one was. */
  readonly lost: Error | undefined;
}

/** Sends everyone who is to be created, once. */
class Sending {
  readonly #loading: Loading;
  readonly #users: AdminUsers;
  readonly #passwordLength: number;
  readonly #onSettled: () => void;
  #outcomes: Outcome[] = [];
  #identities: PoolIdentity[] = [];
  #lostReplies: Error[] = [];

  constructor(loading: Loading, passwordLength: number, onSettled: () => void) {
    this.#loading = loading;
    this.#passwordLength = passwordLength;
    this.#onSettled = onSettled;
    this.#users = new AdminUsers(loading.cognito, loading.ledger.facts.pool.id, loading.signal);
  }

  /** After too many lost replies, or when no more may be sent, it stops early. */
  async sendAll(): Promise<Sent> {
    const { cognito, ledger, signal, observe, allowance } = this.#loading;
    let settled = 0;
    for (const batch of batchesOf(ledger.usersToCreate(), SENT_TOGETHER, this.#firstBatch())) {
      const users = batch.slice(0, allowance.take(batch.length));
      const limit = cognito.inFlight("AdminCreateUser");
      try {
        await workInFlight(this.#noted(users), { limit, signal }, (user) => this.#send(user));
      } finally {
        settled += this.#outcomes.length;
        this.#settle();
      }
      this.#onSettled();
      observe({ kind: "users-created", settled, left: ledger.countUnsettledOfRoute("admin-create") });
      requireFewFailuresInCreation(this.#loading);
      if (this.#lostReplies.length >= MAX_LOST_REPLIES || allowance.left === 0) break;
    }
    return { settled, lost: this.#lostReplies.at(-1) };
  }

  /** A small batch before anybody was created, where the run wants a trial. */
  #firstBatch(): number {
    const { ledger } = this.#loading;
    const { canaryUsers } = ledger.facts.limits;
    const isTrial = canaryUsers > 0 && ledger.countCreated().settled === 0;
    return isTrial ? Math.min(canaryUsers, SENT_TOGETHER) : SENT_TOGETHER;
  }

  *#noted(users: readonly UserToCreate[]): Iterable<UserToCreate> {
    const { ledger, cognito } = this.#loading;
    for (const together of batchesOf(users, NOTED_TOGETHER)) {
      if (this.#lostReplies.length >= MAX_LOST_REPLIES) return;
      ledger.noteSent(
        together.map(({ seq }) => seq),
        cognito.serviceNow,
      );
      yield* together;
    }
  }

  async #send({ seq, username, attributes, sentAt }: UserToCreate): Promise<void> {
    try {
      const temporaryPassword = createTemporaryPassword(this.#passwordLength);
      const { forceAliasCreation } = this.#loading.ledger.facts.policies;
      const newUser = { username, attributes, temporaryPassword, forceAliasCreation };
      const sub = await this.#users.create(newUser);
      this.#outcomes.push({ seq, kind: "imported", reason: undefined, message: undefined });
      if (sub !== undefined) this.#identities.push({ seq, sub });
    } catch (error) {
      if (isUnanswered(error)) {
        this.#lostReplies.push(error);
        return;
      }
      if (!(error instanceof Error)) throw error;
      const known = classOf(error, "AdminCreateUser");
      const { message } = error;
      switch (known.means) {
        case "skip":
          // The name or an alias is somebody's, so the pool is looked at.
          this.#loading.ledger.noteRefusal(seq, message, sentAt === undefined ? "first" : "again");
          return;
        case "fail":
          this.#outcomes.push({ seq, kind: "failed", reason: known.reason, message });
          return;
        case "retry":
        case "abort":
          throw error;
      }
    }
  }

  #settle(): void {
    const { ledger } = this.#loading;
    ledger.settle(this.#outcomes);
    ledger.recordIdentities(this.#identities);
    this.#outcomes = [];
    this.#identities = [];
  }
}

/**
 * Looks up those of whom it is open whether they were created, and settles those who are in the pool. Of the others,
 * who was refused has an alias that is another user's, since nobody has the name; the rest can be sent again. Returns
 * how many were settled.
 */
async function settleInQuestion(loading: Loading): Promise<number> {
  const { ledger, signal, observe } = loading;
  const wanted = ledger.countInQuestion();
  if (wanted === 0) return 0;
  for (const waitMs of LOOK_WAITS_MS) {
    if (ledger.countInQuestion() === 0) break;
    await pause(waitMs, signal);
    await settleFound(loading);
  }
  const missing = ledger.countInQuestion();
  observe({ kind: "sent-users-looked-up", wanted, found: wanted - missing });
  ledger.settleRefused({ kind: "failed", reason: "alias-exists" });
  return wanted - ledger.countInQuestion();
}

async function settleFound({ cognito, ledger, signal }: Loading): Promise<void> {
  const count = ledger.countInQuestion();
  const search = { cognito, ledger, signal, count, wanted: () => ledger.usersInQuestion() };
  let found: FoundUser[] = [];
  const settle = (): void => {
    ledger.settle(found.map(outcomeOf));
    ledger.recordIdentities(found.flatMap(identityOf));
    found = [];
  };
  for await (const user of findUsers(search)) {
    const { route, sentAt, refusal, outcome } = user.claimant;
    const isInQuestion =
      route === "admin-create" && outcome === undefined && (sentAt ?? refusal) !== undefined;
    if (!isInQuestion) continue;
    found.push(user);
    if (found.length === FOUND_TOGETHER) settle();
  }
  settle();
}

function identityOf({ claimant: { seq }, listed: { sub } }: FoundUser): readonly PoolIdentity[] {
  return sub === undefined ? [] : [{ seq, sub }];
}

function outcomeOf({ claimant, listed }: FoundUser): Outcome {
  const { seq, sentAt, refusal } = claimant;
  const isOurs = sentAt !== undefined && (listed.createdAt ?? 0) >= sentAt - CLOCK_TOLERANCE_MS;
  if (isOurs) return { seq, kind: "imported", reason: undefined, message: undefined };
  const message = refusal ?? "the user is in the pool from before";
  return { seq, kind: "skipped", reason: "user-exists", message };
}
