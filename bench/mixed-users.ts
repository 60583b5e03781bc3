// The users that the measurements of a whole migration read: of every class that goes a way of its own.
import { closeSync, openSync, writeSync } from "node:fs";
import { randomNumbers } from "./random-numbers.ts";

/** How many users there are, and of which class one in so many is; none where a class is left out. */
export interface MixedUsers {
  readonly users: number;
  readonly seed: number;
  readonly oneIn: Readonly<
    Partial<Record<"disabled" | "unverified" | "grouped" | "quoted" | "duplicate", number>>
  >;
}

/** Which of so many places has the class; no two classes have the same where all are divisors of a thousand. */
const OFFSETS = { unverified: 1, disabled: 2, quoted: 3, grouped: 4, duplicate: 7 } as const;

type ClassName = keyof typeof OFFSETS;

/** How many are of a class. */
export function countOf({ users, oneIn }: MixedUsers, className: ClassName): number {
  const every = oneIn[className];
  return every === undefined ? 0 : Math.floor((users + every - OFFSETS[className]) / every);
}

/** How many a plan has to reject. */
export function rejectedOf(mixed: MixedUsers): number {
  return countOf(mixed, "duplicate");
}

const BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Writes users as CSV, some 200 bytes each: four tenths with a bcrypt hash, three with one of Django's, three with none;
 * and some who are disabled, without a verified contact, in groups, with a quote in their name, or with the username of
 * the one before.
 */
export function writeMixedUsers(path: string, { users, seed, oneIn }: MixedUsers): void {
  const random = randomNumbers(seed);
  const file = openSync(path, "w");
  let text = "username,email,email_verified,disabled,teams,hash,name\n";
  for (let place = 1; place <= users; place += 1) {
    const is = (className: ClassName): boolean => {
      const every = oneIn[className];
      return every !== undefined && place % every === OFFSETS[className];
    };
    const number = is("duplicate") ? place - 1 : place;
    const name = is("quoted") ? `"Ada ""the ${place}"" Nowak"` : `Ada Nowak ${place}`;
    const cells = [
      `user${number}`,
      `user.${place}@mail.example.com`,
      is("unverified") ? "false" : "true",
      is("disabled") ? "true" : "false",
      is("grouped") ? `team${place % 7}` : "",
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
