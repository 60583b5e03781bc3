import { findLogGroup, type LogGroupReference } from "../state/find-log-group.ts";
import type { LogEvent, LogStream } from "../state/log-store.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request extends LogGroupReference {
  readonly logStreamName: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly nextToken?: string;
  readonly limit?: number;
  readonly startFromHead?: boolean;
}

/** The greatest page (documented); an event counts 26 bytes more than its message (documented for writing). */
const EVENTS_IN_PAGE = 10_000;
const BYTES_IN_PAGE = 1024 * 1024;
const BYTES_BESIDE_MESSAGE = 26;

/**
 * Reads a page of a stream's events, oldest first within the page. Without a token the page is the newest one
 * unless startFromHead is set; at either end the token that was given comes back (documented).
 */
export function getLogEvents({ account }: Context, request: Request): object {
  const group = findLogGroup(account.logs, request);
  const stream = group.streams.get(request.logStreamName);
  if (stream === undefined) {
    throw new ApiError("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  const { start, end, events } = readPage(stream, request);
  return { events, nextForwardToken: writeToken("f", end), nextBackwardToken: writeToken("b", start) };
}

interface Page {
  readonly start: number;
  readonly end: number;
  readonly events: readonly LogEvent[];
}

function readPage(stream: LogStream, request: Request): Page {
  const token = request.nextToken === undefined ? undefined : readToken(request.nextToken);
  const isForward = token === undefined ? request.startFromHead === true : token.direction === "f";
  const { startTime = 0, endTime = Infinity, limit = EVENTS_IN_PAGE } = request;
  const events: LogEvent[] = [];
  const first = token === undefined ? (isForward ? 0 : stream.length) : Math.min(token.place, stream.length);
  let place = first;
  let bytes = 0;
  while (events.length < limit && (isForward ? place < stream.length : place > 0)) {
    const event = stream.at(isForward ? place : place - 1);
    bytes += Buffer.byteLength(event.message) + BYTES_BESIDE_MESSAGE;
    if (bytes > BYTES_IN_PAGE) break;
    place += isForward ? 1 : -1;
    if (event.timestamp >= startTime && event.timestamp < endTime) events.push(event);
  }
  return isForward
    ? { start: first, end: place, events }
    : { start: place, end: first, events: events.toReversed() };
}

// AWS's tokens are f/ or b/ and 56 digits (reported).
function writeToken(direction: "f" | "b", place: number): string {
  return `${direction}/${String(place).padStart(56, "0")}`;
}

function readToken(token: string): { readonly direction: string; readonly place: number } {
  const [, direction, digits] = /^([fb])\/(\d{56})$/.exec(token) ?? [];
  if (direction === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return { direction, place: Number(digits) };
}
