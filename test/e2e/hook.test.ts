import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const ROWS = [
  "Login,Mail,MailOk,Tier,Secret Answer",
  "ada,ADA@example.com,yes,1,fixture-secret",
  "bo,bo@example.com,yes,9,",
  "cy,cy@example.com,no,1,",
  "di,di@example.com,yes,x,",
];

const BODY = `
  if (row.Tier === "9") return { skip: "staff are invited by hand" };
  if (!/^\\d+$/.test(String(row.Tier))) return { reject: "the tier is no number" };
  const knows = row["Secret Answer"] === "fixture-secret";
  return {
    groups: ["tier-" + row.Tier],
    attributes: { ...user.attributes, nickname: knows ? "knows" : "guesses", email_verified: true },
  };
`;

const HOOKS: readonly (readonly [string, string])[] = [
  [
    "hook.ts",
    `import type { Hook } from "poolferry";\nconst hook: Hook = (user, row) => {${BODY}};\nexport default hook;\n`,
  ],
  ["hook.cts", `module.exports = (user: any, row: any) => {${BODY}};\n`],
  ["hook.mjs", `export default (user, row) => {${BODY}};\n`],
];

function aMigration(hook: string, text: string): string {
  const folder = aFolder();
  writeFileSync(join(folder, "users.csv"), `${ROWS.join("\n")}\n`);
  writeFileSync(join(folder, hook), text);
  writeFileSync(
    join(folder, "ferry.yaml"),
    `source: { type: csv, path: users.csv }
hook: ${hook}
policies: { unimportable: reject }
mapping:
  username: Login
  attributes: { email: Mail, email_verified: MailOk }
`,
  );
  return folder;
}

test.each(HOOKS)("a real %s decides with the mapping, and its users arrive", async (name, text) => {
  const target = await aTarget();
  const folder = aMigration(name, text);
  const runDir = join(folder, "run");
  const result = await runCli(
    ["migrate", "--config", "ferry.yaml", ...target.flags, "--run-dir", runDir, "--yes", "--json"],
    { cwd: folder },
  );
  expect(jsonOf(result)).toMatchObject({
    outcomes: { imported: 1, skipped: 1, rejected: 2 },
    issues: expect.arrayContaining([
      expect.objectContaining({ code: "hook-skipped", severity: "warning", count: 1 }),
      expect.objectContaining({ code: "hook-rejected", severity: "error", count: 1 }),
      expect.objectContaining({ code: "verified-untrusted", severity: "warning", count: 1 }),
    ]) as unknown,
  });
  expect(target.users("email", "nickname", "email_verified")[0]).toEqual({
    username: "ada",
    email: "ada@example.com",
    nickname: "knows",
    email_verified: "true",
  });
  expect(readFileSync(join(runDir, "skipped.csv"), "utf8")).toContain("staff are invited by hand");
  expect(readFileSync(join(runDir, "rejected.csv"), "utf8")).toContain("the tier is no number");
  for (const file of ["ledger.db", "skipped.csv", "rejected.csv", "report.json"])
    expect(readFileSync(join(runDir, file)).includes("fixture-secret")).toBe(false);
});

test("a hook that throws ends the plan, names the row, and shows nothing of the user", async () => {
  const target = await aTarget();
  const folder = aMigration(
    "hook.cjs",
    "module.exports = (user, row) => {\n  throw new Error(row.Mail);\n};\n",
  );
  const result = await runCli(["plan", "--config", "ferry.yaml", ...target.flags], { cwd: folder });
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain(
    "The hook threw an Error at hook.cjs:2:9, for row 1 (line 2) of the source",
  );
  expect(result.stderr).toContain("[HOOK_FAILED]");
  expect(result.stderr.toLowerCase()).not.toContain("ada@example.com");
});

test("a hook file that is not there ends the plan before anything is read", async () => {
  const folder = aMigration("hook.mjs", "");
  writeFileSync(
    join(folder, "ferry.yaml"),
    "source: { type: csv, path: absent.csv }\nuserPool: { id: eu-west-1_AbCd12345 }\nhook: other.mjs\n",
  );
  const result = await runCli(["plan", "--config", "ferry.yaml"], { cwd: folder });
  expect(result.stderr).toContain("[HOOK_NOT_FOUND]");
});

test.each([
  ["hook.ts", "hook.mts"],
  ["hook.js", "hook.mjs"],
])(
  "beside a package.json of CommonJS %s is refused, and the hint says to call it %s",
  async (name, better) => {
    const target = await aTarget();
    const folder = aMigration(name, "export default () => undefined;\n");
    writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
    const plan = async (config: string) =>
      jsonOf(
        await runCli(["plan", "--config", config, ...target.flags, "--json"], {
          cwd: folder,
          // Node warns of such a file before it fails.
          env: { NODE_NO_WARNINGS: "1" },
        }),
      );
    expect((await plan("ferry.yaml")).error).toMatchObject({
      code: "HOOK_FAILED",
      hint: expect.stringContaining(`Call it ${better}`) as string,
    });
    writeFileSync(join(folder, better), readFileSync(join(folder, name)));
    const config = readFileSync(join(folder, "ferry.yaml"), "utf8").replace(name, better);
    writeFileSync(join(folder, "better.yaml"), config);
    expect((await plan("better.yaml")).error).toBeUndefined();
  },
);
