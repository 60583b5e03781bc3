import type { Command } from "commander";
import { EXIT_CODES } from "../core/ferry-error.ts";

/** How wide every help is, at the most. */
const WIDTH = 80;

/** The examples at the end of a help, each a command line as a shell takes it, broken where it is too long. */
export function examplesText(...examples: readonly string[]): string {
  const title = examples.length === 1 ? "Example:" : "Examples:";
  return ["", title, ...examples.map(brokenLines)].join("\n");
}

/** A command line that is broken before options, so that it is never wider than a help, and can still be pasted. */
function brokenLines(example: string): string {
  const [command = "", ...options] = example.split(/ (?=-)/);
  const lines = [`  $ ${command}`];
  for (const option of options) {
    const line = `${lines.at(-1)} ${option}`;
    if (line.length + " \\".length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(`      ${option}`);
  }
  return lines.join(" \\\n");
}

/** The heading of the options of the result, which every command with one has. */
export const OUTPUT = "Output:";

/** Puts the options that `add` adds under a heading of their own in the help. */
export function underHeading<Of extends Command>(
  command: Of,
  heading: string,
  add: (command: Of) => unknown,
): Of {
  command.optionsGroup(heading);
  add(command);
  return command.optionsGroup("Options:");
}

/** Exit codes for the end of every help. */
export const EXIT_CODE_HELP = `
Exit codes:
  ${EXIT_CODES.ok}    all users settled as wanted
  ${EXIT_CODES.bug}    a bug of poolferry
  ${EXIT_CODES.usage}    wrong usage, configuration or source; nothing was sent
  ${EXIT_CODES.incomplete}    finished or planned, but some users failed, are rejected or lack a
       follow-up; verify found differences, or undo left users as they are
  ${EXIT_CODES.stopped}    stopped by trouble; the run can be resumed
  ${EXIT_CODES.guarded}    a guard stopped it (stale plan, too many unreadable rows), or a sync is
       in quarantine
  ${EXIT_CODES.interrupted}  interrupted; the run can be resumed`;
