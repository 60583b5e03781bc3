// Users without a verified contact, whom only AdminCreateUser can make: ten attributes each.
import { closeSync, openSync, writeSync } from "node:fs";

/** The attributes of one of them, by its number. */
export function attributesOfUnverified(number: number): Readonly<Record<string, string>> {
  return {
    email: `user.${number}@mail.example.com`,
    email_verified: "false",
    given_name: "Zoë",
    family_name: "Nowak",
    name: `Zoë Nowak ${number}`,
    nickname: `zoe${number % 100}`,
    locale: "de-DE",
    zoneinfo: "Europe/Berlin",
    website: `https://people.example.com/profiles/${number}`,
    birthdate: "1970-01-02",
  };
}

/** Writes so many as CSV. */
export function writeUnverifiedUsers(path: string, users: number): void {
  const file = openSync(path, "w");
  let text = `username,${Object.keys(attributesOfUnverified(0)).join(",")}\n`;
  for (let number = 1; number <= users; number += 1) {
    text += `user${number},${Object.values(attributesOfUnverified(number)).join(",")}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}
