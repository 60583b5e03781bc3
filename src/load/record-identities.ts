import { pause } from "../cognito/retry.ts";
import type { PoolIdentity } from "../ledger/ledger.ts";
import { findUsers, LOOK_WAITS_MS } from "./find-users.ts";
import type { Loading } from "./loading.ts";

const RECORDED_TOGETHER = 1_000;

/** Ids between two words about the progress: some ten seconds at the quota. */
const TOLD_TOGETHER = 15_000;

/** Records the sub of every user that is in the pool, for the identity map. One that is not listed yet stays without. */
export async function recordIdentities({ cognito, ledger, signal, observe }: Loading): Promise<void> {
  for (const waitMs of LOOK_WAITS_MS) {
    const count = await ledger.countWithoutSub();
    if (count === 0) return;
    observe({ kind: "identities-awaited", wanted: count });
    await pause(waitMs, signal);
    let batch: PoolIdentity[] = [];
    let recorded = 0;
    const search = { cognito, ledger, signal, count, wanted: () => ledger.usersWithoutSub() };
    for await (const { claimant, listed } of findUsers(search)) {
      if (claimant.sub !== undefined || listed.sub === undefined) continue;
      batch.push({ seq: claimant.seq, sub: listed.sub });
      if (batch.length === RECORDED_TOGETHER) {
        await ledger.recordIdentities(batch);
        recorded += batch.length;
        batch = [];
        if (recorded % TOLD_TOGETHER === 0) observe({ kind: "identities-recorded", recorded, wanted: count });
      }
    }
    await ledger.recordIdentities(batch);
  }
}
