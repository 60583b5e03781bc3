import { explainServiceError } from "../cognito/explain-error.ts";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { LoadStep } from "../core/load-step.ts";
import type { Job, Part } from "../ledger/ledger.ts";
import { createUsers } from "./admin-create.ts";
import { Bell } from "./bell.ts";
import { BreakOffs } from "./break-offs.ts";
import { requireFewFailuresInParts } from "./breaker.ts";
import { doFollowUps } from "./follow-ups.ts";
import { importPart, type Importing } from "./import-part.ts";
import { runLanes, type Lane } from "./lanes.ts";
import type { Loading } from "./loading.ts";
import { PoolGroups } from "./pool-groups.ts";
import { recordIdentities } from "./record-identities.ts";
import { signUpUsers } from "./sign-up.ts";
import type { PartLimits } from "./spool.ts";

/** What one session does of a run. */
export interface LoadScope {
  /** This step and no other, but that whoever may not sign in is disabled; all steps when undefined. */
  readonly only: LoadStep | undefined;
  readonly partLimits: PartLimits;
}

/** How the lanes of a session hear of one another. */
interface Session {
  readonly importing: Importing;
  readonly scope: LoadScope;
  /** Aborted by the first error of any lane. */
  readonly halt: AbortSignal;
  readonly bell: Bell;
  readonly groups: PoolGroups;
  /** How the look-up of the new ids has gone; undefined before it. */
  ids: "recorded" | "left to the end" | undefined;
}

/** How far users were loaded. */
export interface Loaded {
  /** Whether the new ids of all users are in the ledger, as far as the pool lists them. */
  readonly hasIds: boolean;
}

/**
 * Loads the users that the plan sends, and does what is to follow, in lanes that go on at the same time, as each has a
 * quota of its own: import jobs, part after part; AdminCreateUser, once the first part has shown that users come in;
 * SignUp, in a run of which that is the way; disabling those who may not sign in, as soon as they are in the pool; the
 * other follow-ups; and, when everybody has an outcome, the look-up of the new ids. Where several processes load one run, each does what no other one has: it may end with users left.
 *
 * Trouble in one lane ends the others at their next safe point: the import job that runs is seen to its end, and whoever
 * may not sign in is disabled. Throws the first error, or INTERRUPTED; the ledger is then as far as the pool is.
 */
export async function loadUsers(importing: Importing, scope: LoadScope): Promise<Loaded> {
  const halt = new AbortController();
  const bell = new Bell();
  const groups = new PoolGroups({ ...importing, ...importing.ledger.facts });
  // Those whom a session that was stopped has left able to sign in.
  await doFollowUps("disable", importing, groups);
  const session: Session = { importing, scope, halt: halt.signal, bell, groups, ids: undefined };
  await runLanes(lanesOf(session), { signal: importing.signal, halt, bell });
  return { hasIds: session.ids === "recorded" };
}

/**
 * What comes in the end, when the users are in the pool: the new ids that are not there yet, and the links that have to wait
 * for them. Throws as {@link loadUsers} does.
 */
export async function finishUsers(loading: Loading, { hasIds }: Loaded): Promise<void> {
  // A link names the user by its new id where that is the Username.
  if (!hasIds) await recordIdentities(loading);
  await doFollowUps("rest", loading, new PoolGroups({ ...loading, ...loading.ledger.facts }));
}

/** Whether a session does a step. */
export const includes = ({ only }: LoadScope, step: LoadStep): boolean => only === undefined || only === step;

function lanesOf(session: Session): readonly Lane[] {
  const { importing, scope, halt, bell, groups } = session;
  const stoppable: Loading = { ...importing, signal: AbortSignal.any([importing.signal, halt]) };
  const imports: Lane = {
    name: "import-jobs",
    work: () => importPartsAlone(session),
    feeders: [],
    outlastsTrouble: false,
  };
  const creations: Lane = {
    name: "admin-create",
    work: async () => {
      if (includes(scope, "import-jobs") && (await isTrialAhead(importing))) return;
      await createUsers(stoppable, () => bell.ring());
    },
    feeders: [imports.name],
    outlastsTrouble: false,
  };
  const signUps: Lane = {
    name: "sign-up",
    work: () => signUpUsers(stoppable, () => bell.ring()),
    feeders: [],
    outlastsTrouble: false,
  };
  const disabling: Lane = {
    name: "disable",
    work: async () => {
      if ((await doFollowUps("disable", importing, groups)) > 0) bell.ring();
    },
    feeders: [imports.name, creations.name, signUps.name],
    outlastsTrouble: true,
  };
  const followUps: Lane = {
    name: "follow-ups",
    work: async () => {
      await doFollowUps("early", stoppable, groups);
    },
    feeders: [imports.name, creations.name, signUps.name, disabling.name],
    outlastsTrouble: false,
  };
  const ids: Lane = {
    name: "ids",
    work: () => lookUpIds(session, stoppable),
    feeders: [imports.name, creations.name, signUps.name],
    outlastsTrouble: false,
  };
  return [
    ...(includes(scope, "import-jobs") ? [imports] : []),
    ...(includes(scope, "admin-create") ? [creations] : []),
    ...(includes(scope, "sign-up") ? [signUps] : []),
    disabling,
    ...(includes(scope, "follow-ups") ? [followUps, ids] : []),
  ];
}

/**
 * Looks up the new ids, once everybody has an outcome: the list has a quota of its own, so it need not wait for follow-ups.
 * What fails of it holds up nobody, and is tried again in the end.
 */
async function lookUpIds(session: Session, loading: Loading): Promise<void> {
  const { ledger } = loading;
  if (session.ids !== undefined || (await ledger.hasUnsettled())) return;
  if (!(await ledger.takeTask("end"))) return;
  try {
    await recordIdentities(loading);
    session.ids = "recorded";
  } catch (error) {
    const explained = explainServiceError(error);
    if (!(explained instanceof FerryError) || explained.code === "INTERRUPTED") throw error;
    session.ids = "left to the end";
  } finally {
    await ledger.releaseTask("end");
  }
}

/** Whether the import jobs are still to show, with a few users, that users come in. */
async function isTrialAhead({ ledger }: Loading): Promise<boolean> {
  return (
    ledger.facts.limits.canaryUsers > 0 &&
    (await ledger.parts()).every(({ state }) => state === "spooled") &&
    (await ledger.countUnsettledOfRoute("import-job")) > 0
  );
}

/** Imports parts, where no other worker does: an account can have one job at a time (documented). */
async function importPartsAlone(session: Session): Promise<void> {
  const { importing } = session;
  const { ledger } = importing;
  await requireFewFailuresInParts(importing);
  if (!(await hasParts(ledger)) || !(await ledger.takeTask("import-jobs"))) return;
  try {
    await importParts(session);
  } finally {
    await ledger.releaseTask("import-jobs");
  }
}

/** Whether anybody is to come by an import job, or a job may still be under way. */
async function hasParts(ledger: Importing["ledger"]): Promise<boolean> {
  return (
    (await ledger.countUnsettledOfRoute("import-job")) > 0 ||
    (await ledger.parts()).some(({ state }) => state === "spooled")
  );
}

/** Imports the parts that were begun, then new ones, until nobody is left for an import job or the allowance is used up. */
async function importParts(session: Session): Promise<void> {
  const { importing, scope, halt, bell } = session;
  const { ledger, spool, signal, observe, allowance } = importing;
  const breakOffs = new BreakOffs();
  for (const id of await ledger.forgetUnfinishedParts()) await spool.remove(id);
  for (const part of await ledger.parts()) {
    if (part.state !== "spooled") continue;
    const rows = allowance.take(part.rows);
    if (rows < part.rows && !(await mayHaveStarted(part, ledger))) {
      // Larger than what may be sent: another part is made of its users.
      allowance.giveBack(rows);
      await ledger.splitPart(part.id, { ended: 0, failed: 0 }, undefined);
      await spool.remove(part.id);
    } else await importOne(part, breakOffs, session);
  }
  for (;;) {
    throwIfInterrupted(signal);
    throwIfInterrupted(halt);
    // Asked first: what is taken for nobody would be missing elsewhere for a moment, and another lane could end over it.
    if (!(await spool.hasNext(ledger))) return;
    const rows = allowance.take(scope.partLimits.rows);
    if (rows === 0) return;
    const part = await spool.next(ledger, { ...scope.partLimits, rows });
    allowance.giveBack(rows - (part?.rows ?? 0));
    bell.ring();
    if (part === undefined) return;
    observe({ kind: "part-spooled", part: part.id, rows: part.rows, bytes: part.bytes });
    await importOne(part, breakOffs, session);
  }
}

/** Whether an import job of a part may have been started. */
async function mayHaveStarted({ id }: Part, ledger: Importing["ledger"]): Promise<boolean> {
  const isIdle = ({ state }: Job): boolean =>
    state === "creating" || state === "created" || state === "abandoned";
  return !(await ledger.jobsOf(id)).every(isIdle);
}

async function importOne(
  part: Part,
  breakOffs: BreakOffs,
  { importing, halt, bell }: Session,
): Promise<void> {
  const { ledger, signal, observe } = importing;
  throwIfInterrupted(halt);
  const onHalt = (): void => {
    if (!signal.aborted) observe({ kind: "part-awaited", part: part.id, why: messageOf(halt.reason) });
  };
  halt.addEventListener("abort", onHalt);
  try {
    const mayBegin = AbortSignal.any([signal, halt]);
    const end = await importPart(part, { ...importing, mayBegin }).catch(async (error: unknown) => {
      if (!(await dropRefusedHashes(error, part, importing))) throw error;
    });
    if (end === undefined) return;
    bell.ring();
    await requireFewFailuresInParts(importing);
    breakOffs.note(end, (await ledger.counts()).unsettled);
  } finally {
    halt.removeEventListener("abort", onHalt);
  }
}

/**
 * Where the policy has it so, a pool that takes no hashes of an algorithm gets its users without: all of them, as the next
 * job would be refused too. Not once hashes have come in: then the refusal is about something else.
 */
async function dropRefusedHashes(
  error: unknown,
  part: Part,
  { ledger, spool, observe }: Importing,
): Promise<boolean> {
  if (!(error instanceof FerryError) || error.code !== "PASSWORD_HASHES_REFUSED") return false;
  if (ledger.facts.policies.passwordHashes !== "import-or-drop") return false;
  const parts = await ledger.parts();
  if (parts.some(({ algorithm, ended }) => algorithm !== undefined && ended > 0)) return false;
  const users = await ledger.dropHashes(part, error.message);
  await spool.remove(part.id);
  observe({ kind: "hashes-dropped", users, why: error.message });
  return true;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
