import { randomInt } from "node:crypto";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The characters that the ids and secrets of app clients are made of. */
export const SMALL_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Random characters: letters and digits, as AWS puts them into the ids of pools and jobs, unless told otherwise. */
export function randomId(length: number, characters = LETTERS_AND_DIGITS): string {
  return Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join("");
}
