import { Ajv } from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { reportJsonSchema, type RunReport } from "../../src/report/report-schema.ts";
import type { RunSummary } from "../../src/report/summary.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aTarget } from "../support/target.ts";

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** The published file, as a program that we did not write reads it. */
const published = JSON.parse(readFileSync("dist/report.schema.json", "utf8")) as object;
const conforms = new Ajv({ strict: true, allErrors: true, formats: { "date-time": true } }).compile(
  published,
);

function expectToConform(report: unknown): void {
  conforms(report);
  expect(conforms.errors).toBeNull();
}

test("the published schema is what the code says, and a summary is what the schema says", () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
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
    expectToConform(planned);
    expectToConform(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8")));
    const done = jsonOf(await runCli(["apply", ...place]));
    expect(done.outcomes).toMatchObject({ imported: 5 });
    expectToConform(done);
    await runCli(["undo", "--run-dir", runDir, "--delete", "--confirm", done.runId]);
    expectToConform(jsonOf(await runCli(["status", ...place])));
    expectToConform(jsonOf(await runCli(["purge", ...place, "--yes"])));
    expectToConform(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8")));
  },
);

test("a report with another key, or of another version, does not", () => {
  expect(conforms({ reportVersion: 2 })).toBe(false);
  const [first] = conforms.errors ?? [];
  expect(first).toBeDefined();
  expect(conforms({ surprise: 1 })).toBe(false);
  expect(JSON.stringify(conforms.errors)).toContain("additional");
});
