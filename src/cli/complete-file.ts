import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { visible } from "../core/visible.ts";

/** What a word can become. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/**
 * The paths that begin with a word, folders with a slash at their end. Hidden ones only for a word that asks for them, and
 * none whose name a terminal would act on. None where the folder cannot be read.
 */
export async function visibleFiles(word: string, wanted: "files" | "folders"): Promise<readonly Candidate[]> {
  const slash = word.lastIndexOf("/") + 1;
  const [folder, beginning] = [word.slice(0, slash), word.slice(slash)];
  const path = folder.replace(/^~(?=\/)/, homedir());
  const entries = await readdir(path === "" ? "." : path, { withFileTypes: true }).catch(() => []);
  const begun = entries.filter(
    ({ name }) =>
      name.startsWith(beginning) && (beginning !== "" || !name.startsWith(".")) && name === visible(name),
  );
  const candidates = await Promise.all(
    begun.map(async (entry) => {
      const isFolder =
        entry.isDirectory() ||
        (entry.isSymbolicLink() && (await isFolderAt(join(path === "" ? "." : path, entry.name))));
      return isFolder || wanted === "files"
        ? [{ value: `${folder}${entry.name}${isFolder ? "/" : ""}`, description: "" }]
        : [];
    }),
  );
  return candidates.flat().sort((one, other) => (one.value < other.value ? -1 : 1));
}

async function isFolderAt(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
