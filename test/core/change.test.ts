import { expect, test } from "vitest";
import { CHANGE_KINDS, compareChanges, type Change } from "../../src/core/change.ts";

test("who is locked out is so first, rights go before others come, and who is let in comes in last", () => {
  const changes: readonly Change[] = [
    { kind: "enable" },
    { kind: "add-to-group", group: "a" },
    { kind: "delete-attributes", names: ["phone_number"] },
    { kind: "remove-from-group", group: "c" },
    { kind: "add-to-group", group: "b" },
    { kind: "set-attributes", attributes: [["name", "Ann"]] },
    { kind: "disable" },
  ];
  expect(changes.toSorted(compareChanges)).toEqual([
    { kind: "disable" },
    { kind: "set-attributes", attributes: [["name", "Ann"]] },
    { kind: "delete-attributes", names: ["phone_number"] },
    { kind: "remove-from-group", group: "c" },
    { kind: "add-to-group", group: "a" },
    { kind: "add-to-group", group: "b" },
    { kind: "enable" },
  ]);
  expect(CHANGE_KINDS.at(-1)).toBe("delete");
});
