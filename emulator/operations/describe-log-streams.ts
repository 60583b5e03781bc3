import type { Account } from "../state/account.ts";
import { findLogGroup, type LogGroupReference } from "../state/find-log-group.ts";
import type { LogStream } from "../state/log-store.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request extends LogGroupReference {
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: "LogStreamName" | "LastEventTime";
  readonly descending?: boolean;
  readonly nextToken?: string;
  readonly limit?: number;
}

/** Lists a group's streams by name or last event; a page holds 50 (documented). The token is the last name seen. */
export function describeLogStreams({ account }: Context, request: Request): object {
  const group = findLogGroup(account.logs, request);
  const {
    logStreamNamePrefix: prefix = "",
    orderBy = "LogStreamName",
    nextToken: token,
    limit = 50,
  } = request;
  if (orderBy === "LastEventTime" && prefix !== "") {
    // Documented as not allowed; the words are a guess.
    throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const key = (stream: LogStream) =>
    orderBy === "LogStreamName" ? stream.name : lastEventTime(account, stream);
  const direction = request.descending === true ? -1 : 1;
  const streams = [...group.streams.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort((left, right) => (key(left) < key(right) ? -direction : direction));
  const start = token === undefined ? 0 : streams.findIndex(({ name }) => name === token) + 1;
  if (token !== undefined && start === 0) throw invalidParameter("The specified nextToken is invalid.");
  const page = streams.slice(start, start + limit);
  const last = page.at(-1);
  return {
    logStreams: page.map((stream) => {
      const arn = `arn:aws:logs:${account.region}:${account.id}:log-group:${group.name}:log-stream:${stream.name}`;
      return {
        logStreamName: stream.name,
        creationTime: stream.createdMs,
        ...(account.readableLength(stream) === 0
          ? {}
          : {
              firstEventTimestamp: stream.at(0).timestamp,
              lastEventTimestamp: lastEventTime(account, stream),
              lastIngestionTime: lastEventTime(account, stream),
            }),
        arn,
        storedBytes: 0,
      };
    }),
    ...(last !== undefined && start + page.length < streams.length ? { nextToken: last.name } : {}),
  };
}

function lastEventTime(account: Account, stream: LogStream): number {
  const length = account.readableLength(stream);
  return length === 0 ? 0 : stream.timeAt(length - 1);
}
