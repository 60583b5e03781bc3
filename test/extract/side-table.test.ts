import { readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { SideTable } from "../../src/extract/side-table.ts";

test("values come by their key, in order, and what nobody asked for is counted", () => {
  using table = new SideTable();
  table.add([
    ["ada", "staff"],
    ["bo", "guests"],
  ]);
  table.add([
    ["ada", "admins"],
    ["ADA", "others"],
  ]);
  expect(table.valuesOf("ada")).toEqual(["staff", "admins"]);
  expect(table.valuesOf("cem")).toEqual([]);
  expect(table.entries).toBe(4);
  expect(table.unused).toBe(2);
});

test("a value that is given twice is used once", () => {
  using table = new SideTable();
  table.add(Array.from({ length: 20 }, (_, index) => [`user ${index}`, "hash"] as const));
  for (const key of ["user 0", "user 7", "user 0", "user 19", "user 7"]) table.valuesOf(key);
  expect(table.unused).toBe(17);
});

/** Open files of this process that have no name any more. */
function unlinkedFiles(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).endsWith("(deleted)");
    } catch {
      // The descriptor that lists the folder is gone by now.
      return false;
    }
  }).length;
}

test.runIf(process.platform === "linux")("what does not fit in memory has no name on disk", () => {
  const value = "x".repeat(1_000);
  const before = unlinkedFiles();
  {
    using table = new SideTable();
    for (let batch = 0; batch < 50; batch += 1) {
      table.add(Array.from({ length: 200 }, (_, index) => [`${batch}-${index}`, value] as const));
    }
    expect(table.valuesOf("49-199")).toEqual([value]);
    expect(unlinkedFiles()).toBeGreaterThan(before);
  }
  expect(unlinkedFiles()).toBe(before);
});
