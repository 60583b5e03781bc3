import { InvalidArgumentError, type Command } from "commander";
import type { ExitCode } from "../core/ferry-error.ts";
import type { RunObserver } from "../run/run-event.ts";
import type { SyncService } from "../serve/sync-service.ts";
import { underHeading } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { openProgress } from "./progress.ts";
import type { OutputFlags } from "./run-command.ts";
import { settableOption } from "./settable-option.ts";
import { reportError } from "./terminal.ts";

/** What a command that syncs by a schedule can be told of it. */
export interface ServiceFlags extends OutputFlags {
  readonly schedule?: string;
  readonly timezone?: string;
  /** In seconds. */
  readonly jitter?: number;
  /** False with --no-listen. */
  readonly listen?: string | false;
  readonly catchUp?: boolean;
}

/** What the command line alone makes of a service; whoever syncs adds the rest. */
export type ServiceFrame = Omit<SyncService, "syncOnce" | "claimTick" | "readHistory" | "observe"> & {
  readonly observe: RunObserver;
};

/** The port is the one that OpenTelemetry's specification names for an endpoint of Prometheus. */
const DEFAULT_LISTEN = "127.0.0.1:9464";

/** Adds the options of the service. */
export function addServiceOptions(command: Command): Command {
  return underHeading(command, "Schedule:", addScheduleOptions);
}

function addScheduleOptions(command: Command): Command {
  return command
    .addOption(
      settableOption(
        "--schedule <pattern>",
        'keep running and sync by this cron pattern: 5 fields, or 6 with seconds, such as "*/15 * * * *"',
      ),
    )
    .addOption(
      settableOption("--timezone <name>", "with --schedule: the time zone of the pattern (default: UTC)"),
    )
    .addOption(
      settableOption(
        "--jitter <seconds>",
        "with --schedule: begin up to so many seconds after each tick, by chance (default: 0)",
      ).argParser(parseSeconds),
    )
    .addOption(
      settableOption(
        "--listen <address>",
        `with --schedule: where /healthz, /livez and /metrics are; 0.0.0.0:9464 is open to all who can reach this machine (default: ${DEFAULT_LISTEN})`,
      ),
    )
    .option("--no-listen", "with --schedule: no health and no metrics over HTTP")
    .option(
      "--catch-up",
      "with --schedule: begin with the last tick before now, unless it has been run already",
    );
}

/**
 * Runs a service until it is interrupted, and sets the exit code. The settings are checked first; then `serve` opens what
 * syncs need, serves, and closes it again.
 */
export async function runService(
  flags: ServiceFlags & { readonly schedule: string },
  serve: (frame: ServiceFrame) => Promise<ExitCode>,
): Promise<void> {
  keepHeapSmall();
  using interruption = watchInterruption();
  using progress = openProgress(flags);
  try {
    const { listen = DEFAULT_LISTEN, jitter = 0, schedule, timezone, catchUp } = flags;
    const settings = {
      schedule,
      timezone,
      catchUp,
      jitterMs: jitter * 1000,
      listen: listen === false ? undefined : listen,
    };
    const { checkServiceSettings } = await import("../serve/sync-service.ts");
    checkServiceSettings(settings);
    process.exitCode = await serve({
      ...settings,
      observe: progress.observe,
      tellError: (error) => void reportError(error, { json: false }),
      signal: interruption.signal,
    });
  } catch (error) {
    process.exitCode = reportError(error, { json: flags.json ?? false });
  }
}

function parseSeconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of seconds.");
}
