import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { aFolder } from "../support/files.ts";
import { canariesOf, foundIn, openToOthers, PERSONAL, searchFolder, SECRETS } from "./canaries.ts";
import { Sandbox } from "./sandbox.ts";

// What the other tests of this folder rely on: a leak is found, in whatever form.

describe.each(Object.entries({ ...SECRETS, ...PERSONAL }))("%s is found", (what, value) => {
  test.each<[string, string | Buffer]>([
    ["as it is", `before ${value} after`],
    ["in other case", `before ${value.replaceAll(/[a-z]+/g, (part) => part.toUpperCase())} after`],
    ["in JSON", JSON.stringify({ value: `x${value}x` })],
    ["in JSON within JSON", JSON.stringify(JSON.stringify([value]))],
    ["in a URL", `https://example.com/?q=x${encodeURIComponent(value)}`],
    ["in base64", Buffer.from(value).toString("base64")],
    ["within base64", Buffer.from(`user:${value}:more`).toString("base64")],
    ["within base64 for URLs", Buffer.from(`x${value}more`).toString("base64url")],
    ["in hex", Buffer.from(value).toString("hex")],
    ["in upper-case hex", Buffer.from(value).toString("hex").toUpperCase()],
    ["between other bytes", Buffer.concat([Buffer.from([0, 255]), Buffer.from(value), Buffer.from([0])])],
  ])("%s", (_form, text) => {
    const found = foundIn(Buffer.from(text), canariesOf({ ...SECRETS, ...PERSONAL }));
    expect(found.some((each) => each.startsWith(`${what} (`))).toBe(true);
  });
});

test("what is no canary is not found", () => {
  const text = "Ada Nowak <ada@example.com> +48 601 555 010 $2b$10$N9qo8uLOickgx2ZMRZoMye zzCanar";
  expect(foundIn(Buffer.from(text), canariesOf({ ...SECRETS, ...PERSONAL }))).toEqual([]);
});

test("leaks in files of any folder are found, and files and folders that are open to others", () => {
  const folder = aFolder();
  mkdirSync(join(folder, "a", "b"), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "a", "b", "core"), `\0\0${SECRETS.token}\0`, { mode: 0o600 });
  expect(searchFolder(folder, canariesOf(SECRETS))).toEqual(["a/b/core: token (plain)"]);
  expect(openToOthers(folder)).toEqual([]);
  chmodSync(join(folder, "a", "b", "core"), 0o640);
  chmodSync(join(folder, "a"), 0o755);
  expect(openToOthers(folder).toSorted()).toEqual(["a 755", "a/b/core 640"]);
});

test("a command that has leaked fails its test", async () => {
  const sandbox = await Sandbox.open();
  const quiet = { stdout: "", stderr: "" };
  const check =
    (printed: Partial<typeof quiet> = {}, unsettled = false) =>
    (): void =>
      sandbox.check({ ...quiet, ...printed }, ["plan"], { unsettled });
  expect(check()).not.toThrow();
  expect(check({ stderr: SECRETS.sessionToken })).toThrow(/leaked/);
  expect(check({ stdout: JSON.stringify(SECRETS.password) })).toThrow(/leaked/);
  expect(check({ stderr: `user ${PERSONAL.email}1` })).toThrow(/leaked/);

  mkdirSync(sandbox.runDir, { mode: 0o700 });
  const write = (name: string, text: string): void => writeFileSync(join(sandbox.runDir, name), text);
  write("failed.csv", PERSONAL.name);
  expect(check()).not.toThrow();
  write("report.json", PERSONAL.name);
  expect(check()).toThrow(/report\.json: name/);
  write("report.json", "");
  write("ledger.db", SECRETS.password);
  expect(check({}, true)).not.toThrow();
  expect(check()).toThrow(/ledger\.db: password/);
  write("ledger.db", SECRETS.totp);
  expect(check({}, true)).toThrow(/ledger\.db: totp/);
});
