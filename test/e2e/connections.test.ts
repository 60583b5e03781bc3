import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";

const RECORDER = new URL("../support/record-connections.ts", import.meta.url).href;

test("nothing is connected to but the service, for its calls and for the upload", async () => {
  const target = await aTarget();
  const connections = aFile("", "connections");
  const runDir = join(aFolder(), "run");
  const env = {
    NODE_OPTIONS: `--import=${RECORDER}`,
    CONNECTIONS_FILE: connections,
    AWS_EC2_METADATA_DISABLED: "false",
  };
  const migrate = ["migrate", "--from", `csv:${aUserCsv(3)}`, ...target.flags, "--run-dir", runDir, "--yes"];
  const commands = [migrate, ["verify", "--run-dir", runDir], ["status", "--run-dir", runDir]];
  for (const command of commands)
    expect(jsonOf(await runCli([...command, "--json"], { env }))).toMatchObject({ exitCode: 0 });
  const opened = readFileSync(connections, "utf8").split("\n").filter(Boolean);
  expect([...new Set(opened)]).toEqual([new URL(target.emulator.url).host]);
});

test("a proposed config and a plan that is refused connect to nothing", async () => {
  const connections = aFile("", "connections");
  const env = { NODE_OPTIONS: `--import=${RECORDER}`, CONNECTIONS_FILE: connections };
  const source = aUserCsv(3);
  expect((await runCli(["init", source], { env })).exitCode).toBe(0);
  const plan = ["plan", "--from", `csv:${source}`, "--user-pool-id", "nowhere", "--run-dir", "run"];
  expect((await runCli(plan, { env, cwd: aFolder() })).exitCode).toBe(2);
  expect(readFileSync(connections, "utf8")).toBe("");
});
