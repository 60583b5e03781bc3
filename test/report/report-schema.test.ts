import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { reportJsonSchema, type RunReport } from "../../src/report/report-schema.ts";
import type { RunSummary } from "../../src/report/summary.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aTarget } from "../support/target.ts";
import { PublishedSchema, type DeepReadonly } from "./conforms.ts";

const published = new PublishedSchema("report");

test("the published schema is what the code says, and a summary is what the schema says", () => {
  expect(published.content).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  expectTypeOf<RunSummary>().toExtend<DeepReadonly<RunReport>>();
});

test(
  "every report of a run conforms to it: planned, done with trouble, undone, purged",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget();
    const list = members(6, (number) => ({
      email_verified: number > 2,
      disabled: number === 3,
      teams: ["crew"],
      username: number === 6 ? "not a name" : `m${number}`,
    }));
    const runDir = join(aFolder(), "run");
    const place = ["--run-dir", runDir, "--json"];
    const planned = jsonOf(
      await runCli(["plan", "--config", aMemberConfig(list), ...target.flags, ...place]),
    );
    expect(planned.outcomes).toMatchObject({ rejected: 1 });
    published.expectToHold(planned);
    published.expectToHold(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8")) as object);
    const done = jsonOf(await runCli(["apply", ...place]));
    expect(done.outcomes).toMatchObject({ imported: 5 });
    published.expectToHold(done);
    await runCli(["undo", "--run-dir", runDir, "--delete", "--confirm", done.runId]);
    published.expectToHold(jsonOf(await runCli(["status", ...place])));
    published.expectToHold(jsonOf(await runCli(["purge", ...place, "--yes"])));
    published.expectToHold(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8")) as object);
  },
);
