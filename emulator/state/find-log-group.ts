import { ApiError, invalidParameter } from "../wire/error.ts";
import type { LogGroup, LogStore } from "./log-store.ts";

/** How a request names a log group: by name or by ARN. */
export interface LogGroupReference {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
}

/** The log group that a request means, or CloudWatch's error (wording reported). */
export function findLogGroup(logs: LogStore, reference: LogGroupReference): LogGroup {
  const { logGroupName: byName, logGroupIdentifier: identifier } = reference;
  if ((byName === undefined) === (identifier === undefined)) {
    throw invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be given.");
  }
  const name = byName ?? identifier?.replace(/^arn:.*?:log-group:/, "").replace(/:\*$/, "") ?? "";
  const group = logs.groups.get(name);
  if (group === undefined) {
    throw new ApiError("ResourceNotFoundException", "The specified log group does not exist.");
  }
  return group;
}
