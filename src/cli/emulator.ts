import type { Command } from "commander";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { DumpLine, Emulator } from "../../emulator/index.ts";
import { FerryError } from "../core/ferry-error.ts";
import { examplesText } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { createLocalPool, LOCAL_CREDENTIALS, LOCAL_LOGS_ROLE_ARN } from "./local-pool.ts";
import { printNote, printResult, reportError } from "./terminal.ts";

interface EmulatorFlags {
  readonly port: string;
  readonly host: string;
  readonly region: string;
  readonly pool?: string;
  /** False with --no-quotas. */
  readonly quotas: boolean;
  readonly rules?: string;
  readonly restore?: string;
}

/** `poolferry emulator`: the local Cognito, until it is interrupted. */
export function addEmulatorCommand(program: Command): void {
  program
    .command("emulator")
    .summary("start a local Cognito that runs import jobs")
    .description(
      "Starts a local Cognito that runs import jobs for real, and keeps everything in memory until it is stopped.",
    )
    .option("--port <number>", "the port; 0 takes any", "9229")
    .option(
      "--host <address>",
      "the address to listen at; 0.0.0.0 is open to all who can reach this machine",
      "127.0.0.1",
    )
    .option("--region <region>", "the region of its pools", "us-east-1")
    .option("--pool <name>", "make a user pool of this name, which verifies e-mail addresses")
    .option("--no-quotas", "hold nobody to Cognito's request rates")
    .option("--rules <file>", "a JSON file with settings for what is not known of AWS")
    .option("--restore <file>", "begin with what a dump holds (GET /_emulator/dump of another run)")
    .addHelpText("after", examplesText("poolferry emulator --port 9229 --pool customers"))
    .action(async (flags: EmulatorFlags) => {
      try {
        await serve(flags);
      } catch (error) {
        process.exitCode = reportError(error, { json: false });
      }
    });
}

async function serve({ port, host, region, pool, ...flags }: EmulatorFlags): Promise<void> {
  using interruption = watchInterruption("stopped");
  const { startEmulator, readDump, readRules } = await import("../../emulator/index.ts");
  const rules = flags.rules === undefined ? {} : await readSettings(flags.rules, readRules);
  const quotas = flags.quotas ? "documented" : "off";
  const options = { port: parsePort(port), host, region, rules, quotas } as const;
  await using emulator = await startEmulator(options).catch((error: unknown) => {
    throw listenTrouble(error, { host, port });
  });
  if (flags.restore !== undefined)
    await restore(emulator, readDump(createReadStream(flags.restore)), flags.restore);
  printResult(`emulator ${emulator.url} in ${region}`);
  let userPoolId = "ID";
  if (pool !== undefined) {
    useLocalEnvironment();
    userPoolId = await createLocalPool(emulator.url, region, pool);
    printResult(`user pool ${userPoolId}`);
  }
  printNote(
    [
      "",
      "In another terminal (any credentials will do):",
      `  export AWS_ACCESS_KEY_ID=${LOCAL_CREDENTIALS.accessKeyId} AWS_SECRET_ACCESS_KEY=${LOCAL_CREDENTIALS.secretAccessKey} AWS_DEFAULT_REGION=${region}`,
      `  poolferry migrate --from csv:users.csv --user-pool-id ${userPoolId} \\`,
      `    --endpoint-url ${emulator.url} --logs-role-arn ${LOCAL_LOGS_ROLE_ARN}`,
      "",
      "Stop it with Ctrl-C; nothing is kept.",
    ].join("\n"),
  );
  if (!interruption.signal.aborted) await once(interruption.signal, "abort");
}

async function readSettings<Settings>(
  path: string,
  parse: (settings: unknown) => Settings,
): Promise<Settings> {
  try {
    return parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw unreadable("--rules", path, error);
  }
}

async function restore(emulator: Emulator, dump: AsyncIterable<DumpLine>, path: string): Promise<void> {
  try {
    await emulator.control.restore(dump);
  } catch (error) {
    throw unreadable("--restore", path, error);
  }
}

function unreadable(option: string, path: string, cause: unknown): FerryError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FerryError("USAGE", `${option} ${path} cannot be used: ${why}`, {
    hint: "emulator/README.md lists the settings and what a dump is",
    cause,
  });
}

/** The local Cognito takes any credentials and must never see real ones; no proxy is on the way to it. */
export function useLocalEnvironment(): void {
  process.env["NO_PROXY"] = "*";
  process.env["AWS_ACCESS_KEY_ID"] = LOCAL_CREDENTIALS.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = LOCAL_CREDENTIALS.secretAccessKey;
  for (const name of ["AWS_SESSION_TOKEN", "AWS_PROFILE"]) delete process.env[name];
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new FerryError("USAGE", `--port ${text} is not a port number`, {
    hint: "Use 0 to 65535; 0 takes any free port",
  });
}

function listenTrouble(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: string },
): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new FerryError("USAGE", `--host ${host} is no address of this machine`, {
      hint: "Use 127.0.0.1, or 0.0.0.0 for all addresses",
      cause: error,
    });
  }
  if (code !== "EADDRINUSE" && code !== "EACCES") return error;
  const why = code === "EADDRINUSE" ? "is in use" : "may not be used";
  return new FerryError("USAGE", `Port ${port} ${why}`, {
    hint: "Choose another one with --port",
    cause: error,
  });
}
