import { AdminUsers, FOLLOW_UP_OPERATIONS } from "../cognito/admin-users.ts";
import { classOf } from "../cognito/error-class.ts";
import { readMinimumPasswordLength } from "../cognito/password-policy.ts";
import { USER_WRITE_PAUSE_MS } from "../cognito/quota.ts";
import { pause } from "../cognito/retry.ts";
import type { FollowUpResult, FollowUpTurn, PendingFollowUp } from "../ledger/ledger.ts";
import { workInFlight } from "./in-flight.ts";
import { Journal } from "./journal.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";
import type { PoolGroups } from "./pool-groups.ts";
import { resetPassword } from "./reset-password.ts";
import { setOwnPassword } from "./set-own-password.ts";
import { createTemporaryPassword } from "./temporary-password.ts";

/** Users in flight: whoever waits for a turn costs nothing, and so replies of a second slow nothing down. */
const IN_FLIGHT = 256;

/** Results between two words about the progress: some ten seconds at the quota. */
const TOLD_TOGETHER = 200;

/** Waits for a user who was created a moment ago and is not there yet (reported), in milliseconds. */
const ABSENCE_WAITS_MS: readonly number[] = [500, 2_000, 5_000];

/**
 * Does what is left to do of a turn for every user whom the run has created: a follow-up at a time for each user, many
 * users at a time. What cannot be done for one user fails with Cognito's words. Throws on the run's trouble and
 * INTERRUPTED, once what was in flight is settled. Returns how many were done or have failed.
 */
export async function doFollowUps(turn: FollowUpTurn, loading: Loading, groups: PoolGroups): Promise<number> {
  const { ledger, signal, observe } = loading;
  const toDo = await ledger.countPendingFollowUps(turn);
  if (toDo === 0) return 0;
  observe({ kind: "follow-ups-begun", turn, toDo });
  const groupsBefore = groups.made;
  const tally = new Tally(turn, loading);
  const users = new AdminUsers(loading.cognito, ledger.facts.pool.id, signal);
  try {
    const passwordLength = await lengthOfPasswords(turn, loading);
    // A password that is refused makes others to do.
    while ((await ledger.countPendingFollowUps(turn)) > 0) {
      await workInFlight(byUser(ledger.pendingFollowUps(turn)), { limit: IN_FLIGHT, signal }, (followUps) =>
        doAll(followUps, { users, groups, tally, loading, passwordLength }),
      );
      await tally.settle();
    }
  } finally {
    await tally.settle();
    if (turn !== "disable" && groups.made > groupsBefore)
      observe({ kind: "groups-created", count: groups.made - groupsBefore });
  }
  observe({ kind: "follow-ups-ended", turn, done: tally.done, failed: tally.failed });
  return tally.done + tally.failed;
}

/** The least length of passwords, where some are to be set. */
async function lengthOfPasswords(turn: FollowUpTurn, { cognito, ledger, signal }: Loading): Promise<number> {
  if (turn === "disable" || ledger.facts.policies.passwordAfterCreate === "none") return 0;
  return readMinimumPasswordLength(cognito, ledger.facts.pool.id, signal);
}

interface Doing {
  readonly users: AdminUsers;
  readonly groups: PoolGroups;
  readonly tally: Tally;
  readonly loading: Loading;
  readonly passwordLength: number;
}

/** The rates of one user's writes are held by doing them one after the other, with a pause between. */
async function doAll(followUps: readonly PendingFollowUp[], doing: Doing): Promise<void> {
  const { tally, loading } = doing;
  for (const [place, pending] of followUps.entries()) {
    if (place > 0) await pause(USER_WRITE_PAUSE_MS, loading.signal);
    // Whatever changed the user before is not done again after it, and so is told from what the user did.
    if (pending.followUp.kind === "reset-password") await tally.settle();
    await tally.add(await doOne(pending, doing));
  }
}

async function doOne(
  pending: PendingFollowUp,
  { users, groups, loading, passwordLength }: Doing,
): Promise<FollowUpResult> {
  const { ledger, signal } = loading;
  const { id, followUp } = pending;
  if (followUp.kind === "set-password" && (await hasOwnPassword(pending, loading)))
    return { id, state: "done" };
  const hasMadeUpUsernames = ledger.facts.pool.usernameAttributes.length > 0;
  // Where contacts are the usernames, the sub is the Username (reported); the contact stands for it as well.
  const username = hasMadeUpUsernames ? (pending.sub ?? pending.username) : pending.username;
  if (followUp.kind === "add-to-group") await groups.ensure(followUp.group);
  const call = (password?: string): Promise<void> =>
    users.do(followUp, username, () => password ?? createTemporaryPassword(passwordLength));
  const send = (): Promise<void> => {
    if (followUp.kind === "reset-password") return resetPassword(pending, { loading, send: () => call() });
    if (followUp.kind === "set-own-password") return setOwnPassword(pending, { loading, send: call });
    return call();
  };
  for (let looks = 0; ; looks += 1) {
    try {
      await send();
      return { id, state: "done" };
    } catch (error) {
      const known = classOf(error, FOLLOW_UP_OPERATIONS[followUp.kind]);
      if (known.means === "skip") return { id, state: "done" };
      if (known.means !== "fail") throw error;
      const waitMs = known.reason === "user-absent" ? ABSENCE_WAITS_MS[looks] : undefined;
      if (waitMs === undefined) return { id, state: "failed", message: (error as Error).message };
      await pause(waitMs, signal);
    }
  }
}

/**
 * Whether a user has a password beyond the temporary one already: ours, or one that the user has set since. An earlier
 * session may have got so far without a word in the ledger, and another password would lock the user out.
 */
async function hasOwnPassword({ username }: PendingFollowUp, loading: Loading): Promise<boolean> {
  if (!loading.isResumed) return false;
  const found = await lookUp(username, loading);
  return found !== undefined && found.status !== "FORCE_CHANGE_PASSWORD";
}

/** Counts results, makes them durable and tells of them. */
class Tally {
  readonly #turn: FollowUpTurn;
  readonly #loading: Loading;
  readonly #journal: Journal<FollowUpResult>;
  done = 0;
  failed = 0;

  constructor(turn: FollowUpTurn, loading: Loading) {
    this.#turn = turn;
    this.#loading = loading;
    const { cognito, ledger } = loading;
    this.#journal = new Journal((results) => ledger.settleFollowUps(results, cognito.serviceNow));
  }

  async add(result: FollowUpResult): Promise<void> {
    this[result.state] += 1;
    const { done, failed } = this;
    await this.#journal.add(result);
    if ((done + failed) % TOLD_TOGETHER === 0) {
      this.#loading.observe({ kind: "follow-ups-progress", turn: this.#turn, done, failed });
    }
  }

  settle(): Promise<void> {
    return this.#journal.settle();
  }
}

async function* byUser(followUps: AsyncIterable<PendingFollowUp>): AsyncIterable<readonly PendingFollowUp[]> {
  let group: PendingFollowUp[] = [];
  for await (const followUp of followUps) {
    if (group.length > 0 && group[0]?.seq !== followUp.seq) {
      yield group;
      group = [];
    }
    group.push(followUp);
  }
  if (group.length > 0) yield group;
}
