import type { Rules } from "../rules.ts";
import { findLogGroup, type LogGroupReference } from "../state/find-log-group.ts";
import type { LogEvent, LogStream } from "../state/log-store.ts";
import { BYTES_IN_PAGE, bytesOf, EVENTS_IN_PAGE } from "../state/log-page.ts";
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
  const length = account.readableLength(stream);
  const cursor = readCursor(request, length, account.rules);
  const hasMore = cursor.isForward ? cursor.place < length : cursor.place > 0;
  if (hasMore && cursor.emptyPages > 0) return viewEmptyPage(cursor);
  const { start, end, events } = readPage({ stream, length, cursor, rules: account.rules }, request);
  // At an end the token stays what it was, so it says nothing new about empty pages.
  const emptyPages = hasMore ? account.rules.emptyLogPages : cursor.emptyPages;
  return {
    events,
    nextForwardToken: writeToken({ isForward: true, place: end, emptyPages }),
    nextBackwardToken: writeToken({ isForward: false, place: start, emptyPages }),
  };
}

/** Where a page begins, and how many empty ones come before it. */
interface Cursor {
  readonly isForward: boolean;
  readonly place: number;
  readonly emptyPages: number;
}

function readCursor(request: Request, length: number, rules: Rules): Cursor {
  if (request.nextToken !== undefined) {
    const cursor = readToken(request.nextToken);
    return { ...cursor, place: Math.min(cursor.place, length) };
  }
  const isForward = request.startFromHead === true;
  return { isForward, place: isForward ? 0 : length, emptyPages: rules.emptyLogPages };
}

// A page may be empty in the middle of a stream; only the token says whether it is the end (documented).
function viewEmptyPage(cursor: Cursor): object {
  const emptyPages = cursor.emptyPages - 1;
  return {
    events: [],
    nextForwardToken: writeToken({ ...cursor, isForward: true, emptyPages }),
    nextBackwardToken: writeToken({ ...cursor, isForward: false, emptyPages }),
  };
}

interface Page {
  readonly start: number;
  readonly end: number;
  readonly events: readonly LogEvent[];
}

interface Reading {
  readonly stream: LogStream;
  readonly length: number;
  readonly cursor: Cursor;
  readonly rules: Rules;
}

function readPage({ stream, length, cursor, rules }: Reading, request: Request): Page {
  const { isForward, place: first } = cursor;
  const { startTime = 0, endTime = Infinity } = request;
  const limit = Math.min(request.limit ?? EVENTS_IN_PAGE, rules.eventsInLogPage);
  const events: LogEvent[] = [];
  let place = first;
  let bytes = 0;
  while (events.length < limit && (isForward ? place < length : place > 0)) {
    const event = stream.at(isForward ? place : place - 1);
    bytes += bytesOf(event.message);
    if (bytes > BYTES_IN_PAGE) break;
    place += isForward ? 1 : -1;
    if (event.timestamp >= startTime && event.timestamp < endTime) events.push(event);
  }
  return isForward
    ? { start: first, end: place, events }
    : { start: place, end: first, events: events.toReversed() };
}

// AWS's tokens are f/ or b/ and 56 digits (reported); here the first sixteen count empty pages.
function writeToken({ isForward, place, emptyPages }: Cursor): string {
  return `${isForward ? "f" : "b"}/${String(emptyPages).padStart(16, "0")}${String(place).padStart(40, "0")}`;
}

function readToken(token: string): Cursor {
  const [, direction, emptyPages, place] = /^([fb])\/(\d{16})(\d{40})$/.exec(token) ?? [];
  if (direction === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return { isForward: direction === "f", place: Number(place), emptyPages: Number(emptyPages) };
}
