import { expect, test } from "vitest";
import { checkPassword } from "../../emulator/state/password.ts";
import { createTemporaryPassword } from "../../src/load/temporary-password.ts";

test.each([6, 8, 32, 99])("a password fits every policy with a least length of %i", (MinimumLength) => {
  const policy = {
    MinimumLength,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
    TemporaryPasswordValidityDays: 7,
  };
  for (let round = 0; round < 200; round += 1) {
    const password = createTemporaryPassword(MinimumLength);
    expect(password).toHaveLength(Math.max(32, MinimumLength));
    expect(password).toMatch(/^[!-~]+$/);
    expect(() => checkPassword(password, policy)).not.toThrow();
  }
});

test("a password is never longer than Cognito takes", () => {
  expect(createTemporaryPassword(1_000)).toHaveLength(256);
});

test("every character is drawn about equally often, at every place", () => {
  const counts = new Map<string, number>();
  const firsts = new Set<string>();
  for (let round = 0; round < 3_000; round += 1) {
    const password = createTemporaryPassword(8);
    firsts.add(password.charAt(0));
    for (const character of password) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const expected = (3_000 * 32) / counts.size;
  expect(counts.size).toBe(94);
  expect(firsts.size).toBe(94);
  // Six standard deviations and what the drawing anew shifts: a digit is a little more probable than a letter.
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected * 0.25);
});
