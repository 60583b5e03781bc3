import type { Command } from "commander";
import { existsSync } from "node:fs";
import { FerryError } from "../core/ferry-error.ts";
import type { Config } from "../run/config.ts";
import { settableOption } from "./settable-option.ts";
import { printNote } from "./terminal.ts";

/** What the command line can say of the config file. */
export interface ConfigFlags {
  /** False with --no-config. */
  readonly config?: string | false;
}

/** A config, and the file that it stands in. */
export interface FoundConfig {
  readonly config: Config;
  /** Undefined where there is no file; the config is empty then. */
  readonly path: string | undefined;
}

/** The names under which a config is found without being named, in the folder that a command is called in. */
const NAMES = ["poolferry.yaml", "poolferry.yml"] as const;

/** Adds the options of the config file. */
export function addConfigOption(
  command: Command,
  description = "a YAML file that says the same and more, such as the mapping",
): Command {
  return command
    .addOption(
      settableOption(
        "--config <file>",
        `${description} (default: ${NAMES[0]} in this folder, if there is one)`,
      ),
    )
    .option("--no-config", `read no config file, whether there is a ${NAMES[0]} or not`);
}

/**
 * The config that the flags name, or the one in this folder, which is said on stderr: it changes what the command does. Throws
 * USAGE where this folder has two.
 */
export async function findConfig({ config: named }: ConfigFlags): Promise<FoundConfig> {
  const path = named ?? configHere();
  if (path === undefined || path === false) return { config: {}, path: undefined };
  if (named === undefined) printNote(`Config: ${path} of this folder (--no-config leaves it out)`);
  const { readConfig } = await import("../run/config.ts");
  return { config: await readConfig(path), path };
}

function configHere(): string | undefined {
  const [first, other] = NAMES.filter((name) => existsSync(name));
  if (other === undefined) return first;
  throw new FerryError("USAGE", `This folder has two configs: ${first} and ${other}`, {
    hint: "Name one with --config, or leave both out with --no-config",
  });
}
