import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { BIN, jsonOf, LOCAL_ENV, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { blocksOf } from "../support/pages.ts";
import { aTarget } from "../support/target.ts";

const PAGE = readFileSync("docs/reports.md", "utf8");

test("its commands plan the mended users, and its source brings the preset along", async () => {
  const target = await aTarget();
  const folder = aFolder();
  const user = (id: string, email: string): string =>
    `${JSON.stringify({ user_id: `auth0|${id}`, email, email_verified: true, identities: [] })}\n`;
  writeFileSync(join(folder, "users.ndjson"), user("1", "a@example.com") + user("2", "a@example.com"));
  const first = ["--from", "auth0:users.ndjson", ...target.flags, "--run-dir", "first-try", "--json"];
  const planned = jsonOf(await runCli(["plan", ...first], { cwd: folder }));
  expect(planned).toMatchObject({ outcomes: { rejected: 2 } });
  const bin = join(folder, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(BIN, join(bin, "poolferry"));
  const [commands = ""] = blocksOf(PAGE, "sh");
  const mending = "sed -i 2s/a@example.com/b@example.com/ mended.ndjson\n";
  const [copy = "", plan = ""] = commands.split("\n");
  const { stdout } = await promisify(execFile)(
    "sh",
    ["-euc", `${copy}\n${mending}${plan.replace("eu-central-1_AbCd12345", target.userPoolId)}`],
    { cwd: folder, env: { ...LOCAL_ENV, AWS_ENDPOINT_URL: target.emulator.url } },
  );
  expect(stdout).toContain("2 by import-job");
  const [source = ""] = blocksOf(PAGE, "yaml");
  writeFileSync(join(folder, "ferry.yaml"), source);
  const profile = { login: "c@example.com", email: "c@example.com" };
  writeFileSync(join(folder, "mended.ndjson"), JSON.stringify({ id: "00u1", status: "SUSPENDED", profile }));
  const again = await runCli(["plan", "--config", "ferry.yaml", ...target.flags, "--json"], { cwd: folder });
  expect(jsonOf(again)).toMatchObject({ followUps: { disable: { planned: 1 } } });
});
