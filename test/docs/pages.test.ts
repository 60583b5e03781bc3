import type { Command } from "commander";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { blocksOf, fencesOf, pages, type Page } from "../support/pages.ts";

const PAGES = pages();

/** The test that runs the commands of a page, in its order and as they stand. */
const RUN_BY: Readonly<Record<string, { readonly file: string; readonly title: string }>> = {
  "README.md": {
    file: "readme",
    title: "the poolferry commands work as they stand, from the plan to the verification",
  },
  "docs/guide.md": {
    file: "guide",
    title: "its story is as it tells, from the made-up file to nothing left",
  },
  "docs/night.md": { file: "night", title: "its commands carry a night out as they stand" },
  "docs/recipes/one-off.md": {
    file: "recipes",
    title: "it brings everybody into the pool, and can be started again",
  },
  "docs/reports.md": {
    file: "reports",
    title: "its commands plan the mended users, and its source brings the preset along",
  },
  "docs/scheduling.md": { file: "scheduling", title: "its service answers, and ends when it is told to" },
  "docs/sign-up.md": {
    file: "sign-up",
    title: "its config and its commands work as they stand, without AWS credentials",
  },
  "docs/sync.md": {
    file: "sync",
    title: "its commands work as they stand, from the dry run to the approval",
  },
  "docs/workers.md": {
    file: "workers",
    title: "its commands carry a run out as they stand, from the rights to the removal",
  },
};

const RUNS_SOURCES = { file: "sources", title: "has a command that runs: npx poolferry %s" };

/** Programs of others that pages use, where no test can run them: what they do is theirs, or needs an account of theirs. */
const FOREIGN: Readonly<Record<string, string>> = {
  aws: "the AWS CLI with an account; the IAM commands of docs/permissions.md are run against moto",
  "bin/kc.sh": "belongs to Keycloak",
  curl: "asks the service whose export it is",
  docker: "test/docs/workers.test.ts does what Compose would, with the real command",
  firebase: "asks Firebase",
  journalctl: "needs systemd as the first process",
  ldapsearch: "asks a directory",
  ldifde: "belongs to Windows",
  mysql: "asks a database of the reader's",
  npm: "installs packages; .ci/run does what the README says",
  psql: "asks a database of the reader's",
  python: "belongs to Django",
  sqlite3: "copies a database of the reader's",
  systemctl: "needs systemd as the first process; the units are read by systemd-analyze",
  wp: "belongs to WordPress",
};

/** What a shell does by itself, and small programs around the foreign ones. */
const SHELL = /^(#| {2}|cat |cp |while |done|\w+=|export |set -|for |if |fi$|exit |pages(\(\)| )|\}$)/;

function runnerOf({ path }: Page): (typeof RUN_BY)[string] | undefined {
  return path.startsWith("docs/sources/") ? RUNS_SOURCES : RUN_BY[path];
}

/** The lines of shell blocks, those that go on in one, without the texts of here-documents and of quotes over lines. */
function commandsOf({ text }: Page): readonly string[] {
  return blocksOf(text, "sh")
    .map((code) => code.replaceAll(/\\\n\s*/g, "").replaceAll(/<<'(\w+)'\n[^]*?\n\1$/gm, ""))
    .flatMap((code) => code.replaceAll(/'[^']*\n[^']*'/g, "''").split("\n"))
    .filter((line) => line !== "");
}

test("every fenced block says its language, and shell blocks are shell", { timeout: 90_000 }, () => {
  const known = ["csv", "dockerfile", "ini", "json", "sh", "sql", "ts", "typescript", "yaml"];
  for (const page of PAGES) {
    for (const { language, code } of fencesOf(page.text)) {
      expect(known, `${page.path}:\n${code}`).toContain(language);
      if (language !== "sh") continue;
      const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
      expect({ status, stderr }, `${page.path}:\n${code}`).toEqual({ status: 0, stderr: "" });
    }
  }
});

test("every command is run by a test, or belongs to others and is listed here with the reason", () => {
  const used = new Set<string>();
  let ours = 0;
  for (const page of PAGES) {
    for (const line of commandsOf(page)) {
      if (/^\s*(npx )?poolferry /.test(line) || line.includes("| npx poolferry ")) {
        const runner = runnerOf(page);
        expect(runner, `${page.path} has no test that runs: ${line}`).toBeDefined();
        ours += 1;
      } else if (!SHELL.test(line)) {
        const [program = ""] = line.split(" ");
        expect(Object.keys(FOREIGN), `${page.path}: ${line}`).toContain(program);
        used.add(program);
      }
    }
  }
  expect(ours).toBeGreaterThan(50);
  expect([...used].sort()).toEqual(Object.keys(FOREIGN).sort());
  for (const { file, title } of [...Object.values(RUN_BY), RUNS_SOURCES])
    expect(readFileSync(`test/docs/${file}.test.ts`, "utf8")).toContain(`"${title}"`);
});

/** A command of ours as pages name it, in blocks and in their prose. */
const NAMED = /(?:^|`|\| )(?:npx )?poolferry ([a-z]+)([^`\n|]*)/gm;

test("every command of ours that a page names is there, with its flags", () => {
  const program = createProgram();
  let flags = 0;
  for (const { path, text } of PAGES.filter((page) => page.path !== "CHANGELOG.md")) {
    for (const [place, name, rest = ""] of text.replaceAll(/\\\n\s*/g, "").matchAll(NAMED)) {
      const command = commandIn(program, name);
      // Prose that goes on behind the name of the project.
      if (command === undefined) expect(place, path).not.toMatch(/npx/);
      if (command === undefined) continue;
      const [, below] = /^ ([a-z]+)\b/.exec(rest) ?? [];
      const { options } = commandIn(command, below) ?? command;
      const known = options.map(({ long }) => long);
      for (const [flag] of rest.matchAll(/(?<= )--[a-z][\w-]*/g)) {
        expect(known, `${path}: ${place}`).toContain(flag);
        flags += 1;
      }
    }
  }
  expect(flags).toBeGreaterThan(50);
});

function commandIn({ commands }: Command, name: string | undefined): Command | undefined {
  return commands.find((each) => each.name() === name);
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, "");
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.*)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ""] of prose.matchAll(/<a id="([^"]+)">/g)) anchors.add(id);
  return anchors;
}

test("every link to a file or a heading leads there", () => {
  const dead: string[] = [];
  let followed = 0;
  for (const { path, text } of PAGES) {
    const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
    for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const to = file === "" ? path : normalize(join(dirname(path), file));
      followed += 1;
      const isThere =
        existsSync(to) &&
        (anchor === undefined || (statSync(to).isFile() && anchorsOf(readFileSync(to, "utf8")).has(anchor)));
      if (!isThere) dead.push(`${path} -> ${target}`);
    }
  }
  expect(dead).toEqual([]);
  expect(followed).toBeGreaterThan(100);
});

test("the index leads to every page of docs", () => {
  const index = readFileSync("docs/README.md", "utf8");
  const leads = new Set(
    [...index.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = ""]) => normalize(join("docs", target))),
  );
  // These have an index, or a folder, of their own.
  const missing = PAGES.map(({ path }) => path).filter(
    (path) => /^docs\/(?!sources\/|decisions\/|README)/.test(path) && !leads.has(path),
  );
  expect(missing).toEqual([]);
});
