import type { FaultKind, FaultPoint } from "./faulty-run.ts";

const SERVER_ERROR = {
  kind: "error",
  status: 500,
  type: "InternalErrorException",
  message: "Something went wrong",
} as const;
const GATEWAY_PAGE = { kind: "html", status: 503 } as const;
const RESET = { kind: "reset" } as const;

/** After these nobody but the service knows whether the request had its effect. */
export const LOST_ANSWERS: readonly FaultKind[] = [
  { by: "emulator", moment: "before-effect", fault: RESET },
  { by: "emulator", moment: "after-effect", fault: RESET },
  { by: "emulator", moment: "before-effect", fault: SERVER_ERROR },
  { by: "emulator", moment: "after-effect", fault: SERVER_ERROR },
  { by: "emulator", moment: "after-effect", fault: GATEWAY_PAGE },
  { by: "network", fault: "short-body" },
];

const OTHERS: readonly FaultKind[] = [
  { by: "emulator", moment: "before-effect", fault: { kind: "throttle" } },
  ...(["reset-in-request", "cut-in-body", "drip", "gone-for-a-while"] as const).map(
    (fault) => ({ by: "network", fault }) as const,
  ),
];

/** What differs little from one of the others: only with FAULT_MATRIX=full, as each of them takes CI ten seconds. */
const COUSINS: readonly FaultKind[] = [
  { by: "emulator", moment: "after-effect", fault: { kind: "drop" } },
  { by: "emulator", moment: "before-effect", fault: GATEWAY_PAGE },
  ...(["reset-unsent", "reset-answered", "cut-in-head"] as const).map(
    (fault) => ({ by: "network", fault }) as const,
  ),
];

/** The kinds of faults that a run gets over at once, or in another session. */
export const KINDS: readonly FaultKind[] = [
  ...LOST_ANSWERS,
  ...OTHERS,
  ...(process.env["FAULT_MATRIX"] === "full" ? COUSINS : []),
];

/** The name of a kind of fault. */
export function nameOf(kind: FaultKind): string {
  return kind.by === "network" ? kind.fault : `${kind.fault.kind} ${kind.moment}`;
}

const JOB_OPERATIONS: ReadonlySet<string> = new Set([
  "CreateUserImportJob",
  "PutObject",
  "StartUserImportJob",
]);

/** What belongs to import jobs, what only looks, and what changes one user or group: they go on beside one another. */
function groupOf(operation: string): "jobs" | "looks" | "users" {
  if (JOB_OPERATIONS.has(operation)) return "jobs";
  return /^(?:Describe|Get|List)/.test(operation) ? "looks" : "users";
}

/** A look has no effect, so that it is all the same on which side of it an answer is lost. */
function tellsOfLooks(kind: FaultKind): boolean {
  return kind.by === "network" || kind.moment === "after-effect" || kind.fault.kind === "throttle";
}

const PLACES = ["first", "last"] as const;

/**
 * Every operation that a run calls with every kind of fault, at its first request, and at its last one when the answer is lost. The operations of a group
 * are troubled in the same run, each by a fault of its own; whoever stops a session leaves the others to the next one.
 */
export function pointsOf(
  calls: ReadonlyMap<string, number>,
  kinds: readonly FaultKind[] = KINDS,
): readonly FaultPoint[] {
  const groups = Map.groupBy(calls, ([operation]) => groupOf(operation));
  return [...groups].flatMap(([group, operations]) =>
    kinds
      .filter((kind) => group !== "looks" || tellsOfLooks(kind))
      .flatMap((kind) =>
        (LOST_ANSWERS.includes(kind) ? PLACES : PLACES.slice(0, 1)).map((place) => ({
          name: `${nameOf(kind)} at the ${place} request of ${group}`,
          faults: operations
            .filter(([, count]) => place === "first" || count > 1)
            .map(([operation, count]) => ({ ...kind, operation, number: place === "first" ? 1 : count })),
        })),
      ),
  );
}
