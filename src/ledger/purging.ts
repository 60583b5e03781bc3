import type { ReportLedger, RunState } from "./ledger.ts";

/** The numbers of a run, which stay when its users are erased. */
export type KeptCounts = {
  readonly [
    Count in "counts" | "issueCounts" | "reasonCounts" | "activeUsers" | "followUpCounts" | "undoCounts"
  ]: Awaited<ReturnType<ReportLedger[Count]>>;
};

/** What is kept of a run that is purged: what it was, when that ended, and its numbers. */
export interface Kept extends KeptCounts {
  readonly was: RunState;
  /** When the purge began, ISO 8601. */
  readonly at: string;
}

/** The numbers of a ledger as they stand, without Cognito's words, which may name a user. */
export async function countsToKeep(ledger: Pick<ReportLedger, keyof KeptCounts>): Promise<KeptCounts> {
  const reasonCounts = await ledger.reasonCounts();
  return {
    counts: await ledger.counts(),
    issueCounts: await ledger.issueCounts(),
    reasonCounts: reasonCounts.map((reason) => ({ ...reason, example: undefined })),
    activeUsers: await ledger.activeUsers(),
    followUpCounts: await ledger.followUpCounts(),
    undoCounts: await ledger.undoCounts(),
  };
}
