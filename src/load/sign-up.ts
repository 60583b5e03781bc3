import { classOf } from "../cognito/error-class.ts";
import { isUnanswered } from "../cognito/explain-error.ts";
import { pause } from "../cognito/retry.ts";
import { signUp, type AppClient } from "../cognito/sign-up.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { PoolIdentity, UserToCreate } from "../ledger/ledger.ts";
import { batchesOf } from "./batches-of.ts";
import { requireFewFailuresInSignUp } from "./breaker.ts";
import { findUsers, LOOK_WAITS_MS, type FoundUser } from "./find-users.ts";
import { workInFlight } from "./in-flight.ts";
import type { Loading } from "./loading.ts";
import { createTemporaryPassword } from "./temporary-password.ts";
import { withoutPassword } from "./without-password.ts";

const ROUTE = "sign-up";

/** Users whose sending is noted in one transaction, shortly before they are sent. */
const NOTED_TOGETHER = 20;

/** Users who are sent before they are settled and can be disabled: some ten seconds at the quota. */
const SENT_TOGETHER = 400;

/** Users who were looked up and are settled in one transaction. */
const FOUND_TOGETHER = 1_000;

/** Replies that may be lost before what became of their users is settled. */
const MAX_LOST_REPLIES = 10;

/** Times that everyone was tried and nobody was settled, before the run stops. */
const MAX_FRUITLESS = 2;

/** How far the service's clocks may be apart, in milliseconds (our guess: they are kept by NTP). */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Signs up every user that is planned for it and has no outcome yet, or as many as the session may send. That a user is
 * about to be sent is in the ledger before it is. Of whom Cognito says that it exists, the pool is looked at for its status
 * and whether this run made it; where that is not allowed, a user who was sent once is taken for one from before, and a
 * user whose earlier reply was lost has failed as unclear. Calls `onSettled` whenever users have got their outcomes.
 * Throws on the run's trouble and INTERRUPTED, once what was in flight is settled.
 */
export async function signUpUsers(loading: Loading, onSettled: () => void): Promise<void> {
  const { ledger, allowance } = loading;
  if (ledger.countUnsettledOfRoute(ROUTE) === 0) return;
  const settling = new Settling(loading);
  let fruitless = 0;
  let sent: Sent = { settled: 1, lost: undefined };
  for (;;) {
    const found = await settling.settleInQuestion();
    if (found > 0) onSettled();
    requireFewFailuresInSignUp(loading);
    if (ledger.countUnsettledOfRoute(ROUTE) === 0 || allowance.left === 0) return;
    fruitless = found + sent.settled > 0 ? 0 : fruitless + 1;
    if (fruitless === MAX_FRUITLESS)
      throw sent.lost ?? new Error("users were signed up, and nothing came of it");
    sent = await new Sending(loading, onSettled).sendAll();
  }
}

/** What came of sending everyone once. */
interface Sent {
  readonly settled: number;
  /** The last error of a reply that was lost, if one was. */
  readonly lost: Error | undefined;
}

/** Sends everyone who is to sign up, once. */
class Sending {
  readonly #loading: Loading;
  readonly #client: AppClient;
  readonly #passwordLength: number;
  readonly #onSettled: () => void;
  #outcomes: Outcome[] = [];
  #identities: PoolIdentity[] = [];
  #lostReplies: Error[] = [];

  constructor(loading: Loading, onSettled: () => void) {
    const { appClient, ledger } = loading;
    const { signUp: facts } = ledger.facts;
    if (appClient === undefined || facts === undefined) throw new Error("no app client to sign up with");
    this.#loading = loading;
    this.#onSettled = onSettled;
    this.#client = appClient;
    this.#passwordLength = facts.passwordLength;
  }

  /** After too many lost replies, or when no more may be sent, it stops early. */
  async sendAll(): Promise<Sent> {
    const { cognito, ledger, signal, observe, allowance } = this.#loading;
    let settled = 0;
    for (const batch of batchesOf(ledger.usersToCreate(ROUTE), SENT_TOGETHER, this.#firstBatch())) {
      const users = batch.slice(0, allowance.take(batch.length));
      const limit = cognito.inFlight("SignUp");
      try {
        await workInFlight(this.#noted(users), { limit, signal }, (user) => this.#send(user));
      } finally {
        settled += this.#outcomes.length;
        this.#settle();
      }
      this.#onSettled();
      observe({ kind: "users-signed-up", settled, left: ledger.countUnsettledOfRoute(ROUTE) });
      requireFewFailuresInSignUp(this.#loading);
      if (this.#lostReplies.length >= MAX_LOST_REPLIES || allowance.left === 0) break;
    }
    return { settled, lost: this.#lostReplies.at(-1) };
  }

  /** A small batch before anybody signed up, where the run wants a trial. */
  #firstBatch(): number {
    const { ledger } = this.#loading;
    const { canaryUsers } = ledger.facts.limits;
    const isTrial = canaryUsers > 0 && ledger.countCreated(ROUTE).settled === 0;
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

  async #send({ seq, username, attributes, password: own, sentAt }: UserToCreate): Promise<void> {
    const { cognito, ledger, signal } = this.#loading;
    try {
      const password = own ?? createTemporaryPassword(this.#passwordLength);
      const user = { username, attributes, password, isOwnPassword: own !== undefined };
      const sub = await signUp(cognito, this.#client, { user, signal });
      this.#outcomes.push({ seq, kind: "imported", reason: undefined, message: undefined });
      if (sub !== undefined) this.#identities.push({ seq, sub });
    } catch (thrown) {
      const error = own === undefined ? thrown : withoutPassword(thrown, own);
      if (isUnanswered(error)) {
        this.#lostReplies.push(error);
        return;
      }
      if (!(error instanceof Error)) throw error;
      const known = classOf(error, "SignUp");
      switch (known.means) {
        case "skip":
          ledger.noteRefusal(seq, error.message, sentAt === undefined ? "first" : "again");
          return;
        case "fail":
          this.#outcomes.push({ seq, kind: "failed", reason: known.reason, message: error.message });
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

/** Settles those of whom it is open whether this run made them. */
class Settling {
  readonly #loading: Loading;
  #mayLook: boolean;

  constructor(loading: Loading) {
    this.#loading = loading;
    this.#mayLook = loading.ledger.facts.signUp?.access === "pool";
  }

  /** Returns how many were settled. */
  async settleInQuestion(): Promise<number> {
    const { ledger } = this.#loading;
    const wanted = ledger.countInQuestion(ROUTE);
    if (wanted === 0) return 0;
    if (this.#mayLook) await this.#look();
    if (this.#mayLook) {
      // Nobody has the name, so what is taken is an alias.
      ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, ROUTE);
    } else {
      ledger.settleRefused({ kind: "skipped", reason: "user-exists" }, ROUTE, "first");
      ledger.settleRefused({ kind: "failed", reason: "sign-up-unclear" }, ROUTE, "again");
    }
    return wanted - ledger.countInQuestion(ROUTE);
  }

  /** Looks the users up and settles whoever is there, unless the credentials do not allow that. */
  async #look(): Promise<void> {
    const { ledger, signal, observe } = this.#loading;
    const wanted = ledger.countInQuestion(ROUTE);
    try {
      for (const waitMs of LOOK_WAITS_MS) {
        if (ledger.countInQuestion(ROUTE) === 0) break;
        await pause(waitMs, signal);
        await this.#settleFound();
      }
    } catch (error) {
      if (!(error instanceof FerryError) || !NO_LOOK.has(error.code)) throw error;
      this.#mayLook = false;
      observe({ kind: "look-up-denied", error: error.code });
      return;
    }
    observe({ kind: "signed-up-users-looked-up", wanted, found: wanted - ledger.countInQuestion(ROUTE) });
  }

  async #settleFound(): Promise<void> {
    const { cognito, ledger, signal } = this.#loading;
    const count = ledger.countInQuestion(ROUTE);
    const search = { cognito, ledger, signal, count, wanted: () => ledger.usersInQuestion(ROUTE) };
    let found: FoundUser[] = [];
    const settle = (): void => {
      ledger.settle(found.map(outcomeOf));
      ledger.recordIdentities(found.flatMap(identityOf));
      found = [];
    };
    for await (const user of findUsers(search)) {
      const { route, sentAt, refusal, outcome } = user.claimant;
      const isInQuestion = route === ROUTE && outcome === undefined && (sentAt ?? refusal) !== undefined;
      if (!isInQuestion) continue;
      found.push(user);
      if (found.length === FOUND_TOGETHER) settle();
    }
    settle();
  }
}

/** Errors after which a run does without looking users up. */
const NO_LOOK: ReadonlySet<string> = new Set(["ACCESS_DENIED", "CREDENTIALS_INVALID", "CREDENTIALS_MISSING"]);

function identityOf({ claimant: { seq }, listed: { sub } }: FoundUser): readonly PoolIdentity[] {
  return sub === undefined ? [] : [{ seq, sub }];
}

function outcomeOf({ claimant, listed }: FoundUser): Outcome {
  const { seq, sentAt } = claimant;
  const isOurs = sentAt !== undefined && (listed.createdAt ?? 0) >= sentAt - CLOCK_TOLERANCE_MS;
  if (isOurs) return { seq, kind: "imported", reason: undefined, message: undefined };
  const status = listed.status === undefined ? "" : `, ${listed.status}`;
  return {
    seq,
    kind: "skipped",
    reason: "user-exists",
    message: `the user is in the pool from before${status}`,
  };
}
