// The thread of check-beside.ts: checks the ledger in a file, and says how that ended.
import { parentPort, workerData } from "node:worker_threads";
import type { CheckResult } from "./check-beside.ts";
import { isDamage, openSqliteLedger } from "./sqlite-ledger.ts";

async function check(path: string): Promise<CheckResult> {
  try {
    await using ledger = await openSqliteLedger(path, "glance");
    await ledger.requireWhole();
    return { kind: "whole" };
  } catch (error) {
    return isDamage(error)
      ? { kind: "broken", why: error instanceof Error ? error.message : "" }
      : { kind: "failed", error };
  }
}

parentPort?.postMessage(await check(workerData as string), []);
