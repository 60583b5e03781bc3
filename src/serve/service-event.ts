import type { ErrorCode, ExitName } from "../core/ferry-error.ts";
import type { SyncSummary } from "./sync-once.ts";

/**
 * Why a tick of the schedule ran nothing: this process still syncs (overlap), another one has taken the tick (claimed),
 * another one still syncs (busy), the machine slept or its clock was set (missed).
 */
export const SKIP_REASONS = ["overlap", "claimed", "busy", "missed"] as const;

/** One of {@link SKIP_REASONS}. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What the service around the syncs tells of itself. Times are ISO 8601. Holds nothing of a user. */
export type ServiceEvent =
  | {
      readonly kind: "service-started";
      readonly schedule: string;
      readonly timezone: string;
      /** Where health and metrics are; undefined where it listens nowhere. */
      readonly url: string | undefined;
      readonly nextTick: string;
    }
  | {
      readonly kind: "tick-skipped";
      /** The latest of them. */
      readonly tick: string;
      readonly reason: SkipReason;
      readonly ticks: number;
    }
  | { readonly kind: "sync-started"; readonly tick: string }
  | {
      readonly kind: "sync-ended";
      readonly tick: string;
      readonly result: ExitName;
      readonly summary: SyncSummary;
      readonly nextTick: string;
    }
  | {
      readonly kind: "sync-failed";
      readonly tick: string;
      readonly result: ExitName;
      /** BUG for what is no trouble of the operator's. */
      readonly code: ErrorCode | "BUG";
      readonly endedAt: string;
      readonly nextTick: string;
    }
  | { readonly kind: "quarantined"; readonly code: string; readonly since: string }
  | { readonly kind: "quarantine-lifted"; readonly code: string }
  | { readonly kind: "service-draining"; readonly isSyncing: boolean }
  | { readonly kind: "service-ended"; readonly exitCode: number };

/** Takes events as they happen; must not throw. */
export type ServiceObserver = (event: ServiceEvent) => void;
