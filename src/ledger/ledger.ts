import type { ActivityCause } from "../core/activity-cause.ts";
import type { Connection } from "../core/connection.ts";
import type { ClaimKind, DuplicatesPolicy } from "../core/clash.ts";
import type { FollowUp, FollowUpKind } from "../core/follow-up.ts";
import type { Forecast } from "../core/forecast.ts";
import type { IssueCode, Severity } from "../core/issue.ts";
import type { Outcome, OutcomeKind } from "../core/outcome.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { LoadLimits, LoadPolicies } from "../core/load-policies.ts";
import type { Attributes, PlannedUser } from "../core/planned-user.ts";
import type { Pool } from "../core/pool.ts";
import type { RequestRate } from "../core/progress.ts";
import type { Route, SingleRoute } from "../core/route.ts";
import type { SignUpFacts } from "../core/sign-up.ts";
import type { UndoAction, UndoResult } from "../core/undo.ts";

/**
 * How far a run is. `planning`: the source is being read, nothing can be applied. `planned`: every user has a route
 * or an outcome. `applying`: something may have been sent. `done`: every user has an outcome, and every follow-up was
 * done or has failed. `undoing`: what the run created is being taken back, and it can no longer be applied. `undone`: that
 * is finished. `purging`: its users stand in it no more, and the files beside it are being deleted. `purged`: nothing but
 * numbers is left of it.
 */
export const RUN_STATES = [
  "planning",
  "planned",
  "applying",
  "done",
  "undoing",
  "undone",
  "purging",
  "purged",
] as const;

/** One of {@link RUN_STATES}. */
export type RunState = (typeof RUN_STATES)[number];

/** What a purge keeps beside the numbers. */
export interface Purged {
  /** The state of the run when it was purged. */
  readonly was: RunState;
  /** When that was, ISO 8601. */
  readonly at: string;
}

/** What a run is about; written once, when it begins. Holds no secret. */
export interface RunFacts {
  readonly runId: string;
  /** The source as the operator named it, `TYPE:PATH` with an absolute path. */
  readonly source: string;
  /** How the pool is reached. */
  readonly connection: Connection;
  readonly pool: Pool;
  /** The role that lets an import job write its log; undefined when the plan was made without one. */
  readonly logsRoleArn: string | undefined;
  /** How users sign up, where they do; nobody goes by another route then. */
  readonly signUp?: SignUpFacts | undefined;
  readonly policies: LoadPolicies;
  readonly limits: LoadLimits;
  /** The share of every request quota that the run takes; that of src/cognito when undefined. */
  readonly quotaShare?: number | undefined;
}

/** A file of a source as it was read: by its size, its time in epoch milliseconds, and its content as it is stored. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly sha256: string;
}

/** What a finished plan knows of its source. */
export interface SourceFacts {
  /** The files that were read; none of what can be read only once, as a pipe, and of a live source. */
  readonly files: readonly SourceFile[];
  /** Where rows come from several files: which row begins which file. */
  readonly starts: readonly { readonly path: string; readonly seq: number }[];
  /** Where a later reading of the source can go on. */
  readonly cursor: string;
  /** Whether what is behind the cursor is all that changes, and not only rows that are added at the end. */
  readonly followsChanges: boolean;
  readonly description: string;
  /** The source's own columns (or top-level keys), in order, without those that hold secrets. */
  readonly fields: readonly string[];
  readonly isTable: boolean;
  /** Columns or top-level keys that no rule reads; of an object that is read in part, `profile.department`. */
  readonly unusedFields: readonly string[];
}

/** A user on the way to the pool. */
export interface UserToLoad {
  readonly seq: number;
  readonly username: string;
  readonly attributes: Attributes;
  readonly smsMfa: boolean;
  /** A secret; undefined for a user who will have to reset the password. */
  readonly passwordHash: string | undefined;
}

/** A user on the way to AdminCreateUser or SignUp. */
export interface UserToCreate extends UserToLoad {
  /** The password that it had at the source, in plain text: a secret. Undefined for most users. */
  readonly password: string | undefined;
  /** When it was first about to be sent, by the service's clock; undefined for one who never was. */
  readonly sentAt: number | undefined;
}

/**
 * Follow-ups are done in turns: `disable`, for who may not sign in, as soon as may be; `early`, the others of users who
 * need no disabling any more, but for links that must name the user by a sub that is not known yet; `rest`, whatever is left.
 */
export type FollowUpTurn = "disable" | "early" | "rest";

/** A follow-up that is to be done. */
export interface PendingFollowUp {
  readonly id: number;
  readonly seq: number;
  readonly username: string;
  /** The user's new sub; undefined while it is not known. */
  readonly sub: string | undefined;
  /** The user's own, in plain text, until it was set: a secret. */
  readonly password: string | undefined;
  /** When it was first about to be done, where {@link FollowUpLedger.noteFollowUpSent} noted that. */
  readonly sentAt: number | undefined;
  /** Whether a worker that is gone had it, and may have done it without a word. */
  readonly isTakenOver: boolean;
  readonly followUp: FollowUp;
}

/** What came of a follow-up; a failed one has Cognito's message. */
export type FollowUpResult =
  | { readonly id: number; readonly state: "done" }
  | { readonly id: number; readonly state: "failed"; readonly message: string };

/**
 * A part's life: `spooling` (users are being added to it; one that a crash leaves so is forgotten), `spooled` (its file
 * is on disk, its users and their lines are in the ledger), then `settled` (each of its users has an outcome), or
 * `split`: its job broke off, whoever has an outcome stays, and the others are to be spooled again.
 */
export interface Part {
  readonly id: number;
  readonly state: "spooling" | "spooled" | "settled" | "split";
  /** The algorithm of all its password hashes; undefined for a part without any. */
  readonly algorithm: HashAlgorithm | undefined;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** How many of its users have an outcome by it or another way to go, once it has ended; 0 before. */
  readonly ended: number;
  /** How many of those its job refused. */
  readonly failed: number;
}

/** What a part's file is. */
export type PartFile = Pick<Part, "rows" | "bytes" | "sha256">;

/** How a part ended. */
export type PartCounts = Pick<Part, "ended" | "failed">;

/** Why users failed, and how many of them. */
export interface FailureCause {
  readonly message: string;
  readonly count: number;
}

/**
 * An import job's life, written before each effect: `creating` → CreateUserImportJob → `created` → the upload →
 * `uploaded` → `starting` → StartUserImportJob → `started` → polling → `ended` (Cognito said a final status).
 * `abandoned`: it did nothing for any user, and another one takes its part.
 */
export type JobState = "creating" | "created" | "uploaded" | "starting" | "started" | "ended" | "abandoned";

/** One import job of a part. */
export interface Job {
  readonly id: number;
  readonly part: number;
  /** The name we gave it; unique, so that a job whose creation got no reply can be found again. */
  readonly name: string;
  readonly state: JobState;
  /** Cognito's id of it; undefined until it answered. */
  readonly jobId: string | undefined;
  /** Cognito's last word: status, completion message and counters. */
  readonly status: string | undefined;
  readonly completionMessage: string | undefined;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  /** When it was started, in epoch milliseconds of Cognito's clock; undefined before. */
  readonly startedAt: number | undefined;
  /** When it was first seen to have ended, by the same clock; undefined before. */
  readonly endedAt: number | undefined;
}

/** What can change of a job. */
export type JobChange = Partial<Omit<Job, "id" | "part" | "name">>;

/** The outcome of the user at one line of a part's file; lines count users from 1. */
export interface LineOutcome {
  readonly line: number;
  readonly kind: OutcomeKind;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** A row that an import job refused, in its words. */
export interface RowFailure {
  readonly line: number;
  readonly message: string;
}

/** Who is sent under a name, and how far it is. */
export interface Claimant {
  readonly seq: number;
  readonly route: Route;
  readonly part: number | undefined;
  /**
   * When a user for AdminCreateUser or SignUp was first about to be sent (see {@link CreationLedger.noteSent}), or when the first import
   * job began that may have made the user and did not say so (see {@link PartLedger.splitPart}).
   */
  readonly sentAt: number | undefined;
  /** Cognito's words, where it said that the name or an alias is taken. */
  readonly refusal: string | undefined;
  readonly outcome: OutcomeKind | undefined;
  readonly sub: string | undefined;
}

/** What is known of the pool's copy of a user. */
export interface PoolIdentity {
  readonly seq: number;
  readonly sub: string;
}

/** How many users share a cause. */
export interface IssueCount {
  /** What the trouble is; docs/errors.md has all of them. */
  readonly code: IssueCode;
  /** Whether the user was rejected for it. */
  readonly severity: Severity;
  /** How many users have it. */
  readonly count: number;
}

/** How many users have an outcome for one reason. */
export interface ReasonCount {
  /** The outcome that it is a reason of. */
  readonly kind: OutcomeKind;
  /** Ours, such as `user-exists`, or Cognito's words. */
  readonly reason: string;
  /** One of the messages that came with it. */
  readonly example: string | undefined;
  /** How many users have it. */
  readonly count: number;
}

/** A user of the source who is in the pool. */
export interface ReportedIdentity {
  readonly sourceId: string | undefined;
  readonly username: string;
  /** Undefined while it is not known. */
  readonly sub: string | undefined;
}

/** One user in a report. */
export interface ReportedUser {
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly sub: string | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly sourceRow: string;
}

/** One warning about a user who was not rejected: an attribute that was left out, or a policy. */
export interface ReportedWarning {
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly outcome: OutcomeKind | undefined;
  readonly code: IssueCode;
  readonly attribute: string | undefined;
  readonly message: string;
}

/** One claim that a user shares with others. */
export interface SharedClaim {
  readonly claim: ClaimKind;
  /** The first few rows that have it too. */
  readonly others: readonly number[];
  /** How many have it too. */
  readonly count: number;
}

/** One of a group of users that clash, directly or through others of the group. */
export interface ClashingUser {
  /** The number of the group, from 1. */
  readonly group: number;
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly isKept: boolean;
  readonly shared: readonly SharedClaim[];
}

/** A follow-up that failed, in a report. */
export interface ReportedFollowUp {
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly sub: string | undefined;
  readonly followUp: FollowUp;
  readonly message: string;
}

/** How far the follow-ups of one kind are. */
export interface FollowUpCount {
  /** Without those of users who were in the pool before: they are never changed. */
  readonly planned: number;
  /** Those of users who were in the pool before. */
  readonly untouched: number;
  /** Done. */
  readonly done: number;
  /** Refused by Cognito; follow-ups.csv has its words. */
  readonly failed: number;
}

/** How many users of one route came to one outcome; undefined of those who have none yet. */
export interface Flow {
  readonly route: Route;
  readonly outcome: OutcomeKind | undefined;
  readonly count: number;
}

/** The numbers of a run. Users without an outcome are counted as `unsettled`. */
export interface RunCounts {
  readonly rows: number;
  readonly routes: Readonly<Record<Route, number>>;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly unsettled: number;
  /** Users whom the run has created or is still to create, with a password hash. */
  readonly withHash: number;
  /** Of the same, those whose password the source has in plain text. */
  readonly withPassword: number;
  /** Of the same, those whom AdminCreateUser gives a temporary password and nothing else. */
  readonly withTemporary: number;
  /** Users whom the run has created or is to create. */
  readonly created: number;
  /** Routes and outcomes together; undefined of a run that was purged before this was counted. */
  readonly flows?: readonly Flow[] | undefined;
}

/** A user who is rejected for a clash. */
export interface DuplicateExample {
  readonly code: IssueCode;
  readonly seq: number;
  readonly line: number | undefined;
  readonly username: string | undefined;
}

/** What a forecast needs of a plan beside the numbers of reports. */
export interface PlanFigures {
  /** Users for import jobs, by the algorithm of their hashes. */
  readonly jobUsers: readonly { readonly algorithm: HashAlgorithm | undefined; readonly users: number }[];
  /** How many groups users are to be put into. */
  readonly groups: number;
  /** Users who clash, whoever of them is kept, and in how many groups they do. */
  readonly duplicates: { readonly users: number; readonly groups: number };
  /** The first few of each claim. */
  readonly duplicateExamples: readonly DuplicateExample[];
  /**
   * Of a pool that tells case apart: users who are sent and whose names differ from another's by the case of ASCII letters alone;
   * otherwise 0, as they clash.
   */
  readonly casingTwins: number;
  /** Users who are sent and have nothing verified that an import job wants, be it for want of a contact. */
  readonly nothingVerified: number;
  readonly signIn: SignInFigures;
}

/** How users who are sent can sign in and be reached. */
export interface SignInFigures {
  /** Those without a phone number. */
  readonly withoutPhone: number;
  /** Those without a verified e-mail address, and with a verified phone number. */
  readonly phoneOnly: number;
  /** In a pool with aliases: those who have none; otherwise 0. */
  readonly withoutAlias: number;
  /** In a pool in which the username alone signs in: those who have an e-mail address, and a username that is none; otherwise 0. */
  readonly otherName: number;
}

/** A check of a whole ledger that goes on; disposing of it ends it. */
export interface LedgerCheck extends AsyncDisposable {
  /** Aborted, with what `done` throws, as soon as something is not as the plan wrote it, or cannot be read. */
  readonly broken: AbortSignal;
  /** Returns when everything was found to be as the plan wrote it, and throws what {@link Ledger.requireWhole} throws. */
  done(): Promise<void>;
}

/** The part of a ledger that a plan writes. */
export interface PlanLedger {
  readonly facts: RunFacts;
  state(): Promise<RunState>;
  /** Stores decisions; users come in the order of the source. */
  addUsers(users: readonly PlannedUser[]): Promise<void>;
  /**
   * Finds every group of users that claim what only one can have, rejects all of them but those that the policy keeps,
   * and says which rows clash. Exact, over all users; for once, after the last of them was added. That a code would be
   * sent to a user is no longer said of those who are rejected.
   */
  rejectClashes(policy: DuplicatesPolicy): Promise<void>;
  /** What a forecast is made from; after {@link rejectClashes}. */
  planFigures(): Promise<PlanFigures>;
  /** Keeps what the plan tells of its being carried out. */
  noteForecast(forecast: Forecast): Promise<void>;
  /** Ends the planning: from here on the decisions stand. */
  finishPlan(source: SourceFacts): Promise<void>;
}

/** Parts of a run, and the users who go by import jobs. */
export interface PartLedger {
  /** Users for import jobs with hashes of this algorithm (or none) that are in no part yet, in the order of the source. */
  usersToSpool(algorithm: HashAlgorithm | undefined): AsyncIterable<UserToLoad>;
  /** Users of a part in the order of its lines, all of them while nobody has an outcome. */
  usersOfPart(part: number): AsyncIterable<UserToLoad>;
  /** Users of a part without an outcome who are still to come by an import job, in the order of its lines. */
  unsettledOfPart(part: number): AsyncIterable<UserToLoad>;
  /** How many users of a part have no outcome and are still to come by an import job. */
  countUnsettledOfPart(part: number): Promise<number>;
  /**
   * Begins a part for users with hashes of an algorithm (or none), and returns its id, the next one. One that was begun
   * before and never finished is forgotten.
   */
  beginPart(algorithm: HashAlgorithm | undefined): Promise<number>;
  /** Forgets parts that were begun and never finished: their users are to be spooled again. Returns their ids. */
  forgetUnfinishedParts(): Promise<readonly number[]>;
  /** Adds users to a part that was begun; their lines follow those of the users before them. */
  addToPart(part: number, seqs: readonly number[]): Promise<void>;
  /** Notes that the file of a part is on disk. From here on the part is loaded as it is. */
  finishPart(part: number, file: PartFile): Promise<Part>;
  /** Parts that were finished. */
  parts(): Promise<readonly Part[]>;
  /** Ends a part whose users all have an outcome. */
  settlePart(part: number, counts: PartCounts): Promise<void>;
  /**
   * Ends a part whose job broke off: its users without an outcome are to be spooled again. `startedAt` is when its job
   * began, by Cognito's clock: it is noted with those users, since the job may have made some of them all the same.
   */
  splitPart(part: number, counts: PartCounts, startedAt: number | undefined): Promise<void>;
  /** Notes with each user of a part who has no outcome that a job may have made it; the first such time stays. */
  notePartSent(part: number, startedAt: number | undefined): Promise<void>;
  /**
   * Takes the password hashes of all users of import jobs who have no outcome and whose hashes are of this part's algorithm,
   * since the pool takes none, which is an issue with this message; the users of the part, whose job was never made, are
   * to be spooled again. Returns how many lost theirs.
   */
  dropHashes(part: Part, message: string): Promise<number>;
}

/** The import jobs of a run. */
export interface JobLedger {
  addJob(part: number, name: string): Promise<Job>;
  changeJob(id: number, change: JobChange): Promise<Job>;
  jobsOf(part: number): Promise<readonly Job[]>;
}

/** What came of users, or becomes of those whose rows failed. */
export interface OutcomeLedger {
  /**
   * Settles users of a part by line, and erases their password hashes, which nobody needs any more; a user who has an
   * outcome keeps it. A line that skips a user whom an earlier job may
   * have made (see {@link PartLedger.splitPart}) is passed over: only the pool tells which of the two it was.
   */
  settleLines(part: number, outcomes: readonly LineOutcome[]): Promise<void>;
  /**
   * Takes users whose rows failed out of their part, to be spooled once more, `with-hash` or without; those who had such a
   * second chance before stay as they are. The failure is kept, and a hash that is lost is an issue. `startedAt` is as in
   * {@link PartLedger.splitPart}.
   */
  spoolAgain(
    part: number,
    failures: readonly RowFailure[],
    how: { readonly keepHash: boolean; readonly startedAt: number | undefined },
  ): Promise<void>;
  /**
   * Sends users whose rows failed by AdminCreateUser, those of them who have neither an outcome nor a second chance in
   * another part. The failure is kept and is an issue, as is a hash that is lost, and a second factor becomes a follow-up.
   */
  createInstead(part: number, failures: readonly RowFailure[]): Promise<void>;
  /** The same for every user of a part who has no outcome, and whom the job may have made (see {@link PartLedger.splitPart}). */
  createRestInstead(part: number, message: string, startedAt: number | undefined): Promise<void>;
  /** Settles users, with their subs where these are known, and erases secrets that nobody needs any more; a user who has an outcome keeps it. */
  settle(outcomes: readonly Outcome[]): Promise<void>;
  /** Gives every user of a part that has no outcome yet this one. */
  settleRest(part: number, outcome: Omit<Outcome, "seq">): Promise<void>;
  /** Whether any user has no outcome yet. */
  hasUnsettled(): Promise<boolean>;
  /** How many users of a route have no outcome yet. */
  countUnsettledOfRoute(route: Route): Promise<number>;
  /** Of the users who were planned for a route: how many have an outcome, and how many of those have failed. */
  countCreated(route: SingleRoute): Promise<{ readonly settled: number; readonly failed: number }>;
  /** The three most frequent messages of users who failed or whose rows did, the most frequent first. */
  failureCauses(): Promise<readonly FailureCause[]>;
}

/** Whom a process takes to send. */
export interface Taking {
  /** Those behind this row of the source, from 0. */
  readonly behind: number;
  readonly most: number;
  /** Now, by the service's clock. */
  readonly sentAt: number;
}

/** Of whom it is open whether the run made them: of all who were sent or refused, or of those who were refused. */
export type InQuestion = "all" | "refused";

/** Users who are made one by one, by AdminCreateUser or SignUp. */
export interface CreationLedger {
  /**
   * Takes users of a route without an outcome and without a refusal, in the order of the source, and notes, before it happens,
   * that they are about to be sent; the first time that is noted of a user stays, and is told of one who was sent before.
   * Whom one worker has taken no other one takes, unless the first is gone and they were taken over as in question.
   */
  takeToCreate(route: SingleRoute, taking: Taking): Promise<readonly UserToCreate[]>;
  /**
   * Notes that Cognito said of a user that its name or an alias is taken, in its words. `first`: the user was never
   * sent before, so that whoever has the name was there already; `again`: an earlier call may have made the user.
   */
  noteRefusal(seq: number, refusal: string, sent: "first" | "again"): Promise<void>;
  /**
   * Takes over users of a route without an outcome who were sent or refused, and whose worker is gone: it is to be looked up
   * what came of them. Returns how many such users this worker has now.
   */
  takeInQuestion(route: SingleRoute): Promise<number>;
  /** How many of those whom this worker has are still in question, or of those of them who were refused. */
  countInQuestion(route: SingleRoute, which?: InQuestion): Promise<number>;
  usersInQuestion(route: SingleRoute, which?: InQuestion): AsyncIterable<UserToLoad>;
  /**
   * Gives every refused user of this worker without an outcome this one, with its refusal as the message; or only those who
   * were sent for the `first` time when they were refused, or `again` (see {@link noteRefusal}). Returns how many.
   */
  settleRefused(
    outcome: Omit<Outcome, "seq" | "message">,
    route: SingleRoute,
    sent?: "first" | "again",
  ): Promise<number>;
}

/** What is to be done to users once they are in the pool. */
export interface FollowUpLedger {
  /** How many follow-ups of a turn are to be done, of users whom the run has imported, by whichever worker. */
  countPendingFollowUps(turn: FollowUpTurn): Promise<number>;
  /**
   * Lets go of the users whose follow-ups of a turn this worker has done, and takes others whom nobody has: all, or as many as
   * one worker should take at a time. Returns how many follow-ups it is to do now.
   */
  takeFollowUps(turn: FollowUpTurn): Promise<number>;
  /**
   * The follow-ups that this worker has taken, user by user in the order of the source, each user's in the order in which they
   * were planned.
   */
  pendingFollowUps(turn: FollowUpTurn): AsyncIterable<PendingFollowUp>;
  /** Notes, before it happens, that a follow-up is about to be done, by the service's clock; the first time stays. */
  noteFollowUpSent(id: number, sentAt: number): Promise<void>;
  /**
   * Settles follow-ups, at this time of the service's clock; one that is settled stays so. Once a user's own password was
   * set or could not be, it is erased; a user of AdminCreateUser without it then has the follow-ups of one who had none.
   */
  settleFollowUps(results: readonly FollowUpResult[], settledAt: number): Promise<void>;
}

/** Which users of the pool are the run's. */
export interface IdentityLedger {
  /** The user that is sent under this name, as the pool compares names (see comparedName). */
  claimantOf(comparedName: string): Promise<Claimant | undefined>;
  /** How many imported or skipped users still lack their sub, of those whose route does not record it by itself. */
  countWithoutSub(): Promise<number>;
  /** Those users, in the order of the source. */
  usersWithoutSub(): AsyncIterable<UserToLoad>;
  recordIdentities(identities: readonly PoolIdentity[]): Promise<void>;
}

/** What one worker at a time does of a run. */
type WorkerTask = "import-jobs" | "trial" | "end";

/** Who else works on a run. */
export interface OtherWorkers {
  /** How many are at work, or were until some seconds ago. */
  readonly atWork: number;
  /** How many there have been, those who are gone too: it grows whenever one joins. */
  readonly ever: number;
}

/** How the processes that load one run together share it. A process that has it for itself is given everything. */
export interface WorkerLedger {
  otherWorkers(): Promise<OtherWorkers>;
  /** Takes a task until it is released; false while another worker has it that is not gone. */
  takeTask(task: WorkerTask): Promise<boolean>;
  releaseTask(task: WorkerTask): Promise<void>;
}

/** How many requests of one category of quotas went, and how many a second were allowed. */
interface SampledRate {
  readonly category: string;
  readonly requests: number;
  readonly limit: number;
}

/** Users without an outcome yet, of whom something is known. */
export interface UnderWay {
  /** Users of import jobs under way of whom Cognito has counted what came. */
  readonly inJobs: number;
  /** Users who were sent one by one. */
  readonly sent: number;
}

/** How far a run was at a moment, as one of its sessions noted it; what it says of requests is that session's alone. */
export interface Sample {
  /** Tells the session from others, at the same time or before. */
  readonly session: string;
  /** When, in epoch milliseconds of the computer's own clock. */
  readonly at: number;
  /** How much time it is about; 0 at the beginning of a session. */
  readonly intervalMs: number;
  /** Users with an outcome, by whichever worker. */
  readonly settled: number;
  /** Users without an outcome yet, but who have come so far that it is only to be written. */
  readonly underWay: UnderWay;
  readonly rates: readonly SampledRate[];
}

/** How far a run is, in numbers that are quick to be had. */
export interface RunProgress {
  readonly state: RunState;
  /** All users of the source; while the plan is being made, those that were read. */
  readonly users: number;
  /** Those with an outcome. */
  readonly settled: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Those without, by what they are to come by. */
  readonly left: { readonly importJobs: number; readonly adminCreate: number; readonly signUp: number };
  /** Follow-ups, without those of users who were not created; where these are many, about. */
  readonly followUps: { readonly wanted: number; readonly done: number; readonly failed: number };
  /** The import jobs that are under way, or were when the run was stopped; ten at the most. */
  readonly jobs: readonly {
    readonly part: number;
    readonly rows: number;
    readonly state: JobState;
    /** Cognito's last word; undefined before it had one. */
    readonly status: string | undefined;
  }[];
}

/** How a run went on, by what its sessions noted. */
export interface Timeline {
  /** In the order of time, at most 300; while nobody was at work there are none. */
  readonly samples: readonly {
    /** When, in epoch milliseconds of the computer's own clock: the end of the time that the sample is about. */
    readonly at: number;
    /** Users with an outcome by then, by all workers. */
    readonly settled: number;
    /** Of all workers together; empty at the beginning of a session. */
    readonly rates: readonly RequestRate[];
  }[];
}

/** What a run notes of its own pace, now and then. */
export interface SampleLedger {
  /** What is not known of a purged run any more is 0. */
  progress(): Promise<RunProgress>;
  addSample(sample: Sample): Promise<void>;
  /** When the last sample was taken, in epoch milliseconds; undefined where none was. */
  lastSampleAt(): Promise<number | undefined>;
  /** The samples from this moment on, in epoch milliseconds, in the order in which they were noted; the last 1000 at most. */
  samplesSince(at: number): Promise<readonly Sample[]>;
}

/** The part of a ledger that loading uses. What a call has written is durable when its promise is fulfilled. */
export interface LoadLedger
  extends PartLedger, JobLedger, OutcomeLedger, CreationLedger, FollowUpLedger, IdentityLedger, WorkerLedger {
  readonly facts: RunFacts;
  state(): Promise<RunState>;
  setState(state: RunState): Promise<void>;
  /**
   * Reads all that is still to be sent, and throws when some of it is not as the plan wrote it; what is read later is
   * checked again.
   */
  requireWhole(): Promise<void>;
  /** Makes what loading needs to find its users quickly, where it is not there yet. */
  prepareLoading(): Promise<void>;
  /**
   * Begins the same check beside what else is done, as it takes its time where much is left to be sent; undefined where it takes
   * none, or cannot go on beside.
   */
  checkBeside(): LedgerCheck | undefined;
  /** Erases every password and password hash that is left, also from the files beside the ledger. */
  eraseSecrets(): Promise<void>;
  counts(): Promise<RunCounts>;
}

/** The part of a ledger that reports read. */
export interface ReportLedger {
  readonly facts: RunFacts;
  state(): Promise<RunState>;
  /** Undefined until the plan is finished. */
  source(): Promise<SourceFacts | undefined>;
  counts(): Promise<RunCounts>;
  /** How the run went on, thinned out where it took long; without samples where none were taken. */
  timeline(): Promise<Timeline>;
  /** What the plan told of its being carried out; undefined in a ledger of before there was that, of a sync, and of a purged run. */
  forecast(): Promise<Forecast | undefined>;
  /** How many processes are at work on the run, or were until some seconds ago; undefined where only one can be. */
  countWorkers(): Promise<number | undefined>;
  issueCounts(): Promise<readonly IssueCount[]>;
  /** Why users were skipped, failed or rejected, and how many imported users have a follow-up that failed. */
  reasonCounts(): Promise<readonly ReasonCount[]>;
  /** How many users the run makes active in the bill of the month, or has made, each by the first of its causes. */
  activeUsers(): Promise<Readonly<Record<ActivityCause, number>>>;
  followUpCounts(): Promise<Readonly<Record<FollowUpKind, FollowUpCount>>>;
  /** Follow-ups that failed, in the order of the source. */
  failedFollowUps(): AsyncIterable<ReportedFollowUp>;
  /** Everyone who is in the pool, created by the run or there before, in the order of the source. */
  identities(): AsyncIterable<ReportedIdentity>;
  /** Users with one outcome, in the order of the source. */
  usersWithOutcome(kind: OutcomeKind): AsyncIterable<ReportedUser>;
  /** All users that clash, the groups by their first users, and each group in the order of the source. */
  clashes(): AsyncIterable<ClashingUser>;
  /** Warnings about users who were not rejected, in the order of the source. */
  warnings(): AsyncIterable<ReportedWarning>;
  /** What an undo made of users so far; undefined when nothing was undone. */
  undoCounts(): Promise<UndoCounts | undefined>;
  /** What an undo was last about to do to a user; undefined when it has come to none. */
  undoAction(): Promise<UndoAction | undefined>;
  /** Undefined unless a purge of the run has begun; then there are numbers, and no users any more. */
  purged(): Promise<Purged | undefined>;
}

/** The part of a ledger that a purge uses. */
interface PurgeLedger {
  /**
   * Erases every user and whatever was noted of them, at once or not at all, and keeps the numbers. A purge that has begun stays
   * as it is.
   */
  eraseUsers(at: string): Promise<void>;
  /** Writes the ledger anew, so that no byte of what was erased is left in it or beside it. Throws RUN_BUSY. */
  rewrite(): Promise<void>;
}

/** A user of the run, as verification compares it with the pool. */
export interface ExpectedUser {
  readonly seq: number;
  readonly username: string;
  /** Those of its row, and after them those that a follow-up sets. */
  readonly attributes: Attributes;
  readonly route: Route;
  readonly outcome: OutcomeKind | undefined;
  /** The sub that the run recorded; undefined where it found none. */
  readonly sub: string | undefined;
  /** Whether it was sent with a password hash. */
  readonly hasHash: boolean;
  /** Whether the plan wants it disabled. */
  readonly isDisabled: boolean;
  /** Whether the password that it had at the source was set. */
  readonly hasPassword: boolean;
  /** Whether the plan makes it reset the password that its creation left it with. */
  readonly isReset: boolean;
  /** Whether the plan has it confirmed after it signed up. */
  readonly isConfirmed: boolean;
  /** The identities at other providers that the plan links. */
  readonly identities: readonly { readonly provider: string; readonly subject: string }[];
}

/** How many of a run's users are in the pool as wanted; those who agree, differ, are missing or unexpected add up to all users of the source. */
export interface VerificationCounts {
  readonly agreeing: number;
  /** Of the agreeing, those whom the run was not to create or could not, and who are not new in the pool. */
  readonly notCreated: number;
  readonly differing: number;
  /** Created by the run, or there before it, and not there now. */
  readonly missing: number;
  /** Rejected, failed or passed over, and yet in the pool since the run began. */
  readonly unexpected: number;
  /** What differs, by the names of attributes and the like, and in how many users. */
  readonly differences: readonly { readonly what: string; readonly count: number }[];
}

/** A user who is not in the pool as wanted. */
export interface Finding {
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly sub: string | undefined;
  readonly outcome: OutcomeKind | undefined;
  readonly result: "differs" | "missing" | "unexpected";
  /** Names, never values. */
  readonly differences: readonly string[];
  readonly lackingGroups: readonly string[];
  readonly extraGroups: readonly string[];
  /** When the pool last changed the user, in epoch milliseconds. */
  readonly modifiedAt: number | undefined;
}

/**
 * Takes note of what is in the pool, beside the run's users. Kept until it is disposed of, on disk, and not part of the
 * run.
 */
export interface Verification extends AsyncDisposable {
  /** When the run first sent someone, by the service's clock; undefined when it never did. */
  readonly beganAt: number | undefined;
  userWithSub(sub: string): Promise<ExpectedUser | undefined>;
  /** All users of the source with this name (see comparedName), also those who were not sent. */
  usersNamed(comparedName: string): Promise<readonly ExpectedUser[]>;
  /** The groups that the run put users into. */
  groups(): Promise<readonly string[]>;
  /** Notes that a user is in the pool, and what differs. What is found by its sub outweighs what has only its name. */
  noteFound(
    seq: number,
    found: {
      readonly by: "sub" | "name";
      readonly differences: readonly string[];
      readonly modifiedAt: number | undefined;
    },
  ): Promise<void>;
  /** Notes that a user is in a group. */
  noteMember(seq: number, group: string): Promise<void>;
  /** Compares the members that were noted with those that the plan wants; after the last of them. */
  compareGroups(): Promise<void>;
  /** How many of those who should be in the pool were not found so far. */
  countMissing(): Promise<number>;
  /** The subs of those of them whose sub is known. */
  missingSubs(): Promise<readonly string[]>;
  counts(): Promise<VerificationCounts>;
  /** Users who are not in the pool as wanted, in the order of the source. */
  findings(): AsyncIterable<Finding>;
}

/** The part of a ledger that verification reads. */
interface VerifyLedger {
  readonly facts: RunFacts;
  state(): Promise<RunState>;
  /** Begins a verification, which ends one that was begun before. */
  beginVerification(): Promise<Verification>;
}

/** A user whom the run has created, or may have created, as an undo looks for it. */
export interface UndoCandidate {
  readonly seq: number;
  readonly username: string;
  /** Those that it was or would have been created with. */
  readonly attributes: Attributes;
  readonly route: Route;
  /** The sub of the run's copy of the user; undefined where the run recorded none. */
  readonly sub: string | undefined;
  /** Whether the run knows that it created the user; one that it was stopped over may have been created. */
  readonly isImported: boolean;
  /** When the run first may have created the user, by the service's clock; undefined where that is not known. */
  readonly since: number | undefined;
  /** Whether the user was sent with a password hash, or was to get a password or be confirmed after its creation. */
  readonly hasPassword: boolean;
  /**
   * When the run, or an earlier undo of it, last changed the user after its creation, at the latest, by the service's
   * clock; undefined where neither did, or the time is not known.
   */
  readonly wroteAt: number | undefined;
}

/** What an undo made of one user. */
export interface UndoSettlement {
  readonly seq: number;
  readonly result: UndoResult;
  readonly message: string | undefined;
}

/** How many users an undo has come to each result with. */
export type UndoCounts = Readonly<Record<UndoResult, number>>;

/** One user of an undo's report. */
export interface UndoneUser extends UndoSettlement {
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
  readonly sub: string | undefined;
}

/**
 * One session of an undo: which users it has looked at stands on disk, beside the ledger; what it made of them is part of
 * the run. Users who were deleted by an earlier session are no candidates.
 */
export interface Undoing extends AsyncDisposable {
  /** When the run last wrote to the pool, at the latest, by the service's clock; undefined where it is not known. */
  readonly lastWroteAt: number | undefined;
  /** How many users the run has created, and how many more it may have created when it was stopped. */
  count(): Promise<{ readonly created: number; readonly uncertain: number }>;
  candidateWithSub(sub: string): Promise<UndoCandidate | undefined>;
  /** Those without a sub who were sent under this name (see comparedName). */
  candidateNamed(comparedName: string): Promise<UndoCandidate | undefined>;
  /** How many candidates were not looked at yet. */
  countLeft(): Promise<number>;
  left(): AsyncIterable<UndoCandidate>;
  /** Whether this session has looked at a candidate already. */
  wasSeen(seq: number): Promise<boolean>;
  /** Notes that a candidate was looked at and is not the run's. */
  pass(seq: number): Promise<void>;
  /**
   * Notes, before it happens, what is about to be done to whom, and when by the service's clock. False, with nothing noted,
   * where another account was taken for this user meanwhile: one that is found by its name is one account only.
   */
  begin(
    seq: number,
    about: { readonly action: UndoAction; readonly sub: string; readonly at: number },
  ): Promise<boolean>;
  /** Settles users; a later undo may come to another result. */
  settle(settlements: readonly UndoSettlement[], settledAt: number): Promise<void>;
  /** Settles candidates who were not found: `deleted` who was about to be, else `absent`. */
  settleAbsent(): Promise<void>;
}

/** The part of a ledger that an undo uses. */
interface UndoLedger {
  readonly facts: RunFacts;
  /** Notes that the run may have written to the pool until now, by the service's clock. */
  noteWritten(at: number): Promise<void>;
  /** Begins a session of an undo, which ends one that was begun before. */
  beginUndo(): Promise<Undoing>;
  /** Users with a result, in the order of the source. */
  undoneUsers(): AsyncIterable<UndoneUser>;
}

/** A user of the source, as the plan has read it. */
export interface WantedUser {
  readonly seq: number;
  readonly sourceId: string | undefined;
  /** Undefined for a row that gives none. */
  readonly username: string | undefined;
  /** Those of its row, and after them those that a follow-up sets. */
  readonly attributes: Attributes;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  /** Attributes, and `groups`, of which the row has something that cannot be used: it is not known what the source wants. */
  readonly doubtful: readonly string[];
  /** What the plan has made of it already; undefined for a user who can be in the pool. */
  readonly outcome: OutcomeKind | undefined;
  /** The code of the outcome's cause. */
  readonly reason: string | undefined;
  /** Its sub, where the run that creates it has recorded one. */
  readonly sub: string | undefined;
}

/** The part of a ledger that a sync reads. */
interface SyncLedger {
  /** All users of the plan, in the order of the source, some at a time. */
  wantedUsers(): AsyncIterable<readonly WantedUser[]>;
  /** Gives every user this outcome who has none, and whom nothing was begun for; erases their secrets. */
  passOverUnsent(outcome: Omit<Outcome, "seq">): Promise<void>;
}

/** One run's durable state: the plan's decisions, the intents of loading, and every user's outcome. */
export interface Ledger
  extends
    PlanLedger,
    LoadLedger,
    ReportLedger,
    SampleLedger,
    VerifyLedger,
    UndoLedger,
    SyncLedger,
    PurgeLedger,
    AsyncDisposable {}
