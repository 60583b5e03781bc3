import pc from "picocolors";
import type { UndoCounts } from "../ledger/ledger.ts";

/** What an undo made of a run's users, in a clause. */
export function undoCountsText(counts: UndoCounts): string {
  const parts = [
    ...(counts.deleted > 0 || counts.disabled === 0 ? [pc.green(`${counts.deleted} deleted`)] : []),
    ...(counts.disabled > 0 ? [pc.green(`${counts.disabled} disabled`)] : []),
    `${counts.absent} not in the pool any more`,
    left(counts["changed-since"], "changed since and kept"),
    left(counts.kept, "kept in doubt"),
    left(counts.failed, "failed"),
  ];
  return parts.join(", ");
}

function left(count: number, what: string): string {
  return count === 0 ? `0 ${what}` : pc.red(`${count} ${what}`);
}
