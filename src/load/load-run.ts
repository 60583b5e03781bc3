import { pause } from "../cognito/retry.ts";
import type { LoadLedger } from "../ledger/ledger.ts";
import type { Importing } from "./import-part.ts";
import { finishUsers, includes, loadUsers, type Loaded, type LoadScope } from "./load-users.ts";

/** What one session does of a run, and whether it is to end with users left. */
export interface RunScope extends LoadScope {
  /** Whether it does one step only, or sends so many users at the most. */
  readonly isLimited: boolean;
}

/** How often a worker that has nothing to do looks for what others have left. */
const LOOK_EVERY_MS = 1_000;

/**
 * Loads a run to its end, in one process or in several that share its ledger: each does what no other one has, takes over
 * what one that is gone has left, and returns when everybody is settled. A limited session returns when nothing is left for
 * it. Throws the first error of any lane, and INTERRUPTED.
 */
export async function loadRun(importing: Importing, scope: RunScope): Promise<void> {
  const { ledger, signal, observe } = importing;
  let told = 0;
  for (;;) {
    // Asked before the work: whoever is gone by then has left nothing behind that this round does not see. Who comes in the
    // meantime may leave something, gone again or not.
    const before = await ledger.otherWorkers();
    const loaded = await loadUsers(importing, scope);
    const now = await ledger.otherWorkers();
    const isAlone = before.atWork === 0 && now.ever === before.ever;
    if (await endRun(importing, scope, { ...loaded, isAlone })) return;
    if (now.atWork !== told) observe({ kind: "workers-awaited", workers: now.atWork });
    told = now.atWork;
    await pause(LOOK_EVERY_MS, signal);
  }
}

/** Does what comes at the end of a run, if it is time for it, and returns whether the session is over. */
async function endRun(
  importing: Importing,
  scope: RunScope,
  { isAlone, hasIds }: Loaded & { readonly isAlone: boolean },
): Promise<boolean> {
  const { ledger } = importing;
  const { isLimited } = scope;
  if (!(await ledger.takeTask("end"))) return isLimited;
  try {
    if ((await ledger.state()) === "done") return true;
    const mayFinish = isAlone || !(await hasUsersLeft(ledger, "early"));
    if (mayFinish && includes(scope, "follow-ups")) await finishUsers(importing, { hasIds });
    if (await hasUsersLeft(ledger)) {
      if (isAlone && !isLimited) throw new Error("the run ends with users or follow-ups left");
      return isLimited;
    }
    // The new ids are looked up with the follow-ups.
    if (!includes(scope, "follow-ups") && (await hasWork(ledger))) return true;
    // Those of users who were never sent.
    await ledger.eraseSecrets();
    await ledger.setState("done");
    return true;
  } finally {
    await ledger.releaseTask("end");
  }
}

/** Whether anything is left to do of a run, the look-up of new ids included. */
export async function hasWork(ledger: LoadLedger): Promise<boolean> {
  return (
    (await hasUsersLeft(ledger)) ||
    (await ledger.parts()).some(({ state }) => state === "spooled") ||
    (await ledger.countWithoutSub()) > 0
  );
}

/** Whether users lack an outcome or a follow-up; `early`: one that need not wait for the end. */
async function hasUsersLeft(ledger: LoadLedger, turn: "early" | "rest" = "rest"): Promise<boolean> {
  return (
    (await ledger.hasUnsettled()) ||
    (await ledger.countPendingFollowUps("disable")) > 0 ||
    (await ledger.countPendingFollowUps(turn)) > 0
  );
}
