import type { Command } from "commander";
import { accountEndpoints } from "./account-endpoints.ts";
import { doctorText } from "./doctor-text.ts";
import { findConfig } from "./find-config.ts";
import { examplesText, underHeading } from "./help-text.ts";
import { addOutputOptions, addReadingOptions, sourceFrom, type ReadingFlags } from "./plan-options.ts";
import { runDirOption } from "./pool-options.ts";
import { redactText } from "./redact.ts";
import { requireUrl } from "./require-url.ts";
import { printOutcome } from "./run-command.ts";
import type { DoctorOptions } from "../run/doctor.ts";

interface DoctorFlags extends ReadingFlags {
  readonly runDir?: string;
}

/** `poolferry doctor`: whether all that a migration needs around it is there. */
export function addDoctorCommand(program: Command): void {
  const command = addReadingOptions(program.command("doctor"));
  underHeading(command, "Run:", (run) =>
    run.addOption(runDirOption("where the run will be, to look for room (default: poolferry-runs)")),
  );
  addOutputOptions(command)
    .summary("check credentials, pool, permissions, log role, network, clock, source")
    .description(
      "Looks at all that a migration needs around it: Node.js, disk and source, credentials and region, the pool, the role for the log, the way to the upload, other import jobs, quotas, the clock, and the permissions of each command. Changes nothing: permissions are tried by calls that read, or that are on users who do not exist, and what cannot be tried so is said. What is left out of the options is not looked at. Ends with 2 when a check failed, and with 0 else.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry doctor --user-pool-id eu-central-1_AbCd12345",
        "poolferry doctor --user-pool-id eu-central-1_AbCd12345 --from csv:users.csv --logs-role-arn arn:aws:iam::123456789012:role/poolferry-import-log",
        "poolferry doctor --config ferry.yaml --json",
      ),
    )
    .action((flags: DoctorFlags) =>
      printOutcome(
        flags,
        async ({ signal }) => {
          const { doctor } = await import("../run/doctor.ts");
          const summary = await doctor({ ...(await doctorOptionsFrom(flags)), signal });
          // Errors of the network may quote an address with its password.
          const checks = summary.checks.map((check) => ({ ...check, message: redactText(check.message) }));
          return { ...summary, checks };
        },
        doctorText,
      ),
    );
}

async function doctorOptionsFrom(flags: DoctorFlags): Promise<DoctorOptions> {
  const { config } = await findConfig(flags);
  const endpointUrl = flags.endpointUrl ?? config.userPool?.endpointUrl;
  if (endpointUrl !== undefined) requireUrl(endpointUrl);
  const logs = config.userPool?.logsEndpointUrl;
  const logsFromEnvironment =
    endpointUrl === undefined ? undefined : process.env["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"];
  return {
    userPoolId: flags.userPoolId ?? config.userPool?.id,
    region: flags.region ?? config.userPool?.region,
    profile: flags.profile ?? config.userPool?.profile,
    expectAccount: flags.expectAccount ?? config.userPool?.expectAccount,
    endpointUrl,
    logsEndpointUrl: logs ?? logsFromEnvironment,
    ...accountEndpoints(endpointUrl),
    logsRoleArn: flags.logsRoleArn ?? config.importJob?.logsRoleArn,
    source: () => sourceFrom(flags.from, config.source),
    mapping: config.mapping,
    runDir: flags.runDir ?? config.runDir,
  };
}
