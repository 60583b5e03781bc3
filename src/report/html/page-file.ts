import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const packaged = createRequire(import.meta.url);

/** A file that the build made for a page. */
export function pageFile(name: string): string {
  return readFileSync(packaged.resolve(`#report-page/${name}`), "utf8");
}

/** What lets exactly this style or script through a page's policy. */
export function policyHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
