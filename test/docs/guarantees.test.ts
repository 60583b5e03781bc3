import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("../..", import.meta.url).pathname;
const PAGE = readFileSync(join(ROOT, "docs/guarantees.md"), "utf8");
const PROMISES = PAGE.slice(0, PAGE.indexOf("## What is not promised"));

/** A test as the page names it: a file, and one of its titles, or all of the file without one. */
const NAMED = /^- `([^`]+)`(?:: "(.*)")?$/;

/** Titles in a file of tests, and of groups of them, that are run: also those of tables, which come after another call. */
const TITLES =
  /(?:\b(?:test|describe)(?:\.(?!skip\b|todo\b)\w+)?|\))\(\s*(?:"([^"\n]+)"|`([^`\n]+)`|'([^'\n]+)')/g;

function titlesOf(path: string): ReadonlySet<string> {
  const code = readFileSync(join(ROOT, path), "utf8");
  return new Set([...code.matchAll(TITLES)].map(([, one, other, third]) => one ?? other ?? third ?? ""));
}

test("every test that a promise names is there", () => {
  const lines = PROMISES.split("\n").filter((line) => line.startsWith("- "));
  expect(lines.length).toBeGreaterThan(30);
  for (const line of lines) {
    const [, path = "", title] = NAMED.exec(line) ?? [];
    expect(path, line).toMatch(/^test\/(.*\.test|contract\/.*-contract)\.ts$/);
    expect(existsSync(join(ROOT, path)), path).toBe(true);
    if (title !== undefined) expect([...titlesOf(path)], line).toContain(title);
  }
});

test("every promise names a test", () => {
  const blocks = PROMISES.split("\n\n");
  const promises = blocks.filter((block) => block.startsWith("**"));
  expect(promises.length).toBeGreaterThan(15);
  for (const promise of promises) expect(blocks[blocks.indexOf(promise) + 1], promise).toMatch(/^- `test\//);
});
