import { FerryError } from "../core/ferry-error.ts";
import type { SingleRoute } from "../core/route.ts";
import type { FailureCause } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";

/** So few failures are no sign of anything, whatever their share. */
const MIN_FAILED = 10;

/** What may fail. */
export interface Failing {
  /** Where, at the beginning of a sentence. */
  readonly of: string;
  readonly what: "users" | "changes";
  /** The share that may, 0 to 1. */
  readonly failedShare: number;
}

/** How much of it did. */
export interface FailureCounts {
  readonly failed: number;
  readonly settled: number;
}

/** TOO_MANY_FAILED with its most frequent causes, where more failed than the share allows. */
export async function tooManyFailed(
  { of, what, failedShare }: Failing,
  { failed, settled }: FailureCounts,
  causes: () => Promise<readonly FailureCause[]> | readonly FailureCause[],
): Promise<FerryError | undefined> {
  if (failed < MIN_FAILED || failed <= settled * failedShare) return undefined;
  const told = (await causes()).map(({ message, count }) => `${count} times "${message}"`);
  return new FerryError(
    "TOO_MANY_FAILED",
    `${of}: ${failed} of ${settled} ${what} failed, which is more than ${percent(failedShare)}: ${told.join(", ")}`,
    {
      hint: `Mend the cause if you can; to go on all the same, resume with --failed-share ${suggested(failed / settled)}`,
    },
  );
}

/**
 * Throws TOO_MANY_FAILED when more users failed than the run's share allows, and others are still to be sent: whatever fails so
 * many is better mended first. It is asked of the ledger, so a resume with the same share stops again.
 */
async function requireFewFailures(
  of: string,
  counts: FailureCounts,
  { ledger, failedShare }: Loading,
): Promise<void> {
  const error = await tooManyFailed({ of, what: "users", failedShare }, counts, () => ledger.failureCauses());
  if (error !== undefined && (await ledger.counts()).unsettled > 0) throw error;
}

/** Asks it of every part that has ended. */
export async function requireFewFailuresInParts(loading: Loading): Promise<void> {
  for (const { id, state, failed, ended } of await loading.ledger.parts()) {
    if (state === "spooled") continue;
    await requireFewFailures(`Part ${id}`, { failed, settled: ended }, loading);
  }
}

/** Asks it of those who are made one by one, as the plan has it. Users whose rows failed are counted with their parts. */
export async function requireFewFailuresOfRoute(
  { route, of }: { readonly route: SingleRoute; readonly of: string },
  loading: Loading,
): Promise<void> {
  await requireFewFailures(of, await loading.ledger.countCreated(route), loading);
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** The next tenth, so that a few more do not stop the run again. */
const suggested = (share: number): number => Math.min(1, (Math.floor(share * 10) + 1) / 10);
