import type { ActivityCause } from "../core/activity-cause.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import type { Pool } from "../core/pool.ts";
import type { Route } from "../core/route.ts";
import type { SignUpFacts } from "../core/sign-up.ts";
import type { IssueCensus } from "./issue-census.ts";
import type { JobLimits, JobUsers } from "./import-jobs.ts";
import type { AccountRates } from "./pace.ts";

/** How many users a plan sends in each way, and what is to be done to them; whoever it rejects is not among them. */
export interface PlannedCounts {
  readonly routes: Readonly<Record<Route, number>>;
  /** Users whom the run is to create. */
  readonly created: number;
  readonly withHash: number;
  /** Those with a password in plain text. */
  readonly withPassword: number;
  /** Those whom AdminCreateUser leaves with a temporary password. */
  readonly withTemporary: number;
  readonly followUps: Readonly<Record<FollowUpKind, number>>;
  readonly activeUsers: Readonly<Record<ActivityCause, number>>;
  readonly issues: readonly { readonly code: Parameters<IssueCensus["add"]>[0]; readonly count: number }[];
  /** Groups that users are put into. */
  readonly groups: number;
  /** Users who clash, and in how many groups. */
  readonly duplicates: { readonly users: number; readonly groups: number };
  /** In a pool that tells upper from lower case: users whose names differ from another's by nothing else. */
  readonly casingTwins: number;
  /** Users with nothing verified that an import job wants. */
  readonly nothingVerified: number;
  /** How users who are sent can sign in and be reached; what each number is, the ledger says. */
  readonly signIn: {
    readonly withoutPhone: number;
    readonly phoneOnly: number;
    readonly withoutAlias: number;
    readonly otherName: number;
  };
}

/** An app client of the pool. */
export interface AppClient {
  readonly name: string;
  /** Whether it takes a password as it is, by USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH. */
  readonly takesPasswords: boolean;
  /** Whether users sign in with it by a page of Cognito's own, or nobody does. */
  readonly isApart: boolean;
}

/** The app clients of the pool; `unknown` where they were not read, and why. */
export type AppClients =
  | { readonly kind: "unknown"; readonly why: string }
  /** `hasMore`: there are others, which were not looked at. */
  | { readonly kind: "known"; readonly clients: readonly AppClient[]; readonly hasMore: boolean };

/** What a forecast is made from. */
export interface Known {
  readonly pool: Pool;
  readonly counts: PlannedCounts;
  readonly jobUsers: ReadonlyMap<HashAlgorithm | undefined, JobUsers>;
  readonly jobLimits: JobLimits;
  readonly census: IssueCensus;
  readonly policies: LoadPolicies;
  readonly signUp: SignUpFacts | undefined;
  readonly logsRoleArn: string | undefined;
  readonly rates: AccountRates;
  /** The share of every quota that the run takes. */
  readonly quotaShare: number;
  /** Undefined where no user comes with a password hash. */
  readonly appClients: AppClients | undefined;
  /** Fields of the source that no rule reads. */
  readonly unusedFields: readonly string[];
  /** Whether the mapping reads passwords or hashes, and an earlier run wrote a file of the source, without such. */
  readonly lacksPasswords: boolean;
  /** Actions that the service has refused to the plan. */
  readonly refused: readonly string[];
}
