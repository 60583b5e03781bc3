import { randomInt } from "node:crypto";

/** The kinds of characters that a pool can ask for, and which count as what (documented). */
const KINDS = [
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "0123456789",
  "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-",
] as const;

const CHARACTERS = KINDS.join("");

/** Long enough that nobody guesses it before it expires: some 200 bits. */
const MINIMUM_LENGTH = 32;

/** Documented. */
const MAXIMUM_LENGTH = 256;

/**
 * A random password that every policy of this least length takes: each kind of character is in it, and no space. All
 * such passwords are equally probable. It is a secret, kept nowhere: the user sets another one.
 */
export function createTemporaryPassword(minimumLength: number): string {
  const length = Math.min(MAXIMUM_LENGTH, Math.max(MINIMUM_LENGTH, minimumLength));
  for (;;) {
    const drawn = Array.from({ length }, () => CHARACTERS.charAt(randomInt(CHARACTERS.length)));
    // Drawn anew as a whole where a kind is missing: putting one in would make some passwords more probable.
    if (KINDS.every((kind) => drawn.some((character) => kind.includes(character)))) return drawn.join("");
  }
}
