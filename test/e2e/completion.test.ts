import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, test, vi } from "vitest";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { BIN, LOCAL_ENV, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { isInstalled } from "../support/programs.ts";

/** A folder with files whose names a shell has to quote, and some that are hidden. */
function aWorkFolder(): string {
  const folder = aFolder();
  for (const name of ["exports", "my folder", ".hidden"]) mkdirSync(join(folder, name));
  for (const name of ["exports/users.csv", "my folder/my users.csv", "ferry.yaml"])
    writeFileSync(join(folder, name), "");
  return folder;
}

/** What is offered for the last of these words: each with its description behind a tab. */
async function offered(words: readonly string[], cwd: string, env = {}): Promise<readonly string[]> {
  const asked = ["__complete", "bash", `=${words.at(-1) ?? ""}`, ...words.slice(0, -1)];
  const { stdout, stderr, exitCode } = await runCli(asked, { cwd, env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trimEnd().split("\n").slice(1);
}

async function valuesFor(...words: readonly string[]): Promise<readonly string[]> {
  return (await offered(words, aWorkFolder())).map((line) => line.split("\t", 1)[0] ?? "");
}

test("commands and their subcommands are offered with what they do", async () => {
  expect(await offered(["pl"], aFolder())).toEqual([
    "plan\tdecide for every user what will happen; sends nothing",
  ]);
  expect(await valuesFor("jobs", "")).toEqual(["list", "describe", "stop", "help"]);
  expect(await valuesFor("sync", "ap")).toEqual(["approve"]);
  expect(await valuesFor("help", "hi")).toEqual(["history"]);
  expect(await valuesFor("__")).toEqual([]);
});

test("options are offered that are not there yet, and those of the subcommand", async () => {
  expect(await valuesFor("apply", "--run-dir", "x", "--run")).toEqual(["--run-id"]);
  expect(await valuesFor("sync", "approve", "--config", "ferry.yaml", "--max")).toEqual(["--max-deletions"]);
});

test("choices are offered, behind a space and behind =", async () => {
  expect(await valuesFor("apply", "--only", "")).toEqual([
    "import-jobs",
    "admin-create",
    "sign-up",
    "follow-ups",
  ]);
  expect(await valuesFor("plan", "--log-format=j")).toEqual(["--log-format=json"]);
  expect(await valuesFor("completion", "")).toEqual(["bash", "zsh", "fish", "powershell"]);
});

test("types of sources are offered, then what says where each is", async () => {
  const types = await valuesFor("plan", "--from", "");
  expect(types).toEqual([...SOURCE_TYPES.map(({ type }) => `${type}:`), "auto:"]);
  expect(await valuesFor("plan", "--from", "csv:e")).toEqual(["csv:exports/"]);
  expect(await valuesFor("plan", "--from=auth0:f")).toEqual(["--from=auth0:ferry.yaml"]);
  const env = { PEOPLE_URL: "postgres://ada:secret@db/people" };
  expect(await offered(["plan", "--from", "postgres:PEOPLE"], aFolder(), env)).toEqual([
    "postgres:PEOPLE_URL",
  ]);
  expect(await valuesFor("plan", "--from", "cognito:eu")).toEqual([]);
  expect(await valuesFor("init", "--preset", "auth0")).toEqual(["auth0"]);
});

test("files are offered for files and folders for folders, hidden ones only when asked for", async () => {
  expect(await valuesFor("plan", "--config", "")).toEqual(["exports/", "ferry.yaml", "my folder/"]);
  expect(await valuesFor("status", "--run-dir", "")).toEqual(["exports/", "my folder/"]);
  expect(await valuesFor("status", "--run-dir", ".h")).toEqual([".hidden/"]);
  expect(await valuesFor("init", "exports/")).toEqual(["exports/users.csv"]);
  expect(await valuesFor("plan", "--config", "nowhere/")).toEqual([]);
});

interface ShellProgram {
  readonly name: string;
  readonly command: string;
  /** Reads the script and says so in a word that the line itself does not have. */
  readonly source: string;
  readonly isThere: boolean;
}

const hasScript = isInstalled("script", "completing at a terminal");

const SHELLS: readonly ShellProgram[] = [
  {
    name: "bash",
    command: "bash --norc --noprofile -i",
    source: "source <(poolferry completion bash); echo rea''dy",
    isThere: isInstalled("bash", "completing in bash"),
  },
  {
    name: "zsh",
    command: "zsh -f -i",
    source: "autoload -Uz compinit && compinit -u -D; source <(poolferry completion zsh); echo rea''dy",
    isThere: isInstalled("zsh", "completing in zsh"),
  },
  {
    name: "fish",
    command: "fish -N -i",
    source: "poolferry completion fish | source; echo rea''dy",
    isThere: isInstalled("fish", "completing in fish"),
  },
];

/** A folder whose `poolferry` completes as this checkout's does, and else only says what it is called with. */
function aPath(): string {
  const folder = aFolder();
  const file = join(folder, "poolferry");
  writeFileSync(
    file,
    [
      "#!/bin/sh",
      `case $1 in __complete | completion) exec '${process.execPath}' '${BIN}' "$@" ;; esac`,
      "printf '<%s>' \"$@\"",
      "echo",
      "",
    ].join("\n"),
  );
  chmodSync(file, 0o755);
  return folder;
}

test.each(SHELLS.filter(({ isThere }) => hasScript && isThere))(
  "Tab completes in $name: commands, types of sources, and paths with spaces",
  { timeout: 120_000 },
  async ({ command, source }) => {
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: aWorkFolder(),
      env: { ...LOCAL_ENV, PATH: `${aPath()}:${LOCAL_ENV["PATH"]}`, TERM: "xterm", HISTFILE: "" },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    const shown = async (text: string): Promise<void> =>
      vi.waitFor(() => expect(printed).toContain(text), { timeout: 60_000, interval: 50 });
    child.stdin.write(`${source}\r`);
    await shown("ready");
    for (const [typed, ...words] of [
      ["poolferry migr\t", "migrate"],
      ["poolferry plan --from fireb\t", "plan", "--from", "firebase:"],
      ["poolferry plan --from csv:exp\t", "plan", "--from", "csv:exports/"],
      ["poolferry plan --from csv:exports/us\t--yes", "plan", "--from", "csv:exports/users.csv", "--yes"],
      ["poolferry plan --from csv:my\tm\t", "plan", "--from", "csv:my folder/my users.csv"],
      ["poolferry plan --from=auth0:my\t", "plan", "--from=auth0:my folder/"],
      ["poolferry plan --config fer\t--json", "plan", "--config", "ferry.yaml", "--json"],
      ["poolferry apply --only follow\t--json", "apply", "--only", "follow-ups", "--json"],
    ] as const) {
      printed = "";
      child.stdin.write(`${typed}\r`);
      await shown(words.map((word) => `<${word}>`).join(""));
    }
  },
);
