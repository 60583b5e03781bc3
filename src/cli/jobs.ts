import { visibleWithin } from "../core/visible.ts";
import type { Command } from "commander";
import pc from "picocolors";
import type { JobReport, JobsSummary, JobSummary } from "../run/jobs.ts";
import { confirm, requireConfirmable } from "./confirm.ts";
import { examplesText } from "./help-text.ts";
import { ownCommand } from "./own-command.ts";
import { addOutputOptions } from "./plan-options.ts";
import { addPoolOptions, poolAddress, type PoolFlags } from "./pool-options.ts";
import { printOutcome, type OutputFlags, type Work } from "./run-command.ts";
import { printNote } from "./terminal.ts";
import { timeText } from "./time-text.ts";

interface JobFlags extends OutputFlags, PoolFlags {
  readonly jobId: string;
}

interface StopFlags extends JobFlags {
  readonly yes?: boolean;
}

/** `poolferry jobs`: the import jobs of a pool, of whichever tool. */
export function addJobsCommand(program: Command): void {
  const jobs = program
    .command("jobs")
    .summary("list, describe or stop the import jobs of a pool")
    .description(
      "Lists, describes or stops the import jobs of a pool, also those that poolferry did not make.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry jobs list --user-pool-id eu-central-1_AbCd12345",
        "poolferry jobs stop --user-pool-id eu-central-1_AbCd12345 --job-id import-a1B2c3D4e5",
      ),
    );
  addListCommand(jobs);
  addDescribeCommand(jobs);
  addStopCommand(jobs);
}

function addListCommand(jobs: Command): void {
  addOutputOptions(addPoolOptions(jobs.command("list")))
    .summary("all import jobs of a pool, newest first")
    .description("Lists all import jobs of a pool, newest first.")
    .addHelpText("after", examplesText("poolferry jobs list --user-pool-id eu-central-1_AbCd12345"))
    .action((flags: OutputFlags & PoolFlags) =>
      printOutcome(
        flags,
        async (work) => {
          const { listJobs } = await import("../run/jobs.ts");
          return listJobs({ ...poolAddress(flags), ...work });
        },
        listText,
      ),
    );
}

function addDescribeCommand(jobs: Command): void {
  addJobOptions(jobs.command("describe"))
    .summary("one import job, with what its status and message mean")
    .description("Describes one import job, with what its status and message mean.")
    .addHelpText(
      "after",
      examplesText(
        "poolferry jobs describe --user-pool-id eu-central-1_AbCd12345 --job-id import-a1B2c3D4e5",
      ),
    )
    .action((flags: JobFlags) =>
      printOutcome(
        flags,
        async (work) => {
          const { describeJob } = await import("../run/jobs.ts");
          return describeJob({ ...poolAddress(flags), jobId: flags.jobId, ...work });
        },
        jobText,
      ),
    );
}

function addStopCommand(jobs: Command): void {
  addJobOptions(jobs.command("stop"))
    .option("-y, --yes", "stop it without asking")
    .summary("stop an import job")
    .description(
      "Stops an import job, after asking. Users whom it has created by then stay in the pool. A run of poolferry whose job is stopped looks up what came of its users.",
    )
    .addHelpText(
      "after",
      examplesText("poolferry jobs stop --user-pool-id eu-central-1_AbCd12345 --job-id import-a1B2c3D4e5"),
    )
    .action((flags: StopFlags) => printOutcome(flags, (work) => stop(flags, work), jobText));
}

function addJobOptions(command: Command): Command {
  return addOutputOptions(
    addPoolOptions(command).requiredOption("--job-id <id>", "the import job, import-…"),
  );
}

async function stop(flags: StopFlags, work: Work): Promise<JobSummary> {
  requireConfirmable(flags, `Say yes with: ${ownCommand("--yes")}`);
  const { describeJob, stopJob } = await import("../run/jobs.ts");
  const options = { ...poolAddress(flags), jobId: flags.jobId, ...work };
  if (flags.yes !== true) {
    const job = await describeJob(options);
    printNote(jobText(visibleWithin(job)));
    const whenInterrupted = { message: "Interrupted; the job was not touched", hint: "Repeat the command" };
    if (
      !(await confirm(`Stop the import job ${flags.jobId}? [y/N] `, { signal: work.signal, whenInterrupted }))
    ) {
      printNote("The job was not touched.");
      return job;
    }
  }
  return stopJob(options);
}

const STATUS_COLOURS: Readonly<Record<string, (text: string) => string>> = {
  Succeeded: pc.green,
  Failed: pc.red,
  Stopped: pc.yellow,
  Stopping: pc.yellow,
  Expired: pc.yellow,
};

function coloured(status: string): string {
  return STATUS_COLOURS[status.trim()]?.(status) ?? status;
}

const COLUMNS = ["job", "status", "created", "imported", "skipped", "failed", "name"] as const;

function listText({ userPoolId, jobs }: JobsSummary): string {
  if (jobs.length === 0) return `The user pool ${userPoolId} has no import jobs`;
  const rows = [[...COLUMNS], ...jobs.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row, place) => {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
      if (place === 0) return pc.bold(cells.join("  ").trimEnd());
      return cells
        .map((cell, column) => (column === 1 ? coloured(cell) : cell))
        .join("  ")
        .trimEnd();
    })
    .join("\n");
}

function cellsOf({ jobId, status, createdAt, imported, skipped, failed, name }: JobReport): string[] {
  return [
    jobId,
    status,
    createdAt === undefined ? "" : timeText(createdAt),
    String(imported),
    String(skipped),
    String(failed),
    onOneLine(name),
  ];
}

function jobText(job: JobSummary): string {
  const lines: readonly (readonly [label: string, value: string | undefined])[] = [
    ["status", `${coloured(job.status)}${job.meaning === undefined ? "" : `: the job ${job.meaning}`}`],
    ["message", job.completionMessage],
    ["", job.explanation],
    ["users", `${job.imported} imported, ${job.skipped} skipped, ${job.failed} failed`],
    ["hashes", job.passwordHashing],
    ["created", job.createdAt],
    ["started", job.startedAt],
    ["completed", job.completedAt],
    ["log role", job.logsRoleArn],
  ];
  return [
    pc.bold(`Import job ${job.jobId} "${onOneLine(job.name)}" of ${job.userPoolId}`),
    ...lines.flatMap(([label, value]) => (value === undefined ? [] : [`  ${label.padEnd(11)}${value}`])),
  ].join("\n");
}

// A job's name may hold line breaks (API model).
function onOneLine(name: string): string {
  return name.replaceAll(/\s+/g, " ");
}
