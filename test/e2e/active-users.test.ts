import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aTarget, type Target } from "../support/target.ts";

/** What the plan counts and AWS documents neither way; that the emulator counts it too is set here. */
const COUNTED_TO_BE_SAFE = ["AdminSetUserMFAPreference", "AdminLinkProviderForUser"] as const;

/** Two who stay free, one for each cause, one for two causes, and one who is rejected. */
const MIXED = members(8, (number) => ({
  email_verified: true,
  ...[
    {},
    { disabled: true },
    { teams: ["crew"], name: 'the "one"' },
    { name: 'the "other"' },
    { identities: [{ provider: "google", id: "g-5" }] },
    { email_verified: false },
    { email_verified: false, teams: ["crew"] },
    { username: "m 8", teams: ["crew"] },
  ][number - 1],
}));

const CAUSES = { creation: 2, password: 0, groups: 1, attributes: 1, mfa: 0, links: 1 };

function activeOf({ emulator, userPoolId }: Target): number {
  const byMonth = emulator.control.stats().monthlyActiveUsers[userPoolId] ?? {};
  return Object.values(byMonth).reduce((sum, count) => sum + count, 0);
}

test("a plan says how many users it will make active, each once by its first cause, and so it comes", async () => {
  const target = await aTarget({}, { rules: { alsoCountsAsActive: COUNTED_TO_BE_SAFE } });
  const runDir = join(aFolder(), "run");
  const args = ["--config", aMemberConfig(MIXED), ...target.flags, "--run-dir", runDir];
  const planned = jsonOf(await runCli(["plan", ...args, "--json"]));
  expect(planned.activeUsers).toEqual({ count: 5, of: 7, causes: CAUSES });
  expect(activeOf(target)).toBe(0);
  const text = (await runCli(["status", "--run-dir", runDir])).stdout;
  expect(text).toContain(
    "5 of 7 users count as active in the month's bill (2 by creation, 1 by groups, 1 by attributes, 1 by links)",
  );

  const done = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
  expect(done.activeUsers).toEqual(planned.activeUsers);
  expect(activeOf(target)).toBe(5);
  expect(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8"))).toMatchObject({
    activeUsers: planned.activeUsers,
  });
});

test("who was there before, and what could not be done, makes nobody active", async () => {
  const target = await aTarget();
  const first = members(2, () => ({ email_verified: true, teams: ["crew"] }));
  const migrate = async (list: typeof first) => {
    const flags = [...target.flags, "--run-dir", join(aFolder(), "run"), "--yes", "--json"];
    return jsonOf(await runCli(["migrate", "--config", aMemberConfig(list), ...flags]));
  };
  const fault = { kind: "error", status: 400, type: "InvalidParameterException", message: "said" } as const;
  target.emulator.control.planFault({ operation: "AdminAddUserToGroup", fault });
  const { activeUsers } = await migrate(first);
  expect(activeUsers).toMatchObject({ count: 1, of: 2 });
  expect(activeOf(target)).toBe(1);
  expect((await migrate(first)).activeUsers).toMatchObject({ count: 0, of: 0 });
});
