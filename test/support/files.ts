import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that goes away with the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "poolferry-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a new file with this content, in a folder that goes away with the test. */
export function aFile(content: string | Uint8Array, name = "users"): string {
  const path = join(aFolder(), name);
  writeFileSync(path, content);
  return path;
}
