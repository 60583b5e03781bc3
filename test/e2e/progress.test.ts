import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { finish, jsonOf, runCli, startCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";
import { aTerminal, ended, HAS_TERMINAL } from "../support/terminal.ts";

vi.setConfig({ testTimeout: 120_000 });

/** So many users; every second comes by an import job, and the others by AdminCreateUser, twenty a second. */
const USERS = 240;

const someUsers = (): string =>
  `csv:${aUserCsv(USERS, (number, cells) => number % 2 === 0 && cells.splice(2, 1, "false"))}`;

const aSlowTarget = (UserCreation = 25): Promise<Target> =>
  aTarget({}, { quotas: { categories: { UserCreation } } });

// oxlint-disable-next-line no-control-regex -- that is what is looked for
const GREEN_BAR = /\u001B\[32m(?:\u001B\[49m)?█/;

const inText = { output: [] } as const;

/** The lines of the block at the bottom of a terminal. */
function blockOf(screen: string): readonly string[] {
  const lines = screen.split("\n");
  const begin = lines.findLastIndex((line) => /^(loading|follow-ups|ending) /.test(line));
  return begin === -1 ? [] : lines.slice(begin);
}

describe.skipIf(!HAS_TERMINAL)(
  "at a terminal, migrate shows how it goes at the bottom and what happens above:",
  () => {
    test("a wide one", async () => {
      const terminal = aTerminal(migrateArgs(await aSlowTarget(), someUsers(), inText), { columns: 160 });
      const screen = await terminal.until(/UserCreation \d+\.\d of 20 a second/);
      const block = blockOf(await terminal.until(/a second, about \d+ s left/));
      expect(block[0]).toMatch(/^loading {3}█+░* {2}[\d.]+ %$/);
      expect(block[1]).toMatch(/^ {10}\d+ of 240 users, [\d.]+ a second, about \d+ s left$/);
      expect(block.at(-1)).toMatch(/^requests {2}UserCreation \d+\.\d of 20 a second$/);
      expect(screen).toMatch(/^part 1: every one of its 100 users has an outcome$/m);
      expect(terminal.colours()).toMatch(GREEN_BAR);

      const end = await ended(terminal);
      expect(end.exitCode).toBe(0);
      expect(blockOf(end.screen)).toEqual([]);
      expect(end.screen).toMatch(/^ {2}outcome {3}240 imported/m);
      // What happened stands there once, and nothing was overwritten.
      for (const line of ["part 1: started", "part 1: uploaded", "part 2: uploaded"])
        expect(end.screen.split("\n").filter((each) => each === line)).toEqual([line]);
    });

    test("a narrow one, also when it is made narrower and wider", async () => {
      const terminal = aTerminal(migrateArgs(await aSlowTarget(), someUsers(), inText), { columns: 50 });
      await terminal.until(/about \d+ s left/);
      const block = blockOf(await terminal.until(/^ +\d+ of 240 users, [\d.]+ a second/m));
      expect(block[0]).toMatch(/^loading {3}█+░+ {2}[\d.]+ %$/);
      expect(block[1]).toMatch(/^ {2}\d+ of 240 users, [\d.]+ a second/);
      expect(block.slice(-2)).toEqual([
        "requests",
        expect.stringMatching(/^ {2}UserCreation \d+\.\d of 20 a second$/),
      ]);
      for (const line of block) expect(line.length).toBeLessThan(50);
      for (const columns of [40, 110]) {
        terminal.resize(columns);
        // The block stands there once, whatever has become of the lines that were there.
        await expect
          .poll(
            () =>
              terminal
                .screen()
                .split("\n")
                .filter((line) => line.startsWith("loading ")).length,
          )
          .toBe(1);
        await expect
          .poll(() => Math.max(...blockOf(terminal.screen()).map(({ length }) => length)))
          .toBeLessThan(columns);
      }
      expect((await ended(terminal)).screen).not.toMatch(/^loading /m);
    });

    test("one without colours, and without more than ASCII", async () => {
      const env = { NO_COLOR: "1", LC_ALL: "C" };
      const terminal = aTerminal(migrateArgs(await aSlowTarget(), someUsers(), inText), {
        columns: 100,
        env,
      });
      await terminal.until(/about \d+ s left/);
      expect(blockOf(terminal.screen())[0]).toMatch(/^loading {3}#+-+ {2}[\d.]+ %$/);
      expect(terminal.colours()).not.toContain("\u001B[");
      expect((await ended(terminal)).exitCode).toBe(0);
    });

    test.each([{ TERM: "dumb" }, { CI: "true" }])(
      "one of which nothing can be drawn anew (%o) gets lines",
      async (env) => {
        const source = `csv:${aUserCsv(3, (_, cells) => cells.splice(2, 1, "false"))}`;
        const terminal = aTerminal(migrateArgs(await aTarget(), source, inText), { columns: 100, env });
        const { screen } = await ended(terminal);
        expect(screen).not.toMatch(/^loading /m);
        expect(screen).toMatch(/^AdminCreateUser: 3 users settled, 0 to go$/m);
      },
    );

    test("stopped by Ctrl-C, it leaves nothing of it behind", async () => {
      const terminal = aTerminal(migrateArgs(await aSlowTarget(), someUsers(), inText), { columns: 100 });
      await terminal.until(/about \d+ s left/);
      terminal.type("C-c");
      const { screen, exitCode } = await ended(terminal);
      expect(exitCode).toBe(130);
      expect(blockOf(screen)).toEqual([]);
      expect(screen).toMatch(/^ {2}Go on with: poolferry resume --run-dir /m);
    });

    test("killed and resumed, it goes on with its numbers", async () => {
      const runDir = join(aFolder(), "run");
      const target = await aSlowTarget();
      const killed = aTerminal(migrateArgs(target, someUsers(), { ...inText, runDir }), { columns: 100 });
      await killed.until(/^ +(1[2-9]\d|2\d\d) of 240 users/m);
      execFileSync("kill", ["-9", String(killed.pid)]);
      expect((await ended(killed)).exitCode).toBe(137);
      const resumed = aTerminal(["resume", "--run-dir", runDir], { columns: 100 });
      const screen = await resumed.until(/^ +\d+ of 240 users/m);
      const [, settled] = /^ +(\d+) of 240 users/m.exec(screen) ?? [];
      expect(Number(settled)).toBeGreaterThanOrEqual(120);
      expect((await ended(resumed)).screen).toMatch(/^ {2}outcome {3}240 imported/m);
    });
  },
);

describe("without a terminal", () => {
  test("a line now and then says how far it is and how long it will take, for programs as JSON", async () => {
    const [inLines, inJson] = await Promise.all(
      [[], ["--log-format", "json"]].map(async (output) =>
        runCli(migrateArgs(await aSlowTarget(10), someUsers(), { output: ["--json", ...output] }), {
          deadlineMs: 100_000,
        }),
      ),
    );
    const lines = inLines?.stderr ?? "";
    expect(lines).not.toContain("\u001B");
    expect(lines).toMatch(
      /^\d+ of 240 users settled \([\d.]+ %\), [\d.]+ a second, about \d+ s left; requests: UserCreation \d+\.\d of 8 a second$/m,
    );
    // Not one for each look.
    expect(lines.split("\n").filter((line) => line.includes("users settled (")).length).toBeLessThan(5);

    const events = (inJson?.stderr ?? "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly msg: string })
      .filter(({ msg }) => msg === "progress");
    expect(events[0]).toMatchObject({ phase: "loading", settled: 0, total: 240 });
    expect(events).toContainEqual(
      expect.objectContaining({
        settled: expect.any(Number),
        usersPerSecond: expect.any(Number),
        etaSeconds: expect.any(Number),
        rates: expect.arrayContaining([{ category: "UserCreation", taken: expect.any(Number), limit: 8 }]),
      }),
    );
    expect(events.at(-1)).toMatchObject({ phase: "ending", settled: 240, total: 240 });
  });

  test("with --quiet there is the result and nothing else, and an error is told all the same", async () => {
    const target = await aTarget();
    const quiet = await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { output: ["--quiet", "--json"] }));
    expect(quiet.stderr).toBe("");
    expect(jsonOf(quiet)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
    const text = await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { output: ["-q"] }));
    expect(text.stderr).toBe("");
    expect(text.stdout).toMatch(/^ {2}outcome {3}0 imported, 0 updated, 3 skipped/m);
    const failed = await runCli(["apply", "--run-dir", "nowhere", "--quiet"]);
    expect(failed.exitCode).toBe(2);
    expect(failed.stderr).toMatch(/^poolferry: There is no run/);
  });

  test("with --quiet nobody is asked, as nothing is shown that could be confirmed", async () => {
    const args = migrateArgs(await aTarget(), `csv:${aUserCsv(1)}`, { output: ["--quiet"] });
    const asked = await finish(startCli(args.filter((each) => each !== "--yes")));
    expect(asked.stderr).toContain("[CONFIRMATION_MISSING]");
    expect(asked.exitCode).toBe(2);
  });
});
