import type { Row } from "./row.ts";
import { peerBackupRestore, peerScript } from "./rows/peers.ts";
import { planCsv, planMemory, planNdjson } from "./rows/plan.ts";
import { startHelp, startVersion } from "./rows/start.ts";

/** Every line of the table, in its order. */
export const ROWS: readonly Row[] = [
  planCsv,
  planNdjson,
  planMemory,
  startVersion,
  startHelp,
  peerScript,
  peerBackupRestore,
];
