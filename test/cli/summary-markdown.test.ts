import { marked, type Tokens } from "marked";
import { expect, test } from "vitest";
import { plain, table } from "../../src/cli/markdown.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile } from "../support/files.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { people } from "../support/sync.ts";
import { aTarget } from "../support/target.ts";

/** The tables of a Markdown text as another program reads them: the texts of their cells, the headers first. */
function tablesOf(text: string): readonly (readonly (readonly string[])[])[] {
  return marked
    .lexer(text)
    .filter((token): token is Tokens.Table => token.type === "table")
    .map(({ header, rows }) => [header, ...rows].map((cells) => cells.map((cell) => cell.text)));
}

test("whatever a text holds, it stays in its cell, and nothing of it is markup", () => {
  for (const text of [
    ...NAUGHTY_STRINGS,
    "a | b",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:1)",
    "# h",
    "`a`",
    "@team",
    "https://evil.example/x",
    "*a* _b_ ~~c~~",
  ]) {
    const line = text.replaceAll(/[\t-\r\u2028\u2029\u0085]+/g, " ").trim();
    if (line === "") continue;
    const markdown = table(["one", "two"], [[plain(line), "1"]]);
    const [found] = tablesOf(markdown);
    expect(found, line).toHaveLength(2);
    expect(found?.[1], line).toHaveLength(2);
    expect(found?.[1]?.[1], line).toBe("1");
    const html = marked.parse(markdown, { async: false });
    expect(
      html.replaceAll(/<\/?(?:table|thead|tbody|tr|t[hd](?: align="right")?)>|\n/g, ""),
      line,
    ).not.toMatch(/<[a-z!/]/i);
  }
});

test("a plan as Markdown says in tables what its summary says", { timeout: 60_000 }, async () => {
  const target = await aTarget();
  const source = aFile(
    "username,email,email_verified\nada,ada@example.com,true\nbob,bob@example.com,false\nno good,c@example.com,true\n",
    "users.csv",
  );
  const args = ["plan", "--from", `csv:${source}`, ...target.flags];
  const { exitCode, stdout } = await runCli([...args, "--format", "markdown"]);
  expect(exitCode).toBe(3);
  const [outcomes, steps, findings, causes] = tablesOf(stdout);
  expect(outcomes).toEqual([
    ["outcome", "users"],
    ["imported", "0"],
    ["updated", "0"],
    ["skipped", "0"],
    ["failed", "0"],
    ["rejected", "1"],
    ["to be sent", "2"],
  ]);
  expect(steps?.map(([name, users]) => [name, users])).toEqual([
    ["step", "users"],
    ["import-jobs", "1"],
    ["admin-create", "1"],
    ["look-up-ids", "1"],
  ]);
  expect(findings?.map(([severity, code, , users]) => [severity, code, users])).toEqual([
    ["", "finding", "users"],
    ["**warning**", "`nothing-verified`", "1"],
    ["**warning**", "`users-locked`", "1"],
    ["note", "`sign-in-by-username-only`", "2"],
  ]);
  expect(causes?.map(([users, kind, cause]) => [users, kind, cause])).toEqual([
    ["users", "", "cause"],
    ["1", "rejected", "`username-invalid`"],
    ["1", "warning", "`nothing-verified`"],
  ]);
  expect(stdout).toMatch(/^## poolferry: plan, nothing sent yet into `us-east-1_\w+`\n/);
  expect(stdout).not.toContain("ada");
  expect(jsonOf(await runCli([...args, "--format", "json"]))).toMatchObject({
    reportVersion: 1,
    unsettled: 2,
  });
});

test("a format beside --json is refused, and so is one that there is not", async () => {
  for (const flags of [
    ["--json", "--format", "markdown"],
    ["--format", "html"],
  ]) {
    const { exitCode, stdout } = await runCli(["status", "--run-dir", "nowhere", ...flags]);
    expect(exitCode).toBe(2);
    expect(stdout).not.toContain("##");
  }
});

test(
  "a sync as Markdown says what a guard has stopped, and how to let it pass",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget({}, { quotas: "off" });
    const command = new SyncCommand(target);
    command.write(people(30));
    const first = await command.run("sync", "--format", "markdown");
    expect(first.exitCode, first.stderr).toBe(0);
    expect(tablesOf(first.stdout)).toEqual([
      [
        ["done", "users"],
        ["created", "30"],
      ],
    ]);
    command.write(people(3));
    const held = await command.run("sync", "--format", "markdown");
    expect(held.exitCode).toBe(5);
    expect(held.stdout).toMatch(/^> \*\*source-shrunk\*\*: .*`poolferry sync approve --max-deletions 27`$/m);
    expect(tablesOf(held.stdout)).toEqual([
      [
        ["would be", "users"],
        ["disabled", "27"],
        ["unchanged", "3"],
        ["changes withheld", "27"],
      ],
    ]);
  },
);
