import { isCalendarDate } from "./birthdate.ts";
import { dropped, type Normalised } from "./normalised.ts";

const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?<zone>Z|[+-]\d{2}(?::?\d{2})?)$/i;
/** PostgreSQL writes an offset of whole hours without its minutes. */
const HOURS = /^[+-]\d{2}$/;
/** Whole seconds before 2096, written as they are sent. */
const PLAIN_SECONDS = /^(?:0|[1-3]\d{0,9}|[4-9]\d{0,8})$/;
const SECONDS = /^\d+(\.\d+)?$/;
/** 2100-01-01: seconds beyond it are most likely milliseconds, and are not guessed at. */
const LAST_EPOCH_SECOND = 4_102_444_800;

/** A time as whole seconds since 1970, as Cognito documents it, from such seconds or from ISO 8601 with a zone. */
export function normaliseUpdatedAt(text: string): Normalised {
  if (PLAIN_SECONDS.test(text)) return text;
  const seconds = epochSeconds(text);
  return seconds >= 0 && seconds < LAST_EPOCH_SECOND
    ? String(seconds)
    : dropped("updated-at-invalid", "updated_at is neither epoch seconds nor ISO 8601 with a zone");
}

function epochSeconds(text: string): number {
  if (SECONDS.test(text)) return Math.floor(Number(text));
  const zone = ISO_TIME.exec(text)?.groups?.["zone"];
  if (zone === undefined || !isCalendarDate(text.slice(0, 10))) return Number.NaN;
  const whole = HOURS.test(zone) ? `${text}:00` : text;
  return Math.floor(Date.parse(whole.replace(" ", "T").replaceAll(" ", "")) / 1000);
}
