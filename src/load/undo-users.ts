import { AdminUsers } from "../cognito/admin-users.ts";
import { CHANGE_OPERATIONS } from "../cognito/follow-up-operations.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { listUsers, PAGE_USERS, type ListedUser, type UserFilter } from "../cognito/list-users.ts";
import { pause } from "../cognito/retry.ts";
import type { UndoAction } from "../core/undo.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import type { UndoCandidate, Undoing, UndoSettlement } from "../ledger/ledger.ts";
import { LOOK_WAITS_MS, namesOf, searchFor } from "./find-users.ts";
import { workInFlight } from "./in-flight.ts";
import { Journal } from "./journal.ts";
import { judgeUndo, type UndoRules } from "./judge-undo.ts";
import type { LoadObserver } from "./load-event.ts";
import { writeResultOf } from "./write-result.ts";

/** What taking users back needs of its surroundings. */
export interface UndoWork extends Pick<UndoRules, "action" | "includeChanged"> {
  readonly cognito: Cognito;
  readonly pool: Pool;
  readonly undoing: Undoing;
  /** How many users the pool has, about. */
  readonly poolUsers: number;
  readonly signal: AbortSignal;
  readonly observe: LoadObserver;
}

/** Users in flight: whoever waits for a turn costs nothing, and so replies of a second slow nothing down. */
const IN_FLIGHT = 64;

/** Results between two words about the progress: some ten seconds at the quota. */
const TOLD_TOGETHER = 200;

/** Users of the pool between two words about the progress. */
const LISTED_TOGETHER = 6_000;

/**
 * Deletes or disables every user of the pool whom the run has created, and nobody else. Each is judged by what the pool
 * lists a moment before. What is about to be done is in the ledger first; doing it again is without harm, so a lost reply
 * is repeated. Throws on the run's trouble and INTERRUPTED, once what was in flight is settled.
 */
export async function undoUsers(work: UndoWork): Promise<void> {
  const { undoing, signal, observe, poolUsers, action } = work;
  const { created, uncertain } = await undoing.count();
  observe({ kind: "undo-begun", action, users: created + uncertain });
  const tally = new Tally(work);
  try {
    for (const waitMs of LOOK_WAITS_MS) {
      const left = await undoing.countLeft();
      if (left === 0) break;
      await pause(waitMs, signal);
      // One search a user, or the whole pool, whichever is fewer requests.
      if (left > poolUsers / PAGE_USERS) await undoListed(work, tally);
      else await undoSearched(work, tally);
      await tally.settle();
    }
  } finally {
    await tally.settle();
  }
  await undoing.settleAbsent();
}

async function undoListed(work: UndoWork, tally: Tally): Promise<void> {
  const { cognito, pool, undoing, signal, observe } = work;
  let listedUsers = 0;
  let told = 0;
  for await (const page of listUsers(cognito, { poolId: pool.id }, signal)) {
    await workInFlight(page, { limit: IN_FLIGHT, signal }, async (listed) => {
      const candidate = await candidateFor(listed, pool, undoing);
      if (candidate !== undefined) await undoOne(candidate, listed, { work, tally });
    });
    await tally.settle();
    listedUsers += page.length;
    if (listedUsers - told < LISTED_TOGETHER) continue;
    told = listedUsers;
    observe({ kind: "users-listed", users: listedUsers });
  }
}

async function undoSearched(work: UndoWork, tally: Tally): Promise<void> {
  const { cognito, pool, undoing, signal } = work;
  await workInFlight(undoing.left(), { limit: IN_FLIGHT, signal }, async (wanted) => {
    const { sub, username } = wanted;
    const filter: UserFilter =
      sub === undefined ? searchFor(username, pool) : { attribute: "sub", equals: sub };
    for await (const page of listUsers(cognito, { poolId: pool.id, filter }, signal)) {
      for (const listed of page) {
        const candidate = await candidateFor(listed, pool, undoing);
        if (candidate?.seq === wanted.seq) await undoOne(candidate, listed, { work, tally });
      }
    }
  });
}

/** The user of the run that a listed one may be: the one with its sub, or one whose sub is not known, by the name. */
async function candidateFor(
  listed: ListedUser,
  pool: Pool,
  undoing: Undoing,
): Promise<UndoCandidate | undefined> {
  if (listed.sub === undefined) return undefined;
  const known = await undoing.candidateWithSub(listed.sub);
  if (known !== undefined) return known;
  for (const name of namesOf(listed, pool)) {
    const named = await undoing.candidateNamed(comparedName(name, pool));
    if (named !== undefined) return named;
  }
  return undefined;
}

interface Doing {
  readonly work: UndoWork;
  readonly tally: Tally;
}

async function undoOne(candidate: UndoCandidate, listed: ListedUser, { work, tally }: Doing): Promise<void> {
  const { cognito, undoing, action, includeChanged } = work;
  const { seq } = candidate;
  // The pool is gone through again for whoever was not found, and lists the others again.
  if (await undoing.wasSeen(seq)) return;
  const verdict = judgeUndo(candidate, listed, { action, includeChanged, lastWroteAt: undoing.lastWroteAt });
  switch (verdict.kind) {
    case "foreign":
      await undoing.pass(seq);
      return;
    case "leave":
      await tally.add({ seq, result: verdict.result, message: verdict.message });
      return;
    case "undo":
      if (!(await undoing.begin(seq, { action, sub: listed.sub ?? "", at: cognito.serviceNow }))) return;
      await tally.add({ seq, ...(await effectOn(listed, work)) });
  }
}

async function effectOn(
  { username }: ListedUser,
  { cognito, pool, signal, action }: UndoWork,
): Promise<Omit<UndoSettlement, "seq">> {
  const users = new AdminUsers(cognito, pool.id, signal);
  const done = await writeResultOf(CHANGE_OPERATIONS[action], () => users.change({ kind: action }, username));
  if (done.state === "done") return { result: DONE[action], message: undefined };
  return { result: done.reason === "user-absent" ? "absent" : "failed", message: done.message };
}

const DONE = { delete: "deleted", disable: "disabled" } as const satisfies Record<UndoAction, string>;

/** Counts results, makes them durable and tells of them. */
class Tally {
  readonly #work: UndoWork;
  readonly #journal: Journal<UndoSettlement>;
  #undone = 0;
  #left = 0;

  constructor(work: UndoWork) {
    this.#work = work;
    const { undoing, cognito } = work;
    this.#journal = new Journal((settlements) => undoing.settle(settlements, cognito.serviceNow));
  }

  async add(settlement: UndoSettlement): Promise<void> {
    const isUndone = settlement.result === DONE[this.#work.action] || settlement.result === "absent";
    if (isUndone) this.#undone += 1;
    else this.#left += 1;
    const isToBeTold = (this.#undone + this.#left) % TOLD_TOGETHER === 0;
    await this.#journal.add(settlement);
    if (isToBeTold) this.#tell();
  }

  settle(): Promise<void> {
    return this.#journal.settle();
  }

  #tell(): void {
    const { observe, action } = this.#work;
    observe({ kind: "undo-progress", action, undone: this.#undone, left: this.#left });
  }
}
