import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** What one run of a program took. */
export interface Measurement {
  /** The whole process, its start included. */
  readonly seconds: number;
  /** Of all its threads, the garbage collector's too; less moved by what else the machine does. */
  readonly cpuSeconds: number | undefined;
  /** The most memory it held at one time, in millions of bytes; undefined where /proc does not tell. */
  readonly peakMegabytes: number | undefined;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** When a program is stopped that would not end in time. */
export interface Stop {
  readonly afterMs: number;
}

/** How often the peak is read: what is allocated after the last reading is lost. */
const READING_MS = 5;

/**
 * Runs a program to its end, or to this process's. Its peak is the kernel's VmHWM, not getrusage's ru_maxrss: a child's begins with what its
 * parent held when it was forked.
 */
export async function measure(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
  stop?: Stop,
): Promise<Measurement> {
  const startedMs = performance.now();
  const child = spawn(command, parameters, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(stop === undefined ? {} : { timeout: stop.afterMs }),
  });
  const kill = (): unknown => child.kill("SIGKILL");
  process.once("exit", kill);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let peakMegabytes: number | undefined;
  let cpuSeconds: number | undefined;
  const timer = setInterval(() => {
    peakMegabytes = peakOf(child.pid) ?? peakMegabytes;
    cpuSeconds = cpuTimeOf(child.pid) ?? cpuSeconds;
  }, READING_MS);
  const [exitCode] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  process.off("exit", kill);
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, cpuSeconds, peakMegabytes, exitCode, stdout, stderr };
}

function peakOf(pid: number | undefined): number | undefined {
  const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readProcess(pid, "status")) ?? [];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}

/** The kernel's clock ticks of user and system time, a hundred a second on Linux. */
function cpuTimeOf(pid: number | undefined): number | undefined {
  // The program's name stands in brackets and may hold spaces.
  const [user, system] =
    readProcess(pid, "stat").split(") ").at(-1)?.split(" ").slice(11, 13).map(Number) ?? [];
  return user === undefined || system === undefined ? undefined : (user + system) / 100;
}

function readProcess(pid: number | undefined, name: "status" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // The process has ended, or this is not Linux.
    return "";
  }
}
