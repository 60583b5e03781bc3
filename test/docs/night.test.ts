import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_QUOTA_SHARE, quotasOf, type Operation } from "../../src/cognito/quota.ts";
import { ERROR_CODES } from "../../src/core/ferry-error.ts";
import { MAX_PART_ROWS } from "../../src/transform/import-csv.ts";
import { blocksOf } from "../support/pages.ts";
import { aProject, runInShell } from "../support/project.ts";
import { aTarget, LOGS_ROLE_ARN } from "../support/target.ts";

const NIGHT = readFileSync("docs/night.md", "utf8");

/** Calls a second at the documented rates and the share of them that a run takes. */
function paceOf(operation: Operation): number {
  return Math.min(...quotasOf(operation).map(({ rps }) => rps * DEFAULT_QUOTA_SHARE));
}

test.each<[string, Operation]>([
  ["AdminCreateUser", "AdminCreateUser"],
  ["disabling, values set afterwards, groups, linked identities", "AdminDisableUser"],
  ["disabling, values set afterwards, groups, linked identities", "AdminUpdateUserAttributes"],
  ["disabling, values set afterwards, groups, linked identities", "AdminAddUserToGroup"],
  ["disabling, values set afterwards, groups, linked identities", "AdminLinkProviderForUser"],
  ["second factors", "AdminSetUserMFAPreference"],
])("the pace of %s is the one that %s keeps", (step, operation) => {
  const rps = paceOf(operation);
  const row = NIGHT.split("\n").find((line) => line.startsWith(`| ${step} |`));
  expect(row).toContain(`${rps} a second`);
  if (row?.includes("an hour") === true) {
    expect(row).toContain(`${(rps * 3600).toLocaleString("en")} an hour`);
  }
});

test("the time of the groups is what their pace makes of it, and a job's users are those that a part takes", () => {
  const seconds = 500_000 / paceOf("AdminAddUserToGroup");
  expect(NIGHT).toContain(`500,000 group memberships take ${seconds.toLocaleString("en")} seconds`);
  expect(NIGHT).toContain(`at most ${MAX_PART_ROWS.toLocaleString("en")} users`);
});

test("its commands carry a night out as they stand", { timeout: 90_000 }, async () => {
  const target = await aTarget();
  const folder = aProject();
  writeFileSync(join(folder, "users.csv"), "username,email,email_verified\nada,ada@example.com,true\n");
  writeFileSync(
    join(folder, "ferry.yaml"),
    `source: { type: csv, path: users.csv }
userPool: { id: ${target.userPoolId} }
importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }
`,
  );
  const env = { AWS_ENDPOINT_URL: target.emulator.url };
  const commands = blocksOf(NIGHT, "sh");
  expect(commands).toHaveLength(3);
  const told = ["1 by import-job", "1 imported", "finished run"];
  for (const [place, command] of commands.entries()) {
    const { exitCode, stdout, stderr } = await runInShell(command, folder, env);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain(told[place]);
  }
});

test("its error codes are there", () => {
  const codes = [...NIGHT.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code ?? "");
  const flows = codes.filter((code) => code.startsWith("ALLOW_"));
  expect(flows).toHaveLength(2);
  expect(codes.filter((code) => !flows.includes(code) && !ERROR_CODES.some((each) => each === code))).toEqual(
    [],
  );
});
