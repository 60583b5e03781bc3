import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_QUOTA_SHARE, quotasOf, type Operation } from "../../src/cognito/quota.ts";
import { ERROR_CODES } from "../../src/core/ferry-error.ts";
import { MAX_PART_ROWS } from "../../src/transform/import-csv.ts";
import { runCli } from "../support/cli.ts";

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

test("its error codes, its files and its commands are there", async () => {
  const codes = [...NIGHT.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code ?? "");
  const flows = codes.filter((code) => code.startsWith("ALLOW_"));
  expect(flows).toHaveLength(2);
  expect(codes.filter((code) => !flows.includes(code) && !ERROR_CODES.some((each) => each === code))).toEqual(
    [],
  );
  const files = [...NIGHT.matchAll(/\]\(([\w-]+\.md)/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(existsSync(`docs/${file}`), file).toBe(true);
  for (const [, command = "", flags = ""] of NIGHT.matchAll(/npx poolferry (\w+)([^`\n]*)/g)) {
    const { stdout } = await runCli([command, "--help"]);
    for (const [flag] of flags.matchAll(/--[\w-]+/g)) expect(stdout, command).toContain(flag);
  }
});
