import { assert, array, nat, property, string, tuple } from "fast-check";
import { expect, test } from "vitest";

import { ValueKeeper } from "../../emulator/import/value-keeper.ts";

test("gives back every value as it was, in whatever column and script", () => {
  const values = array(tuple(nat(3), string({ unit: "grapheme", maxLength: 40 })));
  assert(
    property(values, (list) => {
      const keeper = new ValueKeeper();
      for (const [column, value] of [...list, ...list]) expect(keeper.keep(column, value)).toBe(value);
    }),
  );
});

test("goes on with more values than it remembers, and with very long ones", () => {
  const keeper = new ValueKeeper();
  for (let number = 0; number < 40_000; number += 1) {
    const value = `a value with the number ${number}`;
    expect(keeper.keep(0, value)).toBe(value);
  }
  const long = "ü".repeat(20_000);
  expect(keeper.keep(0, long)).toBe(long);
});
