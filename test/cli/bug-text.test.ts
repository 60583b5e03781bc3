import { expect, test } from "vitest";
import { bugText } from "../../src/cli/bug-text.ts";
import { parseJson } from "../../src/core/parse-json.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test.each<[string, () => unknown]>([
  ["SyntaxError", () => JSON.parse("Ada's secret")],
  ["SyntaxError", () => BigInt("Ada's secret")],
  ["TypeError ERR_INVALID_URL", () => new URL("Ada's secret")],
  ["RangeError", () => new Intl.DateTimeFormat("en", { timeZone: "Ada's secret" })],
  ["TypeError", () => "x" in ("Ada's secret" as unknown as object)],
  ["Error", () => parseJson("[Ada's secret]")],
])("of a %s that quotes a value only the kind and the place are told", (kind, work) => {
  const { message, frames } = bugText(thrownBy(work));
  expect(message).toMatch(new RegExp(`^(${kind}|SyntaxError): its words are not shown`));
  expect(frames.length).toBeGreaterThan(0);
  expect(message + frames.join("")).not.toContain("Ada");
});

test("what is no error tells its type alone", () => {
  expect(bugText("Ada's secret")).toEqual({ message: "a string was thrown", frames: [] });
});

test("words of V8 about names in the code are told", () => {
  const nobody = undefined as unknown as { name: { first: string } };
  expect(bugText(thrownBy(() => nobody.name)).message).toBe(
    "TypeError: Cannot read properties of undefined (reading 'name')",
  );
});
