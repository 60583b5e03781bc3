import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import type { ServiceFlags } from "../../src/cli/run-service.ts";
import { finish, LOCAL_ENV, type CommandResult } from "../support/cli.ts";
import { EACH_SECOND, NEVER } from "../support/service.ts";

const SCRIPT = fileURLToPath(new URL("../support/scripted-service.ts", import.meta.url));

/** A service as a process of its own, and what it has told so far. */
interface ServiceProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  readonly stderr: () => string;
}

function start(script: string, flags: ServiceFlags): ServiceProcess {
  const all = { schedule: EACH_SECOND, listen: "127.0.0.1:0", logFormat: "json", ...flags };
  const child = spawn(process.execPath, [SCRIPT, script, JSON.stringify(all)], { env: { ...LOCAL_ENV } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  return { child, ended: finish(child), stderr: () => stderr };
}

async function until({ stderr }: ServiceProcess, text: string): Promise<void> {
  await vi.waitFor(() => expect(stderr()).toContain(text), { timeout: 60_000, interval: 20 });
}

/** The lines of a JSON log. */
function linesOf({ stderr }: CommandResult): readonly Readonly<Record<string, unknown>>[] {
  return stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

test.each(["SIGTERM", "SIGINT"] as const)("%s while nothing runs ends it with 0", async (signal) => {
  const service = start("ends at once", {});
  await until(service, '"msg":"sync-ended"');
  service.child.kill(signal);
  const result = await service.ended;
  expect(result).toMatchObject({ exitCode: 0, signal: null, stdout: "" });
  const lines = linesOf(result);
  expect(lines.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining([
      "service-started",
      "sync-started",
      "sync-ended",
      "service-draining",
      "service-ended",
    ]),
  );
  const ended = lines.find(({ msg }) => msg === "sync-ended");
  expect(ended).toMatchObject({ result: "ok", summary: { runId: "sync-1", counts: { created: 2 } } });
});

test("SIGTERM drains the sync that runs, and the exit code says that it can be resumed", async () => {
  const service = start("ends at the signal", {});
  await until(service, '"msg":"sync-started"');
  service.child.kill("SIGTERM");
  const result = await service.ended;
  expect(result).toMatchObject({ exitCode: 130, signal: null });
  expect(linesOf(result).filter(({ msg }) => msg === "sync-started")).toHaveLength(1);
  expect(linesOf(result).at(-1)).toMatchObject({ msg: "service-ended", exitCode: 130 });
});

test("a second signal ends it at once, whatever the sync does", async () => {
  const service = start("never ends", {});
  await until(service, '"msg":"sync-started"');
  service.child.kill("SIGTERM");
  await until(service, '"msg":"service-draining"');
  // Sooner it would be taken for the same keystroke.
  await wait(400);
  service.child.kill("SIGTERM");
  const result = await service.ended;
  expect(result).toMatchObject({ exitCode: 130, signal: null });
  expect(linesOf(result).some(({ msg }) => msg === "service-ended")).toBe(false);
});

test.each([
  [{ schedule: "0 25 * * *" }, /--schedule "0 25 \* \* \*" cannot be used: .*hour: 25/],
  [{ timezone: "Mars/Olympus" }, /--timezone Mars\/Olympus is no time zone/],
  [{ listen: ":9464" }, /--listen :9464 is no address/],
])("%j ends it with 2 and says what is wrong", async (flags, why) => {
  const result = await start("ends at once", { logFormat: "text", ...flags }).ended;
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toMatch(why);
  expect(result.stderr).toContain("[USAGE]");
});

test("with --no-listen it answers nowhere", async () => {
  const deaf = start("ends at once", { listen: false, schedule: NEVER });
  await until(deaf, '"msg":"service-started"');
  deaf.child.kill("SIGTERM");
  const result = await deaf.ended;
  expect(result.exitCode).toBe(0);
  expect(linesOf(result)[0]).not.toHaveProperty("url");
});

test("its lines for people name tick, result and numbers", async () => {
  const service = start("ends at once", { logFormat: "text", jitter: 0 });
  await until(service, "ended (ok)");
  service.child.kill("SIGTERM");
  const { exitCode, stderr } = await service.ended;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    /^syncing by the schedule "\* \* \* \* \* \*" in the time zone UTC, next at 2\d{3}-/m,
  );
  expect(stderr).toMatch(/^sync of \S+Z ended \(ok\): 2 rows read, 2 created; next at \S+Z$/m);
  expect(stderr).toMatch(/^the service has ended$/m);
});
