import { execFileSync, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finish, runCli, startCli } from "../support/cli.ts";
import { isInstalled } from "../support/programs.ts";
import { aFolder } from "../support/files.ts";

interface LocalCognito {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts `poolferry emulator` with a pool at a free port. */
async function aLocalCognito(...options: readonly string[]): Promise<LocalCognito> {
  const child = startCli(["emulator", "--port", "0", "--pool", "people", ...options]);
  let printed = "";
  for await (const text of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    printed += String(text);
    const [, url] = /emulator (http:\S+) in[^]*user pool/.exec(printed) ?? [];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`the emulator did not start: ${printed}`);
}

async function stop({ child }: LocalCognito): Promise<void> {
  child.kill("SIGINT");
  const { exitCode } = await finish(child);
  expect(exitCode).toBe(0);
}

async function ask({ url }: LocalCognito, path: string): Promise<unknown> {
  return (await fetch(`${url}/_emulator/${path}`)).json();
}

test("the emulator command takes settings from a file, lifts the rates, and begins with a dump", async () => {
  const folder = aFolder();
  const rules = join(folder, "rules.json");
  writeFileSync(rules, '{"firstLineNumber": 1, "texts": {"aliasTaken": "Taken."}}');
  const first = await aLocalCognito();
  expect(await ask(first, "quotas")).toMatchObject({ operationInPool: 5 });
  const dump = join(folder, "dump.ndjson");
  writeFileSync(dump, await (await fetch(`${first.url}/_emulator/dump`)).text());
  await stop(first);

  const second = await aLocalCognito("--no-quotas", "--rules", rules, "--restore", dump);
  expect(await ask(second, "quotas")).toBe("off");
  expect(await ask(second, "rules")).toMatchObject({ firstLineNumber: 1, texts: { aliasTaken: "Taken." } });
  const pools = (await (await fetch(`${second.url}/_emulator/dump`)).text()).match(/"kind":"pool"/g);
  expect(pools).toHaveLength(2);
  await stop(second);
});

test.skipIf(!isInstalled("curl", "the curl command of emulator/README.md"))(
  "the curl command of the emulator's README plans a fault",
  async () => {
    const readme = readFileSync(new URL("../../emulator/README.md", import.meta.url), "utf8");
    const command = /^ {4}(curl .*)$/m.exec(readme)?.[1] ?? "";
    const cognito = await aLocalCognito();
    const here = command.replace("localhost:9229", cognito.url.replace("http://", ""));
    const answer: unknown = JSON.parse(execFileSync("sh", ["-c", here], { encoding: "utf8" }));
    expect(answer).toMatchObject([{ operation: "AdminCreateUser", count: 3, met: 0 }]);
    await stop(cognito);
  },
);

test("the emulator command listens where it is told, and says when it cannot", async () => {
  const everywhere = await aLocalCognito("--host", "0.0.0.0");
  expect(everywhere.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  expect(await ask(everywhere, "quotas")).toMatchObject({ operationInPool: 5 });
  await stop(everywhere);
  const { stderr, exitCode } = await runCli(["emulator", "--port", "0", "--host", "192.0.2.1"]);
  expect(stderr).toContain("--host 192.0.2.1 is no address of this machine");
  expect(exitCode).toBe(2);
});

test.each([
  ["--rules", "missing.json", /--rules \S+ cannot be used: ENOENT/],
  ["--rules", '{"nothing": 1}', /--rules \S+ cannot be used: there is no setting nothing/],
  ["--rules", "{", /--rules \S+ cannot be used: .*JSON/],
  ["--restore", "missing.json", /--restore \S+ cannot be used: ENOENT/],
  ["--restore", '{"kind":"pool"}', /--restore \S+ cannot be used: a dump begins with its account line/],
])("the emulator command refuses %s %s", async (option, content, message) => {
  const path = join(aFolder(), "file");
  if (!content.startsWith("missing")) writeFileSync(path, content);
  const { stderr, exitCode } = await runCli(["emulator", "--port", "0", option, path]);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});
