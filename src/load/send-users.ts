import { classOf } from "../cognito/error-class.ts";
import { isUnanswered } from "../cognito/explain-error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { SingleRoute } from "../core/route.ts";
import type { UserToCreate } from "../ledger/ledger.ts";
import { batchesOf } from "./batches-of.ts";
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

/** Users whose sending is noted in one transaction, shortly before they are sent. */
const NOTED_TOGETHER = 20;

/** Users who are sent before they are settled and can be disabled: some ten seconds at the quota. */
const SENT_TOGETHER = 400;

/** Replies that may be lost before it is looked up what became of their users. */
const MAX_LOST_REPLIES = 10;

/** Times that everyone was tried and nobody was settled, before the run stops. */
const MAX_FRUITLESS = 2;

/**
 * Makes every user of a route that has no outcome yet, or as many as the session may send. That a user is about to be sent
 * is in the ledger before it is; whoever's reply was lost, or who was being sent when a session ended, is looked up in the
 * pool before it is sent again, where that is allowed. Calls `onSettled` whenever users have got their outcomes. Throws on
 * the run's trouble and INTERRUPTED, once what was in flight is settled.
 */
export async function sendUsers(maker: Maker, loading: Loading, onSettled: () => void): Promise<void> {
  const { ledger, allowance } = loading;
  const { route, operation } = maker;
  const questionable = new QuestionableUsers(maker, loading);
  let fruitless = 0;
  let sent: Sent = { settled: 1, lost: undefined };
  for (;;) {
    const found = await questionable.settle();
    if (found > 0) onSettled();
    await requireFewFailuresOfRoute({ route, of: operation }, loading);
    if ((await ledger.countUnsettledOfRoute(route)) === 0 || allowance.left === 0) return;
    fruitless = found + sent.settled > 0 ? 0 : fruitless + 1;
    if (fruitless === MAX_FRUITLESS) throw sent.lost ?? new Error("users were sent, and nothing came of it");
    sent = await new Sending(maker, loading, onSettled).sendAll();
  }
}

/** What came of sending everyone once. */
interface Sent {
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
  #lostReplies: Error[] = [];

  constructor(maker: Maker, loading: Loading, onSettled: () => void) {
    this.#maker = maker;
    this.#loading = loading;
    this.#onSettled = onSettled;
  }

  /** After too many lost replies, or when no more may be sent, it stops early. */
  async sendAll(): Promise<Sent> {
    const { cognito, ledger, signal, observe, allowance } = this.#loading;
    const { route, operation } = this.#maker;
    let settled = 0;
    const batches = batchesOf(ledger.usersToCreate(route), SENT_TOGETHER, await this.#firstBatch());
    for await (const batch of batches) {
      const users = batch.slice(0, allowance.take(batch.length));
      const limit = cognito.inFlight(operation);
      try {
        await workInFlight(this.#noted(users), { limit, signal }, (user) => this.#send(user));
      } finally {
        settled += this.#outcomes.length;
        await this.#settle();
      }
      this.#onSettled();
      const left = await ledger.countUnsettledOfRoute(route);
      observe({ kind: "users-made", by: operation, settled, left });
      await requireFewFailuresOfRoute({ route, of: operation }, this.#loading);
      if (this.#lostReplies.length >= MAX_LOST_REPLIES || allowance.left === 0) break;
    }
    return { settled, lost: this.#lostReplies.at(-1) };
  }

  /** A small batch before anybody was made, where the run wants a trial. */
  async #firstBatch(): Promise<number> {
    const { ledger } = this.#loading;
    const { canaryUsers } = ledger.facts.limits;
    const isTrial = canaryUsers > 0 && (await ledger.countCreated(this.#maker.route)).settled === 0;
    return isTrial ? Math.min(canaryUsers, SENT_TOGETHER) : SENT_TOGETHER;
  }

  async *#noted(users: readonly UserToCreate[]): AsyncIterable<UserToCreate> {
    const { ledger, cognito } = this.#loading;
    for await (const together of batchesOf(users, NOTED_TOGETHER)) {
      if (this.#lostReplies.length >= MAX_LOST_REPLIES) return;
      await ledger.noteSent(
        together.map(({ seq }) => seq),
        cognito.serviceNow,
      );
      yield* together;
    }
  }

  async #send(user: UserToCreate): Promise<void> {
    const { seq, sentAt } = user;
    try {
      const sub = await this.#maker.make(user);
      this.#outcomes.push({ seq, kind: "imported", reason: undefined, message: undefined, sub });
    } catch (error) {
      if (isUnanswered(error)) {
        this.#lostReplies.push(error);
        return;
      }
      if (!(error instanceof Error)) throw error;
      const known = classOf(error, this.#maker.operation);
      const { message } = error;
      switch (known.means) {
        case "skip":
          // The name or an alias is somebody's, so the pool is looked at.
          await this.#loading.ledger.noteRefusal(seq, message, sentAt === undefined ? "first" : "again");
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

  async #settle(): Promise<void> {
    await this.#loading.ledger.settle(this.#outcomes);
    this.#outcomes = [];
  }
}
