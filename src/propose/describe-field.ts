import { visibleJson } from "../core/visible.ts";
import type { FieldSurvey, Survey } from "./survey-fields.ts";

/** A field's name as a comment can hold it: on one line, and not endless. */
export function shownName(path: string): string {
  const short = path.length > 60 ? `${path.slice(0, 59).toWellFormed()}…` : path;
  return /^[^\p{C}\u2028\u2029]*$/u.test(short) ? short : visibleJson(short);
}

/** What was seen of a field, in words: shares and kinds, never a value but well-known words for yes and no. */
export function describeField(field: FieldSurvey, survey: Survey): string {
  if (field.isSecret)
    return "a secret by its name: not looked at, and in none of the run's reports; a hash or password that a rule reads stands in its ledger until it is used";
  return [
    emptyShare(field, survey),
    ...kindsOf(field),
    ...(field.nullWords.size === 0 ? [] : [`null-like words: ${[...field.nullWords].sort().join(", ")}`]),
    ...(field.tooLong === 0 ? [] : [`${field.tooLong} longer than the 2,048 bytes that Cognito takes`]),
  ].join("; ");
}

function emptyShare({ filled }: FieldSurvey, { rows, unreadable }: Survey): string {
  const readable = rows - unreadable;
  const empty = readable - filled;
  if (filled === 0) return "always empty";
  if (empty === 0) return "never empty";
  const share = (100 * empty) / readable;
  return share < 1
    ? "less than 1 % empty"
    : share > 99
      ? "more than 99 % empty"
      : `${Math.round(share)} % empty`;
}

function kindsOf(field: FieldSurvey): readonly string[] {
  const { filled, shapes } = field;
  if (filled === 0) return [];
  const all = (count: number): boolean => count === filled;
  if (all(field.lists)) return ["lists"];
  if (all(field.objects)) return ["objects"];
  if (all(shapes.flag)) return ["flags"];
  const words = field.answers.answer + field.answers.state + field.answers.verification;
  if (all(words)) return [`words for yes and no: ${[...field.flagWords].sort().join(", ")}`];
  if (all(shapes.email)) return ["e-mail addresses"];
  if (all(shapes.epochMilliseconds)) return ["looks like epoch milliseconds"];
  if (all(shapes.epochSeconds)) return ["looks like epoch seconds"];
  if (all(shapes.zonedTime)) return ["times with their zone"];
  if (all(shapes.unzonedTime)) return ["times without a zone: state it"];
  if (all(shapes.date)) return ["dates as YYYY-MM-DD"];
  if (all(shapes.otherDate)) return ["looks like dates in an order that must be stated"];
  if (all(field.numbers)) return ["numbers"];
  if (all(field.text)) return ["text"];
  const kinds = {
    text: field.text,
    numbers: field.numbers,
    flags: field.flags,
    lists: field.lists,
    objects: field.objects,
  };
  return [
    Object.entries(kinds)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${count} × ${kind}`)
      .join(", "),
  ];
}
