import { CAUSE_BY_FOLLOW_UP } from "../core/activity-cause.ts";
import { FOLLOW_UP_KINDS } from "../core/follow-up.ts";
import type { ForecastBottleneck, ForecastStep, StepName } from "../core/forecast.ts";
import { FOLLOW_UP_OPERATIONS } from "../cognito/follow-up-operations.ts";
import { isAskedFor, type Operation } from "../cognito/quota.ts";
import { importStep } from "./import-jobs.ts";
import type { Known } from "./known.ts";
import { paceOf } from "./pace.ts";

/** Users that one request lists (API model). */
const USERS_A_PAGE = 60;

/** The steps of a run in the order in which they begin, without those that nobody needs. */
export function stepsOf(known: Known): readonly ForecastStep[] {
  const { counts, jobUsers, jobLimits } = known;
  const byImport = counts.routes["import-job"];
  const steps = [
    importStep([...jobUsers.values()], jobLimits),
    paced("admin-create", "AdminCreateUser", { users: counts.routes["admin-create"], isActive: true }, known),
    paced("sign-up", "SignUp", { users: counts.routes["sign-up"], isActive: true }, known),
    ...FOLLOW_UP_KINDS.map((kind) => {
      const isActive = CAUSE_BY_FOLLOW_UP[kind] !== undefined;
      return paced(kind, FOLLOW_UP_OPERATIONS[kind], { users: counts.followUps[kind], isActive }, known);
    }),
    paced("create-groups", "CreateGroup", groupWork(known), known),
    paced("look-up-ids", "ListUsers", { users: byImport, requests: lookUps(known) }, known),
  ];
  return steps.filter((step) => step !== undefined);
}

/** What is to be done in a step: one request a user, unless it says otherwise. */
interface Work {
  readonly users: number;
  readonly requests?: number;
  readonly isActive?: boolean;
}

function paced(
  name: StepName,
  operation: Operation,
  { users, requests = users, isActive = false }: Work,
  { rates, quotaShare }: Known,
): ForecastStep | undefined {
  if (requests === 0) return undefined;
  const pace = paceOf(operation, rates, quotaShare);
  return { name, users, requests, ...pace, seconds: requests / pace.rps, activeUsers: isActive ? users : 0 };
}

/** Groups that are there already are not made, so this is the most that there can be. */
function groupWork({ counts, policies }: Known): Work {
  return policies.missingGroups === "leave-out" || counts.groups === 0
    ? { users: 0 }
    : { users: counts.followUps["add-to-group"], requests: counts.groups };
}

/** The new ids of users of import jobs are searched one by one, or the whole pool is listed, whichever is less. */
function lookUps({ counts, pool }: Known): number {
  const inPool = (pool.setup?.estimatedUsers ?? 0) + counts.created;
  return Math.min(counts.routes["import-job"], Math.ceil(inPool / USERS_A_PAGE));
}

/** What a run is held back by: steps with one quota wait for one another. */
interface Hold extends ForecastBottleneck {
  readonly seconds: number;
}

function holdsOf(steps: readonly ForecastStep[]): readonly Hold[] {
  const holds = new Map<string, Hold>();
  for (const { name, category, seconds } of steps) {
    const key = category ?? name;
    const before = holds.get(key) ?? { steps: [], category, seconds: 0 };
    holds.set(key, {
      ...before,
      steps: [...before.steps, name],
      seconds: before.seconds + seconds,
    });
  }
  return [...holds.values()];
}

/** What takes the longest; undefined where there are no steps. */
export function bottleneckOf(steps: readonly ForecastStep[]): ForecastBottleneck | undefined {
  return holdsOf(steps).reduce<Hold | undefined>(
    (longest, hold) => (longest === undefined || hold.seconds > longest.seconds ? hold : longest),
    undefined,
  );
}

/**
 * How long a run takes, in seconds. Users are created beside the import jobs, which have no quota; what follows goes by quotas
 * that do not hold back one another, but for users of the last job it can only begin after it, as can the look-up of the new ids.
 */
export function durationOf(steps: readonly ForecastStep[]): number {
  const isCreation = ({ name }: ForecastStep): boolean =>
    name === "import-jobs" || name === "admin-create" || name === "sign-up";
  const longest = (of: readonly ForecastStep[]): number => bottleneckOf(of)?.seconds ?? 0;
  return longest(steps.filter(isCreation)) + longest(steps.filter((step) => !isCreation(step)));
}

/**
 * What takes less than this at the documented rate, in seconds, is not worth a question: AWS answers one a second (documented), and
 * whoever carries the plan out at once asks again.
 */
const WORTH_ASKING_SECONDS = 30;

/** The categories whose rate the account may have changed, and whose steps take long; the one first that takes the longest. */
export function categoriesToAskFor(known: Known): readonly string[] {
  return holdsOf(stepsOf(known))
    .filter(
      ({ category, seconds }) =>
        category !== undefined && isAskedFor(category) && seconds >= WORTH_ASKING_SECONDS,
    )
    .toSorted((one, other) => other.seconds - one.seconds)
    .flatMap(({ category }) => category ?? []);
}
