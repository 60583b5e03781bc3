import { Option, type Command } from "commander";
import pc from "picocolors";
import { FerryError } from "../core/ferry-error.ts";
import type { ExportSummary } from "../run/export-users.ts";
import { oneOf } from "./choice.ts";
import { examplesText } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { addOutputOptions } from "./plan-options.ts";
import { addPoolOptions, poolAddress, type PoolFlags } from "./pool-options.ts";
import { openProgress } from "./progress.ts";
import { printOutcome, type OutputFlags, type Work } from "./run-command.ts";
import { printNote, reportError } from "./terminal.ts";

interface ExportFlags extends OutputFlags, PoolFlags {
  readonly format: "ndjson" | "csv";
  readonly out?: string;
  readonly configOut?: string;
}

/** `poolferry export`: the users of a pool as a file that can be a source again. */
export function addExportCommand(program: Command): void {
  addOutputOptions(
    addPoolOptions(program.command("export"))
      .addOption(
        oneOf(new Option("--format <format>", "the form of the file"), ["ndjson", "csv"]).default("ndjson"),
      )
      .option("--out <file>", "write to a new file, whole or not at all, instead of stdout")
      .option("--config-out <file>", "write a commented config beside it that reads the file back"),
  )
    .summary("write the users of a pool to a file that can be a source again")
    .description(
      "Writes all users of a pool, with their groups, attributes, dates, status, and whether they are enabled. Passwords and second factors cannot be read out of a pool. Only reads, with calls that make no monthly active user. Without --out the users go to stdout, and all else to stderr.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry export --user-pool-id eu-central-1_AbCd12345 --out users.ndjson --config-out back.yaml",
        "poolferry export --user-pool-id eu-central-1_AbCd12345 --format csv",
      ),
    )
    .action((flags: ExportFlags) =>
      flags.out === undefined
        ? exportToStdout(flags)
        : printOutcome(flags, toFile(flags, flags.out), exportText),
    );
}

function toFile(flags: ExportFlags, out: string): (work: Work) => Promise<ExportSummary> {
  return async (work) => {
    const { exportUsers } = await import("../run/export-users.ts");
    const { format, configOut } = flags;
    return exportUsers({ ...poolAddress(flags), format, out, configOut, ...work });
  };
}

async function exportToStdout(flags: ExportFlags): Promise<void> {
  keepHeapSmall();
  using interruption = watchInterruption();
  using progress = openProgress(flags, { output: "all the time" });
  try {
    requireNone(flags, "json", "--json");
    requireNone(flags, "configOut", "--config-out");
    const { exportUsers } = await import("../run/export-users.ts");
    const work = { signal: interruption.signal, observe: progress.observe };
    const summary = await exportUsers({
      ...poolAddress(flags),
      format: flags.format,
      out: process.stdout,
      ...work,
    });
    printNote(exportText(summary));
  } catch (error) {
    // Whoever read it has seen enough (head).
    if ((error as NodeJS.ErrnoException).code !== "EPIPE")
      process.exitCode = reportError(error, { json: flags.json ?? false });
  }
}

function requireNone(flags: ExportFlags, key: "json" | "configOut", option: string): void {
  if (flags[key] === undefined) return;
  throw new FerryError("USAGE", `${option} needs --out, as the users go to stdout`, {
    hint: "Name a file with --out",
  });
}

function exportText({ userPoolId, out, configOut, users, groups, memberships }: ExportSummary): string {
  return [
    pc.bold(`${users} users of ${userPoolId}, ${groups} groups with ${memberships} memberships`),
    ...(out === undefined ? [] : [`  ${out}`]),
    ...(configOut === undefined
      ? []
      : [`  ${configOut}: name the target in it, then poolferry plan --config ${configOut}`]),
  ].join("\n");
}
