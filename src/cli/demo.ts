import type { Command } from "commander";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { OUTCOMES } from "../core/outcome.ts";
import { useLocalEnvironment } from "./emulator.ts";
import { createLocalPool, LOCAL_CREDENTIALS, LOCAL_LOGS_ROLE_ARN } from "./local-pool.ts";
import { examplesText } from "./help-text.ts";
import { watchInterruption } from "./interruption.ts";
import { openProgress } from "./progress.ts";
import { summaryText } from "./summary-text.ts";
import { printNote, printResult, reportError } from "./terminal.ts";

const EXPORT = fileURLToPath(new URL("../../../fixtures/demo/auth0-export.json", import.meta.url));

/** `poolferry demo`: the whole way of a migration, against a local Cognito, with made-up users. */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .summary("migrate a made-up export into a local Cognito, to see how it goes")
    .description(
      "Starts a local Cognito, makes a user pool, migrates a small made-up Auth0 export into it, and shows every user's outcome. Touches nothing but a temporary folder.",
    )
    .addHelpText("after", examplesText("poolferry demo"))
    .action(async () => {
      try {
        await demonstrate();
      } catch (error) {
        process.exitCode = reportError(error, { json: false });
      }
    });
}

async function demonstrate(): Promise<void> {
  using interruption = watchInterruption();
  using progress = openProgress({});
  const work = { signal: interruption.signal, observe: progress.observe };
  const [{ startEmulator }, { plan }, { apply }] = await Promise.all([
    import("../../emulator/index.ts"),
    import("../run/plan.ts"),
    import("../run/apply.ts"),
  ]);
  useLocalEnvironment();
  await using emulator = await startEmulator({ port: 0 });
  const userPoolId = await createLocalPool(emulator.url, emulator.region, "demo");
  printNote(pc.bold(`A local Cognito runs at ${emulator.url}; the same by hand:`));
  printNote(
    `  poolferry migrate --from auth0:${EXPORT} --user-pool-id ${userPoolId} \\\n    --endpoint-url ${emulator.url} --logs-role-arn ${LOCAL_LOGS_ROLE_ARN} --yes\n`,
  );
  const planned = await plan({
    source: { type: "auth0", path: EXPORT },
    userPoolId,
    endpointUrl: emulator.url,
    logsRoleArn: LOCAL_LOGS_ROLE_ARN,
    runDir: join(await mkdtemp(join(tmpdir(), "poolferry-demo-")), "run"),
    mapping: { attributes: { "custom:legacy_id": "user_id" } },
    ...work,
  });
  const summary = await apply({ runDir: planned.runDir, ...work });
  progress[Symbol.dispose]();
  await showOutcomes(summary.runDir);
  await showPool(emulator.url, emulator.region, userPoolId);
  printResult(summaryText(summary));
  printNote(
    `\nThe export holds users with trouble on purpose: a real migration would end with exit code ${summary.exitCode}.`,
  );
}

async function showOutcomes(runDir: string): Promise<void> {
  const [{ openSqliteLedger }, { runFolderAt }] = await Promise.all([
    import("../ledger/sqlite-ledger.ts"),
    import("../run/run-folder.ts"),
  ]);
  await using ledger = await openSqliteLedger(runFolderAt(runDir).ledgerPath, "read");
  printNote(pc.bold("\nWhat came of every user:"));
  const users = [];
  for (const kind of OUTCOMES) {
    for await (const user of ledger.usersWithOutcome(kind)) users.push({ kind, user });
  }
  for (const { kind, user } of users.sort((one, other) => one.user.seq - other.user.seq)) {
    const { seq, username = "", message = "" } = user;
    printNote(`  ${String(seq).padStart(2)}  ${username.padEnd(26)} ${kind.padEnd(9)} ${message}`);
  }
}

async function showPool(endpoint: string, region: string, userPoolId: string): Promise<void> {
  const { CognitoIdentityProviderClient, paginateListUsers } =
    await import("@aws-sdk/client-cognito-identity-provider");
  const client = new CognitoIdentityProviderClient({ endpoint, region, credentials: LOCAL_CREDENTIALS });
  printNote(pc.bold(`\nWho is in the user pool ${userPoolId} (it ends with this demo):`));
  try {
    for await (const page of paginateListUsers({ client }, { UserPoolId: userPoolId })) {
      for (const { Username, UserStatus, Attributes } of page.Users ?? []) {
        const value = (name: string): string => Attributes?.find(({ Name }) => Name === name)?.Value ?? "";
        printNote(`  ${(Username ?? "").padEnd(26)} ${(UserStatus ?? "").padEnd(15)} ${value("name")}`);
      }
    }
  } finally {
    client.destroy();
  }
  printNote("");
}
