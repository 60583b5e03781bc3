import type { Command } from "commander";
import { expect, test } from "vitest";
import { commandsUnder, createProgram } from "../../src/cli/program.ts";
import { EXIT_CODES } from "../../src/core/ferry-error.ts";
import { runCli } from "../support/cli.ts";

function pathOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

const PROGRAM = createProgram();
const PATHS = [PROGRAM, ...commandsUnder(PROGRAM)]
  .filter((command) => command.name() !== "__complete")
  .map((command) => pathOf(command));

async function helpOf(path: readonly string[]): Promise<string> {
  const { stdout, exitCode } = await runCli([...path, "--help"]);
  expect(exitCode).toBe(0);
  return stdout;
}

/** The command lines of the examples of a help, as one pastes them. */
function examplesIn(help: string): readonly string[] {
  const [, section = ""] = /^Examples?:\n((?: .*\n)+)/m.exec(help) ?? [];
  return section
    .replaceAll(/ \\\n\s+/g, " ")
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\s*\$ /, ""));
}

/** The words of a command line without escapes, as a shell takes them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

/** The command that a line runs, with nothing done. Throws CommanderError for what cannot be parsed. */
async function parsed(words: readonly string[]): Promise<Command> {
  const program = createProgram();
  let ran = program;
  for (const command of [program, ...commandsUnder(program)]) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0 || command.name() === "sync")
      command.action((...given: unknown[]) => {
        ran = given.at(-1) as Command;
      });
  }
  await program.parseAsync(words, { from: "user" });
  return ran;
}

test.each(PATHS.map((path) => [path.join(" ") || "poolferry", path] as const))(
  "the help of %s has examples that parse, all exit codes, and no line that is too wide",
  async (_name, path) => {
    const help = await helpOf(path);
    const tooWide = help.split("\n").filter((line) => line.length > 80);
    expect(tooWide).toEqual([]);
    const [, listed] = help.split("Exit codes:");
    expect([...(listed ?? "").matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code))).toEqual(
      Object.values(EXIT_CODES),
    );

    const examples = examplesIn(help);
    const own = ["poolferry", ...path].join(" ");
    expect(examples.filter((example) => example.startsWith(own))).not.toEqual([]);
    for (const example of examples.filter((each) => !each.endsWith("--help"))) {
      const [name, ...words] = wordsOf(example.replace(/ >.*/, ""));
      expect(name).toBe("poolferry");
      const ran = pathOf(await parsed(words));
      expect(words.slice(0, ran.length), example).toEqual(ran);
      expect(ran, example).not.toEqual([]);
    }
  },
);

test("an example that names an option which is not there would be found", async () => {
  await expect(parsed(["status", "--run-dir", "run", "--run-folder", "run"])).rejects.toThrow(
    "unknown option",
  );
  await expect(parsed(["statsu"])).rejects.toThrow("unknown command");
});

test("every command stands under a heading of its own kind in the help", async () => {
  const help = await helpOf([]);
  expect(help).not.toMatch(/^Commands:/m);
  for (const path of PATHS.filter(({ length }) => length === 1))
    expect(help).toMatch(new RegExp(`^  ${path[0]} `, "m"));
});

test.each([
  ["a command", ["plann"], "Did you mean plan?"],
  ["a subcommand", ["jobs", "lst"], "Did you mean list?"],
  ["an option", ["plan", "--run-dri", "run"], "Did you mean --run-dir?"],
  ["a choice", ["apply", "--run-dir", "run", "--only", "followups"], "did you mean follow-ups?"],
  ["a shell", ["completion", "bsh"], "did you mean bash?"],
  ["a preset", ["init", "--preset", "keyclaok"], "did you mean keycloak?"],
  [
    "a type of source",
    ["plan", "--from", "auht0:export.json", "--user-pool-id", "eu-central-1_AbCd12345"],
    "did you mean auth0?",
  ],
])("a typing mistake in %s is told with what was meant", async (_what, args, question) => {
  const { stderr, exitCode } = await runCli(args);
  expect(stderr).toContain(question);
  expect(exitCode).toBe(2);
});

test("a word that is close to nothing is not guessed at", async () => {
  const { stderr } = await runCli(["apply", "--run-dir", "run", "--only", "everything"]);
  expect(stderr).toContain("Allowed choices are");
  expect(stderr.toLowerCase()).not.toContain("did you mean");
});

test.each([
  [[], { FORCE_COLOR: "1" }, true],
  [["--color"], {}, true],
  [[], { NO_COLOR: "1" }, false],
  [["--no-color"], { FORCE_COLOR: "1" }, false],
  [[], { TERM: "xterm-256color" }, false],
])("with %o and %o, and no terminal, the help has colours: %s", async (args, env, isColoured) => {
  const { stdout } = await runCli(["plan", ...args, "--help"], { env: { NO_COLOR: "", ...env } });
  expect(stdout.includes("\u001B[")).toBe(isColoured);
});
