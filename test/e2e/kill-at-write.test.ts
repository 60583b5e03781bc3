import { AdminSetUserPasswordCommand } from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { anAppClient, cognitoOf } from "../support/app-client.ts";
import { anApp } from "../support/app.ts";
import { finish, jsonOf, runCli, startCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold } from "../support/hold.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";

const KILLER = pathToFileURL(fileURLToPath(new URL("../support/kill-at-write.ts", import.meta.url))).href;

/** Runs a command that kills itself before a write of the ledger that holds a text. */
function runKilled(args: readonly string[], { at = 1, text }: { at?: number; text: string }) {
  const env = { NODE_OPTIONS: `--import=${KILLER}`, KILL_AT_WRITE: String(at), KILL_AT_TEXT: text };
  return runCli(args, { env });
}

const rows = (runDir: string, name: string): readonly Readonly<Record<string, string>>[] =>
  parse(readFileSync(join(runDir, name)), { columns: true });

test("killed when the last part was written and not yet finished, a resumed run makes it anew", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  await runCli(["plan", "--from", `csv:${aUserCsv(4)}`, ...target.flags, "--run-dir", runDir]);
  const killed = await runKilled(["apply", "--run-dir", runDir], {
    text: "UPDATE part SET state = 'spooled'",
  });
  expect(killed.signal).toBe("SIGKILL");
  const resumed = await runCli(["resume", "--run-dir", runDir, "--json"]);
  expect(jsonOf(resumed)).toMatchObject({ state: "done", outcomes: { imported: 4 }, exitCode: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(4));
});

test("killed right after users who signed up were settled, their subs are known", async () => {
  const target = await aTarget();
  const client = await anAppClient(target);
  const runDir = join(aFolder(), "run");
  const list = [1, 2, 3].map((n) => `${JSON.stringify({ username: `u${n}`, email: `u${n}@example.com` })}\n`);
  const config = aFile(
    `source: { type: ndjson, path: ${aFile(list.join(""), "u.ndjson")} }
userPool: { id: ${target.userPoolId}, endpointUrl: "${target.emulator.url}" }
signUp: { clientId: ${client.id}, messages: allowed }
`,
    "ferry.yaml",
  );
  const args = ["migrate", "--config", config, "--run-dir", runDir, "--yes", "--json"];
  const killed = await runKilled(args, { at: 2, text: "UPDATE users SET outcome" });
  expect(killed.signal).toBe("SIGKILL");
  expect(jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]))).toMatchObject({ exitCode: 0 });
  expect(rows(runDir, "identity-map.csv").map(({ sub }) => sub)).toEqual(
    target.users("sub").map(({ sub }) => sub),
  );
});

test("a password that the user has chosen after the run set the old one is not set back by a resume", async () => {
  const hold = new Hold({ operation: "AdminSetUserPassword", number: 1, side: "after" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const app = await anApp(target);
  const runDir = join(aFolder(), "run");
  const person = { username: "u1", email: "u1@example.com", email_verified: true, word: "Old-Passw0rd-1" };
  const source = aFile(`${JSON.stringify(person)}\n`, "u.ndjson");
  const config = aFile(
    `source: { type: ndjson, path: ${source} }\nmapping: { username: username, password: word }\n`,
    "ferry.yaml",
  );
  const child = startCli(["migrate", "--config", config, ...target.flags, "--run-dir", runDir, "--yes"]);
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGKILL");
  await ended;
  hold.release();
  const { userPoolId: UserPoolId } = target;
  const chosen = { UserPoolId, Username: "u1", Password: "Chosen-Passw0rd-2", Permanent: true };
  await cognitoOf(target).send(new AdminSetUserPasswordCommand(chosen));
  expect(jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]))).toMatchObject({ exitCode: 0 });
  expect(await app.signIn("u1", "Chosen-Passw0rd-2")).toBe(true);
});

describe("a session that may send few users", () => {
  test("makes another part of users whose larger one was never sent", async () => {
    const hold = new Hold({ operation: "CreateUserImportJob", number: 1, side: "before" });
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    await runCli(["plan", "--from", `csv:${aUserCsv(30)}`, ...target.flags, "--run-dir", runDir]);
    const child = startCli(["apply", "--run-dir", runDir]);
    const ended = finish(child);
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    const limited = await runCli(["apply", "--run-dir", runDir, "--max-users", "2", "--json"]);
    expect(jsonOf(limited)).toMatchObject({ outcomes: { imported: 2 }, unsettled: 28, exitCode: 0 });
    expect(target.users()).toHaveLength(2);
    expect(jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]))).toMatchObject({
      outcomes: { imported: 30 },
      exitCode: 0,
    });
  });

  test("ends the run with the last of them, also where the sub of someone from before is not to be found", async () => {
    const target = await aTarget(
      { AliasAttributes: ["email"] },
      { rules: { aliasConflict: "skipped", highestFailedShare: 1 } },
    );
    const runDir = join(aFolder(), "run");
    const other = { username: "other", email: "u2@example.com", email_verified: true };
    const source = aFile(`${JSON.stringify(other)}\n`, "other.ndjson");
    const args = [
      "migrate",
      "--from",
      `ndjson:${source}`,
      ...target.flags,
      "--yes",
      "--run-dir",
      join(aFolder(), "first"),
    ];
    expect((await runCli(args)).exitCode).toBe(0);
    await runCli(["plan", "--from", `csv:${aUserCsv(3)}`, ...target.flags, "--run-dir", runDir]);
    const limited = await runCli(["apply", "--run-dir", runDir, "--max-users", "50", "--json"]);
    expect(jsonOf(limited)).toMatchObject({ state: "done", outcomes: { imported: 2, skipped: 1 } });
  });
});
