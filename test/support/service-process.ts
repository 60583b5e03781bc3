import type { ChildProcess } from "node:child_process";
import { expect, onTestFinished, vi } from "vitest";
import { finish, startCli, type CommandResult } from "./cli.ts";
import type { SyncCommand } from "./sync-command.ts";

/** What a service tells in one line. */
export type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A service that still runs after this was forgotten by its test. */
export const SERVICE_DEADLINE_MS = 90_000;

/** `poolferry sync --schedule` as a process, with the config and the environment of a sync. */
export class Service {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  #stderr = "";

  constructor(command: SyncCommand, ...flags: readonly string[]) {
    const args = ["sync", "--config", command.config, "--log-format", "json", "--listen", "127.0.0.1:0"];
    this.child = startCli([...args, ...flags], command.options);
    onTestFinished(() => void this.child.kill("SIGKILL"));
    this.child.stderr?.on("data", (text: Buffer) => (this.#stderr += text.toString()));
    this.ended = finish(this.child, SERVICE_DEADLINE_MS);
  }

  /** What it has told of a kind, in order. */
  told(kind: string): readonly Line[] {
    return this.#stderr
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
      .filter(({ msg }) => msg === kind);
  }

  /** Waits until so much was told of a kind. */
  async until(kind: string, count = 1): Promise<readonly Line[]> {
    await vi.waitFor(() => expect(this.told(kind).length, kind).toBeGreaterThanOrEqual(count), {
      timeout: 40_000,
      interval: 20,
    });
    return this.told(kind);
  }

  /** Waits until a sync has ended with these numbers. */
  async untilCounted(counts: object): Promise<void> {
    await vi.waitFor(
      () =>
        expect(this.told("sync-ended").map(({ summary }) => summary)).toContainEqual(
          expect.objectContaining({ counts: expect.objectContaining(counts) as object }),
        ),
      { timeout: 40_000, interval: 20 },
    );
  }

  async get(path: string): Promise<Response> {
    const [started] = await this.until("service-started");
    return fetch(`${String(started?.["url"])}${path}`);
  }

  async metric(line: string): Promise<number | undefined> {
    const text = await (await this.get("/metrics")).text();
    const found = text.split("\n").find((each) => each.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  }

  async stop(): Promise<CommandResult> {
    this.child.kill("SIGTERM");
    return this.ended;
  }
}

/** Lets services run until together they have ended four syncs, stops them, and expects that each tick was run once. */
export async function expectEachTickOnce(
  services: readonly Service[],
): Promise<(kind: string) => readonly Line[]> {
  for (const service of services) await service.until("service-started");
  const told = (kind: string): readonly Line[] => services.flatMap((service) => service.told(kind));
  await vi.waitFor(() => expect(told("sync-ended").length).toBeGreaterThanOrEqual(4), { timeout: 60_000 });
  const results = await Promise.all(services.map((service) => service.stop()));
  for (const { exitCode } of results) expect([0, 130]).toContain(exitCode);
  const started = told("sync-started").map(({ tick }) => String(tick));
  expect(new Set(started).size, "a tick was run twice").toBe(started.length);
  // The other ones have seen that it was taken.
  const claimed = told("tick-skipped").filter(({ reason }) => reason === "claimed");
  expect(claimed.length).toBeGreaterThan(0);
  for (const { tick } of claimed) expect(started).toContain(tick);
  return told;
}
