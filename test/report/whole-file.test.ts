import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeCsv, writeJson } from "../../src/report/whole-file.ts";
import { aFolder } from "../support/files.ts";

test("a file that cannot be made is the only trouble: its content is not begun", async () => {
  let begun = 0;
  async function* rows(): AsyncIterable<readonly string[]> {
    begun += 1;
    yield ["1"];
    await delay(1);
    throw new Error("the ledger is closed by now");
  }
  await expect(writeCsv(join(aFolder(), "gone", "a.csv"), ["a"], rows())).rejects.toMatchObject({
    code: "ENOENT",
  });
  await delay(20);
  expect(begun).toBe(0);
});

test("content that fails leaves the file as it was, and nothing beside it", async () => {
  const folder = aFolder();
  const path = join(folder, "a.csv");
  writeFileSync(path, "as it was");
  async function* rows(): AsyncIterable<readonly string[]> {
    yield ["1"];
    await delay(1);
    throw new Error("no more");
  }
  await expect(writeCsv(path, ["a"], rows())).rejects.toThrow("no more");
  expect(readFileSync(path, "utf8")).toBe("as it was");
  expect(readdirSync(folder)).toEqual(["a.csv"]);
});

test("a file of JSON is whole", async () => {
  const folder = aFolder();
  mkdirSync(join(folder, "x"));
  await writeJson(join(folder, "x", "a.json"), { a: [1] });
  expect(JSON.parse(readFileSync(join(folder, "x", "a.json"), "utf8"))).toEqual({ a: [1] });
});
