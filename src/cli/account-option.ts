import { InvalidArgumentError, type Command } from "commander";
import { settableOption } from "./settable-option.ts";

/** What the command line says of the account. */
export interface AccountFlags {
  readonly expectAccount?: string;
}

/** Adds the guard against the wrong account. */
export function addAccountOption(command: Command): Command {
  return command.addOption(
    settableOption(
      "--expect-account <id>",
      "the AWS account in which the pool must be, 12 digits; stops before anything is written when it is not",
    ).argParser(parseAccount),
  );
}

function parseAccount(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError("It is the id of an AWS account, 12 digits.");
}
