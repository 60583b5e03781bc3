import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { RunSummary } from "../../src/report/summary.ts";

/** The command, as npm links it. */
export const BIN = fileURLToPath(new URL("../../bin/poolferry.cjs", import.meta.url));

/** The same in a few files, which bundle-command.ts has made of it. */
const BUNDLED_BIN = fileURLToPath(new URL("../../.vitest/command/bin/poolferry.cjs", import.meta.url));

/** A command that still runs after this has left a handle open. */
const DEADLINE_MS = 60_000;

/** What a finished command left behind. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The JSON object of `--json`, as scripts read it. */
export interface JsonResult {
  readonly runId: string;
  readonly runDir: string;
  readonly state: string;
  readonly source: { readonly rows: number; readonly unusedFields: readonly string[] };
  readonly routes: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly passwords: { readonly kept: number; readonly set: number; readonly reset: number };
  readonly activeUsers: {
    readonly count: number;
    readonly of: number;
    readonly causes: Readonly<Record<string, number>>;
  };
  readonly followUps: Readonly<
    Record<string, { readonly planned: number; readonly done: number; readonly failed: number }>
  >;
  readonly reasons: readonly {
    readonly kind: string;
    readonly reason: string;
    readonly example?: string | null;
    readonly count: number;
  }[];
  readonly issues: readonly { readonly code: string; readonly severity: string; readonly count: number }[];
  readonly forecast?: RunSummary["forecast"];
  readonly exitCode: number;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** How a command is started. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** After how many milliseconds it is taken for stuck and killed; 60 seconds unless given. */
  readonly deadlineMs?: number;
}

/** The environment of every command: local credentials, and nothing of the machine's AWS configuration. */
export const LOCAL_ENV: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  TMPDIR: tmpdir(),
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_EC2_METADATA_DISABLED: "true",
  NO_COLOR: "1",
};

/** Starts the built command line as a process. */
export function startCli(args: readonly string[], { env = {}, cwd }: CommandOptions = {}): ChildProcess {
  // A bug is planted in the files themselves.
  const bin = env["PLANTED_BUG"] === undefined ? BUNDLED_BIN : BIN;
  return spawn(process.execPath, [bin, ...args], {
    env: { ...LOCAL_ENV, ...env },
    cwd: cwd ?? process.cwd(),
  });
}

/** Runs the built command line to its end. A process warning, or an end that does not come, fails the test. */
export async function runCli(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = startCli(args, options);
  child.stdin?.end(options.stdin ?? "");
  return finish(child, options.deadlineMs);
}

/** Waits for a command that was started. */
export async function finish(child: ChildProcess, deadlineMs = DEADLINE_MS): Promise<CommandResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
  const [exitCode, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  expect(stderr, "the command printed a process warning").not.toMatch(/\(node:\d+\)|Warning:/);
  return { exitCode, signal, stdout, stderr };
}

/** The last line of stdout as JSON. */
export function jsonOf({ stdout, stderr }: CommandResult): JsonResult {
  const last = stdout.trim().split("\n").at(-1);
  if (last === undefined || last === "") throw new Error(`nothing on stdout; stderr: ${stderr}`);
  return JSON.parse(last) as JsonResult;
}
