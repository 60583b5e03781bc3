import { classOf } from "../cognito/error-class.ts";
import { isUnanswered } from "../cognito/explain-error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { SingleRoute } from "../core/route.ts";
import type { UserToCreate } from "../ledger/ledger.ts";
import { requireFewFailuresOfRoute } from "./breaker.ts";
import { workInFlight } from "./in-flight.ts";
import type { Loading } from "./loading.ts";
import { QuestionableUsers } from "./questionable-users.ts";

/** How the users of a route are made one by one. */
export interface Maker {
  readonly route: SingleRoute;
  readonly operation: "AdminCreateUser" | "SignUp";
  /** Makes a user and returns its sub, where the answer has it. Not repeated after a lost reply. */
  readonly make: (user: UserToCreate) => Promise<string | undefined>;
}

/**
 * Users who are taken in one transaction, shortly before they are sent: so many, or a quarter of those who may be under way,
 * as each is a write to the disk that is waited for.
 */
const NOTED_TOGETHER = 20;
const NOTED_SHARE = 0.25;

/** Users who are sent before they are settled and can be disabled: some ten seconds at the quota, and a second at the least. */
const SENT_TOGETHER = 400;
const SETTLED_EVERY_MS = 1_000;

/** Replies that may be lost before it is looked up what became of their users. */
const MAX_LOST_REPLIES = 10;

/** Times that everyone was tried and nobody was settled, before the run stops. */
const MAX_FRUITLESS = 2;

/**
 * Makes every user of a route that has no outcome yet, but for those whom other workers have, or as many as the session may
 * send. That a user is about to be sent is in the ledger before it is; whoever's reply was lost, or who was being sent when a
 * session ended, is looked up in the pool before it is sent again, where that is allowed. Calls `onSettled` whenever users have
 * got their outcomes. Throws on the run's trouble and INTERRUPTED, once what was in flight is settled.
 */
export async function sendUsers(maker: Maker, loading: Loading, onSettled: () => void): Promise<void> {
  const { ledger, allowance } = loading;
  const { route, operation } = maker;
  const questionable = new QuestionableUsers(maker, loading);
  let fruitless = 0;
  let sent: Sent = { taken: 0, settled: 1, lost: undefined };
  for (;;) {
    const found = await questionable.settle();
    if (found > 0) onSettled();
    await requireFewFailuresOfRoute({ route, of: operation }, loading);
    const unsettled = await ledger.countUnsettledOfRoute(route);
    if (unsettled === 0 || allowance.left === 0) return;
    fruitless = found + sent.settled > 0 ? 0 : fruitless + 1;
    if (fruitless === MAX_FRUITLESS) throw sent.lost ?? new Error("users were sent, and nothing came of it");
    sent = await new Sending(maker, loading, onSettled).sendAll(unsettled);
    // Others have those that are left.
    if (sent.taken === 0) return;
  }
}

/** What came of sending everyone once. */
interface Sent {
  /** How many were taken to be sent. */
  readonly taken: number;
  readonly settled: number;
  /** The last error of a reply that was lost, if one was. */
  readonly lost: Error | undefined;
}

/** Sends everyone who is to be made, once. */
class Sending {
  readonly #maker: Maker;
  readonly #loading: Loading;
  readonly #onSettled: () => void;
  #outcomes: Outcome[] = [];
  /** When outcomes were last settled. */
  #settledMs = performance.now();
  #settled = 0;
  #lostReplies: Error[] = [];
  /** How many users were taken, and the last of them. */
  #taken = 0;
  #last = 0;

  constructor(maker: Maker, loading: Loading, onSettled: () => void) {
    this.#maker = maker;
    this.#loading = loading;
    this.#onSettled = onSettled;
  }

  /**
   * Sends up to so many users; after too many lost replies, when no more may be sent, or while another worker sends the
   * first ones for a trial, it stops early.
   */
  async sendAll(most: number): Promise<Sent> {
    const { ledger } = this.#loading;
    while (await this.#isTrial()) {
      const wanted = Math.min(ledger.facts.limits.canaryUsers, SENT_TOGETHER, most - this.#taken);
      const before = this.#taken;
      if (!(await ledger.takeTask("trial"))) return this.#sent;
      try {
        await this.#sendSome(wanted);
      } finally {
        await ledger.releaseTask("trial");
      }
      if (this.#taken - before < wanted || this.#mustStop(most)) return this.#sent;
    }
    await this.#sendSome(most - this.#taken);
    return this.#sent;
  }

  get #sent(): Sent {
    return { taken: this.#taken, settled: this.#settled, lost: this.#lostReplies.at(-1) };
  }

  #mustStop(most: number): boolean {
    const { allowance } = this.#loading;
    return this.#taken === most || this.#lostReplies.length >= MAX_LOST_REPLIES || allowance.left === 0;
  }

  /** Whether the run wants a few users to be sent first, and nobody was made yet. */
  async #isTrial(): Promise<boolean> {
    const { ledger } = this.#loading;
    if (ledger.facts.limits.canaryUsers === 0) return false;
    return (await ledger.countCreated(this.#maker.route)).settled === 0;
  }

  async #sendSome(wanted: number): Promise<void> {
    const { cognito, signal } = this.#loading;
    // Asked again and again: the account's own rate may become known meanwhile.
    const limit = (): number => cognito.inFlight(this.#maker.operation);
    const before = this.#taken;
    try {
      await workInFlight(this.#taking(wanted, limit), { limit, signal }, (user) => this.#send(user));
    } catch (error) {
      await this.#settle();
      throw error;
    }
    if (this.#taken > before) await this.#settleAndTell();
  }

  async *#taking(wanted: number, inFlight: () => number): AsyncIterable<UserToCreate> {
    const { ledger, cognito, allowance } = this.#loading;
    for (let left = wanted; left > 0;) {
      if (this.#lostReplies.length >= MAX_LOST_REPLIES) return;
      const together = Math.max(NOTED_TOGETHER, Math.floor(inFlight() * NOTED_SHARE));
      const most = allowance.take(Math.min(left, together));
      if (most === 0) return;
      const taking = { behind: this.#last, most, sentAt: cognito.serviceNow };
      const users = await ledger.takeToCreate(this.#maker.route, taking);
      allowance.giveBack(most - users.length);
      this.#taken += users.length;
      this.#last = users.at(-1)?.seq ?? this.#last;
      left -= users.length;
      yield* users;
      if (users.length < most) return;
    }
  }

  async #send(user: UserToCreate): Promise<void> {
    const outcome = await this.#make(user);
    if (outcome === undefined) return;
    this.#outcomes.push(outcome);
    const isDue = performance.now() - this.#settledMs >= SETTLED_EVERY_MS;
    if (isDue && this.#outcomes.length >= SENT_TOGETHER) await this.#settleAndTell();
  }

  /** Makes a user; returns its outcome, undefined where the pool is to be looked at for it. */
  async #make(user: UserToCreate): Promise<Outcome | undefined> {
    const { seq, sentAt } = user;
    try {
      const sub = await this.#maker.make(user);
      return { seq, kind: "imported", reason: undefined, message: undefined, sub };
    } catch (error) {
      if (isUnanswered(error)) {
        this.#lostReplies.push(error);
        return undefined;
      }
      if (!(error instanceof Error)) throw error;
      const known = classOf(error, this.#maker.operation);
      const { message } = error;
      switch (known.means) {
        case "skip":
          // The name or an alias is somebody's, so the pool is looked at.
          await this.#loading.ledger.noteRefusal(seq, message, sentAt === undefined ? "first" : "again");
          return undefined;
        case "fail":
          return { seq, kind: "failed", reason: known.reason, message };
        case "retry":
        case "abort":
          throw error;
      }
    }
  }

  /** Settles those who have come back, while others are under way. Throws TOO_MANY_FAILED. */
  async #settleAndTell(): Promise<void> {
    const { ledger, observe } = this.#loading;
    const { route, operation } = this.#maker;
    const settled = await this.#settle();
    this.#onSettled();
    const left = await ledger.countUnsettledOfRoute(route);
    observe({ kind: "users-made", by: operation, settled, left });
    await requireFewFailuresOfRoute({ route, of: operation }, this.#loading);
  }

  /** Returns how many were settled. */
  async #settle(): Promise<number> {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    this.#settledMs = performance.now();
    await this.#loading.ledger.settle(outcomes);
    this.#settled += outcomes.length;
    return outcomes.length;
  }
}
