import { dropped, type Normalised } from "./normalised.ts";

const FULL_DATE = /^(?!0000)\d{4}-\d{2}-\d{2}$/;
/** A year alone, a year and month, or a date whose year, month or day is left open (OIDC's 0000-, vCard's --). */
const PARTIAL_DATE = /^(\d{4}(-\d{2})?|0000-\d{2}-\d{2}|\d{4}-\d{2}-00|\d{4}-00-00|--\d{2}-?\d{2})$/;

/**
 * A birthdate as YYYY-MM-DD, the 10 characters that Cognito documents. OIDC also allows a year alone and 0000 for an
 * untold year; Cognito has no room for them, and an import job's mm/dd/yyyy neither, so they are dropped under a code of
 * their own. Any real day from the year 1 passes: whether it is likely is not ours to judge.
 */
export function normaliseBirthdate(text: string): Normalised {
  if (FULL_DATE.test(text) && isCalendarDate(text)) return text;
  return PARTIAL_DATE.test(text) && text !== "0000-00-00"
    ? dropped("birthdate-partial", "birthdate is only a part of a date")
    : dropped("birthdate-invalid", "birthdate is not a full date as YYYY-MM-DD");
}

/** Whether a text in the form YYYY-MM-DD is a day of the calendar. */
export function isCalendarDate(text: string): boolean {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  return day >= 1 && day <= (month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] ?? 0));
}

const ZERO = "0".charCodeAt(0);

// Every user has dates: cutting each into three texts to be read as numbers takes several times as long.
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
