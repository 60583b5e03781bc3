import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, finish, LOCAL_ENV } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";

test("a command has nothing compiled by Maglev, and by TurboFan what is hot", async () => {
  const { flags } = await aTarget();
  const runDir = join(aFolder(), "run");
  const plan = ["plan", "--from", `csv:${aUserCsv(5_000)}`, ...flags, "--run-dir", runDir];
  // What Node compiles on its way to our first line is its own, and depends on how deep the folders are.
  const tracing = `require(${JSON.stringify(BIN)}); require("node:v8").setFlagsFromString("--trace-opt");`;
  const traced = await finish(
    spawn(process.execPath, [aFile(tracing, "trace.cjs"), ...plan], { env: LOCAL_ENV }),
  );
  expect(traced.exitCode).toBe(0);
  const compiled = traced.stdout.split("\n").filter((line) => line.startsWith("[compiling method"));
  expect(compiled.filter((line) => line.includes("target TURBOFAN")).length).toBeGreaterThan(0);
  expect(compiled.filter((line) => line.includes("target MAGLEV"))).toEqual([]);
});
