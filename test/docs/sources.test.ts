import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { planOptionsFrom } from "../../src/cli/plan-options.ts";
import { FILE_OPTIONS } from "../../src/extract/open-source.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { readConfig } from "../../src/run/config.ts";
import { plan } from "../../src/run/plan.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

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

/** A fixture, as its cases.json says it. */
interface Case {
  readonly type: string;
  readonly file: string;
  readonly options?: Readonly<Record<string, string>>;
}

function casesOf(type: string): readonly Case[] {
  const path = `fixtures/${type}/cases.json`;
  return existsSync(path) && type !== "csv"
    ? (JSON.parse(readFileSync(path, "utf8")) as readonly Case[])
    : [];
}

/** Where the file of a config is; of a pattern, one that matches it. */
function placeOf(path: string | readonly string[] | undefined): string {
  const [first = ""] = typeof path === "string" ? [path] : (path ?? []);
  return first.replaceAll("*", "1");
}

/** A pool that has what the pages' configs set. */
const POOL = {
  Schema: ["legacy_id", "plan"].map((Name) => ({
    Name,
    AttributeDataType: "String" as const,
    Mutable: true,
  })),
};

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

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

  const cases = casesOf(type);
  if (cases.length > 0)
    test("has a first config that plans the file of a fixture", async () => {
      const folder = aFolder();
      const config = join(folder, "ferry.yaml");
      writeFileSync(config, blocksOf(pageOf(type), "yaml")[0] ?? "");
      const { source } = await readConfig(config);
      const besides = FILE_OPTIONS.filter((option) => source?.[option] !== undefined);
      const alike = cases.filter(({ options = {} }) =>
        besides.every((option) => options[option] !== undefined),
      );
      const isWritten = ({ file }: Case) =>
        extname(file) === extname(placeOf(source?.path).replace(/\.gz$/, ""));
      const fixture = alike.find(isWritten) ?? alike[0];
      if (fixture === undefined) throw new Error(`no fixture of ${type} is like the config of its page`);
      const put = (name: string, path: string) => {
        mkdirSync(dirname(path), { recursive: true });
        copyFileSync(join("fixtures", type, name), path);
      };
      put(fixture.file, placeOf(source?.path));
      for (const option of besides) put(fixture.options?.[option] ?? "", source?.[option] ?? "");
      const { emulator, userPoolId } = await aTarget(POOL);
      const flags = { config, userPoolId, endpointUrl: emulator.url, runDir: join(folder, "run") };
      const options = await planOptionsFrom(flags);
      const { source: read, unsettled } = await plan({ ...options, maxUnreadableShare: 1 });
      expect(read.rows).toBeGreaterThan(0);
      expect(unsettled).toBeGreaterThan(0);
    });

  test("has configs that are right and for this type", async () => {
    const [first, ...others] = blocksOf(pageOf(type), "yaml");
    const { source } = await readConfig(aFile(first ?? "", "ferry.yaml"));
    expect(source?.type).toBe(type);
    for (const other of others) await readConfig(aFile(other, "ferry.yaml"));
  });
});
