import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseImportLogLine } from "../../src/cognito/import-log.ts";
import { FerryError } from "../../src/core/ferry-error.ts";
import type { JsonValue } from "../../src/core/row.ts";
import { proposedConfig } from "../../src/propose/proposed-config.ts";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { readConfig } from "../../src/run/config.ts";
import { readPoolDescription } from "../../src/run/pool-description.ts";
import { DOCUMENTS } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";
import { runs, within } from "./support/runs.ts";

const KEYS = ["source", "type", "path", "mapping", "attributes", "username", "firstOf", "lookup", "table", "groups",
  "policies", "limits", "hook", "userPool", "__proto__", "constructor", "prototype", "toString", ""]; // prettier-ignore

const yaml = fc
  .array(
    fc.oneof(
      fc.constantFrom(...KEYS.map((key) => `${key}: `)),
      fc.constantFrom(
        "\n",
        "\n  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "<<: *a",
        "!!js/function ",
        "? ",
        "|\n",
        "'",
        '"',
        "#",
      ),
      fc.constantFrom("csv", "1e999", "true", "~", "\t", "\0", "\uFEFF", "\u2028", "---\n", "%YAML 9.9\n"),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""));

/** Reads, or throws an error with one of these codes; anything else that is thrown fails the test. */
async function requireExplained(reading: Promise<unknown>, codes: RegExp): Promise<void> {
  await reading.catch((error: unknown) => {
    if (!(error instanceof FerryError)) throw error;
    expect(error.code).toMatch(codes);
  });
}

describe("a config", () => {
  test(
    "of any text is read, or refused as one",
    async () => {
      const path = join(aFolder(), "config.yaml");
      await fc.assert(
        fc.asyncProperty(fc.oneof(yaml, fc.json()), async (text) => {
          writeFileSync(path, text);
          await requireExplained(readConfig(path), /^CONFIG_INVALID$/);
        }),
        runs(500),
      );
    },
    within(20_000),
  );

  test.each([
    [
      "a billion laughs",
      [
        "a: &a [x,x,x,x,x,x,x,x,x]",
        ..."bcdefghij"
          .split("")
          .map((key, index) => `${key}: &${key} [${`*${"abcdefghij"[index]},`.repeat(9)}]`),
      ].join("\n"),
    ],
    ["an alias of itself", "mapping: &m\n  attributes: *m\n"],
    ["100,000 levels", `mapping: ${"[".repeat(100_000)}`],
    ["100,000 objects in each other", `mapping: ${"{a: ".repeat(100_000)}`],
    [
      "rules in rules without end",
      `mapping: { username: ${"{ not: ".repeat(20_000)}x${"}".repeat(20_000)} }`,
    ],
    ["__proto__", '{"__proto__": {"hook": "./evil.ts"}, "mapping": {"__proto__": {"username": "x"}}}'],
    ["constructor", "constructor: { prototype: { hook: x } }"],
  ])("of %s is refused in a moment", async (_what, text) => {
    const startedMs = performance.now();
    await expect(readConfig(aFile(text, "config.yaml"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(({} as { hook?: unknown }).hook).toBeUndefined();
  });

  test(
    "that init proposes for any names of fields has the parts that it is to have, and no others",
    () => {
      const name = fc.string({
        unit: fc.oneof(
          fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
          fc.constantFrom(
            "\n",
            "\nhook: ./evil.ts\n",
            ": ",
            "#",
            "'",
            '"',
            "- ",
            "&a",
            "*a",
            "!!x",
            "email",
            "password",
            "\u2028",
            "\u0085",
            "__proto__",
          ),
        ),
        maxLength: 8,
      });
      fc.assert(
        fc.property(fc.array(fc.tuple(name, fc.string({ unit: "binary" })), { maxLength: 5 }), (fields) => {
          const record = JSON.parse(
            `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
          ) as Record<string, JsonValue>;
          const text = proposedConfig({
            source: { type: "ndjson", path: "users.ndjson", description: "NDJSON" },
            connection: {},
            survey: surveyRows([{ seq: 1, line: 1, record }], DOCUMENTS),
            isWhole: true,
            pool: undefined,
          });
          const config = parse(text) as Readonly<Record<string, unknown>>;
          expect(Object.keys(config).filter((key) => !["source", "mapping"].includes(key))).toEqual([]);
          expect(config["source"]).toEqual({ type: "ndjson", path: "users.ndjson" });
        }),
        runs(400),
      );
    },
    within(20_000),
  );
});

describe("a pool's description", () => {
  const odd: fc.Arbitrary<unknown> = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("__proto__", "constructor", "1e999", -1),
  );
  const attribute = fc.record(
    { Name: odd, AttributeDataType: odd, StringAttributeConstraints: odd, Required: odd },
    { requiredKeys: [] },
  );
  const description = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record(
        {
          Id: fc.constantFrom("eu-west-1_A", 1),
          Name: odd,
          SchemaAttributes: fc.array(attribute),
          AliasAttributes: odd,
          Policies: odd,
        },
        { requiredKeys: [] },
      )
      .map((pool) => JSON.stringify({ UserPool: pool })),
    fc.constant(`{"UserPool":${"[".repeat(50_000)}`),
  );

  test(
    "of any content is read, or refused as one",
    async () => {
      const path = join(aFolder(), "pool.json");
      await fc.assert(
        fc.asyncProperty(description, async (text) => {
          writeFileSync(path, text);
          await requireExplained(readPoolDescription(path, "eu-west-1_A"), /^POOL_DESCRIPTION_INVALID$/);
        }),
        runs(300),
      );
    },
    within(20_000),
  );
});

test("a line of an import job's log is what it says, or noise; one with another in its message stays one", () => {
  const word = fc.constantFrom(
    "[SUCCEEDED]",
    "[FAILED]",
    " Line Number ",
    "1",
    "999999999999999999999",
    " - ",
    "\n",
    "-1",
    "x",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const text = words.join("");
      const line = parseImportLogLine(text);
      if (line === undefined) return;
      expect(line.lineNumber).toBeGreaterThanOrEqual(0);
      expect(text.trim()).toMatch(new RegExp(String.raw`^\[${line.status}\] Line Number \d+ - `));
      expect(text.trim().endsWith(line.message)).toBe(true);
    }),
    runs(2_000),
  );
  const long = parseImportLogLine(`[FAILED] Line Number 3 - ${"[FAILED] Line Number 4 - ".repeat(100_000)}`);
  expect(long?.lineNumber).toBe(3);
});
