import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, finish, LOCAL_ENV } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";

test("a command has nothing compiled by Maglev, and by TurboFan what is hot", async () => {
  const { flags } = await aTarget();
  const runDir = join(aFolder(), "run");
  const plan = ["plan", "--from", `csv:${aUserCsv(5_000)}`, ...flags, "--run-dir", runDir];
  const traced = await finish(spawn(process.execPath, ["--trace-opt", BIN, ...plan], { env: LOCAL_ENV }));
  expect(traced.exitCode).toBe(0);
  const lines = traced.stdout.split("\n");
  expect(lines.filter((line) => line.includes("target TURBOFAN")).length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes("target MAGLEV"))).toEqual([]);
});
