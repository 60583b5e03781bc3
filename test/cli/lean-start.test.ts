import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

const IMPORT = /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

/** All that a built module loads before its first line runs: files of ours by their paths in dist/src, packages by their names. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = [resolve("dist/src", entry)];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const name = path.slice(resolve("dist/src").length + 1);
    if (loaded.has(name)) continue;
    loaded.add(name);
    for (const [, from, alone] of readFileSync(path, "utf8").matchAll(IMPORT)) {
      const target = from ?? alone ?? "";
      if (target.startsWith(".")) open.push(resolve(dirname(path), target));
      else loaded.add(target);
    }
  }
  return loaded;
}

/** What only reading a source and deciding about its users needs: half of what a plan loads. */
const OF_PLANS = /^(?:zod|luxon|libphonenumber-js|csv-parse|extract\/|transform\/(?!import-csv))/;

test.each(["apply", "verify", "undo", "status", "purge"])(
  "%s loads nothing that only a plan needs, so that a run goes on at once",
  (command) => {
    const loaded = [...loadedBy(`run/${command}.js`)];
    expect(loaded).toContain("core/ferry-error.js");
    expect(loaded.filter((name) => OF_PLANS.test(name))).toEqual([]);
  },
);

test.each(["cli/main", "run/plan", "run/apply"])("%s waits for nothing that few runs need", (entry) => {
  const loaded = loadedBy(`${entry}.js`);
  const ofFew = [
    "pino",
    "uuid",
    "i18n-iso-countries",
    "libphonenumber-js/min",
    "yaml",
    "pg",
    "mysql2",
    "ldapts",
  ];
  expect(ofFew.filter((name) => loaded.has(name))).toEqual([]);
});

test("the test would see it", () => {
  expect([...loadedBy("run/plan.js")].filter((name) => OF_PLANS.test(name)).length).toBeGreaterThan(50);
});
