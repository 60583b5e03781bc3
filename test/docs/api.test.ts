import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, pageAt } from "../support/pages.ts";
import { aProject, runInShell } from "../support/project.ts";
import { aTarget } from "../support/target.ts";

const CUSTOMERS = `id,login,mail,confirmed
1,ada,ada@example.com,true
2,bo,bo@example.com,true
`;

/** What each example of the library's page prints, in their order: they are one story of a run and its pool. */
const TOLD: readonly (readonly [example: string, printed: string])[] = [
  ["plan({", "2 users by import jobs"],
  ["apply({", "2 imported, 0 failed"],
  ["status(", "done 0 users without an outcome yet"],
  ["verify({", "2 users as wanted"],
  ["undo({", "about to delete 2 users\n2 deleted, 0 kept"],
  ["purge({", "nobody's data is in it any more: true"],
  ["listJobs({", "Succeeded"],
  ["exportUsers({", "0 users, 0 groups"],
  ["sync({", "2 created, 0 changed, 0 disabled"],
  ["readConfig(", "1 rejected"],
  ["const hook", ""],
  ["SourceModuleContext", ""],
  ["RunObserver", ""],
];

test("the reference is that of the code", { timeout: 90_000 }, () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/api-reference.mjs", "--check"], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("every export of the package stands in the reference", () => {
  for (const [entry, path] of [
    ["src/index.ts", "docs/api/library.md"],
    ["emulator/index.ts", "docs/api/emulator.md"],
  ] as const) {
    const code = readFileSync(entry, "utf8");
    const lists = [...code.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
    const names = lists.map((name) => name.replace(/^\s*(type )?/, "").trim()).filter(Boolean);
    expect(names.length).toBeGreaterThan(20);
    const headings = new Set(
      [...pageAt(path).text.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading),
    );
    expect([...headings].sort()).toEqual([...new Set(names)].sort());
  }
});

test("the examples of the library run one after another as they stand", { timeout: 90_000 }, async () => {
  const target = await aTarget();
  const folder = aProject();
  writeFileSync(join(folder, "customers.csv"), CUSTOMERS);
  writeFileSync(
    join(folder, "ferry.yaml"),
    `source: { type: csv, path: nobody.csv }
userPool: { id: ${target.userPoolId} }
`,
  );
  writeFileSync(join(folder, "nobody.csv"), "username,email\n,ada\n");
  const examples = blocksOf(pageAt("docs/api/library.md").text, "ts");
  expect(examples).toHaveLength(TOLD.length);
  for (const [place, example] of examples.entries()) {
    const [part = "", printed = ""] = TOLD[place] ?? [];
    expect(example).toContain(part);
    const name = `example-${place}.mts`;
    writeFileSync(join(folder, name), example.replaceAll("eu-central-1_AbCd12345", target.userPoolId));
    const env = { AWS_ENDPOINT_URL: target.emulator.url };
    const { exitCode, stdout, stderr } = await runInShell(`node ${name}`, folder, env);
    expect({ example, exitCode, stderr }).toEqual({ example, exitCode: 0, stderr: "" });
    expect(stdout).toContain(printed);
  }
  expect(target.users()).toHaveLength(2);
});

test("the examples of the local Cognito run as they stand", { timeout: 60_000 }, async () => {
  const folder = aProject("@aws-sdk");
  const examples = blocksOf(pageAt("docs/api/emulator.md").text, "ts");
  expect(examples).toHaveLength(2);
  const told = [/^us-east-1_\w+ .*CreateUserPool/s, /^0 messages would have been sent$/m];
  for (const [place, example] of examples.entries()) {
    writeFileSync(join(folder, `example-${place}.mts`), example);
    const { exitCode, stdout, stderr } = await runInShell(`node example-${place}.mts`, folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(told[place]!);
  }
});
