import { Option } from "commander";

/**
 * An option that the environment can say, too: `--run-dir` is POOLFERRY_RUN_DIR. The command line comes before the
 * environment, and the environment before a config file. What says yes to something has none: a yes is for one command.
 */
export function settableOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.env(`${PREFIX}${option.name().toUpperCase().replaceAll("-", "_")}`);
}

const PREFIX = "POOLFERRY_";

/** Takes variables of ours that are empty out of the environment, as services and containers leave them for "not set". */
export function dropEmptyVariables(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith(PREFIX) && value === "") delete environment[name];
}
