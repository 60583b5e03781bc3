import {
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type DescribeLogGroupsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Cognito } from "./cognito.ts";
import { isException } from "./explain-error.ts";
import { pages } from "./pages.ts";

/** What an import job says of one line of its CSV, in Cognito's own words. */
export interface ImportLogLine {
  readonly status: "SUCCEEDED" | "SKIPPED" | "FAILED";
  /** As logged: whether it counts the header is not documented, so the reader of the whole log works it out. */
  readonly lineNumber: number;
  readonly message: string;
}

// The documented grammar; anything else in the stream is noise (reported: "Cognito User Pools Import - Test Log").
const LINE = /^\[(SUCCEEDED|SKIPPED|FAILED)\] Line Number (\d+) - (.*)$/s;

/** Parses one log message; undefined for noise. */
export function parseImportLogLine(message: string): ImportLogLine | undefined {
  const match = LINE.exec(message.trim());
  if (match === null) return undefined;
  const [, status, lineNumber, text] = match;
  return { status: status as ImportLogLine["status"], lineNumber: Number(lineNumber), message: text ?? "" };
}

/** Where a job's log is. */
export interface ImportLogStream {
  readonly group: string;
  readonly stream: string;
}

/**
 * Finds the log of a job: group `/aws/cognito/userpools/POOL_ID/…`, stream `JOB_ID/…` (documented). Both are looked
 * up by prefix, since a pool's name can hold characters that a group's cannot. Undefined while there is none yet.
 */
export async function findImportLog(
  cognito: Cognito,
  { poolId, jobId }: { readonly poolId: string; readonly jobId: string },
  signal: AbortSignal,
): Promise<ImportLogStream | undefined> {
  const logGroupNamePrefix = `/aws/cognito/userpools/${poolId}/`;
  const read = (nextToken: string | undefined): Promise<DescribeLogGroupsCommandOutput> =>
    cognito.callLogs(
      "DescribeLogGroups",
      (client, abort) => client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }), abort),
      { repeat: "safe", signal },
    );
  for await (const { logGroups = [] } of pages(read, ({ nextToken }) => nextToken)) {
    for (const { logGroupName: group } of logGroups) {
      const stream = group === undefined ? undefined : await findStream(cognito, group, jobId, signal);
      if (group !== undefined && stream !== undefined) return { group, stream };
    }
  }
  return undefined;
}

async function findStream(
  cognito: Cognito,
  group: string,
  jobId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const streams = await cognito.callLogs(
      "DescribeLogStreams",
      (client, abort) =>
        client.send(
          new DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: `${jobId}/` }),
          abort,
        ),
      { repeat: "safe", signal },
    );
    return streams.logStreams?.[0]?.logStreamName;
  } catch (error) {
    if (isException(error, "ResourceNotFoundException")) return undefined;
    throw error;
  }
}

/**
 * Reads a log from its beginning to its present end, a page at a time. A page may be empty in mid-stream; the end
 * is reached only when the token no longer changes (documented).
 */
export async function* readImportLog(
  cognito: Cognito,
  { group, stream }: ImportLogStream,
  signal: AbortSignal,
): AsyncGenerator<readonly ImportLogLine[]> {
  let token: string | undefined;
  for (;;) {
    const input = {
      logGroupName: group,
      logStreamName: stream,
      startFromHead: true,
      ...(token === undefined ? {} : { nextToken: token }),
    };
    const page = await cognito.callLogs(
      "GetLogEvents",
      (client, abort) => client.send(new GetLogEventsCommand(input), abort),
      { repeat: "safe", signal },
    );
    const lines = (page.events ?? []).map(({ message }) => parseImportLogLine(message ?? ""));
    yield lines.filter((line) => line !== undefined);
    if (page.nextForwardToken === undefined || page.nextForwardToken === token) return;
    token = page.nextForwardToken;
  }
}
