import type { SourceEvent } from "../extract/source.ts";
import type { LoadEvent } from "../load/load-event.ts";
import type { ServiceEvent } from "../serve/service-event.ts";

/** What a run tells of itself while it works. Holds no attribute, no secret, no URL. */
export type RunEvent =
  | LoadEvent
  | ServiceEvent
  | SourceEvent
  | { readonly kind: "pool-read"; readonly userPoolId: string; readonly name: string }
  /** The pool's groups cannot be listed, for this reason, so the plan does not know which are missing. */
  | { readonly kind: "groups-unread"; readonly why: string }
  | { readonly kind: "source-opened"; readonly source: string; readonly description: string }
  | { readonly kind: "rows-read"; readonly rows: number }
  | { readonly kind: "planned"; readonly rows: number; readonly toSend: number };

/** Takes events as they happen; must not throw. */
export type RunObserver = (event: RunEvent) => void;
