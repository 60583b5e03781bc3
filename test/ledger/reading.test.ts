import { expect, test } from "vitest";
import { pagesBehind } from "../../src/ledger/reading.ts";

const NAMES = ["ada", "bo", "cleo", "dot"];

test.each([
  {
    users: 4,
    pages: [
      ["ada", "bo"],
      ["cleo", "dot"],
    ],
    reads: ["", "bo", "dot"],
  },
  { users: 3, pages: [["ada", "bo"], ["cleo"]], reads: ["", "bo"] },
  { users: 0, pages: [], reads: [""] },
])("pages of $users rows go on behind the last one, and none is empty", async ({ users, pages, reads }) => {
  const asked: string[] = [];
  const read = async (last: string): Promise<readonly string[]> => {
    asked.push(last);
    return NAMES.slice(0, users)
      .filter((name) => name > last)
      .slice(0, 2);
  };
  const seen: (readonly string[])[] = [];
  for await (const page of pagesBehind("", read, (name) => name, 2)) seen.push(page);
  expect(seen).toEqual(pages);
  expect(asked).toEqual(reads);
});
