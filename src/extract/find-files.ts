import { existsSync } from "node:fs";
import { glob } from "node:fs/promises";
import { basename } from "node:path";
import { FerryError } from "../core/ferry-error.ts";

/** Exports number their files, and file 10 comes after file 9. */
const byNumber = new Intl.Collator("en", { numeric: true });

/**
 * The files that a place names: itself, or where it is a pattern (`users-*.json`), all that match, file 2 before file 10.
 * Each stands once, in the order of the places. Throws SOURCE_NOT_FOUND for a pattern that nothing matches; that a plain
 * path names a file is found when it is opened.
 */
export async function findFiles(places: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const place of places) {
    const matching = isPattern(place) ? await matchesOf(place) : [place];
    if (matching.length === 0) {
      throw new FerryError("SOURCE_NOT_FOUND", `No file matches ${place}`, {
        hint: "Check the pattern; in a shell, put it in quotes",
      });
    }
    for (const file of matching) files.add(file);
  }
  return [...files];
}

/**
 * The first file that is missing where all are named alike but for a number: `users-1.json` between 0 and 2, or before 2.
 * Undefined where none is, and where their names tell nothing.
 */
export function missingFile(files: readonly string[]): string | undefined {
  const names = files.map((file) => /^(|.*\D)(0|[1-9]\d*)(\D*)$/.exec(basename(file)));
  const [first] = names;
  if (first === null || first === undefined || files.length < 2) return undefined;
  const [, before, , after] = first;
  if (!names.every((name) => name?.[1] === before && name?.[3] === after)) return undefined;
  const numbers = new Set(names.map((name) => Number(name?.[2])));
  const last = Math.max(...numbers);
  for (let number = numbers.has(0) ? 0 : 1; number < last; number += 1)
    if (!numbers.has(number)) return `${before}${number}${after}`;
  return undefined;
}

/** A file can have such characters in its name, and is then not a pattern. */
function isPattern(place: string): boolean {
  return /[*?{[]/.test(place) && !existsSync(place);
}

async function matchesOf(pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of glob(pattern, { withFileTypes: true })) {
    if (!entry.isDirectory()) found.push(`${entry.parentPath}/${entry.name}`);
  }
  return found.sort(byNumber.compare);
}
