import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { blocksOf, pageAt } from "../support/pages.ts";
import { isInstalled } from "../support/programs.ts";
import { aProject } from "../support/project.ts";
import { aTarget } from "../support/target.ts";
import { Reader, startAsTold } from "../support/reader.ts";

const { text: GUIDE } = pageAt("docs/guide.md");
const [CUSTOMERS = ""] = blocksOf(GUIDE, "csv");

/** The file as the page has it mended: without its line 6. */
const MENDED = CUSTOMERS.split("\n").toSpliced(5, 1).join("\n");

/** The id of the run, as a reader sees it when an undo asks for it. */
async function runIdIn(folder: string): Promise<string> {
  return jsonOf(await runCli(["status", "--run-dir", join(folder, "trial"), "--json"])).runId;
}

const hasAws = isInstalled("aws", "signing in as the guide does");

test("its story is as it tells, from the made-up file to nothing left", { timeout: 180_000 }, async () => {
  const [
    init = "",
    emulator = "",
    plan = "",
    again = "",
    go = "",
    signIn = "",
    reset = "",
    back = "",
    ...more
  ] = blocksOf(GUIDE, "sh");
  expect(more).toEqual([]);
  const reader = new Reader(await startAsTold(emulator));
  reader.write("customers.csv", CUSTOMERS);

  expect(await reader.type(init)).toMatchObject({ exitCode: 0 });
  for (const rule of ["email_verified: email_confirmed", "passwordHash: password_hash", "blocked: false"])
    expect(reader.read("ferry.yaml")).toContain(rule);

  const planned = await reader.type(plan);
  expect(planned.exitCode, planned.stderr).toBe(3);
  for (const code of ["duplicate-username", "password-hash-over-limit", "nothing-verified"])
    expect(planned.stdout).toContain(code);
  expect(parse(reader.read("trial/rejected.csv"), { columns: true })).toMatchObject([
    { first_name: "Bo" },
    { first_name: "Bob" },
  ]);
  reader.write("customers.csv", MENDED);
  expect(await reader.type(again)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("3 by import-job, 1 by admin-create") as string,
  });

  const gone = await reader.type(go);
  expect(gone.exitCode, gone.stderr).toBe(0);
  for (const part of ["1 imported, ", "3 not yet settled", "4 imported, ", "4 as wanted, 0 differ"])
    expect(gone.stdout).toContain(part);
  expect(parse(reader.read("trial/identity-map.csv"), { columns: true })).toHaveLength(4);

  if (hasAws) {
    expect((await reader.type(signIn)).stdout).toContain('"TokenType": "Bearer"');
    const trying = (who: string) =>
      reader.type(
        `aws cognito-idp initiate-auth --client-id "$CLIENT_ID" --auth-flow USER_PASSWORD_AUTH --auth-parameters USERNAME=${who}@example.com,PASSWORD=any`,
      );
    expect((await trying("bo.li")).stderr).toContain("PasswordResetRequiredException");
    expect((await trying("dee")).stderr).toContain("disabled");
    expect((await reader.type(reset)).stdout).toContain('"kind":"reset-password"');
    const refused = await reader.type(
      'aws cognito-idp forgot-password --client-id "$CLIENT_ID" --username cy@example.com',
    );
    expect(refused.stderr).toContain("NotAuthorizedException");
  }

  // What is typed when the undo asks. Bo has asked for a code, and nothing of the user is changed by that.
  const id = await runIdIn(reader.folder);
  const undone = await reader.type(back.replace("--delete", `--delete --confirm ${id}`));
  expect(undone.exitCode, undone.stdout + undone.stderr).toBe(0);
  expect(undone.stdout).toContain("4 deleted");
  expect(existsSync(join(reader.folder, "trial", "identity-map.csv"))).toBe(false);
});

test("its hook leaves to the trigger whom no hash lets in, and its config runs", async () => {
  const target = await aTarget();
  const folder = aProject();
  writeFileSync(join(folder, "customers.csv"), CUSTOMERS);
  writeFileSync(join(folder, "leave-to-trigger.mts"), blocksOf(GUIDE, "ts")[0] ?? "");
  const config = `source: { type: csv, path: customers.csv }
hook: ./leave-to-trigger.mts
mapping:
  username: email
  passwordHash: password_hash
  attributes: { email: email, email_verified: email_confirmed }
`;
  writeFileSync(join(folder, "ferry.yaml"), config);
  const args = ["plan", "--config", "ferry.yaml", ...target.flags, "--run-dir", "night", "--json"];
  const { routes, outcomes, reasons } = jsonOf(await runCli(args, { cwd: folder }));
  expect(routes).toMatchObject({ "import-job": 1, "admin-create": 0 });
  expect(outcomes).toMatchObject({ skipped: 4, rejected: 0 });
  expect(JSON.stringify(reasons)).toContain("left to the migrate user trigger");
});

test("its SQL gives customers their new ids, and counts those without", () => {
  const [sql = ""] = blocksOf(GUIDE, "sql");
  const [create = "", ...rest] = sql.replaceAll(/^--.*\n/gm, "").split(/(?<=;)\n/);
  const database = new Database(":memory:");
  database.exec(
    "CREATE TABLE customers (id integer PRIMARY KEY); INSERT INTO customers VALUES (1001), (1002);",
  );
  database.exec(create);
  database.exec("INSERT INTO cognito_identities VALUES ('1001', 'ada@example.com', 'a-sub')");
  database.exec(rest.slice(0, -2).join("\n"));
  expect(database.prepare(rest.at(-2) ?? "").all()).toEqual([{ customers_without_sub: 1 }]);
  expect(database.prepare("SELECT id, cognito_sub FROM customers").all()).toEqual([
    { id: 1001, cognito_sub: "a-sub" },
    { id: 1002, cognito_sub: null },
  ]);
  database.close();
});
