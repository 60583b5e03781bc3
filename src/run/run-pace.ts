import { RecentRate } from "../core/recent-rate.ts";
import type { RequestRate } from "../core/progress.ts";
import type { RunProgress, UnderWay } from "../ledger/ledger.ts";

/** What goes on at the same time, each with an end of its own. */
const LANES = ["importJobs", "adminCreate", "signUp", "followUps"] as const;

type Lane = (typeof LANES)[number];

/** The quota that a lane is held to; import jobs go at Cognito's own pace. */
const CATEGORY_OF: Readonly<Partial<Record<Lane, string>>> = {
  adminCreate: "UserCreation",
  signUp: "UserCreation",
  followUps: "UserUpdate",
};

/** How long back a lane's pace is reckoned: an import job tells how far it is only now and then. */
const LANE_WINDOW_MS = 180_000;

/** Reckons how fast a run goes and how long it will take, from how far it was lately. */
export class RunPace {
  readonly #users = new RecentRate();
  readonly #lanes = new Map(LANES.map((lane) => [lane, new RecentRate(LANE_WINDOW_MS)]));
  #left: Readonly<Record<Lane, number>> = { importJobs: 0, adminCreate: 0, signUp: 0, followUps: 0 };

  /** Notes how many users had come at a moment before the run was looked at. */
  noteBefore(atMs: number, users: number): void {
    this.#users.note(atMs, users);
  }

  /** Notes how far the run is. */
  note(atMs: number, { settled, left, followUps }: RunProgress, underWay: UnderWay): void {
    const inJobs = Math.min(underWay.inJobs, left.importJobs);
    const sent = Math.min(underWay.sent, left.adminCreate);
    this.#users.note(atMs, settled + inJobs + sent);
    this.#left = {
      importJobs: left.importJobs - inJobs,
      adminCreate: left.adminCreate - sent,
      signUp: left.signUp,
      followUps: followUps.wanted - followUps.done - followUps.failed,
    };
    for (const lane of LANES) this.#lanes.get(lane)?.note(atMs, -this.#left[lane]);
  }

  /** Users a second over the last minute. */
  get usersPerSecond(): number | undefined {
    return this.#users.perSecond;
  }

  /**
   * Seconds until the slowest lane has done what is left. A lane that has not moved lately is reckoned at what it may send,
   * where that is known; where it is not, nobody can tell.
   */
  etaSeconds(rates: readonly RequestRate[]): number | undefined {
    const rateOf = (lane: Lane): RequestRate | undefined =>
      rates.find(({ category }) => category === CATEGORY_OF[lane]);
    // Before anything was seen to go on, a quota alone is no basis.
    if (!LANES.some((lane) => this.#seen(lane) > 0 || (rateOf(lane)?.taken ?? 0) > 0)) return undefined;
    const times = LANES.filter((lane) => this.#left[lane] > 0).map(
      (lane) => this.#left[lane] / this.#paceOf(lane, rateOf(lane)),
    );
    const slowest = Math.max(0, ...times);
    return Number.isFinite(slowest) ? Math.round(slowest) : undefined;
  }

  #paceOf(lane: Lane, rate: RequestRate | undefined): number {
    const seen = this.#seen(lane);
    if (rate === undefined) return seen;
    // Follow-ups of several kinds have quotas of their own.
    if (lane === "followUps") return seen || rate.limit;
    // Outcomes come some at a time, so what is sent tells more at first; nobody can be faster than the quota.
    return Math.min(rate.limit, Math.max(seen, rate.taken)) || rate.limit;
  }

  #seen(lane: Lane): number {
    return this.#lanes.get(lane)?.perSecond ?? 0;
  }
}
