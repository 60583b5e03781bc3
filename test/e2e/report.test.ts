import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { jsonOf, runCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget, migrateArgs } from "../support/target.ts";

const DEMO = `auth0:${resolve("fixtures/demo/auth0-export.json")}`;

/** Whoever is in the export, by parts of names and addresses and by ids. */
const PERSONAL = /jo\.smith|hana|sato|grace|kofi|mensah|64f0|111222333|the username is also/i;

/** What a page shows, with the table that its script unpacks. */
function textOf(path: string): string {
  const page = readFileSync(path, "utf8");
  const [, base64 = ""] = /id="users-rows">([^<]*)</.exec(page) ?? [];
  return page.replace(base64, "") + gunzipSync(Buffer.from(base64, "base64")).toString("utf8");
}

function report(runDir: string, out: string, ...flags: readonly string[]): Promise<CommandResult> {
  return runCli(["report", "--run-dir", runDir, "--out", out, ...flags]);
}

test("a page to be passed on tells all numbers and nobody's name; with --show-values it is the run's own", async () => {
  const runDir = join(aFolder(), "run");
  await runCli(migrateArgs(await aTarget(), DEMO, { runDir }));
  expect(textOf(join(runDir, "report.html"))).toMatch(PERSONAL);

  const out = join(aFolder(), "shared.html");
  const written = await report(runDir, out, "--json");
  expect(jsonOf(written)).toEqual({ runId: expect.any(String), out, values: "masked", exitCode: 0 });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const page = textOf(out);
  expect(PERSONAL.exec(page)?.[0]).toBeUndefined();
  expect(page).not.toContain(resolve("fixtures"));
  expect(page).toContain("auth0:auth0-export.json");
  expect(page).toContain('"j…"');
  expect(page).toContain('"h…@e….com"');
  expect(page).toContain("duplicate-username");
  // Beside other files links lead nowhere.
  expect(page).not.toContain('href="failed.csv"');

  const all = join(aFolder(), "all.html");
  expect((await report(runDir, all, "--show-values")).stdout).toContain("it holds personal data");
  const rowsOf = (path: string): string => textOf(path).slice(textOf(path).indexOf('{"rows"'));
  expect(rowsOf(all)).toBe(rowsOf(join(runDir, "report.html")));
});

test("it writes over nothing, and needs a run", async () => {
  const runDir = join(aFolder(), "run");
  const { flags } = await aTarget();
  await runCli(["plan", "--from", DEMO, ...flags, "--run-dir", runDir]);
  const taken = join(aFolder(), "taken.html");
  writeFileSync(taken, "mine");
  const refused = await report(runDir, taken);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("report writes over nothing");
  expect(readFileSync(taken, "utf8")).toBe("mine");
  const nowhere = join(aFolder(), "new.html");
  expect((await report(aFolder(), nowhere)).stderr).toContain("There is no run in");
  expect(existsSync(nowhere)).toBe(false);
});

test("of a run that was purged it tells what is left, and the purge takes report.html away", async () => {
  const runDir = join(aFolder(), "run");
  await runCli(migrateArgs(await aTarget(), DEMO, { runDir }));
  expect((await runCli(["purge", "--run-dir", runDir, "--yes"])).exitCode).toBe(0);
  expect(readdirSync(runDir)).not.toContain("report.html");
  const out = join(aFolder(), "left.html");
  expect((await report(runDir, out, "--show-values")).exitCode).toBe(0);
  const page = textOf(out);
  expect(PERSONAL.exec(page)?.[0]).toBeUndefined();
  expect(page).toContain("Run that was purged");
  expect(page).toContain("9 imported");
});
