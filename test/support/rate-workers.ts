import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RateWorkerOptions, RateWorkerReport } from "./rate-worker.ts";

const WORKER = fileURLToPath(new URL("rate-worker.ts", import.meta.url));

/** A worker of rate-worker.ts as a process of its own. */
export interface RateWorker extends Disposable {
  /** What it has done; undefined when it was killed. Throws when it failed. */
  readonly report: Promise<RateWorkerReport | undefined>;
  /** Lets its event loop stand still. */
  stall(ms: number): void;
  /** Lets it come to its end. */
  stop(): void;
  /** Kills it with SIGKILL. */
  kill(): void;
}

/** Starts a worker; resolves when it has begun. */
export async function startRateWorker(options: RateWorkerOptions): Promise<RateWorker> {
  const child = spawn(process.execPath, [WORKER, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Of one that was killed.
  child.stdin.on("error", () => undefined);
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ready = Promise.withResolvers<void>();
  let last = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = line;
    ready.resolve();
  });
  const report = once(child, "close").then(([code, signal]) => {
    const failed = new Error(`the worker ${options.name} ended with ${String(code)}: ${complaint}`);
    ready.reject(failed);
    if (signal !== null) return undefined;
    if (code !== 0) throw failed;
    return JSON.parse(last) as RateWorkerReport;
  });
  report.catch(() => undefined);
  await ready.promise;
  return {
    report,
    stall: (ms) => void child.stdin.write(`stall ${ms}\n`),
    stop: () => void child.stdin.write("stop\n"),
    kill: () => void child.kill("SIGKILL"),
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}
