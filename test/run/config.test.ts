import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { configJsonSchema, readConfig } from "../../src/run/config.ts";
import { aFile } from "../support/files.ts";

async function messageOf(text: string): Promise<string> {
  const path = aFile(text, "ferry.yaml");
  const error = await readConfig(path).then(
    () => new Error("it was accepted"),
    (thrown: Error & { code?: string }) => thrown,
  );
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  return error.message.replaceAll(path, "ferry.yaml");
}

test("paths in a config file are relative to it", async () => {
  const path = aFile("source: { type: csv, path: data/users.csv }\nrunDir: run\n", "ferry.yaml");
  expect(await readConfig(path)).toEqual({
    source: { type: "csv", path: join(dirname(path), "data/users.csv") },
    runDir: join(dirname(path), "run"),
  });
});

test("an empty config file says nothing", async () => {
  expect(await readConfig(aFile("# nothing yet\n", "ferry.yaml"))).toEqual({});
});

test.each([
  { text: "source: { type: csv }", says: /^ferry\.yaml:1:9 source\.path: / },
  { text: "source:\n  type: cvs\n  path: x", says: /^ferry\.yaml:2:9 source\.type: .*"csv"/ },
  {
    text: "mapping:\n  attributes:\n    name: { frstOf: [a] }",
    says: /^ferry\.yaml:3:11 mapping\.attributes\.name: expected a path/,
  },
  {
    text: "mapping:\n  username: {}\n  extra: 1",
    says: /^ferry\.yaml:2:13 mapping\.username: expected a path.*\nferry\.yaml:3:10 mapping\.extra: there is no such key$/s,
  },
  { text: "limits: { unreadableRows: 20 }", says: /^ferry\.yaml:1:27 limits\.unreadableRows: / },
  { text: "limits: { quotaShare: 0 }", says: /^ferry\.yaml:1:23 limits\.quotaShare: / },
  { text: "limits: { quotaShare: 80 }", says: /^ferry\.yaml:1:23 limits\.quotaShare: / },
  {
    text: "policies: { duplicates: last }",
    says: /^ferry\.yaml:1:25 policies\.duplicates: .*"reject-all"\|"first"\|"newest"/,
  },
  { text: "policies: { socialOnly: merge }", says: /^ferry\.yaml:1:25 policies\.socialOnly: / },
  {
    text: "mapping:\n  attributes:\n    email: a\n    name: b\n    email: c\n",
    says: /^ferry\.yaml:5:5 mapping\.attributes\.email stands twice$/,
  },
  {
    text: "mapping: { username: a, username: b }",
    says: /^ferry\.yaml:1:25 mapping\.username stands twice$/,
  },
  {
    text: "mapping: { sourceId: { template: 5 } }",
    says: /^ferry\.yaml:1:34 mapping\.sourceId\.template: /,
  },
  {
    text: "mapping: { sourceId: { firstOf: [a, { lookup: b, table: { x: [1] } }] } }",
    says: /^ferry\.yaml:1:\d+ mapping\.sourceId\.firstOf\.1\.table\.x: /,
  },
  {
    text: "mapping: { sourceId: { split: a, at: b, takes: 1 } }",
    says: /^ferry\.yaml:1:48 mapping\.sourceId\.takes: there is no such key$/,
  },
  {
    text: "mapping: { groups: { from: a, clean: long } }",
    says: /^ferry\.yaml:1:38 mapping\.groups\.clean: /,
  },
  { text: "a: [1", says: /^ferry\.yaml: .*line 1/ },
  { text: "just text", says: /^ferry\.yaml:1:1 the file: / },
])("the mistake in $text is named with its place", async ({ text, says }) => {
  expect(await messageOf(text)).toMatch(says);
});

test("a config file that is not there is an error of its own", async () => {
  await expect(readConfig("/nowhere/ferry.yaml")).rejects.toMatchObject({ code: "CONFIG_NOT_FOUND" });
});

test("the JSON Schema has every key with its description, and allows no other", () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { additionalProperties?: boolean; description?: string }>;
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties)).toEqual([
    "source",
    "userPool",
    "importJob",
    "runDir",
    "mapping",
    "hook",
    "policies",
    "limits",
  ]);
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties["source"]?.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).toContain("The role that lets an import job write its log");
});
