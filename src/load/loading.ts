import type { Cognito } from "../cognito/cognito.ts";
import type { LoadLedger } from "../ledger/ledger.ts";
import type { LoadObserver } from "./load-event.ts";

/** What every step of loading needs of its surroundings. */
export interface Loading {
  readonly cognito: Cognito;
  readonly ledger: LoadLedger;
  readonly signal: AbortSignal;
  readonly observe: LoadObserver;
}
