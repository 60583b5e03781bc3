import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GUARD_CODES } from "../../src/sync/guards.ts";
import { syncSchema } from "../../src/sync/sync-policies.ts";
import { runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const PAGE = readFileSync("docs/sync.md", "utf8");

const CONFIG = /^```yaml\n([^]*?)^```$/m.exec(PAGE)?.[1] ?? "";

const COMMANDS = [...PAGE.matchAll(/^```sh\nnpx poolferry ([^]*?)\n```$/gm)].map(([, command = ""]) =>
  command.split(" "),
);

const HEADER = "login,personnel_number,active,teams,mail,full_name\n";

const PEOPLE = Array.from(
  { length: 30 },
  (_, index) => `w${index},${index + 100},true,crew|staff,w${index}@example.com,Worker ${index}\n`,
);

test("its commands work as they stand, from the dry run to the approval", async () => {
  const target = await aTarget();
  const folder = aFolder();
  writeFileSync(join(folder, "ferry.yaml"), CONFIG.replace("eu-central-1_AbCd12345", target.userPoolId));
  const write = (people: readonly string[]) =>
    writeFileSync(join(folder, "people.csv"), HEADER + people.join(""));
  const run = async (command: readonly string[] = []) => {
    const { exitCode, stdout, stderr } = await runCli([...command], {
      cwd: folder,
      env: { AWS_ENDPOINT_URL: target.emulator.url },
    });
    return { exitCode, text: stdout + stderr };
  };
  expect(COMMANDS).toHaveLength(4);
  const [dryRun, sync, history, approve] = COMMANDS;
  write(PEOPLE);
  expect(await run(dryRun)).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("30 created") as string,
  });
  expect(target.users()).toEqual([]);
  expect(await run(sync)).toMatchObject({ exitCode: 0 });
  expect(target.users("email_verified")).toHaveLength(30);
  expect(await run(sync)).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("30 unchanged") as string,
  });

  write([]);
  const empty = await run(sync);
  expect(empty).toMatchObject({ exitCode: 5, text: expect.stringContaining("source-empty") as string });
  write(PEOPLE);
  expect(await run(sync)).toMatchObject({
    exitCode: 5,
    text: expect.stringContaining("in quarantine since") as string,
  });
  expect(await run(approve)).toMatchObject({ exitCode: 0 });
  expect(await run(sync)).toMatchObject({ exitCode: 0 });
  const past = await run(history);
  expect(past.exitCode).toBe(0);
  expect(past.text.match(/source-empty/g)).toHaveLength(2);
  expect(past.text).toContain("30 created");
}, 60_000);

test("its guards are those of the code, and its settings are keys of the config", () => {
  const guards = /^## Guards\n([^]*?)^## /m.exec(PAGE)?.[1] ?? "";
  expect([...guards.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)).toEqual([...GUARD_CODES]);
  const keys = new Set([...PAGE.matchAll(/`sync\.(\w+)`/g)].map(([, key = ""]) => key));
  expect(
    [...keys].filter((key) => key !== "json" && key !== "db" && !Object.hasOwn(syncSchema.shape, key)),
  ).toEqual([]);
  const configuration = readFileSync("docs/configuration.md", "utf8");
  const listed = new Set([...configuration.matchAll(/`sync\.(\w+)`/g)].map(([, key]) => key));
  expect(Object.keys(syncSchema.shape).filter((key) => !listed.has(key))).toEqual([]);
});
