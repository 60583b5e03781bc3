import type { Row } from "./row.ts";
import { create, createPlain } from "./rows/create.ts";
import { decideCsv, decideNdjson } from "./rows/decide.ts";
import { limit125, limit25, limit50 } from "./rows/limit.ts";
import { part } from "./rows/part.ts";
import { applyMemory, migration } from "./rows/migration.ts";
import { peerBackupRestore, peerScript } from "./rows/peers.ts";
import { planCsv, planMemory, planNdjson } from "./rows/plan.ts";
import { readingCsv, readingNdjson } from "./rows/reading.ts";
import { resume } from "./rows/resume.ts";
import { startHelp, startVersion } from "./rows/start.ts";
import { syncOneChange, syncQuiet, syncQuietPaced } from "./rows/sync.ts";
import { uploadFree, uploadHeldBack } from "./rows/upload.ts";

/** Every line of the table, in its order. */
export const ROWS: readonly Row[] = [
  planCsv,
  planNdjson,
  planMemory,
  readingCsv,
  readingNdjson,
  decideCsv,
  decideNdjson,
  part,
  applyMemory,
  uploadHeldBack,
  uploadFree,
  create,
  createPlain,
  limit25,
  limit50,
  limit125,
  migration,
  resume,
  startVersion,
  startHelp,
  syncQuiet,
  syncQuietPaced,
  syncOneChange,
  peerScript,
  peerBackupRestore,
];
