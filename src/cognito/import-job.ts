import {
  CreateUserImportJobCommand,
  DescribeUserImportJobCommand,
  ListUserImportJobsCommand,
  StartUserImportJobCommand,
  StopUserImportJobCommand,
  type ListUserImportJobsCommandOutput,
  type UserImportJobType,
} from "@aws-sdk/client-cognito-identity-provider";
import { FerryError } from "../core/ferry-error.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { Cognito } from "./cognito.ts";
import { pages } from "./pages.ts";

/** What an import job is made of. */
export interface NewImportJob {
  readonly name: string;
  readonly logsRoleArn: string;
  /** The algorithm of all its password hashes; undefined when its file has none. */
  readonly algorithm: HashAlgorithm | undefined;
}

/** What Cognito says of an import job. */
export interface ImportJob {
  readonly jobId: string;
  readonly name: string;
  readonly status: string;
  /** Where the CSV goes; a secret, valid for 15 minutes. Kept nowhere but in memory. */
  readonly preSignedUrl: string | undefined;
  readonly completionMessage: string | undefined;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  /** Epoch milliseconds of Cognito's clock, as are startedAt and completedAt. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly completedAt: number | undefined;
  /** The algorithm of its password hashes; undefined for a job without any. */
  readonly passwordHashing: string | undefined;
  readonly logsRoleArn: string | undefined;
}

/** The statuses after which a job does nothing any more (documented). */
const FINAL_STATUSES: ReadonlySet<string> = new Set(["Succeeded", "Failed", "Stopped", "Expired"]);

/** Whether a job with this status does nothing any more. */
export function isFinalStatus(status: string): boolean {
  return FINAL_STATUSES.has(status);
}

/** The statuses of a job that keeps others from being started (documented that only one can be active). */
const ACTIVE_STATUSES: ReadonlySet<string> = new Set(["Pending", "InProgress", "Stopping"]);

/** Whether a job of this status keeps others from being started. */
export function isActiveStatus(status: string): boolean {
  return ACTIVE_STATUSES.has(status);
}

/** Jobs a page of ListUserImportJobs holds at the most (API model). */
const LIST_PAGE = 60;

/** The import jobs of one pool. */
export class ImportJobs {
  readonly #cognito: Cognito;
  readonly #poolId: string;
  readonly #signal: AbortSignal;

  constructor(cognito: Cognito, poolId: string, signal: AbortSignal) {
    this.#cognito = cognito;
    this.#poolId = poolId;
    this.#signal = signal;
  }

  /** Creates a job. Not repeated after a lost reply: look with {@link findByName} first. */
  async create({ name, logsRoleArn, algorithm }: NewImportJob): Promise<ImportJob> {
    const input = {
      UserPoolId: this.#poolId,
      JobName: name,
      CloudWatchLogsRoleArn: logsRoleArn,
      ...(algorithm === undefined ? {} : { PasswordHashingAlgorithm: algorithm }),
    };
    const { UserImportJob } = await this.#cognito.call(
      "CreateUserImportJob",
      (client, abort) => client.send(new CreateUserImportJobCommand(input), abort),
      { repeat: "once", signal: this.#signal },
    );
    return toImportJob(UserImportJob);
  }

  async describe(jobId: string): Promise<ImportJob> {
    const { UserImportJob } = await this.#cognito.call(
      "DescribeUserImportJob",
      (client, abort) =>
        client.send(new DescribeUserImportJobCommand({ UserPoolId: this.#poolId, JobId: jobId }), abort),
      { repeat: "safe", signal: this.#signal },
    );
    return toImportJob(UserImportJob);
  }

  /** Starts a job. Not repeated after a lost reply: {@link describe} it first. */
  async start(jobId: string): Promise<ImportJob> {
    const { UserImportJob } = await this.#cognito.call(
      "StartUserImportJob",
      (client, abort) =>
        client.send(new StartUserImportJobCommand({ UserPoolId: this.#poolId, JobId: jobId }), abort),
      { repeat: "once", signal: this.#signal },
    );
    return toImportJob(UserImportJob);
  }

  /** Stops a job. Not repeated after a lost reply: {@link describe} it. Once sent it is finished. */
  async stop(jobId: string): Promise<ImportJob> {
    const { UserImportJob } = await this.#cognito.call(
      "StopUserImportJob",
      (client, abort) =>
        client.send(new StopUserImportJobCommand({ UserPoolId: this.#poolId, JobId: jobId }), abort),
      { repeat: "once", signal: this.#signal, whenInterrupted: "finish" },
    );
    return toImportJob(UserImportJob);
  }

  /** The job of that name, or undefined. Jobs come newest first (AWS CLI sample), so ours is found early. */
  findByName(name: string): Promise<ImportJob | undefined> {
    return this.#find((job) => job.name === name);
  }

  /** An active job of this pool, or undefined; one of another pool of the account is not seen. */
  findActive(): Promise<ImportJob | undefined> {
    return this.#find(({ status }) => isActiveStatus(status));
  }

  async #find(isWanted: (job: ImportJob) => boolean): Promise<ImportJob | undefined> {
    for await (const page of this.pages()) {
      const found = page.find(isWanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All jobs of the pool, newest first (AWS CLI sample), a page at a time. */
  async *pages(): AsyncGenerator<readonly ImportJob[]> {
    const wanted = { UserPoolId: this.#poolId, MaxResults: LIST_PAGE };
    const read = (PaginationToken: string | undefined): Promise<ListUserImportJobsCommandOutput> =>
      this.#cognito.call(
        "ListUserImportJobs",
        (client, abort) => client.send(new ListUserImportJobsCommand({ ...wanted, PaginationToken }), abort),
        { repeat: "safe", signal: this.#signal },
      );
    for await (const { UserImportJobs = [] } of pages(read, (page) => page.PaginationToken))
      yield UserImportJobs.map(toImportJob);
  }
}

function toImportJob(described: UserImportJobType | undefined): ImportJob {
  if (described?.JobId === undefined || described.Status === undefined) {
    throw new FerryError(
      "ENDPOINT_UNSUPPORTED",
      "The service describes an import job without its id and status",
      {
        hint: "Check --endpoint-url: it must be a Cognito-compatible service with import jobs",
      },
    );
  }
  return {
    jobId: described.JobId,
    name: described.JobName ?? "",
    status: described.Status,
    preSignedUrl: described.PreSignedUrl,
    completionMessage: described.CompletionMessage,
    imported: described.ImportedUsers ?? 0,
    skipped: described.SkippedUsers ?? 0,
    failed: described.FailedUsers ?? 0,
    createdAt: described.CreationDate?.getTime(),
    startedAt: described.StartDate?.getTime(),
    completedAt: described.CompletionDate?.getTime(),
    passwordHashing: described.PasswordHashingAlgorithm,
    logsRoleArn: described.CloudWatchLogsRoleArn,
  };
}
