import { aFile } from "./files.ts";

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
  return aFile(`${lines.join("\n")}\n`, "users.csv");
}

/** The usernames u1 to uN, sorted as strings. */
export function usernames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `u${index + 1}`).sort();
}
