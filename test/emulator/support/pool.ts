import {
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
  CreateUserPoolCommand,
  DescribeUserImportJobCommand,
  GetCSVHeaderCommand,
  ListUsersCommand,
  StartUserImportJobCommand,
  type CreateUserImportJobCommandInput,
  type CreateUserPoolCommandInput,
  type UserImportJobType,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";

import { startEmulator, type Emulator, type EmulatorOptions } from "../../support/emulator.ts";

/** The key that the test clients sign with. */
export const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };

export const ROLE = "arn:aws:iam::123456789012:role/Cognito-UserImport-Role";

/** An emulator with one pool and real clients for it. */
export interface TestPool extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly cognito: CognitoIdentityProviderClient;
  readonly logs: CloudWatchLogsClient;
  readonly poolId: string;
}

/**
 * Starts an emulator that checks every signature and holds nobody to a rate, and creates a pool in it that
 * verifies e-mails unless told otherwise.
 */
export async function aPool(
  settings: Partial<CreateUserPoolCommandInput> = {},
  options: EmulatorOptions = {},
): Promise<TestPool> {
  const emulator = await startEmulator({ credentials: CREDENTIALS, quotas: "off", ...options });
  const cognito = cognitoClient(emulator);
  const logs = new CloudWatchLogsClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({ PoolName: "people", AutoVerifiedAttributes: ["email"], ...settings }),
  );
  const dispose = async () => {
    cognito.destroy();
    logs.destroy();
    await emulator.close();
  };
  return { emulator, cognito, logs, poolId: UserPool?.Id ?? "", [Symbol.asyncDispose]: dispose };
}

/** A Cognito client that tries once and signs correctly. */
function cognitoClient(emulator: Emulator): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
}

/** One row of an import CSV, by column; columns left out are empty. Values stand as they are written. */
export type Row = Readonly<Record<string, string>>;

/** A row that every pool made by aPool() takes. */
export function aRow(values: Row = {}): Row {
  return { "cognito:username": "ann", email: "ann@example.com", email_verified: "true", ...values };
}

/** The pool's CSV header. */
export async function headerOf({ cognito, poolId }: TestPool): Promise<string[]> {
  const { CSVHeader } = await cognito.send(new GetCSVHeaderCommand({ UserPoolId: poolId }));
  return CSVHeader ?? [];
}

/** Writes rows in the order of the pool's header. */
export async function csvOf(pool: TestPool, rows: readonly Row[]): Promise<string> {
  const header = await headerOf(pool);
  const lines = rows.map((row) => header.map((name) => row[name] ?? "").join(","));
  return [header.join(","), ...lines, ""].join("\n");
}

/** Creates an import job. */
export async function createJob(
  { cognito, poolId }: TestPool,
  name = "move",
  settings: Partial<CreateUserImportJobCommandInput> = {},
): Promise<UserImportJobType> {
  const command = new CreateUserImportJobCommand({
    UserPoolId: poolId,
    JobName: name,
    CloudWatchLogsRoleArn: ROLE,
    ...settings,
  });
  const { UserImportJob: job } = await cognito.send(command);
  return job ?? {};
}

/** Uploads a file as Cognito's documentation says. */
export async function upload(
  job: UserImportJobType,
  csv: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(job.PreSignedUrl ?? "", {
    method: "PUT",
    body: csv,
    headers: { "x-amz-server-side-encryption": "aws:kms" },
  });
}

/** Starts a job. */
export async function startJob({ cognito, poolId }: TestPool, jobId = ""): Promise<UserImportJobType> {
  const command = new StartUserImportJobCommand({ UserPoolId: poolId, JobId: jobId });
  return (await cognito.send(command)).UserImportJob ?? {};
}

/** Shows a job. */
export async function describeJob({ cognito, poolId }: TestPool, jobId = ""): Promise<UserImportJobType> {
  const command = new DescribeUserImportJobCommand({ UserPoolId: poolId, JobId: jobId });
  return (await cognito.send(command)).UserImportJob ?? {};
}

/** Waits until a job is what the condition asks for. */
export async function waitForJob(
  pool: TestPool,
  jobId: string | undefined,
  isReached: (job: UserImportJobType) => boolean = (job) => job.CompletionDate !== undefined,
): Promise<UserImportJobType> {
  const givesUpMs = Date.now() + 20_000;
  while (Date.now() < givesUpMs) {
    const job = await describeJob(pool, jobId);
    if (isReached(job)) return job;
  }
  throw new Error(`import job ${jobId} never got there: ${JSON.stringify(await describeJob(pool, jobId))}`);
}

/** Uploads a file to a new job, runs it and waits for its end. */
export async function importCsv(
  pool: TestPool,
  csv: string | Uint8Array<ArrayBuffer>,
): Promise<UserImportJobType> {
  const job = await createJob(pool);
  const answer = await upload(job, csv);
  if (answer.status !== 200) throw new Error(`upload refused: ${await answer.text()}`);
  await startJob(pool, job.JobId);
  return waitForJob(pool, job.JobId);
}

/** Imports rows and returns the finished job with its log lines. */
export async function importRows(
  pool: TestPool,
  rows: readonly Row[],
): Promise<{ readonly job: UserImportJobType; readonly lines: readonly string[] }> {
  const job = await importCsv(pool, await csvOf(pool, rows));
  return { job, lines: await resultLines(pool, job) };
}

/** The lines that a job wrote about its rows. */
export async function resultLines(pool: TestPool, job: UserImportJobType): Promise<readonly string[]> {
  const lines = await logLines(pool, job);
  return lines.filter((line) => line.startsWith("["));
}

/** Every line that a job wrote, up to the greatest page. */
export async function logLines(
  { logs, emulator }: TestPool,
  job: UserImportJobType,
): Promise<readonly string[]> {
  const [groupName] = emulator.state.logs.groups.keys();
  const { events } = await logs.send(
    new GetLogEventsCommand({
      logGroupName: groupName,
      logStreamName: `${job.JobId}/${job.JobName}`,
      startFromHead: true,
    }),
  );
  return (events ?? []).map(({ message }) => message ?? "");
}

/** The pool's users, up to one page, as ListUsers shows them. */
export async function usersOf({ cognito, poolId }: TestPool, filter?: string): Promise<readonly UserType[]> {
  const { Users } = await cognito.send(new ListUsersCommand({ UserPoolId: poolId, Filter: filter }));
  return Users ?? [];
}

/** A user's attributes by name. */
export function attributesOf(user: UserType | undefined): Record<string, string> {
  return Object.fromEntries((user?.Attributes ?? []).map(({ Name, Value }) => [Name, Value ?? ""]));
}
