import { expect, test } from "vitest";
import { remember } from "../../../src/transform/normalise/remember.ts";

test("judges a text once, also when there is no answer, and no more texts than fit are kept", () => {
  const judged: string[] = [];
  const judge = remember((text) => {
    judged.push(text);
    return text === "none" ? undefined : text.length;
  }, 2);
  for (const text of ["a", "none", "a", "none", "cc", "cc"]) judge(text);
  expect(judged).toEqual(["a", "none", "cc", "cc"]);
  expect([judge("a"), judge("none"), judge("cc")]).toEqual([1, undefined, 2]);
});

test("keeps no long text", () => {
  let judged = 0;
  const judge = remember(() => (judged += 1));
  for (const length of [100, 100, 101, 101]) judge("x".repeat(length));
  expect(judged).toBe(3);
});
