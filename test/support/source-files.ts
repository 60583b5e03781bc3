import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { aFolder } from "./cli.ts";

/** A file with this text, in a folder that goes away with the test. */
export function aFile(name: string, text: string | Uint8Array): string {
  const path = join(aFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** A CSV of users u1 to uN with verified e-mail addresses; `change` can spoil some. */
export function aUserCsv(
  count: number,
  change: (number: number, cells: string[]) => void = () => undefined,
): string {
  const lines = ["username,email,email_verified,name,plan"];
  for (let number = 1; number <= count; number += 1) {
    const cells = [`u${number}`, `u${number}@example.com`, "true", `User ${number}`, "pro"];
    change(number, cells);
    lines.push(cells.join(","));
  }
  return aFile("users.csv", `${lines.join("\n")}\n`);
}

/** The usernames u1 to uN, sorted as strings. */
export function usernames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `u${index + 1}`).sort();
}
