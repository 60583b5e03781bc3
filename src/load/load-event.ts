import type { UndoAction } from "../core/undo.ts";
import type { FollowUpTurn } from "../ledger/ledger.ts";

/** What loading tells of itself, for a progress line and a log. Holds no attribute, no secret, no URL. */
export type LoadEvent =
  | { readonly kind: "part-spooled"; readonly part: number; readonly rows: number; readonly bytes: number }
  | { readonly kind: "job-created"; readonly part: number; readonly jobId: string }
  | { readonly kind: "job-abandoned"; readonly part: number; readonly why: string }
  | { readonly kind: "part-uploaded"; readonly part: number; readonly bytes: number }
  | { readonly kind: "job-started"; readonly part: number; readonly jobId: string }
  | { readonly kind: "hashes-dropped"; readonly users: number; readonly why: string }
  | { readonly kind: "other-job-awaited"; readonly part: number; readonly why: string }
  | {
      readonly kind: "job-progress";
      readonly part: number;
      readonly status: string;
      readonly imported: number;
      readonly skipped: number;
      readonly failed: number;
    }
  | { readonly kind: "log-awaited"; readonly part: number; readonly lines: number; readonly expected: number }
  | {
      readonly kind: "users-looked-up";
      readonly part: number;
      readonly wanted: number;
      readonly found: number;
    }
  | {
      readonly kind: "part-split";
      readonly part: number;
      readonly why: string;
      readonly settled: number;
      readonly left: number;
    }
  /** Something else has failed, and the part's job is seen to its end before the session ends. */
  | { readonly kind: "part-awaited"; readonly part: number; readonly why: string }
  | { readonly kind: "part-settled"; readonly part: number; readonly rows: number }
  | {
      readonly kind: "users-made";
      readonly by: "AdminCreateUser" | "SignUp";
      readonly settled: number;
      readonly left: number;
    }
  | {
      readonly kind: "sent-users-looked-up";
      readonly by: "AdminCreateUser" | "SignUp";
      readonly wanted: number;
      readonly found: number;
    }
  | { readonly kind: "look-up-denied"; readonly error: string }
  | { readonly kind: "groups-created"; readonly count: number }
  | { readonly kind: "follow-ups-begun"; readonly turn: FollowUpTurn; readonly toDo: number }
  | {
      readonly kind: "follow-ups-progress" | "follow-ups-ended";
      readonly turn: FollowUpTurn;
      readonly done: number;
      readonly failed: number;
    }
  | { readonly kind: "identities-awaited"; readonly wanted: number }
  | { readonly kind: "identities-recorded"; readonly recorded: number; readonly wanted: number }
  /** Nothing is left for this worker, but so many others are at work on the run; 0: those that are gone are waited for. */
  | { readonly kind: "workers-awaited"; readonly workers: number }
  | { readonly kind: "users-listed"; readonly users: number }
  | { readonly kind: "undo-begun"; readonly action: UndoAction; readonly users: number }
  | {
      readonly kind: "undo-progress";
      readonly action: UndoAction;
      readonly undone: number;
      readonly left: number;
    };

/** Takes events as they happen; must not throw. */
export type LoadObserver = (event: LoadEvent) => void;
