import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { FerryError } from "../../src/core/ferry-error.ts";
import { configJsonSchema, readConfig } from "../../src/run/config.ts";
import { RULE_KEYS, ruleSchema } from "../../src/transform/rule.ts";
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

test("a file of password hashes is looked for beside the config file", async () => {
  const path = aFile(
    "source: { type: auth0, path: users.json, passwordHashes: h/hashes.ndjson }\n",
    "ferry.yaml",
  );
  expect((await readConfig(path)).source?.passwordHashes).toBe(join(dirname(path), "h/hashes.ndjson"));
});

test("paths in a config file are relative to it", async () => {
  const path = aFile("source: { type: csv, path: data/users.csv }\nrunDir: run\n", "ferry.yaml");
  expect(await readConfig(path)).toEqual({
    source: { type: "csv", path: join(dirname(path), "data/users.csv") },
    runDir: join(dirname(path), "run"),
  });
});

test("so are the paths of files beside the source's own", async () => {
  const path = aFile("source: { type: stytch, path: a.json, passwordHashes: data/h.csv }", "ferry.yaml");
  expect((await readConfig(path)).source).toMatchObject({
    passwordHashes: join(dirname(path), "data/h.csv"),
  });
});

test("an empty config file says nothing", async () => {
  expect(await readConfig(aFile("# nothing yet\n", "ferry.yaml"))).toEqual({});
});

test.each([
  {
    text: "userPool: { expectAccount: 012345678901 }",
    says: /^ferry\.yaml:1:28 userPool\.expectAccount: expected the 12 digits of an AWS account, in quotes$/,
  },
  {
    text: 'userPool: { expectAccount: "1234-5678-9012" }',
    says: /userPool\.expectAccount: expected the 12 digits of an AWS account$/,
  },
  { text: "source: { type: csv }", says: /^ferry\.yaml:1:9 source\.path: / },
  {
    text: "source:\n  type: cvs\n  path: x",
    says: /^ferry\.yaml:2:9 source\.type: there is no such value \(did you mean csv\?\); it is one of csv, /,
  },
  {
    text: "mapping:\n  attributes:\n    name: { frstOf: [a] }",
    says: /^ferry\.yaml:3:11 mapping\.attributes\.name: no rule has the key frstOf \(did you mean firstOf\?\): expected a path.* constant, firstOf, .*, trustSource$/,
  },
  {
    text: "mapping: { groups: { map: { a: b }, path: c } }",
    says: /mapping\.groups: no rule has the keys map, path: expected a path/,
  },
  {
    text: "mapping: { passwordHash: { hsh: a } }",
    says: /mapping\.passwordHash: no rule has the key hsh \(did you mean hash\?\): expected a path/,
  },
  {
    text: "source: { type: csv, path: a }\nmaping:\n  username: a",
    says: /^ferry\.yaml:2:1 maping: there is no such key \(did you mean mapping\?\)$/,
  },
  {
    text: "mapping: { passwordHash: { hash: a, peper: true } }",
    says: /^ferry\.yaml:1:37 mapping\.passwordHash\.peper: there is no such key$/,
  },
  {
    text: "mapping: { sourceId: { lookup: a } }",
    says: /^ferry\.yaml:1:22 mapping\.sourceId\.table: /,
  },
  {
    text: "mapping: { sourceId: { lookup: a, tabel: { x: y } } }",
    says: /mapping\.sourceId\.table: .*\n.*mapping\.sourceId\.tabel: there is no such key \(did you mean table\?\)$/,
  },
  {
    text: "mapping: { sourceId: { lookup: a, table: { x: [1] } } }",
    says: /mapping\.sourceId\.table\.x: expected a text, a number, true or false$/,
  },
  {
    text: "mapping: { attributes: { email_verified: true } }",
    says: /mapping\.attributes\.email_verified: if you answer for every user's being verified, write \{ trustSource: true \}/,
  },
  {
    text: "mapping: { attributes: { email_verified: false, name: 5 } }",
    says: /email_verified: for one value for everyone, write \{ constant: … \}.*\n.*name: for one value for everyone/,
  },
  {
    text: "mapping: { attributes: { name: [a, b] } }",
    says: /mapping\.attributes\.name: expected a path, or an object/,
  },
  {
    text: "mapping:\n  username: {}\n  extra: 1",
    says: /^ferry\.yaml:2:13 mapping\.username: expected a path.*\nferry\.yaml:3:3 mapping\.extra: there is no such key$/s,
  },
  {
    text: "mapping: { attributes: { phone_number: { phone: a } } }",
    says: /phone_number\.country: a phone number takes either its country or withoutPlus: true$/,
  },
  {
    text: "mapping: { attributes: { phone_number: { phone: a, country: b, withoutPlus: true } } }",
    says: /phone_number\.country: a phone number takes either its country or withoutPlus: true$/,
  },
  { text: "limits: { unreadableRows: 20 }", says: /^ferry\.yaml:1:27 limits\.unreadableRows: / },
  { text: "limits: { quotaShare: 0 }", says: /^ferry\.yaml:1:23 limits\.quotaShare: / },
  { text: "limits: { quotaShare: 80 }", says: /^ferry\.yaml:1:23 limits\.quotaShare: / },
  {
    text: "policies: { duplicates: last }",
    says: /^ferry\.yaml:1:25 policies\.duplicates: there is no such value; it is one of reject-all, first, newest$/,
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
    says: /^ferry\.yaml:1:41 mapping\.sourceId\.takes: there is no such key \(did you mean take\?\)$/,
  },
  {
    text: "mapping: { groups: { from: a, clean: long } }",
    says: /^ferry\.yaml:1:38 mapping\.groups\.clean: /,
  },
  { text: "source: { type: csv, path: a, separator: ;; }", says: /^ferry\.yaml:1:42 source\.separator: / },
  { text: "a: [1", says: /^ferry\.yaml: .*line 1/ },
  { text: "just text", says: /^ferry\.yaml:1:1 the file: / },
])("the mistake in $text is named with its place", async ({ text, says }) => {
  expect(await messageOf(text)).toMatch(says);
});

test("every key of a rule is known by the schema, and no other begins a rule", () => {
  for (const key of RULE_KEYS) {
    const { error } = ruleSchema.safeParse({ [key]: null });
    const alternatives = error?.issues.flatMap((issue) =>
      issue.code === "invalid_union" ? issue.errors : [],
    );
    const knows = alternatives?.filter((issues) => !issues.some(({ code }) => code === "unrecognized_keys"));
    // The alternative that is a text says nothing of keys.
    expect(knows, key).toHaveLength(2);
  }
  const schema = JSON.stringify(configJsonSchema());
  const first = new Set([...schema.matchAll(/"required":\["(\w+)"/g)].map(([, key]) => key ?? ""));
  const ofOthers = new Set([
    "type",
    "path",
    "provider",
    "hash",
    "keycloak",
    "secretData",
    "from",
    "clientId",
  ]);
  expect([...first].filter((key) => !ofOthers.has(key)).sort()).toEqual([...RULE_KEYS].sort());
});

test("the hint of a config's mistakes names files that are there", async () => {
  const hint = await readConfig(aFile("a: 1\n", "ferry.yaml")).then(
    () => "it was accepted",
    (error: FerryError) => error.hint,
  );
  const paths = [...hint.matchAll(/[\w/]+\.(?:schema\.json|md)/g)].map(([path]) => path);
  expect(paths).toEqual(["docs/configuration.md", "dist/config.schema.json"]);
  for (const path of paths) expect(existsSync(join(import.meta.dirname, "../..", path)), path).toBe(true);
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
    "signUp",
    "runDir",
    "ledger",
    "mapping",
    "hook",
    "policies",
    "sync",
    "limits",
  ]);
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties["source"]?.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).toContain("The role that lets an import job write its log");
});

test.each([
  ["a key", "userPool: { idd: x }", "userPool.idd: there is no such key (did you mean id?)"],
  ["a key of a rule", "mapping: { username: { lokup: a } }", "did you mean lookup?"],
  ["a key in a list", "mapping: { username: { firstOf: [{ split: a, att: b }] } }", "(did you mean at?)"],
  ["a value", "source: { type: auht0, path: a }", "(did you mean auth0?)"],
  ["a policy", "policies: { failedRow: leave }", "(did you mean failedRows?)"],
])("a typing mistake in %s is told with what was meant", async (_what, text, says) => {
  await expect(readConfig(aFile(`${text}\n`, "ferry.yaml"))).rejects.toThrow(says);
});
