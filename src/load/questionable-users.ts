import { pause } from "../cognito/retry.ts";
import { CLOCK_TOLERANCE_MS } from "../cognito/service-clock.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Outcome } from "../core/outcome.ts";
import { findUsers, LOOK_WAITS_MS, type FoundUser } from "./find-users.ts";
import type { InQuestion } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import type { Maker } from "./send-users.ts";

/** Users who were looked up and are settled in one transaction. */
const FOUND_TOGETHER = 1_000;

/** Errors after which users who sign up are not looked up any more: they need no rights on the pool. */
const NO_LOOK: ReadonlySet<string> = new Set(["ACCESS_DENIED", "CREDENTIALS_INVALID", "CREDENTIALS_MISSING"]);

/** The users of a route of whom it is open whether this run made them. */
export class QuestionableUsers {
  readonly #maker: Maker;
  readonly #loading: Loading;
  #mayLook: boolean;
  #settled = 0;

  constructor(maker: Maker, loading: Loading) {
    this.#maker = maker;
    this.#loading = loading;
    this.#mayLook = loading.ledger.facts.signUp?.access !== "client";
  }

  /**
   * Looks them up, those who were refused for longer: of the others one who is not found is sent again, and is refused then if
   * it was there unseen. Settles those who are in the pool: one is ours when it was created after it was noted as sent, by
   * the service's clock. Of those who are not, who was refused has an alias that is another user's, since nobody has the name;
   * the rest can be sent again. Where nobody may look, a user who was refused at the first request is taken for one from
   * before, and one whose earlier reply was lost has failed as unclear. Returns how many were settled.
   */
  async settle(): Promise<number> {
    const { ledger } = this.#loading;
    const { route } = this.#maker;
    const wanted = await ledger.takeInQuestion(route);
    if (wanted === 0) return 0;
    this.#settled = 0;
    if (this.#mayLook) await this.#look(wanted);
    if (this.#mayLook) {
      this.#settled += await ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, route);
    } else {
      this.#settled += await ledger.settleRefused({ kind: "skipped", reason: "user-exists" }, route, "first");
      this.#settled += await ledger.settleRefused(
        { kind: "failed", reason: "sign-up-unclear" },
        route,
        "again",
      );
    }
    return this.#settled;
  }

  /** Where a second creation might take an alias from the user whom the first has made, instead of being refused. */
  get #mustFindAll(): boolean {
    return this.#loading.ledger.facts.policies.forceAliasCreation;
  }

  async #look(wanted: number): Promise<void> {
    const { ledger, signal, observe } = this.#loading;
    const { route, operation } = this.#maker;
    try {
      for (const [round, waitMs] of LOOK_WAITS_MS.entries()) {
        const which = round === 0 || this.#mustFindAll ? "all" : "refused";
        if ((await ledger.countInQuestion(route, which)) === 0) break;
        await pause(waitMs, signal);
        await this.#settleFound(which);
      }
    } catch (error) {
      const isDenied = route === "sign-up" && error instanceof FerryError && NO_LOOK.has(error.code);
      if (!isDenied) throw error;
      this.#mayLook = false;
      observe({ kind: "look-up-denied", error: error.code });
      return;
    }
    observe({ kind: "sent-users-looked-up", by: operation, wanted, found: this.#settled });
  }

  async #settleFound(which: InQuestion): Promise<void> {
    const { cognito, ledger, signal } = this.#loading;
    const { route } = this.#maker;
    const search = {
      cognito,
      ledger,
      signal,
      count: await ledger.countInQuestion(route, which),
      wanted: () => ledger.usersInQuestion(route, which),
      isAsWritten: !this.#mustFindAll && (await ledger.countInQuestion(route, "refused")) === 0,
    };
    let found: FoundUser[] = [];
    const settle = async (): Promise<void> => {
      await ledger.settle(found.map(outcomeOf));
      this.#settled += found.length;
      found = [];
    };
    for await (const user of findUsers(search)) {
      const { claimant } = user;
      const isInQuestion =
        claimant.route === route &&
        claimant.outcome === undefined &&
        (claimant.sentAt ?? claimant.refusal) !== undefined;
      if (!isInQuestion) continue;
      found.push(user);
      if (found.length === FOUND_TOGETHER) await settle();
    }
    await settle();
  }
}

function outcomeOf({ claimant, listed }: FoundUser): Outcome {
  const { seq, sentAt, refusal } = claimant;
  const { sub } = listed;
  const isOurs = sentAt !== undefined && (listed.createdAt ?? 0) >= sentAt - CLOCK_TOLERANCE_MS;
  if (isOurs) return { seq, kind: "imported", reason: undefined, message: undefined, sub };
  const status = listed.status === undefined ? "" : `, ${listed.status}`;
  const explanation = `the user is in the pool from before${status}`;
  const message = refusal === undefined ? explanation : `${refusal.replace(/\.$/, "")}: ${explanation}`;
  return { seq, kind: "skipped", reason: "user-exists", message, sub };
}
