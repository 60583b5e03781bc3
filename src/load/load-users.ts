import { pause } from "../cognito/retry.ts";
import { throwIfInterrupted } from "../core/ferry-error.ts";
import type { Part, PoolIdentity } from "../ledger/ledger.ts";
import { createUsers } from "./admin-create.ts";
import { BreakOffs } from "./break-offs.ts";
import { requireFewFailuresInParts } from "./breaker.ts";
import { findUsers, LOOK_WAITS_MS } from "./find-users.ts";
import { doFollowUps } from "./follow-ups.ts";
import { importPart, type Importing } from "./import-part.ts";
import type { Loading } from "./loading.ts";
import type { PartLimits } from "./spool.ts";

/**
 * Loads every user that the plan sends, and does what is to follow: parts that were begun first, then new ones until no
 * user is left for an import job, also of those whom a job that broke off did not reach; then those for AdminCreateUser;
 * then the new ids and the follow-ups. Each part is settled before the next begins, and those of its users who may not
 * sign in are disabled at once. Throws INTERRUPTED between two steps; the ledger is then as far as the pool is.
 */
export async function loadUsers(importing: Importing, limits: PartLimits): Promise<void> {
  // Those whom a session that was stopped has left able to sign in.
  await doFollowUps("disable", importing);
  await importParts(importing, limits);
  await createUsers(importing);
  // A link names the user by its new id where that is the Username.
  await recordIdentities(importing);
  await doFollowUps("rest", importing);
}

async function importParts(importing: Importing, limits: PartLimits): Promise<void> {
  const { ledger, spool, signal, observe } = importing;
  const breakOffs = new BreakOffs();
  const importOne = async (part: Part): Promise<void> => {
    const end = await importPart(part, importing);
    await doFollowUps("disable", importing);
    requireFewFailuresInParts(importing);
    breakOffs.note(end, ledger.counts().unsettled);
  };
  requireFewFailuresInParts(importing);
  for (const part of ledger.parts()) {
    if (part.state !== "spooled") continue;
    await importOne(part);
  }
  for (;;) {
    throwIfInterrupted(signal);
    const part = await spool.next(ledger, limits);
    if (part === undefined) return;
    observe({ kind: "part-spooled", part: part.id, rows: part.rows, bytes: part.bytes });
    await importOne(part);
  }
}

const RECORD_IDENTITIES = 1_000;

/** Records the sub of every user that is in the pool, for the identity map. One that is not listed yet stays without. */
async function recordIdentities({ cognito, ledger, signal, observe }: Loading): Promise<void> {
  for (const waitMs of LOOK_WAITS_MS) {
    const count = ledger.countWithoutSub();
    if (count === 0) return;
    observe({ kind: "identities-awaited", wanted: count });
    await pause(waitMs, signal);
    let batch: PoolIdentity[] = [];
    const search = { cognito, ledger, signal, count, wanted: () => ledger.usersWithoutSub() };
    for await (const { claimant, listed } of findUsers(search)) {
      if (claimant.sub !== undefined || listed.sub === undefined) continue;
      batch.push({ seq: claimant.seq, sub: listed.sub });
      if (batch.length === RECORD_IDENTITIES) {
        ledger.recordIdentities(batch);
        batch = [];
      }
    }
    ledger.recordIdentities(batch);
  }
}
