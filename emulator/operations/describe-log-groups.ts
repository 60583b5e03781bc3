import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly logGroupNamePrefix?: string;
  readonly logGroupNamePattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

/** Lists log groups by name; the default and greatest page is 50 (documented). The token is the last name seen. */
export function describeLogGroups({ account }: Context, request: Request): object {
  const {
    logGroupNamePrefix: prefix = "",
    logGroupNamePattern: part = "",
    nextToken: after = "",
    limit = 50,
  } = request;
  if (prefix !== "" && part !== "") {
    throw invalidParameter(
      "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
    );
  }
  const matching = [...account.logs.groups.values()]
    .filter(
      ({ name }) =>
        name.startsWith(prefix) && name.toLowerCase().includes(part.toLowerCase()) && name > after,
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  return {
    logGroups: page.map(({ name, createdMs }) => {
      const arn = `arn:aws:logs:${account.region}:${account.id}:log-group:${name}`;
      return {
        logGroupName: name,
        creationTime: createdMs,
        metricFilterCount: 0,
        arn: `${arn}:*`,
        storedBytes: 0,
        logGroupClass: "STANDARD",
        logGroupArn: arn,
      };
    }),
    ...(last !== undefined && page.length < matching.length ? { nextToken: last.name } : {}),
  };
}
