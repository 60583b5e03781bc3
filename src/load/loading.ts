import type { Cognito } from "../cognito/cognito.ts";
import type { AppClient } from "../cognito/sign-up.ts";
import type { LoadLedger } from "../ledger/ledger.ts";
import type { Allowance } from "./allowance.ts";
import type { LoadObserver } from "./load-event.ts";

/** What every step of loading needs of its surroundings. */
export interface Loading {
  readonly cognito: Cognito;
  readonly ledger: LoadLedger;
  readonly signal: AbortSignal;
  readonly observe: LoadObserver;
  /** The app client that users sign up with; undefined where none do. */
  readonly appClient?: AppClient | undefined;
  /** Whether an earlier session may have done what the ledger does not know of. */
  readonly isResumed: boolean;
  /** How many users may still be sent. */
  readonly allowance: Allowance;
  /** The share of users who may fail before the run stops, 0 to 1. */
  readonly failedShare: number;
}
