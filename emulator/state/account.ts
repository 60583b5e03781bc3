import type { Rules } from "../rules.ts";
import { ApiError } from "../wire/error.ts";
import { complete, isActive, STOPPED, type ImportJob } from "./import-job.ts";
import { LogStore, type LogStream } from "./log-store.ts";
import type { OutboxMessage } from "./outbox.ts";
import type { Pool } from "./pool.ts";
import { RoleStore } from "./role.ts";
import type { User } from "./user.ts";

/** Everything that the emulator holds of one account in one region. */
export class Account {
  readonly id: string;
  readonly region: string;
  readonly pools = new Map<string, Pool>();
  readonly logs = new LogStore();
  readonly roles = new RoleStore();
  readonly outbox: OutboxMessage[] = [];
  /** Replaced as a whole when a setting changes, so nothing keeps them. */
  rules: Rules;
  readonly clock: () => number;

  constructor(settings: {
    readonly id: string;
    readonly region: string;
    readonly rules: Rules;
    readonly clock: () => number;
  }) {
    this.id = settings.id;
    this.region = settings.region;
    this.rules = settings.rules;
    this.clock = settings.clock;
  }

  /** The pool with this id, or AWS's error (wording reported). */
  pool(poolId: string): Pool {
    const pool = this.pools.get(poolId);
    if (pool === undefined) {
      throw new ApiError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
    }
    return pool;
  }

  /** The user that an administrator names in a request, by username, sub or alias, or AWS's error (wording reported). */
  user(request: { readonly UserPoolId: string; readonly Username: string }): UserOfPool {
    const pool = this.pool(request.UserPoolId);
    const user = pool.users.find(request.Username);
    if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
    return { pool, user };
  }

  /** The pool's job with this id, expired if its time has come, or an error (wording guessed). */
  job(pool: Pool, jobId: string): ImportJob {
    const job = pool.jobs.get(jobId);
    if (job === undefined) {
      throw new ApiError("ResourceNotFoundException", `User import job ${jobId} does not exist.`);
    }
    this.moveOn(job);
    return job;
  }

  /** Takes the steps of a job that come with time alone: its expiry, and the end of its stopping. */
  moveOn(job: ImportJob): void {
    this.#expireIfDue(job);
    if (job.status !== "Stopping" || job.stopsMs === undefined || this.clock() < job.stopsMs) return;
    complete(job, { status: "Stopped", message: STOPPED, nowMs: job.stopsMs });
  }

  // Expires a job that was created too long ago and never started (documented; message: AWS sample).
  #expireIfDue(job: ImportJob): void {
    const expiresMs = job.createdMs + this.rules.jobExpiryMs;
    if (job.status !== "Created" || this.clock() < expiresMs) return;
    complete(job, { status: "Expired", message: "The user import job has expired.", nowMs: expiresMs });
  }

  /** How many events of a log stream can be read by now. */
  readableLength(stream: LogStream): number {
    const { logLagMs } = this.rules;
    return logLagMs > 0 ? stream.lengthAt(this.clock() - logLagMs) : stream.length;
  }

  /** The job that keeps another one of this pool from starting. */
  activeJobBeside(pool: Pool): ImportJob | undefined {
    const pools = this.rules.oneActiveJobPer === "pool" ? [pool] : this.pools.values();
    for (const { jobs } of pools) {
      for (const job of jobs.values()) {
        this.moveOn(job);
        if (isActive(job)) return job;
      }
    }
    return undefined;
  }
}

/** A user and the pool it is in. */
export interface UserOfPool {
  readonly pool: Pool;
  readonly user: User;
}
