import type { Cognito } from "../cognito/cognito.ts";
import { workInFlight } from "../load/in-flight.ts";
import { firstListed } from "../load/look-up.ts";
import type { SyncStore } from "../sync/sync-store.ts";

/** Where what an interrupted sync has done is looked up, and noted. */
interface AccessLook {
  readonly cognito: Cognito;
  readonly store: SyncStore;
  readonly options: { readonly userPoolId: string };
  readonly signal: AbortSignal;
}

/** Settles pending changes of who may sign in, and deletions, that show in the pool; the others stay pending. */
export async function settleAccess({ cognito, store, options, signal }: AccessLook): Promise<void> {
  const { userPoolId: poolId } = options;
  const limit = cognito.inFlight("ListUsers");
  for (const turn of ["disable", "rest"] as const) {
    for await (const users of store.pendingChanges(turn)) {
      const open = users.map(({ sub, changes }) => ({
        sub,
        changes: changes.filter(({ change }) => ["disable", "enable", "delete"].includes(change.kind)),
      }));
      const looked = open.filter(({ changes }) => changes.length > 0);
      await workInFlight(looked, { limit, signal }, async ({ sub, changes }) => {
        const found = await firstListed(
          cognito,
          { poolId, filter: { attribute: "sub", equals: sub } },
          signal,
        );
        const made = changes.filter(({ change }) =>
          found === undefined
            ? change.kind === "delete"
            : found.enabled === (change.kind === "enable") && change.kind !== "delete",
        );
        await store.settle(made.map(({ id }) => ({ id, state: "done" })));
      });
    }
  }
}
