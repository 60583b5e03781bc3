import { expect, test } from "vitest";
import fc from "fast-check";
import { visible, visibleJson, visibleWithin } from "../../src/core/visible.ts";
import { jsonOf, runCli, type CommandResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";
import { runs } from "./support/runs.ts";

/** On what a terminal acts, or what turns the direction of a text; line breaks are ours to print. */
const ACTIVE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Clears the screen, sets a title, turns the direction, and begins a line of its own. */
const HOSTILE = "x\u001b[2J\u001b]0;title\u0007\u009b31m\u202egnp.exe\u2066\r\npoolferry: all users imported";

function requireTame({ stdout, stderr }: CommandResult): void {
  for (const line of `${stdout}\n${stderr}`.split("\n")) {
    expect(line).not.toMatch(ACTIVE);
    expect(line).not.toMatch(/^poolferry: all users imported/);
  }
}

test("no text that is shown holds anything that a terminal acts on, and it is on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visible(text)).not.toMatch(ACTIVE);
      const json = visibleJson({ text });
      expect(json).not.toMatch(ACTIVE);
      expect(JSON.parse(json)).toEqual({ text });
      expect(visibleWithin({ list: [text, { text }], count: 1 })).toEqual({
        list: [visible(text), { text: visible(text) }],
        count: 1,
      });
    }),
    runs(200),
  );
});

test("names of columns, values and groups of a source are only shown, by every command that names them", async () => {
  const target = await aTarget({ PoolName: "customers" });
  const users = [1, 2].map((number) =>
    JSON.stringify({
      username: `u${number}`,
      email: `u${number}@example.com`,
      [HOSTILE]: HOSTILE,
      mail: HOSTILE,
    }),
  );
  const source = aFile(`${users.join("\n")}\n`, "users.ndjson");
  const cells = `"${HOSTILE}"`;
  const table = aFile(`username,${cells}\nu1,${cells}\n`, "users.csv");
  const twice = aFile(`username,${cells},${cells}\n`, "twice.csv");
  const groups = aFile(
    'mapping:\n  groups: { from: mail, clean: "-" }\nsource: { type: ndjson, path: users.ndjson }\nbad\u001b[2Jkey: 1\n',
    "config.yaml",
  );
  const runDir = `${aFolder()}/run`;
  const planned = await runCli(["plan", "--from", `ndjson:${source}`, ...target.flags, "--run-dir", runDir]);
  expect(planned.stdout).toContain("\\u001b[2J");
  const results = [
    planned,
    await runCli(["status", "--run-dir", runDir, "--json"]),
    await runCli(["plan", "--from", `csv:${table}`, ...target.flags, "--run-dir", `${aFolder()}/run`]),
    await runCli(["plan", "--from", `csv:${twice}`, ...target.flags, "--run-dir", `${aFolder()}/run`]),
    await runCli([
      "plan",
      "--from",
      `csv:${twice}`,
      ...target.flags,
      "--json",
      "--run-dir",
      `${aFolder()}/run`,
    ]),
    await runCli([
      "plan",
      "--config",
      groups,
      "--from",
      `ndjson:${source}`,
      ...target.flags,
      "--run-dir",
      `${aFolder()}/r`,
    ]),
    await runCli(["init", table]),
    await runCli(["init", source]),
  ];
  for (const result of results) requireTame(result);
  expect(results.map(({ exitCode }) => exitCode)).not.toContain(1);
  const [, status] = results;
  // Scripts get the names as they are.
  expect(status === undefined ? undefined : jsonOf(status).source.unusedFields).toContain(HOSTILE);
});
