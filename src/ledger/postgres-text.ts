/** Begins what stands for a character that PostgreSQL does not take; no text has it, as it is no character (Unicode). */
const ESCAPE = "\uFDD0";

/** U+0000, half of a character, and the escape itself. */
const UNSTORABLE = /[\0\uFDD0\p{Surrogate}]/gu;

const ESCAPED = /\uFDD0([0-9a-f]{4})/g;

/** A text as PostgreSQL takes it, which has neither U+0000 nor half of a character; the same one nearly always. */
export function storable(text: string): string {
  return text.replace(
    UNSTORABLE,
    (character) => ESCAPE + character.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** The text that {@link storable} was given. */
export function restored(text: string): string {
  return text.includes(ESCAPE)
    ? text.replace(ESCAPED, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
}
