import { InvalidArgumentError, type Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { requireUrl } from "./plan-options.ts";
import { watchInterruption } from "./interruption.ts";
import { printNote, reportError } from "./terminal.ts";

interface InitFlags {
  readonly preset?: string;
  readonly out?: string;
  readonly list?: string;
  readonly skipLines?: number;
  readonly separator?: string;
  readonly userPoolId?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
}

/** `poolferry init`: a commented config to begin with, from a file or from a preset. */
export function addInitCommand(program: Command): void {
  program
    .command("init [file]")
    .option("--preset <name>", "print the mapping that comes with a source type instead, such as auth0")
    .option("--out <file>", "write the config to a new file instead of stdout")
    .option("--list <key>", "the key of the list of users, in a JSON document with several lists")
    .option(
      "--skip-lines <number>",
      "how many lines of a CSV stand before its header, such as a title",
      countOf,
    )
    .option(
      "--separator <character>",
      "what separates the fields of a CSV (tab or \\t for a tab), where it is not recognised",
      characterOf,
    )
    .option("--user-pool-id <id>", "the target user pool: its schema is read, and the proposals follow it")
    .option("--region <region>", "its region (default: the one its id names)")
    .option("--profile <name>", "a profile of your AWS configuration")
    .option("--endpoint-url <url>", "a Cognito-compatible service instead of AWS")
    .summary("propose a config for a file, or print a preset")
    .description(
      "Recognises a file's format (or takes it from you, as TYPE:FILE), looks at its first 1,000 rows, and writes a commented config with a mapping to edit. Shows names of fields and counts, never a value but words for yes and no. Without --user-pool-id nothing is asked of AWS.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ poolferry init users.csv --out ferry.yaml\n  $ poolferry init export.csv --skip-lines 2 --separator ';'\n  $ poolferry init keycloak:export.json\n  $ poolferry init export.json --list members\n  $ poolferry init --preset auth0",
    )
    .action(async (file: string | undefined, flags: InitFlags) => {
      using interruption = watchInterruption();
      try {
        await init(file, flags, interruption.signal);
      } catch (error) {
        process.exitCode = reportError(error, { json: false });
      }
    });
}

function countOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a number of lines, such as 2.");
}

function characterOf(text: string): string {
  if (text === "tab" || text === String.raw`\t`) return "\t";
  if (text.length === 1) return text;
  throw new InvalidArgumentError("It is one character, such as ; or tab.");
}

async function init(file: string | undefined, flags: InitFlags, signal: AbortSignal): Promise<void> {
  if ((file === undefined) === (flags.preset === undefined)) {
    throw new FerryError("USAGE", "init takes a file or --preset, one of the two", {
      hint: "For instance poolferry init users.csv, or poolferry init --preset auth0",
    });
  }
  if (flags.endpointUrl !== undefined) requireUrl(flags.endpointUrl);
  const { isSourceType } = await import("../extract/sources.ts");
  const { presetText, proposeConfig, writeConfig } = await import("../run/init.ts");
  const text =
    file === undefined
      ? presetText(flags.preset ?? "")
      : await proposeConfig({ ...flags, ...namedIn(file, isSourceType), signal });
  if (flags.out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeConfig(flags.out, text);
  printNote(`Wrote ${flags.out}: read it, then poolferry plan --config ${flags.out}`);
}

/** The file, and its type where it is written before it; a drive's letter or an odd name is none. */
function namedIn(
  file: string,
  isSourceType: (type: string) => boolean,
): { readonly type?: string; readonly path: string } {
  const colon = file.indexOf(":");
  const type = file.slice(0, Math.max(colon, 0));
  return isSourceType(type) && colon < file.length - 1
    ? { type, path: file.slice(colon + 1) }
    : { path: file };
}
