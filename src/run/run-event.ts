import type { Progress } from "../core/progress.ts";
import type { SourceEvent } from "../extract/source.ts";
import type { ChangeEvent } from "../load/apply-changes.ts";
import type { LoadEvent } from "../load/load-event.ts";
import type { ServiceEvent } from "../serve/service-event.ts";

/** What a run tells of itself while it works. Holds no attribute, no secret, no URL. */
export type RunEvent =
  | ChangeEvent
  | LoadEvent
  | ServiceEvent
  | SourceEvent
  | { readonly kind: "pool-read"; readonly userPoolId: string; readonly name: string }
  /** The pool's groups cannot be listed, for this reason, so the plan does not know which are missing. */
  | { readonly kind: "groups-unread"; readonly why: string }
  | { readonly kind: "source-opened"; readonly source: string; readonly description: string }
  | { readonly kind: "rows-read"; readonly rows: number }
  /** How far a run is that is being carried out; about every second. */
  | ({ readonly kind: "progress" } & Progress)
  | { readonly kind: "planned"; readonly rows: number; readonly toSend: number }
  | SyncEvent;

/** What a sync tells of itself. */
type SyncEvent =
  /** `why` everybody is compared, where not only what changed is. */
  | {
      readonly kind: "sync-begun";
      readonly runId: string;
      readonly reading: "full" | "incremental";
      readonly why: string | undefined;
    }
  | { readonly kind: "sync-resumed"; readonly runId: string }
  /** Users of the source without an id there, who are told from others by their usernames alone. */
  | { readonly kind: "known-by-name"; readonly users: number }
  | {
      readonly kind: "sync-compared";
      readonly rows: number;
      readonly toCreate: number;
      readonly unchanged: number;
      readonly toRemove: number;
    }
  | { readonly kind: "guard-tripped"; readonly code: string; readonly message: string }
  | { readonly kind: "sync-quarantined"; readonly code: string; readonly since: string };

/**
 * Takes events as they happen; must not throw.
 *
 * @example
 * ```ts
 * import type { RunObserver } from "poolferry";
 *
 * // For the `observe` of any function that takes one.
 * export const observe: RunObserver = (event) => {
 *   if (event.kind === "rows-read") console.log(event.rows, "rows");
 *   if (event.kind === "planned") console.log(event.toSend, "of", event.rows, "will be sent");
 * };
 * ```
 */
export type RunObserver = (event: RunEvent) => void;
