import type { Account } from "../state/account.ts";
import { parseFilterPattern, type LineFilter } from "../state/filter-pattern.ts";
import { findLogGroup, type LogGroupReference } from "../state/find-log-group.ts";
import type { LogGroup, LogStream } from "../state/log-store.ts";
import { BYTES_IN_PAGE, bytesOf, EVENTS_IN_PAGE } from "../state/log-page.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import { sha256 } from "../wire/signature.ts";
import type { Context } from "./context.ts";

interface Request extends LogGroupReference {
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefix?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

/**
 * Reads the events of a group's streams together, by time, as far as they pass a filter; AWS has done so since 2019,
 * whatever `interleaved` says (documented). A page may hold fewer events than there are; only a missing token means
 * that no more come (documented).
 */
export function filterLogEvents({ account }: Context, request: Request): object {
  const group = findLogGroup(account.logs, request);
  const passes = parseFilterPattern(request.filterPattern ?? "", account.rules);
  const places = readToken(request.nextToken);
  const cursors = pickStreams(group, request).map((stream) => ({
    stream,
    length: account.readableLength(stream),
    place: places.get(stream.name) ?? 0,
  }));
  const events = readPage(account, cursors, { ...request, passes });
  const isMore = cursors.some(({ place, length }) => place < length);
  // The list is always empty (documented).
  return { events, searchedLogStreams: [], ...(isMore ? { nextToken: writeToken(cursors) } : {}) };
}

interface Cursor {
  readonly stream: LogStream;
  readonly length: number;
  place: number;
}

function pickStreams(group: LogGroup, request: Request): readonly LogStream[] {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = request;
  if (names !== undefined && prefix !== undefined) {
    // Documented as an error of this type; the words are a guess.
    throw invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
  }
  if (names === undefined)
    return [...group.streams.values()].filter(({ name }) => name.startsWith(prefix ?? ""));
  return [...new Set(names)].map((name) => {
    const stream = group.streams.get(name);
    // Whether AWS minds an unknown stream is a guess.
    if (stream === undefined) {
      throw new ApiError("ResourceNotFoundException", "The specified log stream does not exist.");
    }
    return stream;
  });
}

/** Reads on from the cursors, and moves them. */
function readPage(
  { rules }: Account,
  cursors: readonly Cursor[],
  {
    startTime = 0,
    endTime = Infinity,
    limit = EVENTS_IN_PAGE,
    passes,
  }: Request & { readonly passes: LineFilter },
): readonly object[] {
  const events: object[] = [];
  const most = Math.min(limit, rules.eventsInLogPage);
  let bytes = 0;
  for (let searched = 0; searched < rules.eventsSearchedInPage && events.length < most; searched += 1) {
    const cursor = earliest(cursors);
    if (cursor === undefined) break;
    const { timestamp, message, ingestionTime } = cursor.stream.at(cursor.place);
    // Both ends belong to the span (documented).
    if (timestamp >= startTime && timestamp <= endTime && passes(message)) {
      bytes += bytesOf(message);
      if (bytes > BYTES_IN_PAGE) break;
      const logStreamName = cursor.stream.name;
      events.push({ logStreamName, timestamp, message, ingestionTime, eventId: eventId(cursor) });
    }
    cursor.place += 1;
  }
  return events;
}

function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.place >= cursor.length) continue;
    if (first === undefined || timeOf(cursor) < timeOf(first)) first = cursor;
  }
  return first;
}

function timeOf({ stream, place }: Cursor): number {
  return stream.timeAt(place);
}

/** 56 digits, as AWS's are (reported): the time, the stream, the place. */
function eventId({ stream, place }: Cursor): string {
  const streamNumber = BigInt(`0x${sha256(stream.name).slice(0, 12)}`);
  const digits = (number: number | bigint, width: number) => String(number).padStart(width, "0");
  return `${digits(stream.timeAt(place), 20)}${digits(streamNumber, 20)}${digits(place, 16)}`;
}

function writeToken(cursors: readonly Cursor[]): string {
  const places = cursors.filter(({ place }) => place > 0).map(({ stream, place }) => [stream.name, place]);
  return Buffer.from(JSON.stringify(places)).toString("base64url");
}

function readToken(token: string | undefined): ReadonlyMap<string, number> {
  if (token === undefined) return new Map();
  const places = parsePlaces(Buffer.from(token, "base64url").toString());
  if (places === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return places;
}

function parsePlaces(text: string): ReadonlyMap<string, number> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return undefined;
    const places = new Map<unknown, unknown>(parsed);
    const isPlace = (place: unknown) => typeof place === "number" && Number.isInteger(place) && place >= 0;
    // The places have just been checked, and a stream of another name is never asked for.
    return [...places.values()].every(isPlace) ? (places as Map<string, number>) : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return undefined;
  }
}
