// The users that the measurement of a whole migration reads: of every class that goes a way of its own.
import { closeSync, openSync, writeSync } from "node:fs";
import { randomNumbers } from "./random-numbers.ts";

/** One user in so many is of the class. */
export const ONE_IN = {
  disabled: 200,
  unverified: 200,
  grouped: 100,
  quoted: 200,
  duplicate: 1_000,
} as const;

const BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Writes users as CSV, some 200 bytes each: four tenths with a bcrypt hash, three with one of Django's, three with none;
 * and some who are disabled, without a verified contact, in groups, with a quote in their name, or with the username of
 * the one before.
 */
export function writeMixedUsers(path: string, users: number, seed: number): void {
  const random = randomNumbers(seed);
  const file = openSync(path, "w");
  let text = "username,email,email_verified,disabled,teams,hash,name\n";
  for (let place = 1; place <= users; place += 1) {
    const is = (className: keyof typeof ONE_IN, offset: number): boolean =>
      place % ONE_IN[className] === offset;
    const number = is("duplicate", 7) ? place - 1 : place;
    const name = is("quoted", 3) ? `"Ada ""the ${place}"" Nowak"` : `Ada Nowak ${place}`;
    const cells = [
      `user${number}`,
      `user.${place}@mail.example.com`,
      is("unverified", 1) ? "false" : "true",
      is("disabled", 2) ? "true" : "false",
      is("grouped", 4) ? `team${place % 7}` : "",
      hashOf(random, place % 10),
      name,
    ];
    text += `${cells.join(",")}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}

function hashOf(random: () => number, tenth: number): string {
  if (tenth < 4) return `$2b$10$${letters(random, 53)}`;
  if (tenth < 7) return `pbkdf2_sha256$260000$${letters(random, 22).replace(/[./]/g, "x")}$${bytes(random)}`;
  return "";
}

function letters(random: () => number, count: number): string {
  let text = "";
  for (let place = 1; place < count; place += 1) text += BCRYPT_ALPHABET[Math.floor(random() * 64)];
  // The last one has bits to spare, which must be zero.
  return `${text}.`;
}

function bytes(random: () => number): string {
  return Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256))).toString("base64");
}
