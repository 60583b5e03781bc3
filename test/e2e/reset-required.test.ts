import { join } from "node:path";
import { expect, test } from "vitest";
import { anApp, OWN_PASSWORD, statusesOf } from "../support/app.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";

const RESET = "policies: { unsafeValues: admin-create, passwordAfterCreate: reset-required }";

/** Users of whom all but the first hold a line break, so that AdminCreateUser makes them. */
function aCsv(users: number, change: (number: number, cells: string[]) => void = () => undefined): string {
  return aUserCsv(users, (number, cells) => {
    if (number > 1) cells[3] = `"User\n${number}"`;
    change(number, cells);
  });
}

function argsFor(target: Target, csv: string, config = RESET, runDir = join(aFolder(), "run")) {
  return [...migrateArgs(target, `csv:${csv}`, { runDir }), "--config", aFile(config, "ferry.yaml")];
}

const told = ({ emulator }: Target): readonly string[] =>
  emulator.control.outbox.map(({ kind, username, medium }) => `${kind} ${username} ${medium}`).toSorted();

const resume = async (runDir: string): Promise<JsonResult> =>
  jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));

test("with reset-required, created users end as those of an import job do, and get one code each", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const result = jsonOf(await runCli(argsFor(target, aCsv(3), RESET, runDir)));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(result.followUps["reset-password"]).toEqual({ planned: 2, untouched: 0, done: 2, failed: 0 });
  expect(statusesOf(target)).toEqual({ u1: "RESET_REQUIRED", u2: "RESET_REQUIRED", u3: "RESET_REQUIRED" });
  expect(told(target)).toEqual(["reset-password u2 EMAIL", "reset-password u3 EMAIL"]);
  expect(jsonOf(await runCli(["verify", "--run-dir", runDir, "--json"])).exitCode).toBe(0);

  const app = await anApp(target);
  const last = target.emulator.control.outbox.at(-1)?.username ?? "";
  await expect(app.signIn(last)).rejects.toMatchObject({ name: "PasswordResetRequiredException" });
  await app.useCode(last);
  expect(await app.signIn(last)).toBe(true);
});

test("a plan says how many will be sent a code, and that it may be more; it sends none itself", async () => {
  const target = await aTarget();
  const args = argsFor(target, aCsv(3)).filter((arg) => !["migrate", "--yes", "--json"].includes(arg));
  const { stdout } = await runCli(["plan", ...args]);
  expect(stdout).toContain("2 users will be sent a code to set a password");
  expect(stdout).toContain("so will be those whose rows an import job refuses");
  expect(told(target)).toEqual([]);
});

test("who has nothing verified stays as with random-permanent, which is said, and who may not sign in gets no code", async () => {
  const target = await aTarget();
  const csv = aFile(
    [
      "username,email,email_verified,off",
      "ann,ann@example.com,false,no",
      "bob,bob@example.com,true,yes",
      'cy,cy@example.com,true,"no"',
    ].join("\n"),
    "users.csv",
  );
  const config = `
mapping: { username: username, disabled: "off", attributes: { email: email, email_verified: email_verified } }
policies: { passwordAfterCreate: reset-required }`;
  const result = jsonOf(await runCli(argsFor(target, csv, config)));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(result.issues).toContainEqual({ code: "reset-code-undeliverable", severity: "warning", count: 1 });
  expect(statusesOf(target)).toEqual({ ann: "CONFIRMED", bob: "RESET_REQUIRED", cy: "RESET_REQUIRED" });
  expect(told(target)).toEqual([]);
});

test("whom an import job refused gets a code as well, unless it is disabled", async () => {
  const target = await aTarget({}, { rules: { charactersInRow: 20, highestFailedShare: 1 } });
  const csv = aUserCsv(3, (number, cells) => {
    if (number === 2) cells[4] = "closed";
    if (number === 3) cells[2] = "false";
  });
  const config = `
mapping:
  username: username
  disabled: { lookup: plan, table: { closed: true }, otherwise: false }
  attributes: { email: email, email_verified: email_verified, name: name }
policies: { passwordAfterCreate: reset-required }`;
  const result = jsonOf(await runCli(argsFor(target, csv, config)));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(statusesOf(target)).toEqual({ u1: "RESET_REQUIRED", u2: "CONFIRMED", u3: "CONFIRMED" });
  expect(told(target)).toEqual(["reset-password u1 EMAIL"]);
  expect(result.issues).toContainEqual({ code: "reset-code-undeliverable", severity: "warning", count: 1 });
});

test.each([
  { what: "the reply is lost", moment: "after-effect", fault: { kind: "drop" } },
  { what: "the request is lost", moment: "before-effect", fault: { kind: "reset" } },
  {
    what: "the service has trouble",
    moment: "after-effect",
    fault: { kind: "error", status: 500, type: "InternalErrorException", message: "said" },
  },
  { what: "the request is throttled", moment: "before-effect", fault: { kind: "throttle" } },
] as const)("each gets one code where $what", async ({ moment, fault }) => {
  const target = await aTarget();
  target.emulator.control.planFault({ operation: "AdminResetUserPassword", moment, fault });
  const result = jsonOf(await runCli(argsFor(target, aCsv(3))));
  expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(told(target)).toEqual(["reset-password u2 EMAIL", "reset-password u3 EMAIL"]);
});

/** Migrates a user whom AdminCreateUser makes, and kills the run around the reset of the password. */
async function killedAt(
  side: Side,
  config = RESET,
  csv = aCsv(2),
): Promise<{ target: Target; runDir: string }> {
  const hold = new Hold({ operation: "AdminResetUserPassword", number: 1, side });
  const target = await aTarget({ MfaConfiguration: "OPTIONAL" }, { hooks: hold.hooks });
  const runDir = join(aFolder(), "run");
  const child = startCli(argsFor(target, csv, config, runDir));
  const ended = finish(child);
  await hold.caught;
  child.kill("SIGKILL");
  await ended;
  hold.release();
  return { target, runDir };
}

test("whoever used the code while the run lay still keeps the password, and gets no other code", async () => {
  const { target, runDir } = await killedAt("after");
  const app = await anApp(target);
  // No code is read within a second.
  target.emulator.control.clock.advance(1_500);
  await app.useCode("u2");
  expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
  expect(told(target)).toEqual(["reset-password u2 EMAIL"]);
  expect(await app.signIn("u2", OWN_PASSWORD)).toBe(true);
});

test("what the run did to a user before the reset is not taken for what the user did after it", async () => {
  const csv = aFile(
    'username,email,email_verified,phone_number,name,factor\nu2,u2@example.com,true,+48601555010,"two\nlines",sms\n',
    "users.csv",
  );
  const names = ["email", "email_verified", "phone_number", "name"].map((name) => `${name}: ${name}`);
  const config = `
mapping: { username: username, mfa: factor, attributes: { ${names.join(", ")} } }
${RESET}`;
  const { target, runDir } = await killedAt("before", config, csv);
  target.emulator.control.clock.advance(5_000);
  expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 1 }, exitCode: 0 });
  expect(statusesOf(target)).toEqual({ u2: "RESET_REQUIRED" });
  expect(target.emulator.requestCounts.get("AdminSetUserMFAPreference")).toBe(1);
});

test("the limit of a day's e-mails stops the run, and a resumed one goes on", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const message = "Exceeded daily email limit for the operation or the account.";
  const fault = { kind: "error", status: 400, type: "LimitExceededException", message } as const;
  target.emulator.control.planFault({ operation: "AdminResetUserPassword", count: 0, fault });
  const stopped = jsonOf(await runCli(argsFor(target, aCsv(2), RESET, runDir)));
  expect(stopped).toMatchObject({ exitCode: 4, error: { code: "SERVICE_REFUSED" } });
  target.emulator.control.clearFaults();
  expect(await resume(runDir)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
  expect(told(target)).toEqual(["reset-password u2 EMAIL"]);
});

test("without a password of its own the user cannot be reset, and both are named", async () => {
  const target = await aTarget();
  const fault = { kind: "error", status: 400, type: "InvalidPasswordException", message: "said" } as const;
  target.emulator.control.planFault({ operation: "AdminSetUserPassword", fault });
  const result = jsonOf(await runCli(argsFor(target, aCsv(2))));
  expect(result).toMatchObject({ outcomes: { imported: 2 }, exitCode: 3 });
  expect(result.followUps).toMatchObject({ "set-password": { failed: 1 }, "reset-password": { failed: 1 } });
  expect(statusesOf(target)).toMatchObject({ u2: "FORCE_CHANGE_PASSWORD" });
});
