import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import type { ExportSummary, SyncSummary, UndoSummary, VerifySummary } from "../../src/index.ts";
import { otherReportJsonSchemas, type OtherReports } from "../../src/run/other-report-schemas.ts";
import type { SyncHistory } from "../../src/run/sync-history.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { people } from "../support/sync.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { aTarget } from "../support/target.ts";
import { PublishedSchema, type DeepReadonly } from "./conforms.ts";

test("the published schemas are what the code says, and the summaries are what the schemas say", () => {
  for (const [name, schema] of Object.entries(otherReportJsonSchemas()))
    expect(new PublishedSchema(`${name}-report`).content).toEqual(JSON.parse(JSON.stringify(schema)));
  expectTypeOf<SyncSummary>().toExtend<DeepReadonly<OtherReports["sync"]>>();
  expectTypeOf<VerifySummary>().toExtend<DeepReadonly<OtherReports["verify"]>>();
  expectTypeOf<UndoSummary>().toExtend<DeepReadonly<OtherReports["undo"]>>();
  // What is written to stdout is told of on stderr alone.
  expectTypeOf<ExportSummary & { readonly out: string }>().toExtend<DeepReadonly<OtherReports["export"]>>();
  // The store keeps causes and kinds as text.
  expectTypeOf<keyof SyncHistory>().toEqualTypeOf<keyof OtherReports["history"]>();
});

test("every manifest entry of a schema is a file, and every schema has one", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, string> };
  const names = Object.keys(exports).filter((name) => name.endsWith(".schema.json"));
  expect(names.toSorted()).toEqual(
    ["config", "report", ...Object.keys(otherReportJsonSchemas()).map((name) => `${name}-report`)]
      .map((name) => `./${name}.schema.json`)
      .toSorted(),
  );
  for (const name of names)
    expect(JSON.parse(readFileSync(String(exports[name]), "utf8"))).toHaveProperty("$schema");
});

test(
  "every report of a sync conforms to its schema: first, dry, with conflicts, guarded, approved, and its history",
  { timeout: 60_000 },
  async () => {
    const published = new PublishedSchema("sync-report");
    const target = await aTarget();
    const command = new SyncCommand(target, { sync: { conflicts: "report", maxDisables: 1 } });
    const synced = async (...flags: readonly string[]): Promise<SyncSummary> => {
      const { summary } = await command.sync(...flags);
      published.expectToHold(summary);
      return summary;
    };
    command.write(people(6));
    expect(await synced("--dry-run")).toMatchObject({ isDryRun: true, counts: { created: 6 } });
    const first = await synced();
    expect(first).toMatchObject({ cause: "once", kind: "full", counts: { created: 6 } });
    published.expectToHold(JSON.parse(readFileSync(join(first.runDir ?? "", "sync.json"), "utf8")) as object);
    const pool = target.emulator.state.pools.get(target.userPoolId);
    const changed = pool?.users.byUsername("p6");
    if (pool === undefined || changed === undefined) throw new Error("p6 is not there");
    changed.enabled = false;
    const named = (number: number): { readonly nickname: string } => ({ nickname: `n${number}` });
    command.write(people(6, named));
    expect((await synced()).conflicts).toEqual({ "disabled-in-pool": 1 });
    command.write(people(2, named));
    const guarded = await synced();
    expect(guarded).toMatchObject({ guard: { code: "too-many-disables" }, quarantine: { wouldRemove: 3 } });
    expect(await synced()).toMatchObject({ kind: "none", exitCode: 5 });
    const { summary } = await command.approve(3);
    published.expectToHold(summary);
    expect(summary).toMatchObject({ cause: "approval", counts: { disabled: 3 } });
    const history = JSON.parse((await command.run("history", "--json")).stdout) as SyncHistory;
    new PublishedSchema("history-report").expectToHold(history);
    expect(history.runs.map(({ cause }) => cause)).toContain("approval");
  },
);

test("the reports of verify, undo and export conform to their schemas", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const place = ["--run-dir", runDir, "--json"];
  const { runId } = jsonOf(
    await runCli(["migrate", "--yes", "--config", aMemberConfig(members(3)), ...target.flags, ...place]),
  );
  const pool = target.emulator.state.pools.get(target.userPoolId);
  const gone = pool?.users.byUsername("m3");
  if (pool === undefined || gone === undefined) throw new Error("m3 is not there");
  pool.users.remove(gone);
  const verified = jsonOf(await runCli(["verify", ...place]));
  expect(verified).toMatchObject({ agreeing: 2, missing: 1 });
  new PublishedSchema("verify-report").expectToHold(verified);
  const out = join(aFolder(), "users.ndjson");
  const exported = new PublishedSchema("export-report");
  exported.expectToHold(
    jsonOf(await runCli(["export", ...target.flags.slice(0, 4), "--out", out, "--json"])),
  );
  const undone = jsonOf(await runCli(["undo", ...place, "--delete", "--confirm", runId]));
  expect(undone).toMatchObject({ results: { deleted: 2, absent: 1 } });
  new PublishedSchema("undo-report").expectToHold(undone);
});
