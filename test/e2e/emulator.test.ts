import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finish, runCli, startCli } from "../support/cli.ts";
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
