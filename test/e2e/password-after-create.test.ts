import { join } from "node:path";
import { expect, test } from "vitest";
import { anApp, statusesOf } from "../support/app.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const ALONE = "policies: { unsafeValues: admin-create }";
const PERMANENT = "policies: { unsafeValues: admin-create, passwordAfterCreate: random-permanent }";

/** Users of whom all but the first hold a line break, so that AdminCreateUser makes them. */
function aCsv(users: number): string {
  return aUserCsv(users, (number, cells) => {
    if (number > 1) cells[3] = `"User\n${number}"`;
  });
}

function argsFor(target: Target, users: number, config: string, runDir = join(aFolder(), "run")) {
  const args = migrateArgs(target, `csv:${aCsv(users)}`, { runDir });
  return [...args, "--config", aFile(config, "ferry.yaml")];
}

test("with random-permanent, created users can use forgot password, and nobody gets a message unasked", async () => {
  const target = await aTarget();
  const result = jsonOf(await runCli(argsFor(target, 3, PERMANENT)));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(result.followUps["set-password"]).toEqual({ planned: 2, untouched: 0, done: 2, failed: 0 });
  expect(statusesOf(target)).toEqual({ u1: "RESET_REQUIRED", u2: "CONFIRMED", u3: "CONFIRMED" });
  expect(target.emulator.control.outbox).toEqual([]);
  const app = await anApp(target);
  await app.forgetPassword("u2");
  expect(await app.signIn("u2")).toBe(true);
});

test("left alone, created users keep the temporary password, and cannot use forgot password", async () => {
  const target = await aTarget();
  const result = jsonOf(await runCli(argsFor(target, 2, ALONE)));
  expect(result.followUps["set-password"]).toEqual({ planned: 0, untouched: 0, done: 0, failed: 0 });
  expect(statusesOf(target)).toEqual({ u1: "RESET_REQUIRED", u2: "FORCE_CHANGE_PASSWORD" });
  expect(target.emulator.requestCounts.get("AdminSetUserPassword")).toBeUndefined();
  const app = await anApp(target);
  await expect(app.forgetPassword("u2")).rejects.toThrow("cannot be reset in the current state");
});

test("whom an import job refused gets a password as well", async () => {
  const target = await aTarget({}, { rules: { charactersInRow: 20, highestFailedShare: 1 } });
  const result = jsonOf(await runCli(argsFor(target, 1, PERMANENT)));
  expect(result).toMatchObject({ outcomes: { imported: 1 }, exitCode: 0 });
  expect(statusesOf(target)).toEqual({ u1: "CONFIRMED" });
});

test.each(["InvalidPasswordException", "PasswordHistoryPolicyViolationException"])(
  "%s is one user's: the user is in the pool, and the password is named as not set",
  async (type) => {
    const target = await aTarget();
    const fault = { kind: "error", status: 400, type, message: "said" } as const;
    target.emulator.control.planFault({ operation: "AdminSetUserPassword", fault });
    const result = jsonOf(await runCli(argsFor(target, 3, PERMANENT)));
    expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 3 });
    expect(result.followUps["set-password"]).toEqual({ planned: 2, untouched: 0, done: 1, failed: 1 });
    expect(result.reasons).toContainEqual({
      kind: "imported",
      reason: "follow-up-failed",
      example: "set-password: said",
      count: 1,
    });
  },
);

const resume = async (runDir: string): Promise<JsonResult> =>
  jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));

test.each(["before", "after"] as const)(
  "killed %s the effect of AdminSetUserPassword, a resumed run takes nobody's own password away",
  async (side: Side) => {
    const hold = new Hold({ operation: "AdminSetUserPassword", number: 1, side });
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    const child = startCli(argsFor(target, 2, PERMANENT, runDir));
    const ended = finish(child);
    await hold.caught;
    child.kill("SIGKILL");
    await ended;
    hold.release();
    const app = await anApp(target);
    // What the service may have done without our knowing, the user may have built upon.
    if (side === "after") await app.setPassword("u2");

    expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
    expect(statusesOf(target)).toEqual({ u1: "RESET_REQUIRED", u2: "CONFIRMED" });
    if (side === "after") expect(await app.signIn("u2")).toBe(true);
    else await expect(app.signIn("u2")).rejects.toThrow("Incorrect username or password");
  },
);
