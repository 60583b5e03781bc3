import { FOLLOW_UP_KINDS } from "./follow-up.ts";
import type { IssueCode, Severity } from "./issue.ts";

/**
 * How grave a finding is. `error`: users will be missing, or cannot get in. `warning`: it works, and not as most would want.
 * `note`: good to know.
 */
export const FINDING_SEVERITIES = ["error", "warning", "note"] as const;

/** One of {@link FINDING_SEVERITIES}. */
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** Something about the pool, the data or the two together that an operator should know before the plan is applied. */
export interface ForecastFinding {
  /** Stable, for machines; docs/errors.md lists all of them. */
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** What is so, in one sentence without any user's data. */
  readonly message: string;
  /** What to do about it; undefined where there is nothing to do. */
  readonly fix?: string | undefined;
  /** The command that does it, where there is one; for a shell. */
  readonly command?: string | undefined;
  /** How many users it is about; undefined where it is about the pool as a whole. */
  readonly users?: number | undefined;
}

/** Every code of a finding. */
export const FINDING_CODES = [
  "attribute-required",
  "custom-attribute-missing",
  "nothing-verified",
  "secrets-left-out",
  "username-shaped-like-alias",
  "sign-in-by-username-only",
  "case-sensitive",
  "mfa-required",
  "users-locked",
  "log-role-unnamed",
  "hashes-untried",
  "app-clients-without-password-flow",
  "app-clients-unknown",
  "email-daily-limit",
  "sms-needed",
  "trigger-runs",
  "trigger-never-runs",
  "permission-refused",
] as const;

/** One of {@link FINDING_CODES}. */
type FindingCode = (typeof FINDING_CODES)[number];

/** The steps that a run takes time for: its ways to create users, its follow-ups, the groups that it makes, the look-up of new ids. */
export const STEP_NAMES = [
  "import-jobs",
  "admin-create",
  "sign-up",
  ...FOLLOW_UP_KINDS,
  "create-groups",
  "look-up-ids",
] as const;

/** One of {@link STEP_NAMES}. */
export type StepName = (typeof STEP_NAMES)[number];

/**
 * Where the pace of a step is from. `account`: the account's own quota, as GetProvisionedLimit said; `documented`: AWS's
 * default; `reported`: what others have measured, as AWS states none.
 */
export const PACE_SOURCES = ["account", "documented", "reported"] as const;

/** One step of the run, as if nothing else went on. */
export interface ForecastStep {
  readonly name: StepName;
  readonly users: number;
  /** Calls that the step takes, without those that look how far an import job is. */
  readonly requests: number;
  /** The quota that holds the step back; undefined for import jobs, whose pace is AWS's. */
  readonly category?: string | undefined;
  /** Requests a second: the run's share of that quota. Of import jobs, users a second. */
  readonly rps: number;
  readonly paceFrom: (typeof PACE_SOURCES)[number];
  readonly seconds: number;
  /** The users whom this step makes active in the month's bill, be they so by another step as well. */
  readonly activeUsers: number;
}

/** What takes the longest, and so decides when the run is over. */
export interface ForecastBottleneck {
  /** Steps that are held back by one quota, or the import jobs. */
  readonly steps: readonly StepName[];
  readonly category?: string | undefined;
  readonly seconds: number;
}

/** One user with a trouble, so that it can be found in the source; what could name a person is masked. */
export interface ForecastExample {
  /** The row of the source, from 1, and its line, where the source has lines. */
  readonly row: number;
  readonly line?: number | undefined;
  /** The username, masked; undefined for a row without one. */
  readonly user?: string | undefined;
  readonly attribute?: string | undefined;
}

/** One kind of trouble that users have before anything was sent. */
export interface ForecastCause {
  readonly code: IssueCode;
  readonly severity: Severity;
  readonly users: number;
  /** The attributes that it is about, and of how many users; empty where it is about whole rows. */
  readonly attributes: readonly { readonly name: string; readonly users: number }[];
  readonly fix: string;
  /** The first few of them. */
  readonly examples: readonly ForecastExample[];
}

/** The actions of IAM that carrying out a plan takes. */
export interface ForecastPermissions {
  /** Those that it takes in any case. */
  readonly needed: readonly string[];
  /** Those that it takes when replies are lost or rows are refused, or can do without. */
  readonly perhaps: readonly string[];
  /** Those of both that the service has refused to the plan itself. Nobody knows of the others before they are called. */
  readonly refused: readonly string[];
}

/** What AWS bills users by. */
interface ForecastMoney {
  /** Users whom the run makes active, each once. */
  readonly activeUsers: number;
  /** Where AWS says what makes a user active, and what one costs. */
  readonly definitionUrl: string;
  readonly pricingUrl: string;
}

/** What a plan can tell beforehand of its being carried out. Made once, from the plan, its pool and the account's quotas. */
export interface Forecast {
  /** The gravest first. */
  readonly findings: readonly ForecastFinding[];
  /** In the order in which they begin; those that nobody needs are left out. */
  readonly steps: readonly ForecastStep[];
  /** Import jobs, those of trials among them. */
  readonly jobs: number;
  /** Of the whole run, where everything goes well: cautious, as steps overlap more where there are several import jobs. */
  readonly seconds: number;
  /** Undefined where nobody is sent. */
  readonly bottleneck?: ForecastBottleneck | undefined;
  /** Users of the source who clash, and in how many groups. */
  readonly duplicates: { readonly users: number; readonly groups: number };
  /** The most frequent first. */
  readonly causes: readonly ForecastCause[];
  readonly permissions: ForecastPermissions;
  readonly money: ForecastMoney;
}
