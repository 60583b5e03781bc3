import { existsSync } from "node:fs";
import { glob } from "node:fs/promises";
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
