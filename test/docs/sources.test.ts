import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findConfig } from "../../src/cli/find-config.ts";
import { planOptionsOf } from "../../src/cli/plan-options.ts";
import { FILE_OPTIONS } from "../../src/extract/open-source.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { readConfig, type Config } from "../../src/run/config.ts";
import { plan } from "../../src/run/plan.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const PAGES = readdirSync("docs/sources").map((name) => basename(name, ".md"));
const TABLE = readFileSync("docs/sources.md", "utf8");

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

/** Puts a fixture of the type where a config or command looks for it, with the files beside it; undefined where there is none. */
function putFixture(type: string, path: string, source: Config["source"]): string | undefined {
  const besides = FILE_OPTIONS.filter((option) => source?.[option] !== undefined && option !== "caFile");
  const alike = casesOf(type).filter(({ options = {} }) =>
    besides.every((option) => options[option] !== undefined),
  );
  const isWritten = ({ file }: Case): boolean => extname(file) === extname(path.replace(/\.gz$/, ""));
  const fixture = alike.find(isWritten) ?? alike[0];
  if (fixture === undefined) return undefined;
  const put = (name: string, to: string): void => {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join("fixtures", type, name), to);
  };
  put(fixture.file, path);
  for (const option of besides) put(fixture.options?.[option] ?? "", source?.[option] ?? "");
  return fixture.file;
}

/** The commands of ours on a page, without `npx poolferry`. */
function commandsOf(page: string): readonly string[] {
  return blocksOf(page, "sh").flatMap((block) =>
    [...block.matchAll(/^npx poolferry (.*)$/gm)].map(([, line]) => line ?? ""),
  );
}

/** The words of a command line whose quotes stand around whole words or their ends. */
function wordsOf(line: string): readonly string[] {
  return line.split(" ").map((word) => word.replaceAll(/["']/g, ""));
}

function valueAfter(args: readonly string[], flag: string): string | undefined {
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

/** What a command says that lacks nothing but a live source, or a database that is a file. */
const NOT_SET_UP = /The environment variable \w+ is not set|no file|NOT_FOUND|for the profile old-account/;

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

test("the table of sources leads to every page, and names every type", () => {
  for (const { type } of SOURCE_TYPES) expect(TABLE).toContain(`\`${type}:`);
  const linked = [...TABLE.matchAll(/\(sources\/([a-z0-9-]+)\.md\)/g)].map(([, page]) => page);
  expect([...new Set(linked)].sort()).toEqual(PAGES.sort());
});

test("every preset of a file has a fixture that shows what it does", () => {
  const types = SOURCE_TYPES.filter(({ type, place = "file" }) => place === "file" && presetFor(type));
  expect(types.filter(({ type }) => !existsSync(`fixtures/${type}/cases.json`))).toEqual([]);
  expect(globSync("fixtures/*/cases.json").length).toBeGreaterThanOrEqual(types.length);
});

test.each(PAGES.filter((type) => type !== "okta-api" && suggestsAddress(type)))(
  "the page of %s says how addresses are turned on, and what they cost",
  async (type) => {
    const block = blocksOf(pageOf(type), "yaml").at(-1) ?? "";
    const { mapping } = await readConfig(aFile(block, "ferry.yaml"));
    expect(mapping?.attributes?.["address"]).toBeDefined();
    expect(pageOf(type)).toContain("monthly active user");
  },
);

function suggestsAddress(type: string): boolean {
  const { suggestions = [] } = presetFor(type) ?? {};
  return suggestions.some((each) => "attribute" in each && each.attribute === "address");
}

test.each(["postgres", "mysql", "sqlite", "ldap", "cognito"])(
  "the page of %s says that a later plan brings new users, and overwrites nobody",
  (type) => {
    const paragraphs = pageOf(type).split("\n\n");
    const later = paragraphs.find((text) => text.includes("source.after") && text.includes("skipped"));
    expect(later).toMatch(/in the (?:new )?pool already are skipped by it, never overwritten/);
  },
);

describe.each(PAGES)("the page of %s", (type) => {
  test("speaks of passwords, and has a config to copy and a command", () => {
    expect(pageOf(type)).toMatch(/password/i);
    expect(blocksOf(pageOf(type), "yaml").length).toBeGreaterThan(0);
    expect(blocksOf(pageOf(type), "sh").join("")).toContain("poolferry");
  });

  test.each(commandsOf(pageOf(type)))("has a command that runs: npx poolferry %s", async (line) => {
    const folder = aFolder();
    const { emulator, userPoolId } = await aTarget(POOL);
    const config = blocksOf(pageOf(type), "yaml")[0] ?? "";
    const args = wordsOf(line.replace(/eu-central-1_\w+/, userPoolId));
    const stated = valueAfter(args, "--config");
    if (stated !== undefined)
      writeFileSync(join(folder, stated), config.replace(/eu-central-1_\w+/, userPoolId));
    const { source } = stated === undefined ? {} : await readConfig(join(folder, stated));
    const from = valueAfter(args, "--from");
    const path = from?.slice(from.indexOf(":") + 1) ?? (args[0] === "init" ? args[1] : placeOf(source?.path));
    const fixture = putFixture(type, resolve(folder, placeOf(path)), source);
    const endpoint = args[0] === "init" ? [] : ["--endpoint-url", emulator.url];
    const { exitCode, stderr } = await runCli([...args, ...endpoint], { cwd: folder });
    // A live source is reached by the tests of its own; here the command must be understood.
    if (fixture === undefined) expect(stderr).toMatch(NOT_SET_UP);
    // Fixtures show every trouble, so of a small one it can be too much.
    else if (exitCode !== 5) expect([0, 3], stderr).toContain(exitCode);
    else expect(stderr).toContain("TOO_MANY_BAD_ROWS");
  });

  if (casesOf(type).length > 0)
    test("has a first config that plans the file of a fixture", async () => {
      const folder = aFolder();
      const config = join(folder, "ferry.yaml");
      writeFileSync(config, blocksOf(pageOf(type), "yaml")[0] ?? "");
      const { source } = await readConfig(config);
      putFixture(type, placeOf(source?.path), source);
      const { emulator, userPoolId } = await aTarget(POOL);
      const flags = { config, userPoolId, endpointUrl: emulator.url, runDir: join(folder, "run") };
      const options = await planOptionsOf(flags, (await findConfig(flags)).config);
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
