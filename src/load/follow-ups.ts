import { AdminUsers } from "../cognito/admin-users.ts";
import { FOLLOW_UP_OPERATIONS } from "../cognito/follow-up-operations.ts";
import { readMinimumPasswordLength } from "../cognito/password-policy.ts";
import { pause } from "../cognito/retry.ts";
import type { FollowUpResult, FollowUpTurn, PendingFollowUp } from "../ledger/ledger.ts";
import { adminNameOf } from "./admin-name.ts";
import { workInFlight } from "./in-flight.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";
import { oneByOne } from "./one-by-one.ts";
import type { PoolGroups } from "./pool-groups.ts";
import { resetPassword } from "./reset-password.ts";
import { ResultJournal } from "./result-journal.ts";
import { setOwnPassword } from "./set-own-password.ts";
import { createTemporaryPassword } from "./temporary-password.ts";
import { writeResultOf } from "./write-result.ts";

/** Users in flight: whoever waits for a turn costs nothing, and so replies of a second slow nothing down. */
const IN_FLIGHT = 256;

/** Waits for a user who was created a moment ago and is not there yet (reported), in milliseconds. */
const ABSENCE_WAITS_MS: readonly number[] = [500, 2_000, 5_000];

/**
 * Does what is left to do of a turn for every user whom the run has created, but for those whom other workers have: a follow-up at a time for each user, many
 * users at a time. What cannot be done for one user fails with Cognito's words. Throws on the run's trouble and
 * INTERRUPTED, once what was in flight is settled. Returns how many were done or have failed.
 */
export async function doFollowUps(turn: FollowUpTurn, loading: Loading, groups: PoolGroups): Promise<number> {
  const { ledger, signal, observe } = loading;
  let toDo = await ledger.takeFollowUps(turn);
  if (toDo === 0) return 0;
  observe({ kind: "follow-ups-begun", turn, toDo });
  const groupsBefore = groups.made;
  const journal = new ResultJournal<FollowUpResult>({
    settle: (results) => ledger.settleFollowUps(results, loading.cognito.serviceNow),
    tell: (counts) => observe({ kind: "follow-ups-progress", turn, ...counts }),
  });
  const users = new AdminUsers(loading.cognito, ledger.facts.pool.id, signal);
  try {
    const passwordLength = await lengthOfPasswords(turn, loading);
    // A password that is refused makes others to do.
    for (; toDo > 0; toDo = await ledger.takeFollowUps(turn)) {
      await workInFlight(byUser(ledger.pendingFollowUps(turn)), { limit: IN_FLIGHT, signal }, (followUps) =>
        doAll(followUps, { users, groups, journal, loading, passwordLength }),
      );
      await journal.settle();
    }
  } finally {
    await journal.settle();
    if (turn !== "disable" && groups.made > groupsBefore)
      observe({ kind: "groups-created", count: groups.made - groupsBefore });
  }
  const { done, failed } = journal.counts;
  observe({ kind: "follow-ups-ended", turn, done, failed });
  return done + failed;
}

/** The least length of passwords, where some are to be set. */
async function lengthOfPasswords(turn: FollowUpTurn, { cognito, ledger, signal }: Loading): Promise<number> {
  if (turn === "disable" || ledger.facts.policies.passwordAfterCreate === "none") return 0;
  return readMinimumPasswordLength(cognito, ledger.facts.pool.id, signal);
}

interface Doing {
  readonly users: AdminUsers;
  readonly groups: PoolGroups;
  readonly journal: ResultJournal<FollowUpResult>;
  readonly loading: Loading;
  readonly passwordLength: number;
}

async function doAll(followUps: readonly PendingFollowUp[], doing: Doing): Promise<void> {
  const { journal, loading } = doing;
  await oneByOne(followUps, loading.signal, async (pending) => {
    // Whatever changed the user before is not done again after it, and so is told from what the user did.
    if (pending.followUp.kind === "reset-password") await journal.settle();
    await journal.add(await doOne(pending, doing));
  });
}

async function doOne(
  pending: PendingFollowUp,
  { users, groups, loading, passwordLength }: Doing,
): Promise<FollowUpResult> {
  const { ledger, signal } = loading;
  const { id, followUp } = pending;
  if (followUp.kind === "set-password" && (await hasOwnPassword(pending, loading)))
    return { id, state: "done" };
  const username = adminNameOf(pending, ledger.facts.pool);
  if (followUp.kind === "add-to-group") await groups.ensure(followUp.group);
  const call = (password?: string): Promise<void> =>
    users.do(followUp, username, () => password ?? createTemporaryPassword(passwordLength));
  const send = (): Promise<void> => {
    if (followUp.kind === "reset-password") return resetPassword(pending, { loading, send: () => call() });
    if (followUp.kind === "set-own-password") return setOwnPassword(pending, { loading, send: call });
    return call();
  };
  for (let looks = 0; ; looks += 1) {
    const result = await writeResultOf(FOLLOW_UP_OPERATIONS[followUp.kind], send);
    const isAbsent = result.state === "failed" && result.reason === "user-absent";
    const waitMs = isAbsent ? ABSENCE_WAITS_MS[looks] : undefined;
    if (waitMs === undefined) return { id, ...result };
    await pause(waitMs, signal);
  }
}

/**
 * Whether a user has a password beyond the temporary one already: ours, or one that the user has set since. An earlier
 * session may have got so far without a word in the ledger, and another password would lock the user out.
 */
async function hasOwnPassword(
  { username, isTakenOver }: PendingFollowUp,
  loading: Loading,
): Promise<boolean> {
  if (!loading.isResumed && !isTakenOver) return false;
  const found = await lookUp(username, loading);
  return found !== undefined && found.status !== "FORCE_CHANGE_PASSWORD";
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
