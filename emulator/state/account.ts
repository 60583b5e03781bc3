import { randomBytes } from "node:crypto";

import type { Rules } from "../rules.ts";
import { ApiError } from "../wire/error.ts";
import type { Credentials } from "../wire/signature.ts";
import type { Attempts } from "./attempts.ts";
import type { ChallengeSession } from "./challenge-session.ts";
import type { Client } from "./client.ts";
import { complete, isActive, STOPPED, type ImportJob } from "./import-job.ts";
import { LogStore, type LogStream } from "./log-store.ts";
import type { OutboxMessage } from "./outbox.ts";
import { PlacedSet } from "./placed-set.ts";
import type { Pool } from "./pool.ts";
import type { RefreshToken } from "./refresh-token.ts";
import type { SigningKey } from "./signing-key.ts";
import { RoleStore } from "./role.ts";
import type { User } from "./user.ts";

/** Everything that the emulator holds of one account in one region. */
export class Account {
  readonly id: string;
  readonly region: string;
  readonly pools = new Map<string, Pool>();
  /** The same pools, to be listed in the order of creation. */
  readonly poolPlaces = new PlacedSet<Pool>();
  /** Replaced as a whole by a restore, so that a job of before writes where nobody reads. */
  logs = new LogStore();
  readonly roles = new RoleStore();
  /** The key that upload URLs are signed with. */
  uploadKey: Credentials = newUploadKey();
  readonly outbox: OutboxMessage[] = [];
  /** Replaced as a whole when a setting changes. */
  rules: Rules;
  /** Sign-ins on their way, by session, or by SRP secret block. */
  readonly sessions = new Map<string, ChallengeSession>();
  /** By token. */
  readonly refreshTokens = new Map<string, RefreshToken>();
  /** By pool id, made when they are first needed. */
  readonly signingKeys = new Map<string, SigningKey>();
  /** Failed sign-ins and asked-for resets, by what they are, pool and sub. */
  readonly attempts = new Map<string, Attempts>();
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

  /** Takes over everything that another account holds, in place of its own. */
  adopt(other: Account): void {
    for (const pool of this.pools.values()) this.removePool(pool);
    for (const pool of other.pools.values()) this.addPool(pool);
    this.logs = other.logs;
    this.uploadKey = other.uploadKey;
    this.roles.clear();
    for (const role of other.roles) this.roles.put(role);
    replaceAll(this.sessions, other.sessions);
    replaceAll(this.refreshTokens, other.refreshTokens);
    replaceAll(this.signingKeys, other.signingKeys);
    replaceAll(this.attempts, other.attempts);
    this.outbox.length = 0;
    for (const message of other.outbox) this.outbox.push(message);
  }

  /** Adds a new pool. */
  addPool(pool: Pool): void {
    this.pools.set(pool.settings.id, pool);
    this.poolPlaces.add(pool);
  }

  /** Removes a pool with everything in it; its logs stay. */
  removePool(pool: Pool): void {
    this.pools.delete(pool.settings.id);
    this.poolPlaces.delete(pool);
  }

  /** The pool with this id, or AWS's error (wording reported). */
  pool(poolId: string): Pool {
    const pool = this.pools.get(poolId);
    if (pool === undefined) {
      throw new ApiError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
    }
    return pool;
  }

  /** The app client with this id and its pool, or AWS's error (wording reported). */
  client(clientId: string): ClientOfPool {
    const found = this.findClient(clientId);
    if (found !== undefined) return found;
    throw new ApiError("ResourceNotFoundException", `User pool client ${clientId} does not exist.`);
  }

  /** The app client with this id and its pool, if there is one. */
  findClient(clientId: string): ClientOfPool | undefined {
    for (const pool of this.pools.values()) {
      const client = pool.clients.get(clientId);
      if (client !== undefined) return { pool, client };
    }
    return undefined;
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

// As STS would make them for whoever owns the bucket.
function newUploadKey(): Credentials {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64"),
  };
}

/** A user and the pool it is in. */
export interface UserOfPool {
  readonly pool: Pool;
  readonly user: User;
}

/** An app client and the pool it belongs to. */
export interface ClientOfPool {
  readonly pool: Pool;
  readonly client: Client;
}

function replaceAll<Key, Value>(target: Map<Key, Value>, source: ReadonlyMap<Key, Value>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}
