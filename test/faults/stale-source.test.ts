import { renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identifySource, stampOf } from "../../src/run/source-file.ts";
import { finish, jsonOf, runCli, startCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { Hold } from "../support/hold.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";

interface Planned {
  readonly target: Target;
  readonly source: string;
  readonly runDir: string;
}

async function aPlan(options: Parameters<typeof aTarget>[1] = {}): Promise<Planned> {
  const target = await aTarget({}, options);
  const source = aUserCsv(3);
  const runDir = join(aFolder(), "run");
  const args = ["plan", "--from", `csv:${source}`, ...target.flags, "--run-dir", runDir];
  expect(await runCli(args)).toMatchObject({ exitCode: 0 });
  return { target, source, runDir };
}

const apply = async (runDir: string, ...more: readonly string[]) =>
  jsonOf(await runCli(["apply", "--run-dir", runDir, "--json", ...more]));

const MORE = "username,email,email_verified,name,plan\nother,other@example.com,true,Other,pro\n";

test("a plan whose source has changed is refused, and nothing is sent, until the operator says so", async () => {
  const { target, source, runDir } = await aPlan();
  writeFileSync(source, MORE);
  const { error, exitCode } = await apply(runDir);
  expect(error).toMatchObject({ code: "PLAN_STALE", message: expect.stringContaining(source) as string });
  expect(error?.hint).toContain("--allow-changed-source");
  expect(exitCode).toBe(5);
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
  expect(await apply(runDir, "--allow-changed-source")).toMatchObject({ outcomes: { imported: 3 } });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(3));
});

test("a source of the same size and another content is a changed one", async () => {
  const { source, runDir } = await aPlan();
  renameSync(
    aUserCsv(3, (_, cells) => (cells[3] = cells[3]?.toUpperCase() ?? "")),
    source,
  );
  utimesSync(source, 1_000, 1_000);
  expect((await apply(runDir)).error).toMatchObject({ code: "PLAN_STALE" });
});

test.each([
  ["was copied again", (source: string) => utimesSync(source, 1_000, 1_000)],
  ["is gone", (source: string) => rmSync(source)],
])("a plan whose source %s is carried out", async (_, change) => {
  const { source, runDir } = await aPlan();
  change(source);
  expect(await apply(runDir)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
});

test("a run that has begun is finished as it was planned, whatever became of the source", async () => {
  const hold = new Hold({ operation: "CreateUserImportJob", number: 1, side: "before" });
  const { target, source, runDir } = await aPlan({ hooks: hold.hooks });
  const child = startCli(["apply", "--run-dir", runDir]);
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGKILL");
  await ended;
  hold.release();
  writeFileSync(source, MORE);
  const resumed = await runCli(["resume", "--run-dir", runDir, "--json"]);
  expect(jsonOf(resumed)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(3));
});

test("a source that changes while it is read is refused", async () => {
  const source = aUserCsv(3);
  const stamps = [await stampOf(source)].filter((stamp) => stamp !== undefined);
  writeFileSync(source, MORE);
  await expect(identifySource(stamps, new AbortController().signal)).rejects.toMatchObject({
    code: "PLAN_STALE",
    exitCode: 5,
  });
});
