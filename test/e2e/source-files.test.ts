import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const user = (id: number): string =>
  `${JSON.stringify({ username: `user-${id}`, email: `user${id}@example.com`, email_verified: true })}\n`;

/** A folder with two files of users and a config that names them by a pattern. */
function aSet(): string {
  const folder = aFolder();
  mkdirSync(join(folder, "export"));
  writeFileSync(join(folder, "export/users-2.json"), user(1) + user(2));
  writeFileSync(join(folder, "export/users-10.json"), user(3));
  writeFileSync(join(folder, "ferry.yaml"), 'source: { type: ndjson, path: "export/users-*.json" }\n');
  return folder;
}

test("several files are one plan, which goes stale when one of them changes", async () => {
  const target = await aTarget();
  const folder = aSet();
  const runDir = join(folder, "run");
  const planned = jsonOf(
    await runCli([
      "plan",
      "--config",
      join(folder, "ferry.yaml"),
      ...target.flags,
      "--run-dir",
      runDir,
      "--json",
    ]),
  );
  expect(planned).toMatchObject({
    source: {
      rows: 3,
      cursor: "3",
      files: [
        { path: join(folder, "export/users-2.json"), firstRow: 1 },
        { path: join(folder, "export/users-10.json"), firstRow: 3 },
      ],
    },
  });
  expect(JSON.parse(readFileSync(join(runDir, "report.json"), "utf8"))).toMatchObject({
    source: { cursor: "3" },
  });
  appendFileSync(join(folder, "export/users-10.json"), user(4));
  const stale = await runCli(["apply", "--run-dir", runDir]);
  expect(stale).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining("users-10.json changed") as string,
  });
});

test("a later plan reads what came behind the cursor of the one before, which can be nothing", async () => {
  const target = await aTarget();
  const folder = aSet();
  const plan = async (name: string, after: string) => {
    const config = join(folder, `${name}.yaml`);
    writeFileSync(config, `source: { type: ndjson, path: "export/users-*.json", after: "${after}" }\n`);
    const flags = ["--config", config, ...target.flags, "--run-dir", join(folder, name), "--json"];
    return jsonOf(await runCli(["plan", ...flags]));
  };
  expect(await plan("none", "3")).toMatchObject({
    source: { rows: 0, cursor: "3" },
    unsettled: 0,
    exitCode: 0,
  });
  appendFileSync(join(folder, "export/users-10.json"), user(4));
  expect(await plan("new", "3")).toMatchObject({
    source: { rows: 1, cursor: "4" },
    unsettled: 1,
    exitCode: 0,
  });
});

test(
  "an address or token in the place of a variable's name is shown nowhere",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget();
    const places = [
      "postgres://ann:S3CRET@db.example.com/shop",
      "postgres:postgres://ann:S3CRET@x/y@db.example.com/shop",
      "postgres:host=db user=ann password=S3CRET",
      "mysql://ann:S3CRET@db.example.com/shop",
      "ldap://cn=admin:S3CRET@ldap.example.com",
      "okta-api://S3CRET@acme.okta.com",
      "okta-api:00S3CRET",
      "host=db user=ann password=S3CRET",
    ];
    for (const place of places) {
      for (const flags of [[], ["--json"]]) {
        const result = await runCli(["plan", "--from", place, ...target.flags, ...flags]);
        expect(result.exitCode).toBe(2);
        expect(result.stdout + result.stderr).not.toContain("S3CRET");
      }
    }
    const config = join(aFolder(), "ferry.yaml");
    writeFileSync(config, 'source: { type: postgres, urlEnv: "//ann:S3CRET@db", query: SELECT 1 }\n');
    const result = await runCli(["plan", "--config", config, ...target.flags]);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("source.urlEnv") as string });
    expect(result.stdout + result.stderr).not.toContain("S3CRET");
  },
);

test("too many bad rows are told with the first of them, and a source without users with what it is", async () => {
  const target = await aTarget();
  const folder = aFolder();
  writeFileSync(join(folder, "ragged.csv"), "username,email\na,a@example.com\nb\n");
  writeFileSync(join(folder, "none.csv"), "username,email\n");
  const plan = async (name: string) =>
    runCli([
      "plan",
      "--from",
      `csv:${join(folder, name)}`,
      ...target.flags,
      "--run-dir",
      join(folder, "run"),
    ]);
  expect(await plan("ragged.csv")).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining("; the first: line 3 has 1 fields, the header 2") as string,
  });
  expect(await plan("none.csv")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("none.csv holds no user (CSV, separated by comma)") as string,
  });
});
