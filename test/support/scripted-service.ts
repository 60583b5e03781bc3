// A service as the command line runs one, whose syncs do what the first argument says. Tests send it signals.
import { once } from "node:events";
import { runService, type ServiceFlags } from "../../src/cli/run-service.ts";
import { interrupted } from "../../src/core/ferry-error.ts";
import type { SyncOnce } from "../../src/serve/sync-once.ts";
import { serveSync } from "../../src/serve/sync-service.ts";

/** What syncs do: end at once, end at the first signal, or never. */
const SCRIPTS: Readonly<Record<string, SyncOnce>> = {
  "ends at once": async () => {
    const now = new Date().toISOString();
    return {
      runId: "sync-1",
      kind: "full",
      startedAt: now,
      endedAt: now,
      exitCode: 0,
      counts: { created: 2 },
      quarantine: undefined,
      sourceRows: 2,
      managedUsers: 2,
    };
  },
  "ends at the signal": async (_trigger, signal) => {
    await once(signal, "abort");
    throw interrupted();
  },
  "never ends": async () => new Promise(() => undefined),
};

const [script = "", flags = "{}"] = process.argv.slice(2);
const syncOnce = SCRIPTS[script];
if (syncOnce === undefined) throw new Error(`no script ${script}`);

await runService(JSON.parse(flags) as ServiceFlags & { readonly schedule: string }, (frame) =>
  serveSync({ ...frame, syncOnce, claimTick: async () => true, readHistory: async () => ({}) }),
);
