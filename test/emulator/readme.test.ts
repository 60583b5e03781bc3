import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { OPERATIONS } from "../../emulator/operations/table.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";

const readme = readFileSync(new URL("../../emulator/README.md", import.meta.url), "utf8");

/** The rows of the README's tables of rules. */
const rows = readme
  .split(/^(?=\| id \|)/m)
  .slice(1)
  .flatMap((table) => table.split(/\n\n/)[0]?.split("\n").slice(2) ?? [])
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("the README's rules name every setting, and no other", () => {
  const named = rows.flatMap((cells) =>
    [...(cells[4] ?? "").matchAll(/`([\w.]+)`/g)].map(([, name]) => name),
  );
  const { texts, ...settings } = DEFAULT_RULES;
  const existing = [...Object.keys(settings), ...Object.keys(texts).map((name) => `texts.${name}`)];
  expect(named.filter((name) => !existing.includes(name ?? ""))).toEqual([]);
  expect(existing.filter((name) => !named.includes(name))).toEqual([]);
});

test("the README's rules have an id of their own and evidence", () => {
  const ids = rows.flatMap((cells) => (cells[1] ?? "").split(", "));
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
  for (const [, id, , evidence = ""] of rows) {
    expect(`${id}: ${evidence}`).toMatch(/: .*(sample|model|documented|reported|guess|not AWS's behaviour)/);
  }
});

test("EVIDENCE.md tells once where the evidence was seen, of existing rules only", () => {
  const evidence = readFileSync(new URL("../../emulator/EVIDENCE.md", import.meta.url), "utf8");
  const named = [...evidence.matchAll(/^\| ([a-z-]+) \| \S/gm)]
    .map(([, id = ""]) => id)
    .filter((id) => id !== "id");
  const existing = new Set(rows.flatMap((cells) => (cells[1] ?? "").split(", ")));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((id, place) => !existing.has(id) || named.indexOf(id) !== place)).toEqual([]);
});

test("the README names every operation", () => {
  expect(Object.keys(OPERATIONS).filter((operation) => !readme.includes(operation))).toEqual([]);
});

const folder = new URL("./", import.meta.url);

/** The rule ids in front of titles, and of rows that are titles: `test("log-first: says what", …)`. */
const titled = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .flatMap((name) => {
    const source = readFileSync(new URL(name, folder), "utf8");
    const ids = /["'`]((?:[a-z][a-z0-9]*-[a-z0-9-]+)(?:, [a-z][a-z0-9]*-[a-z0-9-]+)*): /g;
    return [...source.matchAll(ids)].flatMap(([, found = ""]) => found.split(", "));
  });

test("every rule of the README is in the title of a test, and every title's rule is in the README", () => {
  const rules = new Set(rows.flatMap((cells) => (cells[1] ?? "").split(", ")));
  expect([...rules].filter((id) => !titled.includes(id))).toEqual([]);
  expect(titled.filter((id) => !rules.has(id))).toEqual([]);
});
