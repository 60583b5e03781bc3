import type { Command } from "commander";
import { join } from "node:path";
import pc from "picocolors";
import type { VerifySummary } from "../run/verify.ts";
import { addAccountOption, type AccountFlags } from "./account-option.ts";
import { examplesText } from "./help-text.ts";
import { addOutputOptions } from "./plan-options.ts";
import { profileOption, runDirOption } from "./pool-options.ts";
import { printOutcome, type OutputFlags } from "./run-command.ts";

interface VerifyFlags extends OutputFlags, AccountFlags {
  readonly runDir: string;
  readonly profile?: string;
}

/** `poolferry verify`: compares the pool with what a run planned and did. */
export function addVerifyCommand(program: Command): void {
  addOutputOptions(
    addAccountOption(program.command("verify"))
      .addOption(runDirOption("the folder of a finished run").makeOptionMandatory())
      .addOption(profileOption("the plan's")),
  )
    .summary("compare the pool with what a run planned and did")
    .description(
      "Reads the whole pool again, with ListUsers and ListUsersInGroup, and compares it with what a finished run planned and did: who is there, attributes, enabled or disabled, status, linked identities, and the run's groups. Shows counts and names of attributes, never a value; verify.csv in the run folder names the users. Changes nothing. Ends with 3 when something differs.",
    )
    .addHelpText("after", examplesText("poolferry verify --run-dir first-try"))
    .action((flags: VerifyFlags) =>
      printOutcome(
        flags,
        async (work) => {
          const { verify } = await import("../run/verify.ts");
          const { runDir, profile, expectAccount } = flags;
          return verify({ runDir, profile, expectAccount, environment: process.env, ...work });
        },
        verifyText,
      ),
    );
}

function verifyText(summary: VerifySummary): string {
  const { runId, userPoolId, agreeing, notCreated, differing, missing, unexpected, differences, runDir } =
    summary;
  const bad = (count: number, what: string): string =>
    count === 0 ? `0 ${what}` : pc.red(`${count} ${what}`);
  return [
    pc.bold(`Run ${runId} compared with ${userPoolId}`),
    `  users     ${pc.green(`${agreeing - notCreated} as wanted`)}, ${notCreated === 0 ? "" : `${notCreated} not created, `}${bad(differing, "differ")}, ${bad(missing, "missing")}, ${bad(unexpected, "there although not imported")}`,
    ...(differences.length === 0
      ? []
      : [`  differ in ${differences.map(({ what, count }) => `${what} (${count})`).join(", ")}`]),
    ...(differing + missing + unexpected === 0
      ? []
      : [`  users who are not as wanted: ${pc.dim(join(runDir, "verify.csv"))}`]),
  ].join("\n");
}
