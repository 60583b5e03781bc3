// The users that every measurement of a plan reads: the same for the same seed, on every machine.
import { closeSync, openSync, writeSync } from "node:fs";
import { randomNumbers } from "./random-numbers.ts";

/** How many users a file holds, and which of them have trouble. */
export interface UsersToWrite {
  readonly users: number;
  readonly seed: number;
  /** The share of users whose username has a space, who are rejected; 0.01 when undefined. */
  readonly rejectedShare?: number | undefined;
}

type Format = "csv" | "ndjson";

/** What a plan of the users has to find. */
export interface WrittenUsers {
  /** Rejected for a space in the username, or because two want the same. */
  readonly rejected: number;
  /** Without a verified address, and not rejected: no import job of a pool that verifies addresses takes them. */
  readonly unverified: number;
}

const COLUMNS = [
  "id",
  "username",
  "email",
  "email_verified",
  "phone_number",
  "phone_number_verified",
  "given_name",
  "family_name",
  "name",
  "nickname",
  "gender",
  "birthdate",
  "locale",
  "zoneinfo",
  "website",
  "updated_at",
  "street",
  "company",
  "note",
  "plan",
] as const;

type User = Readonly<Record<(typeof COLUMNS)[number], string>>;

const GIVEN_NAMES = ["Ada", "Zoë", "Łukasz", "陈伟", "Søren", "Γιώργος", "Amélie", "ᚱúna", "Иван", "José"];
const FAMILY_NAMES = ["Nowak", "Müller", "O'Neill", "Ångström", "王", "da Silva", "Kowalczyk", "Ćosić"];
const STREETS = ["Hauptstraße", "Rue de l'Église", "Calle Mayor", "High Street", "Nørregade"];
const COMPANIES = ['Smith "&" Sons', "Ünal GmbH", "Bakery, The", "Kraków 2000", "42 Ltd"];
const NOTES = [
  "called twice, no answer; try again in the morning",
  "prefers e-mail 🦀 and short words",
  "",
  "moved in spring, new address follows by post",
  'said "later" to everything that was asked',
];
const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/Warsaw"];
const LOCALES = ["de-DE", "en-US", "ja-JP", "pl-PL"];

/** The share of users without a verified address, who go by AdminCreateUser. */
const UNVERIFIED_SHARE = 0.01;

/** One row in this many has a line break inside quotes, and one its predecessor's username. */
const ROWS_PER_LINE_BREAK = 50;
const ROWS_PER_DUPLICATE = 1_000;

/** Writes users of 20 fields and, as CSV, about 300 bytes each: commas, doubled quotes, Unicode, line breaks. */
export function writeUsers(path: string, format: Format, wanted: UsersToWrite): WrittenUsers {
  const file = openSync(path, "w");
  const written = { rejected: 0, unverified: 0 };
  let before: User | undefined;
  try {
    const encode = format === "csv" ? csvLine : (user: User) => `${JSON.stringify(user)}\n`;
    let text = format === "csv" ? `${COLUMNS.join(",")}\n` : "";
    for (const user of makeUsers(wanted)) {
      text += encode(user);
      count(written, user, before);
      before = user;
      if (text.length < 1_000_000) continue;
      writeSync(file, text);
      text = "";
    }
    writeSync(file, text);
    return written;
  } finally {
    closeSync(file);
  }
}

/** Counts a user; and the one before once more, where it was counted as a good one and has the same username. */
function count(
  written: { rejected: number; unverified: number },
  user: User,
  before: User | undefined,
): void {
  const isRejected = user.username.includes(" ");
  if (isRejected || user.username === before?.username) written.rejected += 1;
  else if (user.email_verified === "false") written.unverified += 1;
  if (isRejected || user.username !== before?.username) return;
  written.rejected += 1;
  if (before.email_verified === "false") written.unverified -= 1;
}

function* makeUsers({ users, seed, rejectedShare = 0.01 }: UsersToWrite): Generator<User> {
  const random = randomNumbers(seed);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
  for (let place = 1; place <= users; place += 1) {
    const number = place % ROWS_PER_DUPLICATE === 0 ? place - 1 : place;
    const separator = random() < rejectedShare ? " " : "-";
    const [given, family] = [pick(GIVEN_NAMES), pick(FAMILY_NAMES)];
    const lineBreak = place % ROWS_PER_LINE_BREAK === 0 ? "\n" : " ";
    const digits = String(place).padStart(7, "0");
    yield {
      id: `${hexadecimal(random)}-${hexadecimal(random)}`,
      username: `user${separator}${number}`,
      email: `user.${place}@mail${Math.floor(random() * 50)}.example.com`,
      email_verified: random() < UNVERIFIED_SHARE ? "false" : "true",
      phone_number: `+49170${digits}`,
      phone_number_verified: random() < 0.3 ? "true" : "false",
      given_name: given,
      family_name: family,
      name: `${given} ${family}`,
      nickname: `${given.toLowerCase()}${place % 100}`,
      gender: pick(["female", "male", "diverse", ""]),
      birthdate: `${1950 + Math.floor(random() * 50)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`,
      locale: pick(LOCALES),
      zoneinfo: pick(ZONES),
      website: `https://people.example.com/profiles/${place}`,
      updated_at: String(1_600_000_000 + Math.floor(random() * 100_000_000)),
      street: `${pick(STREETS)} ${Math.floor(random() * 200)},${lineBreak}${10_000 + Math.floor(random() * 80_000)}`,
      company: pick(COMPANIES),
      note: pick(NOTES),
      plan: pick(["free", "team", "enterprise"]),
    };
  }
}

function csvLine(user: User): string {
  return `${COLUMNS.map((column) => csvCell(user[column])).join(",")}\n`;
}

function csvCell(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function hexadecimal(random: () => number): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}
