import { InvalidArgumentError, type Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { examplesText, underHeading } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { addPoolPlaceOptions } from "./pool-options.ts";
import { requireUrl } from "./require-url.ts";
import { settableOption } from "./settable-option.ts";
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
  const init = program.command("init [type:file]");
  underHeading(init, "Pool:", (pool) =>
    addPoolPlaceOptions(
      pool.addOption(
        settableOption(
          "--user-pool-id <id>",
          "the target user pool: its schema is read, and the proposals follow it",
        ),
      ),
    ),
  );
  init
    .option("--preset <type>", "print the mapping that comes with a source type instead, such as auth0")
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
    .summary("propose a config for a file, or print a preset")
    .description(
      "Recognises a file's format (or takes it from you, as TYPE:FILE), looks at its first 1,000 rows, and writes a commented config with a mapping to edit. Shows names of fields and counts, never a value but words for yes and no. Without --user-pool-id nothing is asked of AWS.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry init users.csv --out ferry.yaml",
        "poolferry init export.csv --skip-lines 2 --separator ';'",
        "poolferry init keycloak:export.json",
        "poolferry init export.json --list members",
        "poolferry init --preset auth0",
      ),
    )
    .action(async (file: string | undefined, flags: InitFlags) => {
      using interruption = watchInterruption();
      try {
        await writeInit(file, flags, interruption.signal);
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

async function writeInit(file: string | undefined, flags: InitFlags, signal: AbortSignal): Promise<void> {
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
