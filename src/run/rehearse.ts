import { explainServiceError } from "../cognito/explain-error.ts";
import { ROUTES, type Route } from "../core/route.ts";
import { hasWork } from "../load/load-run.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import {
  requireFreshPlan,
  requirePlanned,
  requirePlannedAccount,
  requireReady,
  requireRole,
  type ApplyOptions,
} from "./apply.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { cognitoForRun } from "./run-cognito.ts";
import { holdRunFolder, runFolderAt } from "./run-folder.ts";
import { openRun } from "./run-ledger.ts";
import { requireSameSource } from "./source-file.ts";

/** What applying a plan would begin with. */
export interface Rehearsal {
  readonly summary: RunSummary;
  /** Users without an outcome, by how they would be sent. */
  readonly left: Readonly<Record<Route, number>>;
}

/**
 * Does all that {@link apply} does before it sends anything: the pool, its account and the source are held against the plan.
 * Nothing is sent, and nothing of the run changes. Throws what `apply` throws until then.
 */
export async function rehearse(options: Omit<ApplyOptions, "join">): Promise<Rehearsal> {
  const folder = runFolderAt(options.runDir, options.environment);
  try {
    await requirePlanned(folder);
    using _hold = await holdRunFolder(folder);
    await using run = await openRun(folder, "share", "load");
    const { ledger } = run;
    await requireReady(folder, ledger, options);
    await ledger.requireWhole();
    requirePlannedAccount(ledger, options);
    if ((await ledger.state()) !== "done" && (await hasWork(ledger))) {
      const { signal = new AbortController().signal, observe = () => undefined } = options;
      const { facts } = ledger;
      const connection = { ...facts.connection, profile: options.profile ?? facts.connection.profile };
      await using cognito = cognitoForRun(run, { connection, quotaShare: options.quotaShare }, observe);
      await requireRole(ledger, options);
      await requireFreshPlan({ cognito, ledger, signal }, options);
      const hasBegun = (await ledger.state()) === "applying";
      if (!hasBegun && options.allowChangedSource !== true)
        await requireSameSource((await ledger.source())?.files ?? [], signal);
    }
    const counts = ROUTES.map(async (route) => [route, await ledger.countUnsettledOfRoute(route)] as const);
    return {
      summary: await summarise(ledger, folder.path, { mayBeUnfinished: true }),
      left: Object.fromEntries(await Promise.all(counts)) as Record<Route, number>,
    };
  } catch (error) {
    throw explainDiskError(explainServiceError(error), folder.path);
  }
}
