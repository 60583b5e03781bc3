import type { RunSummary } from "../report/summary.ts";

/** How other computers join a run whose ledger is in a database; empty for one whose ledger is in its folder. */
export function joinText({ runId }: Pick<RunSummary, "runId">, ledger: string | undefined): string {
  return ledger === undefined
    ? ""
    : `On other computers, at the same time: poolferry apply --ledger ${ledger} --run-id ${runId}`;
}
