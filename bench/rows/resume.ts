import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BIN, ENVIRONMENT, startLocalPool, type LocalPool } from "../local-pool.ts";
import { planAlone } from "../plan-alone.ts";
import type { Figures, Row, Setting, Trial } from "../row.ts";
import { startService, type Service } from "../service.ts";

const LOOK_EVERY_MS = 10;

/** So many take long enough to be created that somebody is left when half of them are there. */
const LEAST_USERS = 6_000;
const FIRST_USER = "first user s";

/** A run that was interrupted when half of its users were settled, from the start of the process to its first requests. */
export const resume: Row = {
  name: "resume",
  work: "poolferry resume of 1,000,000 users, half of them settled",
  reference: "–",
  aims: [
    { what: "to the first request", unit: "s", value: ({ seconds }) => seconds, bound: { atMost: 1 } },
    { what: "to the first user", unit: "s", value: ({ more = {} }) => more[FIRST_USER] ?? Number.NaN },
  ],
  seconds: (size, rounds) => ({ small: 6, medium: 60 + 3 * rounds, full: 400 + 15 * rounds })[size],
  prepare,
};

async function prepare({ users: wanted, folder }: Setting): Promise<Trial> {
  const users = Math.max(wanted, LEAST_USERS);
  using starting = new DisposableStack();
  const pool = starting.use(await startLocalPool("--no-quotas"));
  const stub = starting.use(await startService("stub-server.ts", pool.url));
  const half = await settleHalf(folder, users, { pool, stub });
  const stop = starting.move();
  const copy = join(folder, "copy");
  return {
    input: `${users.toLocaleString("en")} users`,
    async work() {
      rmSync(copy, { recursive: true, force: true });
      cpSync(half, copy, { recursive: true });
      return resumeOnce(copy, stub);
    },
    [Symbol.asyncDispose]: async () => stop[Symbol.dispose](),
  };
}

/** Plans everyone, and interrupts the apply after half of them, as Ctrl-C does. */
async function settleHalf(
  folder: string,
  users: number,
  { pool, stub }: { readonly pool: LocalPool; readonly stub: Service },
): Promise<string> {
  const runDir = await planAlone(folder, users, { pool, url: stub.url });
  const child = start("apply", runDir);
  const closed = once(child, "close");
  while (child.exitCode === null && (await ask(stub)).created < users / 2) await wait(LOOK_EVERY_MS);
  child.kill("SIGINT");
  const [exitCode] = (await closed) as [number | null];
  if (exitCode !== 130) throw new Error(`the apply was not interrupted but ended with ${exitCode}`);
  return runDir;
}

/** Ends the process once it has asked for a user to be created. */
async function resumeOnce(runDir: string, stub: Service): Promise<Figures> {
  await fetch(stub.url, { method: "DELETE" });
  const startedMs = Date.now();
  const child = start("resume", runDir);
  const closed = once(child, "close");
  while (child.exitCode === null && (await ask(stub)).firstMs["AdminCreateUser"] === undefined)
    await wait(LOOK_EVERY_MS);
  child.kill("SIGKILL");
  await closed;
  const { firstMs } = await ask(stub);
  if (firstMs["AdminCreateUser"] === undefined) throw new Error("nobody was created");
  const seconds = (ms: number): number => (ms - startedMs) / 1000;
  return {
    seconds: seconds(Math.min(...Object.values(firstMs))),
    more: { [FIRST_USER]: seconds(firstMs["AdminCreateUser"]) },
  };
}

function start(command: "apply" | "resume", runDir: string): ChildProcess {
  return spawn(process.execPath, [BIN, command, "--run-dir", runDir], { env: ENVIRONMENT, stdio: "ignore" });
}

async function ask({
  url,
}: Service): Promise<{ readonly created: number; readonly firstMs: Readonly<Record<string, number>> }> {
  return (await fetch(url)).json() as Promise<{ created: number; firstMs: Record<string, number> }>;
}
