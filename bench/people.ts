// People whom a sync follows: with an id, a verified address, and some of them in groups or disabled.
import { closeSync, openSync, writeSync } from "node:fs";

/** Writes people as NDJSON, about 180 bytes each; the name of one, counted from 1, is another one where that is wanted. */
export function writePeople(path: string, count: number, changed?: number): void {
  const file = openSync(path, "w");
  let text = "";
  for (let number = 1; number <= count; number += 1) {
    const person = {
      id: `id-${number}`,
      username: `person${number}`,
      email: `person.${number}@mail.example.com`,
      email_verified: true,
      given_name: "Zoë",
      name: number === changed ? "Another Name" : `Zoë Nowak ${number}`,
      disabled: number % 200 === 2,
      teams: number % 100 === 4 ? [`team${number % 7}`] : [],
    };
    text += `${JSON.stringify(person)}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}
