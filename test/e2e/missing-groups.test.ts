import { CognitoIdentityProviderClient, CreateGroupCommand } from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fault } from "../../emulator/steer.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

/** A pool with the group crew, whose description and precedence are its own. */
async function aPoolWithGroup(): Promise<Target> {
  const target = await aTarget();
  const { url: endpoint, region } = target.emulator;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new CognitoIdentityProviderClient({ endpoint, region, credentials });
  onTestFinished(() => client.destroy());
  const group = { GroupName: "crew", Description: "ours", Precedence: 7 };
  await client.send(new CreateGroupCommand({ UserPoolId: target.userPoolId, ...group }));
  return target;
}

/** Two users by an import job and one by AdminCreateUser; two want a group that is not there. */
const USERS = `username,email,email_verified,teams
ann,ann@example.com,true,crew
bob,bob@example.com,true,crew|staff
cy,cy@example.com,false,staff
`;

function argsFor(target: Target, policy: string, runDir = join(aFolder(), "run")): readonly string[] {
  const config = `
mapping:
  username: username
  groups: { split: teams, at: "|" }
  attributes: { email: email, email_verified: email_verified }
policies: { missingGroups: ${policy} }`;
  const source = `csv:${aFile(USERS, "users.csv")}`;
  return [...migrateArgs(target, source, { runDir }), "--config", aFile(config, "ferry.yaml")];
}

const rows = (runDir: string, name: string): readonly Readonly<Record<string, string>>[] =>
  parse(readFileSync(join(runDir, name)), { columns: true });

/** The pool's groups with their precedences, and their members. */
function groupsOf({ emulator, userPoolId }: Target): Readonly<Record<string, unknown>> {
  const members: Record<string, unknown[]> = {};
  for (const line of emulator.control.dump()) {
    if (!("poolId" in line) || line.poolId !== userPoolId) continue;
    if (line.kind === "group") members[line.name] ??= [];
    if (line.kind === "user") for (const { name } of line.groups) (members[name] ??= []).push(line.username);
  }
  return members;
}

test("with leave-out no group is created, and the plan says who goes without before anything is sent", async () => {
  const target = await aPoolWithGroup();
  const runDir = join(aFolder(), "run");
  const planArgs = argsFor(target, "leave-out", runDir).filter((arg) => arg !== "migrate" && arg !== "--yes");
  const planned = jsonOf(await runCli(["plan", ...planArgs]));
  expect(planned.issues).toContainEqual({ code: "group-missing", severity: "warning", count: 2 });
  expect(planned.followUps["add-to-group"]).toMatchObject({ planned: 2 });
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
  const isAboutGroups = ({ code }: Readonly<Record<string, string>>): boolean => code === "group-missing";
  expect(rows(runDir, "warnings.csv").filter(isAboutGroups)).toMatchObject([
    { username: "bob", attribute: "groups", message: "the pool has no group staff" },
    { username: "cy", attribute: "groups", message: "the pool has no group staff" },
  ]);

  const done = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
  expect(done).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(groupsOf(target)).toEqual({ crew: ["ann", "bob"] });
  expect(target.emulator.requestCounts.get("CreateGroup")).toBe(1);
  expect(jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"])).exitCode).toBe(0);
});

test("with create the missing one is made", async () => {
  const target = await aPoolWithGroup();
  const result = jsonOf(await runCli(argsFor(target, "create")));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(groupsOf(target)).toEqual({ crew: ["ann", "bob"], staff: ["bob", "cy"] });
});

const DENIED: Fault = { kind: "error", status: 400, type: "AccessDeniedException", message: "no" };

test("where the plan may not list the groups, that is said, and follow-ups.csv names whom and which", async () => {
  const target = await aPoolWithGroup();
  const runDir = join(aFolder(), "run");
  target.emulator.control.planFault({ operation: "ListGroups", count: 0, fault: DENIED });
  const run = await runCli(argsFor(target, "leave-out", runDir));
  expect(run.stderr).toContain("groups cannot be listed");
  expect(jsonOf(run)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 3 });
  expect(groupsOf(target)).toEqual({ crew: ["ann", "bob"] });
  expect(rows(runDir, "follow-ups.csv")).toMatchObject([
    { username: "bob", follow_up: "add-to-group", target: "staff", message: "Group not found." },
    { username: "cy", follow_up: "add-to-group", target: "staff", message: "Group not found." },
  ]);
});

test("any other trouble with the list ends the plan", async () => {
  const target = await aPoolWithGroup();
  const fault: Fault = { kind: "error", status: 400, type: "InvalidParameterException", message: "said" };
  target.emulator.control.planFault({ operation: "ListGroups", count: 0, fault });
  const result = jsonOf(await runCli(argsFor(target, "leave-out")));
  expect(result).toMatchObject({ exitCode: 2, error: { code: "SERVICE_REFUSED" } });
});
