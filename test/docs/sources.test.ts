import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { readConfig } from "../../src/run/config.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { aFile } from "../support/files.ts";

const PAGES = readdirSync("docs/sources").map((name) => basename(name, ".md"));
const README = readFileSync("README.md", "utf8");

function pageOf(type: string): string {
  return readFileSync(`docs/sources/${type}.md`, "utf8");
}

function blocksOf(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(
    ([, block]) => block ?? "",
  );
}

test("every source type has a page, and every page a type", () => {
  expect(PAGES.sort()).toEqual(SOURCE_TYPES.map(({ type }) => type).sort());
});

test("the README leads to every page", () => {
  const linked = [...README.matchAll(/\(docs\/sources\/([a-z0-9-]+)\.md\)/g)].map(([, page]) => page);
  expect([...new Set(linked)].sort()).toEqual(PAGES.sort());
});

test("every preset of a file has a fixture that shows what it does", () => {
  const types = SOURCE_TYPES.filter(({ type, place = "file" }) => place === "file" && presetFor(type));
  expect(types.filter(({ type }) => !existsSync(`fixtures/${type}/cases.json`))).toEqual([]);
  expect(globSync("fixtures/*/cases.json").length).toBeGreaterThanOrEqual(types.length);
});

describe.each(PAGES)("the page of %s", (type) => {
  test("speaks of passwords, and has a config to copy and a command", () => {
    expect(pageOf(type)).toMatch(/password/i);
    expect(blocksOf(pageOf(type), "yaml").length).toBeGreaterThan(0);
    expect(blocksOf(pageOf(type), "sh").join("")).toContain("poolferry");
  });

  test("has configs that are right and for this type", async () => {
    const [first, ...others] = blocksOf(pageOf(type), "yaml");
    const { source } = await readConfig(aFile(first ?? "", "ferry.yaml"));
    expect(source?.type).toBe(type);
    for (const other of others) await readConfig(aFile(other, "ferry.yaml"));
  });
});
