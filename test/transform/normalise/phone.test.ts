import { createRequire } from "node:module";
import { beforeEach, expect, test, vi } from "vitest";

const { cache } = createRequire(import.meta.url);

function isLibraryLoaded(): boolean {
  return Object.keys(cache).some((file) => file.includes("libphonenumber-js"));
}

// Another test of the same process may have loaded it: its modules are forgotten too.
beforeEach(() => {
  vi.resetModules();
  for (const file of Object.keys(cache)) if (file.includes("libphonenumber-js")) delete cache[file];
});

test("loads libphonenumber for the first number that needs it, and not before", async () => {
  const { normaliseEmail } = await import("../../../src/transform/normalise/email.ts");
  const { normalisePhone } = await import("../../../src/transform/normalise/phone.ts");
  normaliseEmail("ada@example.com", { lowerCaseEmail: true });
  for (const text of ["+48601555010", "601 555 010", "ada", ""]) normalisePhone(text);
  normalisePhone("ada", "PL");
  expect(isLibraryLoaded()).toBe(false);
  expect(normalisePhone("+48 601 555 010")).toBe("+48601555010");
  expect(isLibraryLoaded()).toBe(true);
});
