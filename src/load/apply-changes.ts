import { AdminUsers } from "../cognito/admin-users.ts";
import { CHANGE_OPERATIONS } from "../cognito/follow-up-operations.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { compareChanges, type Change } from "../core/change.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import type { Pool } from "../core/pool.ts";
import { adminNameOf } from "./admin-name.ts";
import { AliasGuard } from "./alias-guard.ts";
import { batchesOf } from "./batches-of.ts";
import { FailureTally } from "./failure-tally.ts";
import { workInFlight } from "./in-flight.ts";
import { firstListed } from "./look-up.ts";
import { oneByOne } from "./one-by-one.ts";
import { PoolGroups } from "./pool-groups.ts";
import { ResultJournal, type ResultCounts } from "./result-journal.ts";
import { writeResultOf, type WriteResult } from "./write-result.ts";

/** A change that is to be made. */
export interface PendingChange {
  readonly id: number;
  readonly change: Change;
}

/** A user of the pool, with all that is left to change of it. */
export interface UserToChange {
  /** As the pool lists it. */
  readonly username: string;
  readonly sub: string;
  /** Whether another change of it has failed in an earlier session: then it is not enabled. */
  readonly hasFailed: boolean;
  /** At least one, in any order. */
  readonly changes: readonly PendingChange[];
}

/**
 * What came of a change. One that failed has Cognito's message, or ours, and a reason: one of `src/cognito/error-class.ts`,
 * `alias-exists` also where another user would have lost an alias by it, or `held-back` for a user who is not enabled
 * since another change of it failed.
 */
export type ChangeResult = WriteResult & { readonly id: number };

/** Where it is noted which changes are made. Every call is durable when it returns; calls may come while others are on their way. */
export interface ChangeJournal {
  /**
   * Notes, before it happens, that changes are about to be made, by the service's clock. Of what is noted and not settled it
   * is open whether it was made; all of it can be made again.
   */
  noteSent(ids: readonly number[], sentAt: number): Promise<void>;
  /** Settles changes, at this time of the service's clock. */
  settle(results: readonly ChangeResult[], settledAt: number): Promise<void>;
}

/** How far changes are. */
export interface ChangeEvent extends ResultCounts {
  readonly kind: "changes-progress" | "changes-ended";
}

/** What making changes needs of its surroundings. */
export interface ChangeWork {
  readonly cognito: Cognito;
  readonly pool: Pool;
  readonly policies: Pick<LoadPolicies, "forceAliasCreation" | "missingGroups">;
  /** The share of changes that may fail before the others are not begun, 0 to 1. */
  readonly failedShare: number;
  readonly journal: ChangeJournal;
  readonly signal: AbortSignal;
  readonly observe: (event: ChangeEvent) => void;
}

/** Users whose changes are noted in one transaction, shortly before they are made. */
const NOTED_TOGETHER = 20;

/**
 * Makes the changes of many users, each of whom comes once: many users at a time, and for each user one change after the
 * other in the order of CHANGE_KINDS. Who is gone is deleted as wanted; any other change of it fails as `user-absent`. A user
 * is deleted by its sub, so that nobody is who was created anew under its name. No alias is taken from another user unless
 * the policy is to force it, and nobody is enabled after another change of it has failed.
 *
 * A change that cannot be made fails with Cognito's words, and the others go on. Throws TOO_MANY_FAILED, the run's trouble,
 * and INTERRUPTED, once what was in flight is settled; the changes that are not settled are left to do.
 */
export async function applyChanges(
  batches: AsyncIterable<readonly UserToChange[]>,
  work: ChangeWork,
): Promise<ResultCounts> {
  const { cognito, pool, policies, signal, observe } = work;
  const tally = new FailureTally({ of: "Sync", what: "changes", failedShare: work.failedShare });
  const journal = new ResultJournal<ChangeResult>({
    settle: (results) => work.journal.settle(results, cognito.serviceNow),
    tell: (counts) => observe({ kind: "changes-progress", ...counts }),
  });
  const changing: Changing = {
    work,
    tally,
    journal,
    users: new AdminUsers(cognito, pool.id, signal),
    groups: new PoolGroups({ cognito, pool, policies, signal }),
    aliases: new AliasGuard({ cognito, pool, signal }),
  };
  // Twice what the rate takes, as users wait between their writes.
  const limit = 2 * cognito.inFlight(CHANGE_OPERATIONS["set-attributes"]);
  try {
    await workInFlight(noted(batches, changing), { limit, signal }, (user) => changeUser(user, changing));
  } finally {
    await journal.settle();
  }
  // So few that all were under way before the first has failed are judged now.
  await tally.requireFew();
  observe({ kind: "changes-ended", ...journal.counts });
  return journal.counts;
}

interface Changing {
  readonly work: ChangeWork;
  readonly tally: FailureTally;
  readonly journal: ResultJournal<ChangeResult>;
  readonly users: AdminUsers;
  readonly groups: PoolGroups;
  readonly aliases: AliasGuard;
}

async function* noted(
  batches: AsyncIterable<readonly UserToChange[]>,
  { work, tally }: Changing,
): AsyncGenerator<UserToChange> {
  for await (const batch of batches) {
    for (const together of batchesOf(batch, NOTED_TOGETHER)) {
      await tally.requireFew();
      const ids = together.flatMap(({ changes }) => changes.map(({ id }) => id));
      await work.journal.noteSent(ids, work.cognito.serviceNow);
      for (const user of together) {
        await tally.requireFew();
        yield user;
      }
    }
  }
}

async function changeUser(user: UserToChange, changing: Changing): Promise<void> {
  const { work, tally, journal } = changing;
  const changes = user.changes.toSorted((one, other) => compareChanges(one.change, other.change));
  let { hasFailed } = user;
  let absence: WriteResult | undefined;
  const resultOf = async (change: Change): Promise<WriteResult> => {
    if (absence !== undefined) return change.kind === "delete" ? { state: "done" } : absence;
    return change.kind === "enable" && hasFailed ? HELD_BACK : changeOne(change, user, changing);
  };
  await oneByOne(changes, work.signal, async ({ id, change }) => {
    const result = await resultOf(change);
    if (result.state === "failed") {
      hasFailed = true;
      if (result.reason === "user-absent") absence = result;
      tally.fail(result.message);
    } else tally.succeed();
    await journal.add({ ...result, id });
  });
}

const HELD_BACK: WriteResult = {
  state: "failed",
  reason: "held-back",
  message: "the user is not enabled, as another change of it failed",
};

async function changeOne(
  change: Change,
  user: UserToChange,
  { work, users, groups, aliases }: Changing,
): Promise<WriteResult> {
  const { cognito, pool, policies, signal } = work;
  const call = (username = adminNameOf(user, pool)): Promise<WriteResult> =>
    writeResultOf(CHANGE_OPERATIONS[change.kind], () => users.change(change, username));
  switch (change.kind) {
    case "set-attributes": {
      if (policies.forceAliasCreation) return call();
      const taken = await aliases.takenBy(change.attributes, user.sub);
      if (taken === undefined) return call();
      const message = `another user of the pool signs in with the ${taken}, and keeps it`;
      return { state: "failed", reason: "alias-exists", message };
    }
    case "add-to-group":
      await groups.ensure(change.group);
      return call();
    case "delete": {
      const search = { poolId: pool.id, filter: { attribute: "sub", equals: user.sub } } as const;
      const found = await firstListed(cognito, search, signal);
      return found === undefined ? { state: "done" } : call(found.username);
    }
    case "disable":
    case "enable":
    case "delete-attributes":
    case "remove-from-group":
      return call();
  }
}
