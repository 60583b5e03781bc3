import { DateTime, type TokenParser } from "luxon";
import type { JsonValue } from "../core/row.ts";
import { remember } from "./normalise/remember.ts";
import { isTimeZone } from "./normalise/zoneinfo.ts";
import { Unusable } from "./reading.ts";

/**
 * Instants from here on are refused, as are those before 1970: a count that leaves this span was most likely counted in
 * another unit than stated. Dates without a time of day are written out, so any real one passes.
 */
const END_OF_INSTANTS_MS = Date.UTC(2100, 0, 1);

const UTC = { zone: "utc" } as const;
const ENGLISH = { locale: "en-US", numberingSystem: "latn" } as const;

/**
 * A date in the format that is stated for it, never guessed from its looks: YYYY-MM-DD when the format has no time of
 * day, else an ISO 8601 instant in UTC that ends in Z. Empty when there is none.
 *
 * Formats: `epoch-s`, `epoch-ms`, `filetime` (100 ns since 1601; 0 and 2^63 - 1 mean never), `generalized-time` (RFC 4517:
 * `20210720205412.0Z`), `iso`, or Luxon's tokens, `dd.MM.yyyy HH:mm`. `zone` is the IANA name (or UTC+2) for times that state none themselves; a time that a clock
 * change left out or repeated there is refused. The format is one that {@link explainDateFormat} has nothing against.
 */
export function readDate(value: JsonValue, format: string, zone: string | undefined): string | Unusable {
  const moment = readMoment(value, format, zone);
  if (moment === undefined) return "";
  if (moment instanceof Unusable) return moment;
  return typeof moment === "number" ? instant(moment) : moment;
}

/** The endless times of PostgreSQL. */
const ENDLESS: ReadonlyMap<string, boolean> = new Map([
  ["infinity", true],
  ["-infinity", false],
]);

const NEVER = new Unusable("date-invalid", "the date is the one that means never");

/**
 * Whether a date lies behind a moment; undefined where there is none. Unlike {@link readDate}, it takes any year: who is
 * locked out for good is so until 9999, or for a hundred years. A date without a time of day begins at midnight in UTC.
 */
export function isBehind(
  value: JsonValue,
  { format, zone, now }: { readonly format: string; readonly zone: string | undefined; readonly now: Date },
): boolean | Unusable | undefined {
  const endless = typeof value === "string" ? ENDLESS.get(value.trim().toLowerCase()) : undefined;
  if (endless !== undefined) return endless;
  const moment = readMoment(value, format, zone);
  if (moment === NEVER) return true;
  if (moment === undefined || moment instanceof Unusable) return moment;
  return (typeof moment === "number" ? moment : Date.parse(moment)) > now.getTime();
}

/** Milliseconds since 1970, or the day of a date without a time of day, as YYYY-MM-DD. */
type Moment = number | string;

/** The moment that a value states; undefined where it states none. */
function readMoment(
  value: JsonValue,
  format: string,
  zone: string | undefined,
): Moment | Unusable | undefined {
  if (value === null) return undefined;
  if (typeof value === "object" || typeof value === "boolean") return unreadable(format);
  const text = String(value).trim();
  if (text === "") return undefined;
  switch (format) {
    case "epoch-s":
      return readEpoch(text, 1000, format);
    case "epoch-ms":
      return readEpoch(text, 1, format);
    case "filetime":
      return readFiletime(text);
    case "generalized-time":
      return readGeneralizedTime(text);
    case "iso":
      return readIso(text, zone);
    default:
      return readTokens(text, format, zone);
  }
}

/** Why a date format, with the zone stated for it, cannot be used, as a sentence; undefined when it can. */
export function explainDateFormat(format: string, zone: string | undefined): string | undefined {
  if (zone !== undefined && !isZone(zone))
    return `${zone} is not the IANA name of a time zone, such as Europe/Paris`;
  if (format === "iso") return undefined;
  if (format === "epoch-s" || format === "epoch-ms" || format === "filetime")
    return zone === undefined ? undefined : `A date in ${format} is counted in UTC and takes no zone`;
  if (format === "generalized-time")
    return zone === undefined ? undefined : `A date in ${format} names its own zone and takes no other`;
  return explainTokens(format, zone);
}

function readEpoch(text: string, factor: number, format: string): Moment | Unusable {
  return /^-?\d+(\.\d+)?$/.test(text) ? Math.floor(Number(text) * factor) : unreadable(format);
}

const FILETIME_NEVER = 2n ** 63n - 1n;
/** From 1601 to 1970. */
const FILETIME_OFFSET_MS = 11_644_473_600_000n;

function readFiletime(text: string): Moment | Unusable {
  if (!/^\d+$/.test(text)) return unreadable("filetime");
  const ticks = BigInt(text);
  if (ticks === 0n || ticks >= FILETIME_NEVER) return NEVER;
  return Number(ticks / 10_000n - FILETIME_OFFSET_MS);
}

/** RFC 4517, 3.3.13; without the times of X.680 that name no zone. A fraction is one of the last part before it. */
const GENERALIZED_TIME =
  /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d{1,15}))?(Z|[+-]\d{2}(?:\d{2})?)$/;

function readGeneralizedTime(text: string): Moment | Unusable {
  const [whole, year, month, day, hour, minute, second, fraction = "0", offset] =
    GENERALIZED_TIME.exec(text) ?? [];
  if (whole === undefined) return unreadable("generalized-time");
  const iso = `${year}-${month}-${day}T${hour}:${minute ?? "00"}:${second ?? "00"}${offset}`;
  const start = DateTime.fromISO(iso, UTC);
  if (!start.isValid) return unreadable("generalized-time");
  const unitMs = minute === undefined ? 3_600_000 : second === undefined ? 60_000 : 1_000;
  return start.toMillis() + Math.floor(Number(`0.${fraction}`) * unitMs);
}

const ISO =
  /^(\d{4}-\d{2}-\d{2}|\d{8})(?:[T ](\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

function readIso(text: string, zone: string | undefined): Moment | Unusable {
  // Luxon alone would also take weeks, lone years, and times of today.
  const [, date, time, offset] = ISO.exec(text) ?? [];
  if (date === undefined) return unreadable("iso");
  if (time === undefined) return plainDate(DateTime.fromISO(date, UTC), "iso");
  // Ruby and many databases write the zone so.
  const zoned = offset?.toUpperCase() === "UTC" ? "Z" : offset;
  const moment = DateTime.fromISO(`${date}T${time}${zoned ?? ""}`, UTC);
  return offset === undefined ? inZone(moment, zone, "iso") : inUtc(moment, "iso");
}

interface TokenFormat {
  readonly parser: TokenParser;
  readonly hasTime: boolean;
  readonly hasOffset: boolean;
}

const compileTokens = remember((format: string): TokenFormat => {
  const tokens = tokensOf(format);
  return {
    parser: DateTime.buildFormatParser(format, ENGLISH),
    hasTime: tokens.some((token) => TIME_TOKENS.has(token)),
    hasOffset: tokens.some((token) => OFFSET_TOKENS.has(token)),
  };
});

function readTokens(text: string, format: string, zone: string | undefined): Moment | Unusable {
  const { parser, hasTime, hasOffset } = compileTokens(format);
  const moment = DateTime.fromFormatParser(text, parser, { ...UTC, ...ENGLISH });
  if (!hasTime) return plainDate(moment, format);
  return hasOffset ? inUtc(moment, format) : inZone(moment, zone, format);
}

const YEAR_TOKENS = new Set(["yyyy"]);
const MONTH_TOKENS = new Set(["M", "MM", "MMM", "MMMM", "L", "LL", "LLL", "LLLL"]);
const DAY_TOKENS = new Set(["d", "dd"]);
const WEEKDAY_TOKENS = new Set(["EEE", "EEEE", "ccc", "cccc"]);
const HOUR_TOKENS = new Set(["H", "HH"]);
const HALF_DAY_HOUR_TOKENS = new Set(["h", "hh"]);
const MINUTE_TOKENS = new Set(["m", "mm"]);
const SECOND_TOKENS = new Set(["s", "ss", "S", "SSS", "u", "uu", "uuu"]);
const TIME_TOKENS = union(HOUR_TOKENS, HALF_DAY_HOUR_TOKENS, MINUTE_TOKENS, SECOND_TOKENS, new Set(["a"]));
const OFFSET_TOKENS = new Set(["Z", "ZZ", "ZZZ"]);
const DATE_TOKENS = union(YEAR_TOKENS, MONTH_TOKENS, DAY_TOKENS, WEEKDAY_TOKENS);
const TOKENS = union(DATE_TOKENS, TIME_TOKENS, OFFSET_TOKENS);

function union(...kinds: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(kinds.flatMap((kind) => [...kind]));
}

/** The runs of one letter outside of quotes, which Luxon takes as tokens. */
function tokensOf(format: string): readonly string[] {
  return format.replaceAll(/'[^']*'/g, " ").match(/([a-z])\1*/gi) ?? [];
}

function explainTokens(format: string, zone: string | undefined): string | undefined {
  const tokens = tokensOf(format);
  const has = (kind: ReadonlySet<string>): boolean => tokens.some((token) => kind.has(token));
  const unknown = tokens.find((token) => !TOKENS.has(token));
  if (unknown !== undefined) return explainToken(unknown, format);
  if (!has(YEAR_TOKENS) || !has(MONTH_TOKENS) || !has(DAY_TOKENS))
    return `The date format ${format} needs a year (yyyy), a month (MM) and a day (dd)`;
  if (!has(TIME_TOKENS)) {
    return zone === undefined && !has(OFFSET_TOKENS)
      ? undefined
      : `The date format ${format} has no time of day, so it takes no zone`;
  }
  const isHalfDay = has(HALF_DAY_HOUR_TOKENS);
  if ((!has(HOUR_TOKENS) && !isHalfDay) || !has(MINUTE_TOKENS))
    return `The date format ${format} needs an hour (HH) and a minute (mm) for its time of day`;
  if (isHalfDay !== tokens.includes("a"))
    return `The date format ${format} needs both an hour of the half day (hh) and its half (a), or HH`;
  if (has(OFFSET_TOKENS))
    return zone === undefined
      ? undefined
      : `The date format ${format} reads its own offset, so it takes no zone`;
  return zone === undefined
    ? `The date format ${format} has a time of day without an offset, so it needs a zone`
    : undefined;
}

function explainToken(token: string, format: string): string {
  const advice: Readonly<Record<string, string>> = {
    T: "write a letter of its own in quotes, 'T'",
    YYYY: "a year is yyyy",
    yy: "a year of two digits does not say its century",
    DD: "a day is dd",
    D: "a day is d",
  };
  return `The date format ${format} has the unknown part ${token}: ${
    advice[token] ??
    "it takes epoch-s, epoch-ms, filetime, generalized-time, iso, or parts such as yyyy, MM, dd, HH, mm, ss, ZZ"
  }`;
}

function isZone(zone: string): boolean {
  return isTimeZone(zone) || /^UTC[+-]\d{1,2}(:\d{2})?$/.test(zone);
}

/** A wall clock's time, parsed as if in UTC, as the instant at which the clocks of the zone showed it. */
function inZone(wall: DateTime, zone: string | undefined, format: string): Moment | Unusable {
  if (!wall.isValid) return unreadable(format);
  if (zone === undefined)
    return new Unusable("date-invalid", "the time states no zone, and neither does its rule");
  const moment = wall.setZone(zone, { keepLocalTime: true });
  if (moment.hour !== wall.hour || moment.minute !== wall.minute)
    return new Unusable("date-invalid", "the time is one that a clock change left out in its zone");
  if (moment.getPossibleOffsets().length > 1)
    return new Unusable("date-invalid", "the time is one that a clock change repeated in its zone");
  return moment.toMillis();
}

function inUtc(moment: DateTime, format: string): Moment | Unusable {
  return moment.isValid ? moment.toMillis() : unreadable(format);
}

function instant(epochMs: number): string | Unusable {
  return epochMs >= 0 && epochMs < END_OF_INSTANTS_MS
    ? new Date(epochMs).toISOString().replace(".000Z", "Z")
    : new Unusable("date-invalid", "the time is not between 1970 and 2100");
}

function plainDate(day: DateTime, format: string): Moment | Unusable {
  return (day.isValid && day.year >= 1 ? day.toISODate() : undefined) ?? unreadable(format);
}

function unreadable(format: string): Unusable {
  return new Unusable("date-invalid", `the date is not one in the format ${format}`);
}
