import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, jsonOf, LOCAL_ENV, runCli, startCli } from "../support/cli.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs } from "../support/target.ts";
import { aFolder } from "../support/files.ts";

test("the version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const { stdout, exitCode } = await runCli(["--version"]);
  expect(stdout.trim()).toBe(version);
  expect(exitCode).toBe(0);
});

test("the demo ends well with every user's outcome shown, and needs no AWS configuration", async () => {
  const cwd = aFolder();
  const { stdout, stderr, exitCode } = await runCli(["demo"], {
    cwd,
    env: {
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_PROFILE: "production",
      HTTP_PROXY: "http://127.0.0.1:9",
    },
  });
  expect(exitCode).toBe(0);
  const outcomes = [...stderr.matchAll(/^ {1,3}\d+ {2}\S+ +(imported|skipped|rejected) /gm)].map(
    ([, outcome]) => outcome,
  );
  expect(outcomes).toHaveLength(12);
  expect(stdout).toContain("9 imported, 0 updated, 1 skipped, 0 failed, 2 rejected");
  expect(stdout).toMatch(/identity-map\.csv/);
  expect(stderr).toMatch(/ada\.nowak@example\.com +RESET_REQUIRED/);
});

const hasScript = isInstalled("script", "answering the question of migrate at a terminal");

test.skipIf(!hasScript).each([
  { answer: "y", state: "finished run", imported: 2 },
  { answer: "n", state: "plan, nothing sent yet", imported: 0 },
])(
  "at a terminal migrate shows the plan and asks; the answer $answer is heeded",
  async ({ answer, state, imported }) => {
    const target = await aTarget();
    // A quote in a value is set once the user is there.
    const users = aUserCsv(2, (number, cells) => number === 2 && cells.splice(3, 1, '"User ""2"""'));
    const args = ["migrate", "--from", `csv:${users}`, ...target.flags, "--run-dir", join(aFolder(), "run")];
    const command = [process.execPath, BIN, ...args].map((part) => `'${part}'`).join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: LOCAL_ENV });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (text.includes("[y/N]")) child.stdin.write(`${answer}\r`);
    });
    const [exitCode] = (await once(child, "close")) as [number];
    expect(printed).toContain(`Import 2 users into ${target.userPoolId}? [y/N]`);
    expect(printed).toMatch(
      new RegExp(
        `A yes writes:\\s+pool +".+" \\(${target.userPoolId}\\), account \\d{12}, region \\S+, at http://127\\.0\\.0\\.1:\\d+, which is not AWS\\s+users +2 by import-job\\s+then +1 set-attributes\\s+messages +none\\s+config +none`,
      ),
    );
    expect(printed).toContain(`(${state})`);
    expect(target.users()).toHaveLength(imported);
    expect(exitCode).toBe(0);
  },
);

test.skipIf(!hasScript).each([
  ["Control-C", "\u0003"],
  ["Control-D", "\u0004"],
])("%s at the question sends nothing, and says how to go on", async (_name, key) => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const args = ["migrate", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", runDir];
  const command = [process.execPath, BIN, ...args].map((part) => `'${part}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: LOCAL_ENV });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (text.includes("[y/N]")) child.stdin.write(key);
  });
  const [exitCode] = (await once(child, "close")) as [number];
  expect(printed).toContain("Interrupted; nothing was sent");
  expect(printed).toContain(`poolferry apply --run-dir ${runDir}`);
  expect(exitCode).toBe(130);
  expect(target.users()).toEqual([]);
  const applied = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(applied).outcomes).toMatchObject({ imported: 2 });
});

test("a port that is taken is a clear error of the emulator command", async () => {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const { stderr, exitCode } = await runCli(["emulator", "--port", String(port)]);
  server.close();
  expect(stderr).toContain(`Port ${port} is in use`);
  expect(exitCode).toBe(2);
});

test.each([["plan", "--form", "x"], ["aply"], ["apply"]])(
  "with --json the mistake in %s is an object on stdout",
  async (...args) => {
    const { stdout, exitCode } = await runCli([...args, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE" }, exitCode: 2 });
    expect(exitCode).toBe(2);
  },
);

test("a reader that goes away does not end a run in its middle", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const child = startCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { runDir }));
  child.stderr?.destroy();
  child.stdout?.destroy();
  const [exitCode] = (await once(child, "exit")) as [number];
  expect(exitCode).toBe(0);
  expect(target.users()).toHaveLength(3);
});
