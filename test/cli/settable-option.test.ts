import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandsUnder, createProgram } from "../../src/cli/program.ts";

const PAGE = readFileSync("docs/configuration.md", "utf8");

/** Of every option of every command: the variable that says the same. */
const OPTIONS = commandsUnder(createProgram()).flatMap(({ options }) => options);

test("docs/configuration.md lists every variable with its option, and no other", () => {
  const listed = [...PAGE.matchAll(/^\| `(POOLFERRY_\w+)` \| `(--[\w-]+)` \|/gm)].map(
    ([, variable, option]) => `${variable} ${option}`,
  );
  const settable = OPTIONS.flatMap(({ envVar, long }) => (envVar === undefined ? [] : [`${envVar} ${long}`]));
  expect(listed).toEqual([...new Set(settable)].sort());
});

test("nothing that says yes, takes back or leaves out can stand in the environment", () => {
  const settable = OPTIONS.filter(({ envVar }) => envVar !== undefined);
  expect(settable.filter((option) => !option.required)).toEqual([]);
  expect(settable.map(({ long }) => long)).not.toContain("--confirm");
});
