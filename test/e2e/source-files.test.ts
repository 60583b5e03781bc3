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
