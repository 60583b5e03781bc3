import { invalidParameter } from "../wire/error.ts";

/** Refuses a precedence above the documented greatest one; the words are a guess. */
export function checkPrecedence(precedence: number | undefined): void {
  if (precedence === undefined || precedence <= 2 ** 31 - 1) return;
  throw invalidParameter("Precedence cannot be greater than 2147483647.");
}
