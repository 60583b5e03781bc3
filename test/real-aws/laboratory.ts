import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserImportJobCommand,
  GetCSVHeaderCommand,
  ListUsersCommand,
  StartUserImportJobCommand,
  type CreateUserImportJobCommandInput,
  type CreateUserPoolCommandInput,
  type UserImportJobType,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import { setTimeout as delay } from "node:timers/promises";

import { sanitise, type Exchange } from "./transcript.ts";

/** Where questions are asked: an account at AWS, or the emulator. */
export interface LaboratoryOptions {
  /** The emulator's address; without it the questions go to AWS. */
  readonly endpoint?: string;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The role that lets Cognito write the import's log. */
  readonly logsRoleArn: string;
}

/** A finished import job and the lines that it wrote about its rows. */
export interface FinishedImport {
  readonly job: UserImportJobType;
  readonly lines: readonly string[];
}

/** One row of an import CSV, by column, as it is written. */
export type Row = Readonly<Record<string, string>>;

const POLL_MS = { aws: 1000, emulator: 10 };
const JOB_LASTS_AT_MOST_MS = 10 * 60_000;
const LOGS_LAG_AT_MOST_MS = 2 * 60_000;

/** Makes user pools, imports files into them and records every exchange. Disposed of, it deletes its pools. */
export class Laboratory implements AsyncDisposable {
  readonly cognito: CognitoIdentityProviderClient;
  readonly logs: CloudWatchLogsClient;
  readonly exchanges: Exchange[] = [];
  readonly #logsRoleArn: string;
  readonly #pollMs: number;
  readonly #pools: string[] = [];

  constructor({ endpoint, region, credentials, logsRoleArn }: LaboratoryOptions) {
    const options = {
      region,
      // The SDK would also try again after a LimitExceededException, which may be the answer.
      maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    };
    this.cognito = new CognitoIdentityProviderClient(options);
    this.logs = new CloudWatchLogsClient(options);
    this.#logsRoleArn = logsRoleArn;
    this.#pollMs = endpoint === undefined ? POLL_MS.aws : POLL_MS.emulator;
    this.cognito.middlewareStack.add(
      (next, { commandName = "" }) =>
        (given) =>
          this.#record(commandName, given.input, () => next(given)),
      { step: "initialize", name: "transcript" },
    );
    this.logs.middlewareStack.add(
      (next, { commandName = "" }) =>
        (given) =>
          this.#record(commandName, given.input, () => next(given)),
      { step: "initialize", name: "transcript" },
    );
  }

  /** Creates a pool that verifies e-mail addresses unless told otherwise. */
  async pool(settings: Partial<CreateUserPoolCommandInput> = {}): Promise<string> {
    const input = { PoolName: "poolferry-real-aws", AutoVerifiedAttributes: ["email" as const], ...settings };
    const { UserPool } = await this.cognito.send(new CreateUserPoolCommand(input));
    const id = UserPool?.Id ?? "";
    this.#pools.push(id);
    return id;
  }

  /** The pool's CSV columns. */
  async header(poolId: string): Promise<readonly string[]> {
    const { CSVHeader } = await this.cognito.send(new GetCSVHeaderCommand({ UserPoolId: poolId }));
    return CSVHeader ?? [];
  }

  /** Writes rows in the order of the pool's header. */
  async csv(poolId: string, rows: readonly Row[]): Promise<string> {
    const header = await this.header(poolId);
    return [header, ...rows.map((row) => header.map((name) => row[name] ?? ""))]
      .map((values) => `${values.join(",")}\n`)
      .join("");
  }

  /** Creates a job and uploads its file. */
  async job(
    poolId: string,
    csv: string,
    settings: Partial<CreateUserImportJobCommandInput> = {},
  ): Promise<string> {
    const { UserImportJob } = await this.cognito.send(
      new CreateUserImportJobCommand({
        UserPoolId: poolId,
        JobName: "question",
        CloudWatchLogsRoleArn: this.#logsRoleArn,
        ...settings,
      }),
    );
    const { PreSignedUrl = "", JobId = "" } = UserImportJob ?? {};
    const headers = { "x-amz-server-side-encryption": "aws:kms" };
    const response = await fetch(PreSignedUrl, { method: "PUT", body: csv, headers });
    if (!response.ok) throw new Error(`the upload was refused: ${await response.text()}`);
    return JobId;
  }

  /** Starts a job. */
  async start(poolId: string, jobId: string): Promise<void> {
    await this.cognito.send(new StartUserImportJobCommand({ UserPoolId: poolId, JobId: jobId }));
  }

  /** Imports rows, or a file as it is, and waits until the job has ended and its log accounts for every row. */
  async import(
    poolId: string,
    content: readonly Row[] | string,
    settings: Partial<CreateUserImportJobCommandInput> = {},
  ): Promise<FinishedImport> {
    const csv = typeof content === "string" ? content : await this.csv(poolId, content);
    const jobId = await this.job(poolId, csv, settings);
    await this.start(poolId, jobId);
    const job = await this.end(poolId, jobId);
    return { job, lines: await this.#lines(poolId, job) };
  }

  /** Waits for a job's end. */
  async end(poolId: string, jobId: string): Promise<UserImportJobType> {
    const givesUpMs = Date.now() + JOB_LASTS_AT_MOST_MS;
    while (Date.now() < givesUpMs) {
      const command = new DescribeUserImportJobCommand({ UserPoolId: poolId, JobId: jobId });
      const { UserImportJob: job } = await this.cognito.send(command);
      if (job?.CompletionDate !== undefined) return job;
      await delay(this.#pollMs);
    }
    throw new Error("the import job did not end in ten minutes");
  }

  /** The pool's users, up to a page. */
  async users(poolId: string): Promise<readonly UserType[]> {
    const { Users } = await this.cognito.send(new ListUsersCommand({ UserPoolId: poolId }));
    return Users ?? [];
  }

  /** The name of the pool's log group, without what comes before the pool's name. */
  async logGroup(poolId: string): Promise<string | undefined> {
    const logGroupNamePrefix = `/aws/cognito/userpools/${poolId}/`;
    const { logGroups } = await this.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
    return logGroups?.[0]?.logGroupName?.slice(logGroupNamePrefix.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#pools) await this.cognito.send(new DeleteUserPoolCommand({ UserPoolId: id }));
    this.cognito.destroy();
    this.logs.destroy();
  }

  async #lines(poolId: string, job: UserImportJobType): Promise<readonly string[]> {
    const { ImportedUsers = 0, SkippedUsers = 0, FailedUsers = 0 } = job;
    const expected = ImportedUsers + SkippedUsers + FailedUsers;
    const givesUpMs = Date.now() + LOGS_LAG_AT_MOST_MS;
    let lines: readonly string[] = [];
    while (Date.now() < givesUpMs) {
      const group = await this.logGroup(poolId);
      if (group !== undefined) lines = await this.#readLog(`/aws/cognito/userpools/${poolId}/${group}`, job);
      if (lines.length >= expected) return lines;
      await delay(this.#pollMs);
    }
    return lines;
  }

  async #readLog(logGroupName: string, { JobId, JobName }: UserImportJobType): Promise<readonly string[]> {
    try {
      const logStreamName = `${JobId ?? ""}/${JobName ?? ""}`;
      const command = new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true });
      const { events = [] } = await this.logs.send(command);
      return events.flatMap(({ message = "" }) => (message.startsWith("[") ? [message] : []));
    } catch (error) {
      // The stream of a job that has just ended may still be on its way.
      if ((error as Error).name === "ResourceNotFoundException") return [];
      throw error;
    }
  }

  async #patiently<Output>(send: () => Promise<Output>): Promise<Output> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        const isBusy = /^(TooManyRequests|Throttling|InternalError)/.test((error as Error).name);
        if (!isBusy || attempt === 10) throw error;
        await delay(1000);
      }
    }
  }

  async #record<Output>(operation: string, input: unknown, send: () => Promise<Output>): Promise<Output> {
    const exchange = { operation: operation.replace(/Command$/, ""), input: sanitise(input) };
    try {
      const result = await this.#patiently(send);
      this.exchanges.push({ ...exchange, output: sanitise((result as { output?: unknown }).output) });
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      this.exchanges.push({ ...exchange, error: { name, message: String(sanitise(message)) } });
      throw error;
    }
  }
}

/** `ok`, or the name of the error that it ended with. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "ok";
  } catch (error) {
    return (error as Error).name;
  }
}

/** `ok`, or what the error said that it ended with. */
export async function messageFrom(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}
